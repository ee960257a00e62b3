"""The journal: what was run, revealed and decided, by whom; each entry holds the hash of the one before.

An entry changed or taken out breaks the chain after it; entries cut off at the end are missed by the run records, which
keep the hash of the newest entry they know.
"""

import fcntl
import hashlib
import json
import os
import pwd
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.store.files import Files
from tocsin.words import _, ngettext

NAME = "journal.ndjson"

START = "0" * 64
"""What the first entry takes for the hash of the one before."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a journal: how many entries there are, and its hash."""

    entries: int = 0
    hash: str = START


@dataclass(frozen=True, slots=True)
class Break:
    """Where a journal is not what was written: the line, and what is wrong there."""

    line: int
    what: str


def append(files: Files, what: str, details: Mapping[str, Any], at: datetime) -> Head:
    """Add an entry and give the new head; `details` hold plain values and no identifier of a patient."""
    path = files.folder / NAME
    with files.named(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            lines = _whole_lines(file.read())
            head = _head(lines)
            entry = {
                "number": head.entries + 1,
                "at": at.isoformat(),
                "user": user(),
                "what": what,
                **details,
                "previous": head.hash,
            }
            content = json.dumps(entry, ensure_ascii=True).encode()
            # A line that a kill cut short never counted: it goes.
            file.truncate(sum(len(line) + 1 for line in lines))
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())
        files.open_to_group(path)
    return Head(head.entries + 1, hashlib.sha256(content).hexdigest())


def verify(files: Files, known: Sequence[Head] = ()) -> list[Break]:
    """Follow the chain from the first entry; `known` are the heads that run records and the manifest keep."""
    path = files.folder / NAME
    most = max((head.entries for head in known), default=0)
    if not path.exists():
        return [Break(0, _("the journal is missing"))] if most else []
    with files.named(path):
        lines = _whole_lines(path.read_bytes())
    breaks: list[Break] = []
    before, last, digests = START, 0, {0: START}
    for line, content in enumerate(lines, start=1):
        entry = _entry(content)
        number = entry.get("number") if entry else None
        if entry is None or not isinstance(number, int):
            breaks.append(Break(line, _("this is no entry of a journal")))
            number = last + 1
        elif (number, entry.get("previous")) != (last + 1, before):
            breaks.append(Break(line, _("this entry does not follow the one before: one was changed or taken out")))
        before, last = hashlib.sha256(content).hexdigest(), number
        digests[number] = before
    if last < most:
        one, many = "{n} entry is missing at the end", "{n} entries are missing at the end"
        breaks.append(Break(len(lines) + 1, ngettext(one, many, most - last).format(n=most - last)))
    elif not breaks:
        foreign = [head.entries for head in known if digests.get(head.entries) != head.hash]
        text = _("this entry, or one before, is not the one that a run record knows")
        breaks += [Break(line, text) for line in foreign[:1]]
    return breaks


def entries(files: Files) -> list[dict[str, Any]]:
    """Read the entries in order; a line that is none is left out (`verify` tells of it)."""
    path = files.folder / NAME
    if not path.exists():
        return []
    with files.named(path):
        lines = _whole_lines(path.read_bytes())
    return [entry for entry in map(_entry, lines) if entry is not None]


def is_torn(files: Files) -> bool:
    """Say whether the last line was cut short by a kill: it never counted, and the next entry takes its place."""
    path = files.folder / NAME
    if not path.exists():
        return False
    with files.named(path):
        content = path.read_bytes()
    return bool(content) and not content.endswith(b"\n")


def user() -> str:
    """Name the real user: the one who logged in, also behind sudo."""
    name = os.environ.get("SUDO_USER")
    try:
        return name or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def head_of(files: Files) -> Head:
    """Give the newest entry of the journal."""
    path = files.folder / NAME
    if not path.exists():
        return Head()
    with files.named(path):
        return _head(_whole_lines(path.read_bytes()))


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _head(lines: list[bytes]) -> Head:
    return Head(len(lines), hashlib.sha256(lines[-1]).hexdigest()) if lines else Head()


def _whole_lines(content: bytes) -> list[bytes]:
    """Split into entries; a last line without an end was cut by a kill and never counted."""
    whole, _newline, _torn = content.rpartition(b"\n")
    return whole.split(b"\n") if whole else []
