"""The book: what persons decided, entry after entry, in one SQLite file of the state that is always consistent.

An entry is never changed; a later one about the same thing takes its place, until a purge takes what has outlived its
case. Each entry stands in the journal first, so what counts was always noted; a kill between the two leaves a note
without effect.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from tocsin.errors import StoreError
from tocsin.store import journal
from tocsin.store.files import Files
from tocsin.store.names import Names
from tocsin.store.state import State
from tocsin.words import _

NAME = "cases.sqlite"

LAYOUT = 1

_TABLE = """CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, user TEXT NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL
)"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing decided: when, by whom, of which kind, and what, as plain values."""

    number: int
    at: datetime
    user: str
    kind: str
    body: Mapping[str, Any]


def read_book(files: Files) -> list[Entry]:
    """Read all entries in order; none where nobody decided anything yet. Raises StoreError where it is damaged."""
    path = files.folder / NAME
    if not path.exists():
        return []
    # What a kill left half done is undone by the next one who may write, also by one who only reads.
    with _opened(files, "rw" if os.access(path, os.W_OK) else "ro") as database:
        begun = database.execute("PRAGMA user_version").fetchone() != (0,)
        told = "SELECT number, at, user, kind, body FROM entries ORDER BY number"
        rows = database.execute(told).fetchall() if begun else []
    return [Entry(n, datetime.fromisoformat(at), user, kind, json.loads(body)) for n, at, user, kind, body in rows]


def entries_of(state: State) -> list[Entry]:
    """Read the entries of a state under today's names of the accounts that they are about."""
    names = Names.of(state.files, state.manifest.renames)
    return [_under_todays_name(entry, names) for entry in read_book(state.files)]


def _under_todays_name(entry: Entry, names: Names) -> Entry:
    if not {"account", "first"} <= entry.body.keys():
        return entry
    now = names.on(date.fromisoformat(entry.body["first"])).now(entry.body["account"])
    return replace(entry, body={**entry.body, "account": now})


def write_down(
    files: Files, kind: str, bodies: Sequence[Mapping[str, Any]], at: datetime, note: Mapping[str, Any]
) -> None:
    """Add entries of a kind, all or none; the journal holds `note` under the same kind."""
    rows = [(at.isoformat(), journal.user(), kind, json.dumps(body, sort_keys=True)) for body in bodies]
    _add(files, rows, kind, note, at)


def _add(
    files: Files, rows: Sequence[tuple[str, str, str, str]], what: str, note: Mapping[str, Any], at: datetime
) -> None:
    path = files.folder / NAME
    with files.named(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        files.open_to_group(path)
    with _opened(files, "rw") as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version = {LAYOUT}")
        database.executemany("INSERT INTO entries (at, user, kind, body) VALUES (?, ?, ?, ?)", rows)
        journal.append(files, what, note, at)
        database.execute("COMMIT")


def heard_anew(files: Files, entries: Sequence[Entry], night: date, at: datetime) -> None:
    """Add entries again, heard from another night on; when and by whom they were decided stays as it was."""
    rows = [
        (
            one.at.isoformat(),
            one.user,
            one.kind,
            json.dumps({**one.body, "heard_from": night.isoformat()}, sort_keys=True),
        )
        for one in entries
    ]
    note = {"cases": sorted({one.body["case"] for one in entries}), "heard_from": night.isoformat()}
    _add(files, rows, "heard anew", note, at)


def strike_out(files: Files, numbers: Sequence[int]) -> None:
    """Take entries out, so that their bytes are gone from the disk."""
    if not numbers:
        return
    with _opened(files, "rw") as database:
        database.execute("PRAGMA secure_delete = ON")
        database.execute("BEGIN IMMEDIATE")
        database.executemany("DELETE FROM entries WHERE number = ?", [(number,) for number in numbers])
        database.execute("COMMIT")
        database.execute("VACUUM")


@contextmanager
def _opened(files: Files, mode: str) -> Iterator[sqlite3.Connection]:
    path = files.folder / NAME
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True, isolation_level=None)
        ) as database:
            (layout,) = database.execute("PRAGMA user_version").fetchone()
            if layout not in {0, LAYOUT}:
                raise StoreError(
                    _("{path} has the layout {theirs}, this program reads {ours}").format(
                        path=path, theirs=layout, ours=LAYOUT
                    ),
                    hint=_("use the version of tocsin that wrote it"),
                )
            yield database
    except sqlite3.Error as error:
        raise StoreError(
            _("{path} cannot be used: {why}").format(path=path, why=error),
            hint=_("restore this file from a backup, or look at its owner and mode"),
        ) from error
