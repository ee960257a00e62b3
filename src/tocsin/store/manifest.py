"""The manifest: what a state consists of; whatever it does not name is not there.

A run writes its files under new names, then a new manifest, and at last one pointer is renamed onto the old: before
that moment nothing has happened, after it everything has.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from tocsin.errors import StoreError
from tocsin.store.files import Files, Kept
from tocsin.store.journal import Head
from tocsin.words import _

VERSION = 8
"""Version of the layout of a state: files, the columns of their tables, and what a night leaves (verdict.kept.LEFT)."""

READABLE = (3, 4, 5, 6, 7, VERSION)
"""Layouts that are read as they are: what a later one added was not there yet. The next run writes today's."""

POINTER = "CURRENT"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was concluded of a night: which revision, what it left to the next night, and its result."""

    revision: int
    left: Kept
    result: Kept
    frames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldNight:
    """One night of the state."""

    events: tuple[Kept, ...] = ()
    hours: tuple[int, ...] = ()
    measured: Mapping[str, Kept] = field(default_factory=dict)
    seen: tuple[Kept, ...] = ()
    verdict: Verdict | None = None
    learned: bool = False
    """Its events came too late for a verdict: what they showed is remembered all the same."""


@dataclass(frozen=True, slots=True)
class HeldInput:
    """A log that was read: known again by its SHA-256."""

    path: str
    sha256: str
    size: int
    format: str
    lines: int
    events: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The state after a run."""

    key: str
    sequence: int = 0
    rules: str = ""
    settings: str = ""
    program: str = ""
    """The version that measured and judged last."""
    nights: Mapping[date, HeldNight] = field(default_factory=dict)
    inputs: tuple[HeldInput, ...] = ()
    accounts: Kept | None = None
    renames: Kept | None = None
    """Accounts held under a former name (store.names)."""
    base: tuple[Kept, ...] = ()
    base_until: date | None = None
    frames: Mapping[str, Kept] = field(default_factory=dict)
    runs: tuple[Kept, ...] = ()
    """Run records, one a run."""
    accepted: Kept | None = None
    """The files of the last rules that could be used (rules.packed)."""
    cases: Mapping[str, Kept] = field(default_factory=dict)
    """The register of cases."""
    journal: Head = field(default_factory=Head)
    """The newest entry of the journal when this state was finished."""

    @property
    def judged(self) -> list[date]:
        """The judged nights, in order."""
        return sorted(night for night, held in self.nights.items() if held.verdict is not None)

    def with_night(self, night: date, held: HeldNight) -> "Manifest":
        """Give the manifest with one night changed."""
        return replace(self, nights={**self.nights, night: held})

    def files(self) -> Iterator[Kept]:
        """List every file that the state needs."""
        for held in self.nights.values():
            yield from (*held.events, *held.measured.values(), *held.seen)
            if held.verdict is not None:
                yield from (held.verdict.left, held.verdict.result)
        yield from (*self.base, *self.frames.values(), *self.runs, *self.cases.values())
        yield from filter(None, (self.accounts, self.renames, self.accepted))


def name_of(sequence: int) -> str:
    """Name the file of a manifest."""
    return f"manifest-{sequence:06d}.json"


def read_manifest(files: Files) -> Manifest | None:
    """Read the manifest that the pointer names; None where the folder holds no state yet.

    Raises StoreError where the state is of another version, or damaged.
    """
    pointer = files.folder / POINTER
    if not pointer.exists():
        _refuse_a_lost_pointer(files)
        return None
    with files.named(pointer):
        name, _space, digest = pointer.read_text(encoding="ascii", errors="replace").strip().partition(" ")
    path = files.folder / name
    with files.named(path):
        text = path.read_bytes()
    if hashlib.sha256(text).hexdigest() != digest:
        raise StoreError(
            _("{path} is damaged: it is not what was written").format(path=path),
            hint=_("restore the state from a backup"),
        )
    plain = json.loads(text)
    if plain["version"] in READABLE:
        return _manifest(plain)
    raise _of_another_layout(files.folder, plain["version"])


