"""Finds the files behind what the user typed: files, folders, globs, `-` for standard input."""

import errno
import glob
import hashlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tocsin.errors import InputError
from tocsin.words import _

STDIN = "-"
_HASHED_BYTES = 4 << 20
_REPORT = frozenset({"report.html", "report.json", "suspects.csv", "manifest.json"})
"""A folder with all of these is a report that an earlier run left beside the logs."""
_TRUTH = frozenset({"accounts.csv", "benign.csv", "exposed.csv", "population.csv"})
"""A folder with all of these says what is hidden in simulated logs."""
_LEADS_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


@dataclass(frozen=True, slots=True)
class Input:
    """One file: its path as given or found, its size in bytes, whether the user named it and it can be read twice."""

    path: str
    size: int
    named: bool
    regular: bool

    @property
    def may_be_left(self) -> bool:
        """Say whether the other inputs may be read without it: it was found, not named."""
        return self.regular and not self.named

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


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something found in a folder or by a glob that is no log, and why."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files to read, and what was found beside them and left out."""

    files: tuple[Input, ...]
    skipped: tuple[Skipped, ...] = ()


def expand(paths: Sequence[str]) -> Listing:
    """List the inputs in the order given, folders and globs sorted by name; a file found twice is listed once.

    Raises InputError for what does not exist, for a folder or glob without a file, and for no path at all.
    """
    if not paths:
        raise InputError(_("no log was given"), hint=_("name a file, a folder, a glob or - for standard input"))
    files: dict[str, Input] = {}
    skipped: dict[str, Skipped] = {}
    for path in paths:
        for found in _behind(path):
            if isinstance(found, Skipped):
                skipped.setdefault(found.path, found)
            else:
                identity = STDIN if found.path == STDIN else os.path.realpath(found.path)
                files.setdefault(identity, found)
    if not files:
        raise _holds_nothing(_("{path} holds no log").format(path=", ".join(paths)), skipped.values())
    return Listing(tuple(files.values()), tuple(skipped.values()))


def _behind(path: str) -> Iterator[Input | Skipped]:
    if path == STDIN:
        yield Input(STDIN, 0, named=True, regular=False)
    elif Path(path).is_dir():
        yield from _in_folder(path)
    elif Path(path).exists():
        yield _named(path)
    elif glob.has_magic(path):
        yield from _matching(path)
    elif Path(path).is_symlink():
        raise InputError(
            _("{path} is a link that leads nowhere").format(path=path), hint=_("look where it points with `ls -l`")
        )
    else:
        raise InputError(
            _("{path} does not exist").format(path=path),
            hint=_("check the name; a log is a file, a folder, a glob in quotes or - for standard input"),
        )


def _in_folder(folder: str) -> Iterator[Input | Skipped]:
    found = sorted(_walk(folder), key=_by_path)
    if all(isinstance(each, Skipped) and each.path != folder for each in found):
        raise _holds_nothing(_("the folder {path} holds no file").format(path=folder), found)
    yield from found


def _walk(folder: str) -> Iterator[Input | Skipped]:
    """Every file below a folder but hidden ones (editors and file managers leave those).

    Links to folders come last, each folder once; its own reports are no logs.
    """

    def refuse(error: OSError) -> None:
        raise _unreadable(str(error.filename), error) from error

    seen: set[str] = set()
    waiting = [folder]
    while waiting:
        start = waiting.pop(0)
        if start != folder and os.path.realpath(start) in seen:
            continue
        for base, folders, files in os.walk(start, onerror=refuse):
            seen.add(os.path.realpath(base))
            if why := _own_work(files):
                folders.clear()
                yield Skipped(base, why)
                continue
            inner = [os.path.join(base, name) for name in sorted(folders) if not name.startswith(".")]  # noqa: PTH118 keeps the path as given
            links = [path for path in inner if Path(path).is_symlink()]
            folders[:] = [Path(path).name for path in inner if path not in links]
            for path in links:
                if Path(os.path.realpath(base)).is_relative_to(os.path.realpath(path)):
                    yield Skipped(path, _("a link to a folder that it is in"))
                else:
                    waiting.append(path)
            yield from (_found(os.path.join(base, name)) for name in files if not name.startswith("."))  # noqa: PTH118


def _own_work(files: Sequence[str]) -> str | None:
    """Say what of tocsin's own a folder of these files holds."""
    if _REPORT.issubset(files):
        return _("a report of tocsin, no log")
    return _("the truth beside simulated logs, no log") if _TRUTH.issubset(files) else None


def _by_path(found: Input | Skipped) -> str:
    return found.path


def _matching(pattern: str) -> Iterator[Input | Skipped]:
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 Path.glob takes no absolute pattern
    if not found:
        raise InputError(
            _("no file matches {pattern}").format(pattern=pattern),
            hint=_("check it with `ls`; ** stands for folders in folders"),
        )
    for path in found:
        if Path(path).is_dir():
            yield from sorted(_walk(path), key=_by_path)
        elif all((Path(path).parent / name).is_file() for name in _REPORT):
            yield Skipped(str(Path(path).parent), _("a report of tocsin, no log"))
        else:
            yield _found(path)


def _named(path: str) -> Input:
    try:
        status = Path(path).stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return Input(path, status.st_size, named=True, regular=stat.S_ISREG(status.st_mode))


def _found(path: str) -> Input | Skipped:
    """Look at what a folder or glob holds: who opens a pipe that nobody writes to waits for ever."""
    try:
        status = Path(path).stat()
    except OSError as error:
        if error.errno in _LEADS_NOWHERE and Path(path).is_symlink():
            return Skipped(path, _("a link that leads nowhere"))
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        return Skipped(path, _("a pipe, socket or device, no file"))
    return Input(path, status.st_size, named=False, regular=True)


def _holds_nothing(message: str, skipped: Iterable[Input | Skipped]) -> InputError:
    left_out = [f"{each.path} ({each.why})" for each in skipped if isinstance(each, Skipped)]
    if left_out:
        return InputError(message, hint=_("left out: {first}").format(first=left_out[0]))
    return InputError(message, hint=_("name the folder that the logs are in; hidden files (.name) are left out"))


def _unreadable(path: str, error: OSError) -> InputError:
    return InputError(_("{path} cannot be read: {why}").format(path=path, why=error.strerror))
