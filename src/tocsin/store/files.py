"""Files of the state: written once under a new name, readable by their owner (or a group), never changed.

What is not named in the manifest is not there; what is named there and damaged is refused by name.
"""

import hashlib
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from tocsin.errors import StoreError
from tocsin.words import _

ROW_GROUP = 250_000


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A file of the state: its name inside the folder, its size and its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass
class Files:
    """The folder of a state, as files; `group` opens it to a group for reading."""

    folder: Path
    group: int | None = None
    _sound: set[Kept] = field(default_factory=set)

    def write(self, name: str, content: bytes) -> Kept:
        """Write a new file whole and on disk; raises StoreError where that fails."""
        path = self.folder / name
        with self.named(path):
            self.make_folder(path.parent)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self.open_to_group(path)
        kept = Kept(name, len(content), hashlib.sha256(content).hexdigest())
        self._sound.add(kept)
        return kept

    def write_frame(self, name: str, frame: pl.DataFrame, rows_together: int = ROW_GROUP) -> Kept:
        """Write a frame as Parquet."""
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="zstd", compression_level=1, row_group_size=rows_together)
        return self.write(name, buffer.getvalue())

    def path(self, kept: Kept) -> Path:
        """Give the path of a file after looking at it once: one that is missing or damaged is refused by name."""
        path = self.folder / kept.name
        if kept not in self._sound:
            with self.named(path), path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != kept.sha256:
                raise StoreError(
                    _("{path} is damaged: it is not what was written").format(path=path),
                    hint=_("restore this file, or the whole state, from a backup"),
                )
            self._sound.add(kept)
        return path

    def glance(self, kept: Kept) -> Path:
        """Give the path of a file of which only a little is read: one that is missing or cut short is refused by name.

        Looking at all bytes of a year for the events of one account would take longer than everything else.
        """
        path = self.folder / kept.name
        with self.named(path):
            size = path.stat().st_size
        return path if size == kept.size else self.path(kept)

    def read(self, kept: Kept) -> bytes:
        """Give the content of a file."""
        path = self.path(kept)
        with self.named(path):
            return path.read_bytes()

    def read_json(self, kept: Kept) -> Any:
        """Give the value of a JSON file."""
        return json.loads(self.read(kept))

    def read_frame(self, kept: Kept) -> pl.DataFrame:
        """Give a frame."""
        return pl.read_parquet(self.path(kept), glob=False)

    def make_folder(self, folder: Path) -> None:
        """Make a folder that only its owner, and the group where there is one, may enter."""
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(mode=0o700)
            if self.group is not None:
                os.chown(one, -1, self.group)
                one.chmod(0o750)

    def open_to_group(self, path: Path) -> None:
        """Let the group read a file, where there is one."""
        if self.group is not None:
            os.chown(path, -1, self.group)
            path.chmod(0o640)

    @contextmanager
    def named(self, path: Path) -> Iterator[None]:
        """Say which file of the state cannot be read or written."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                _("the state cannot use {path}: {why}").format(path=path, why=error.strerror or str(error)),
                hint=_("free some disk, or look at the owner and mode of the folder"),
            ) from error