def _of_another_layout(folder: Path, theirs: int) -> StoreError:
    if theirs > VERSION:
        hint = _("use the version of tocsin that wrote it, or a newer one")
    else:
        hint = _(
            "make one anew in another folder: `tocsin init --state NEWDIR --backfill LOG...`, with all logs at hand"
        )
    readable = _(" and ").join((", ".join(map(str, READABLE[:-1])), str(READABLE[-1])))
    text = _("the state {folder} has the layout {theirs}, this program reads {ours}")
    return StoreError(text.format(folder=folder, theirs=theirs, ours=readable), hint=hint)


def _refuse_a_lost_pointer(files: Files) -> None:
    """Refuse to take a state for a new folder: the first run may have been killed, later ones leave the pointer."""
    later = sorted(path.name for path in files.folder.glob("manifest-*.json") if path.name > name_of(1))
    if later:
        path = files.folder / POINTER
        raise StoreError(
            _("{path} is missing, though {name} is there").format(path=path, name=later[-1]),
            hint=_("restore this file, or the whole state, from a backup"),
        )


def manifest_before(files: Files, manifest: Manifest) -> Manifest | None:
    """Read the manifest of the run before, which a reader may still hold; None where it is gone."""
    try:
        plain = json.loads((files.folder / name_of(manifest.sequence - 1)).read_bytes())
        return _manifest(plain)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def commit(files: Files, manifest: Manifest) -> None:
    """Make a manifest the state: the rename of the pointer is the moment at which a run has happened."""
    content = json.dumps({"version": VERSION, **_plain(manifest)}, indent=1).encode()
    kept = files.write(name_of(manifest.sequence), content)
    aside = files.folder / f".{POINTER}-new"
    pointer = files.folder / POINTER
    with files.named(pointer):
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{kept.name} {kept.sha256}\n")
            file.flush()
            os.fsync(file.fileno())
        files.open_to_group(aside)
        aside.rename(pointer)
        _sync_folder(files.folder)


def sweep(files: Files, manifest: Manifest, before: Manifest | None) -> None:
    """Delete files that neither this manifest nor the one before it names (readers may still hold that one)."""
    kept = {name_of(manifest.sequence), POINTER, "lock", "journal.ndjson", "cases.sqlite"}
    for one in (manifest, *([before] if before else [])):
        kept |= {held.name for held in one.files()} | {name_of(one.sequence)}
    for path in sorted(files.folder.rglob("*"), reverse=True):
        name = path.relative_to(files.folder).as_posix()
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in kept and not name.startswith("cases.sqlite"):
            path.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _plain(manifest: Manifest) -> dict[str, Any]:
    plain = asdict(replace(manifest, nights={}))
    plain["nights"] = {night.isoformat(): asdict(held) for night, held in sorted(manifest.nights.items())}
    plain["base_until"] = manifest.base_until.isoformat() if manifest.base_until else None
    return plain


def _manifest(plain: dict[str, Any]) -> Manifest:
    return Manifest(
        key=plain["key"],
        sequence=plain["sequence"],
        rules=plain["rules"],
        settings=plain["settings"],
        program=plain.get("program", ""),
        nights={date.fromisoformat(night): _night(held) for night, held in plain["nights"].items()},
        inputs=tuple(HeldInput(**one) for one in plain["inputs"]),
        accounts=_kept(plain["accounts"]),
        renames=_kept(plain.get("renames")),
        base=tuple(Kept(**one) for one in plain["base"]),
        base_until=date.fromisoformat(plain["base_until"]) if plain["base_until"] else None,
        frames={name: Kept(**one) for name, one in plain["frames"].items()},
        runs=tuple(Kept(**one) for one in plain["runs"]),
        accepted=_kept(plain.get("accepted")),
        cases={name: Kept(**one) for name, one in plain.get("cases", {}).items()},
        journal=Head(**plain["journal"]),
    )


def _night(plain: dict[str, Any]) -> HeldNight:
    verdict = plain["verdict"]
    return HeldNight(
        events=tuple(Kept(**one) for one in plain["events"]),
        hours=tuple(plain["hours"]),
        measured={name: Kept(**one) for name, one in plain["measured"].items()},
        seen=tuple(Kept(**one) for one in plain["seen"]),
        verdict=Verdict(
            verdict["revision"], Kept(**verdict["left"]), Kept(**verdict["result"]), tuple(verdict["frames"])
        )
        if verdict
        else None,
        learned=plain["learned"],
    )


def _kept(plain: dict[str, Any] | None) -> Kept | None:
    return Kept(**plain) if plain else None
