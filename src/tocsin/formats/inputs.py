"""Finds the files behind what the user typed: files, folders, globs, `-` for standard input."""

import glob
import hashlib
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tocsin.errors import InputError
from tocsin.words import _

STDIN = "-"
_HASHED_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Input:
    """One file: its path as given or found, its size in bytes, whether the user named it and it can be read twice."""

    path: str
    size: int
    named: bool
    regular: bool

    def open(self) -> BinaryIO:
        """Open it for reading; raises InputError."""
        if self.path == STDIN:
            return sys.stdin.buffer
        try:
            return Path(self.path).open("rb")
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def sha256(self) -> str:
        """Hash the stored bytes of a regular file; raises InputError."""
        digest = hashlib.sha256()
        with self.open() as file:
            while piece := file.read(_HASHED_BYTES):
                digest.update(piece)
        return digest.hexdigest()


def expand(paths: Sequence[str]) -> tuple[Input, ...]:
    """List the inputs in the order given, folders and globs sorted by name; a file found twice is listed once.

    Raises InputError for what does not exist, for a folder or glob without a file, and for no path at all.
    """
    if not paths:
        raise InputError(_("no log was given"), hint=_("name a file, a folder, a glob or - for standard input"))
    seen: dict[str, Input] = {}
    for path in paths:
        for found in _behind(path):
            identity = STDIN if found.path == STDIN else os.path.realpath(found.path)
            seen.setdefault(identity, found)
    return tuple(seen.values())


def _behind(path: str) -> Iterator[Input]:
    if path == STDIN:
        yield Input(STDIN, 0, named=True, regular=False)
    elif Path(path).is_dir():
        yield from _in_folder(path)
    elif Path(path).exists():
        yield _file(path, named=True)
    elif glob.has_magic(path):
        yield from _matching(path)
    else:
        raise InputError(_("{path} does not exist").format(path=path))


def _in_folder(folder: str) -> Iterator[Input]:
    files = sorted(_walk(folder))
    if not files:
        raise InputError(_("the folder {path} holds no file").format(path=folder))
    for file in files:
        yield _file(file, named=False)


def _walk(folder: str) -> Iterator[str]:
    """Every file below a folder but hidden ones (editors and file managers leave those)."""

    def refuse(error: OSError) -> None:
        raise _unreadable(str(error.filename), error) from error

    for base, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(base, name) for name in files if not name.startswith("."))  # noqa: PTH118 keeps the path as given


def _matching(pattern: str) -> Iterator[Input]:
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 Path.glob takes no absolute pattern
    if not found:
        raise InputError(_("no file matches {pattern}").format(pattern=pattern))
    for path in found:
        if Path(path).is_dir():
            yield from _in_folder(path)
        else:
            yield _file(path, named=False)


def _file(path: str, *, named: bool) -> Input:
    try:
        status = Path(path).stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return Input(path, status.st_size, named, stat.S_ISREG(status.st_mode))


def _unreadable(path: str, error: OSError) -> InputError:
    return InputError(_("{path} cannot be read: {why}").format(path=path, why=error.strerror))
