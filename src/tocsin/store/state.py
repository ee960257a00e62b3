"""The state folder: opened for writing by one run at a time, for reading by anybody at any time."""

import fcntl
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from tocsin.errors import KeyFileError, StoreError
from tocsin.store.files import Files
from tocsin.store.journal import head_of
from tocsin.store.manifest import POINTER, Manifest, commit, manifest_before, read_manifest, sweep
from tocsin.words import _

LOCK = "lock"
_OURS = re.compile(r"manifest-\d{6}\.json|lock|journal\.ndjson|cases\.sqlite.*|\.CURRENT-new|CURRENT")
_FOLDERS = frozenset({"lake", "measured", "seen", "left", "frames", "nights", "runs", "cases"})


@dataclass
class State:
    """An opened state: its files and what the last finished run left."""

    files: Files
    manifest: Manifest
    finished: bool = False

    @property
    def prefix(self) -> str:
        """A name for the files of the run that is being made, unlike those of any finished one."""
        return f"{self.manifest.sequence + 1:06d}"

    def finish(self, manifest: Manifest, *, at_once: bool = False) -> None:
        """Make a run happen: everything it wrote counts from here on; what nobody needs any more is deleted.

        A reader may still hold the state before, which therefore stays until the next run; not so `at_once`, for what
        must be gone.
        """
        before = self.manifest
        self.manifest = replace(manifest, sequence=before.sequence + 1, journal=head_of(self.files))
        commit(self.files, self.manifest)
        sweep(self.files, self.manifest, before if before.sequence and not at_once else None)
        self.finished = True

    def keep_frame(self, frame: pl.DataFrame) -> str:
        """Keep a frame under a name made of its content: one that is there already is not written again."""
        content = hashlib.sha256(str(dict(frame.schema)).encode())
        for seed in (1, 2):
            content.update(frame.hash_rows(seed=seed).to_numpy().tobytes())
        name = content.hexdigest()[:32]
        if name not in self.manifest.frames:
            kept = self.files.write_frame(f"frames/{name}.parquet", frame)
            self.manifest = replace(self.manifest, frames={**self.manifest.frames, name: kept})
        return name

    def is_kept(self, name: str) -> bool:
        """Say whether a frame is kept under this name."""
        return name in self.manifest.frames

    def fetch_frame(self, name: str) -> pl.DataFrame:
        """Give a kept frame."""
        return self.files.read_frame(self.manifest.frames[name])


@contextmanager
def writing(folder: Path, fingerprint: str, group: int | None = None) -> Iterator[State]:
    """Open a state for the one run that may write it; makes the folder where it is missing.

    Raises StoreError where another run is at work, the folder holds something else, or it cannot be written, and
    KeyFileError where the tokens were made with another key.
    """
    files = Files(folder, group if group is not None else _group_of(folder))
    with files.named(folder):
        files.make_folder(folder)
        foreign = sorted(path.name for path in folder.iterdir() if not _is_ours(path))
    if foreign:
        raise StoreError(
            _("{folder} is not a state folder: it also holds {name}").format(folder=folder, name=foreign[0]),
            hint=_("give --state an empty or a new folder"),
        )
    with _locked(files):
        manifest = read_manifest(files)
        if manifest is None:
            manifest = Manifest(key=fingerprint)
        _check_key(manifest, fingerprint, folder)
        _clear(files, manifest)
        state = State(files, manifest)
        try:
            yield state
        finally:
            if not state.finished:
                _clear(files, manifest)


def _clear(files: Files, manifest: Manifest) -> None:
    """Delete what a run left that did not finish: it counts for nothing, and a full disk would stay full."""
    with suppress(OSError, StoreError):
        finished = read_manifest(files) or manifest
        sweep(files, finished, manifest_before(files, finished))


@contextmanager
def changing(folder: Path) -> Iterator[State]:
    """Open a state that is there for a run that reads no logs and so needs no key; raises as `writing`."""
    with writing(folder, reading(folder).manifest.key) as state:
        yield state


def reading(folder: Path) -> State:
    """Open the last finished run of a state; a run that is at work does not matter. Raises StoreError."""
    files = Files(folder, _group_of(folder))
    manifest = read_manifest(files)
    if manifest is None:
        raise StoreError(
            _("{folder} holds no state").format(folder=folder), hint=_("`tocsin scan LOG... --state DIR` makes one")
        )
    return State(files, manifest)


def _group_of(folder: Path) -> int | None:
    """Give the group that a state is open to; whoever writes there without naming one keeps it open."""
    pointer = folder / POINTER
    with Files(folder).named(pointer):
        about = pointer.stat() if pointer.exists() else None
    return about.st_gid if about is not None and about.st_mode & stat.S_IRGRP else None


def has_state(folder: Path) -> bool:
    """Say whether a run has ever finished here."""
    return (folder / POINTER).exists()


def _check_key(manifest: Manifest, fingerprint: str, folder: Path) -> None:
    if manifest.key != fingerprint:
        raise KeyFileError(
            _("the state {folder} was made with another key (fingerprint {theirs}, this key has {ours})").format(
                folder=folder, theirs=manifest.key, ours=fingerprint
            ),
            hint=_("give --key-file the key of this state; without it the people in it cannot be recognised"),
        )


def _is_ours(path: Path) -> bool:
    return path.name in _FOLDERS if path.is_dir() else bool(_OURS.fullmatch(path.name))


@contextmanager
def _locked(files: Files) -> Iterator[None]:
    path = files.folder / LOCK
    with files.named(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        files.open_to_group(path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(
                _("another run is writing the state {folder}").format(folder=files.folder),
                hint=_("wait until it has finished; nothing was changed"),
            ) from None
        yield
    finally:
        os.close(descriptor)
