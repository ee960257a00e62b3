"""Unpacks gzip, zstandard, xz and bzip2 streams, known by their first bytes, piece by piece."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import zstandard

from tocsin.errors import InputError
from tocsin.words import _

PIECE_BYTES = 16 << 20
_FIRST_BYTES = 64 << 10
FED_BYTES = 4 << 10
"""A packed piece is small: 4 KiB of zstandard may unpack to 128 MiB, but to no more."""
MAX_RATIO = 400
"""Logs pack 5 to 100 times; gzip can reach 1,032 only with one byte repeated."""
RATIO_COUNTS_FROM = 64 << 20

Read = Callable[[int], bytes]


class DamagedArchiveError(Exception):
    """The archive breaks off or is corrupt here; what came out before it is sound."""


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool:
        """Say whether the member or frame is complete."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came after it."""
        ...

    def decompress(self, data: bytes, /) -> bytes:
        """Unpack what these bytes allow."""
        ...


_ERRORS = (zlib.error, zstandard.ZstdError, lzma.LZMAError, OSError, EOFError)
_MAKERS: tuple[tuple[bytes, str, Callable[[], _Unpacker]], ...] = (
    (b"\x1f\x8b\x08", "gzip", lambda: zlib.decompressobj(31)),
    (b"\x28\xb5\x2f\xfd", "zstd", lambda: zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()),
    (b"\xfd7zXZ\x00", "xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20)),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
)


PACKED_ENDINGS = {".gz": "gzip", ".zst": "zstd", ".xz": "xz", ".bz2": "bzip2"}
"""What the name of a packed file ends with -> what it is packed with."""

HEAD_BYTES = max(len(magic) for magic, _name, _make in _MAKERS)
"""First bytes that tell what a file is packed with."""


def packing(text: bytes) -> str | None:
    """Name what these first bytes (NUL bytes may be missing) are packed with."""
    return next((name for magic, name, _make in _MAKERS if text.startswith(magic.rstrip(b"\x00"))), None)


def unpacked(read: Read, name: str, read_plain: Read | None = None) -> Iterator[bytes]:
    """Yield the text of a file as pieces, whatever it is packed with; `read_plain` reads on where it is not.

    Members and frames may follow each other. Raises InputError when nothing can be unpacked or too much comes out,
    and DamagedArchiveError after the last sound piece.
    """
    start = read(_FIRST_BYTES)
    for magic, packing, make in _MAKERS:
        if start.startswith(magic):
            yield from _members(start, read, name, packing, make)
            return
    while start:
        yield start
        start = (read_plain or read)(PIECE_BYTES)


def _members(start: bytes, read: Read, name: str, packing: str, make: Callable[[], _Unpacker]) -> Iterator[bytes]:
    taken, given, at = 0, 0, 0
    unpacker = make()
    pending = start
    while True:
        if unpacker.eof:
            pending = (unpacker.unused_data + pending[at:]).lstrip(b"\x00") or read(PIECE_BYTES).lstrip(b"\x00")
            if not pending:
                return
            unpacker, at = make(), 0
        if at >= len(pending):
            pending, at = read(PIECE_BYTES), 0
        if not pending:
            break
        fed = pending[at : at + FED_BYTES]
        at += len(fed)
        try:
            piece = unpacker.decompress(fed)
        except _ERRORS as error:
            raise _broken(name, packing, given) from error
        taken, given = taken + len(fed), given + len(piece)
        if given > RATIO_COUNTS_FROM and given > MAX_RATIO * taken:
            message = _("{name} unpacks to more than {ratio} times its size, which no log does")
            raise InputError(message.format(name=name, ratio=MAX_RATIO), hint=_("unpack it yourself if it is honest"))
        if piece:
            yield piece
    raise _broken(name, packing, given)


def _broken(name: str, packing: str, given: int) -> Exception:
    if given:
        return DamagedArchiveError()
    return InputError(_("{name} cannot be unpacked as {packing}").format(name=name, packing=packing))
