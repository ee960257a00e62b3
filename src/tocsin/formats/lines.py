"""Reads a log as blocks of whole lines and knows the number and byte offset of each; memory stays bounded."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

import numpy as np

from tocsin.formats.ahead import ahead
from tocsin.formats.archives import DamagedArchiveError, unpacked
from tocsin.formats.seek import Positions, feeds_and_quotes, places

BLOCK_BYTES = 16 << 20
MAX_LINE_BYTES = 16 << 20
HEAD_BYTES = 64 << 10

TOO_LONG = "line too long"
DAMAGED = "the archive breaks off here"

_LOOKED_AHEAD = 16 << 10

_BOM = b"\xef\xbb\xbf"
_LF = 10


def readable(line: bytes) -> bytes:
    """Give a line as UTF-8: NUL bytes dropped (copytruncate leaves runs of them), else taken for Windows-1252."""
    sound = line.replace(b"\x00", b"")
    try:
        sound.decode()
    except UnicodeDecodeError:
        return sound.decode("cp1252", "replace").encode()
    return sound


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines: the text, where each LF is, the number of the first line (from 1) and its byte offset.

    With a `fault` the block stands for one lost unit and has no text. `quotes` is where each `"` is, if it was asked.
    """

    text: bytes
    feeds: Positions
    line: int
    byte: int
    fault: str | None = None
    quotes: Positions | None = None

    def after(self, held: "Block | None") -> "Block":
        """Join the block that was held back before this one."""
        if held is None:
            return self
        return Block(held.text + self.text, np.append(held.feeds, self.feeds + len(held.text)), held.line, held.byte)

    def cut(self, at: int, line: int) -> "Block":
        """Give what follows position `at`, where this line starts."""
        return Block(self.text[at:], self.feeds[self.feeds >= at] - at, line, self.byte + at)


class Source:
    """One opened input: its name, its first bytes, then its blocks; the hash is complete once the blocks are."""

    def __init__(self, name: str, raw: BinaryIO) -> None:
        self.name = name
        self.position = 0
        self._raw = raw
        self._hash = hashlib.sha256()
        self._pieces = unpacked(self._read, name, self._read_lines)
        self._first: list[bytes] = []
        self._damaged = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._raw.close()

    @property
    def sha256(self) -> str:
        """The hash of the stored (packed) bytes read so far."""
        return self._hash.hexdigest()

    def head(self) -> bytes:
        """Give the first 64 KiB of text (fewer where the input ends), without byte order mark and NUL bytes."""
        text = b"".join(self._first).lstrip(b"\x00")
        while len(text) < HEAD_BYTES and (piece := self._next()):
            self._first.append(piece)
            # A log cut by copytruncate begins with as many NUL as it had bytes.
            text += piece if text else piece.lstrip(b"\x00")
        return text[:HEAD_BYTES].removeprefix(_BOM).replace(b"\x00", b"")

    def blocks(
        self, size: int = BLOCK_BYTES, max_line: int = MAX_LINE_BYTES, *, quotes: bool = False
    ) -> Iterator[Block]:
        """Yield blocks of about `size` bytes cut at LF; a line of more than `max_line` bytes is a fault, not kept.

        A line that a damaged archive breaks off is part of that fault. The next block is read and unpacked by a
        thread of its own while the caller is busy with this one.
        """
        return ahead(self._cut(_Cutter(size, max_line, quotes=quotes)))

    def pieces(self) -> Iterator[bytes]:
        """Yield the text as it comes, for logs that are not made of lines."""
        while piece := self._first.pop(0) if self._first else self._next():
            yield piece

    @property
    def damaged(self) -> bool:
        """Say whether the archive broke off where the pieces ended."""
        return self._damaged

    def _cut(self, cutter: "_Cutter") -> Iterator[Block]:
        for piece in self.pieces():
            yield from cutter.add(piece)
        yield from cutter.end(damaged=self._damaged)

    def _next(self) -> bytes:
        try:
            return next(self._pieces, b"")
        except DamagedArchiveError:
            self._damaged = True
            return b""

    def _read_lines(self, size: int) -> bytes:
        """Read `size` bytes and what is left of the line: such a piece is a block as it stands, which nobody copies."""
        if not self._raw.seekable():
            return self._read(size)
        at = self._raw.tell()
        self._raw.seek(at + size)
        rest = self._raw.read(_LOOKED_AHEAD).find(b"\n") + 1
        self._raw.seek(at)
        return self._read(size + rest)

    def _read(self, size: int) -> bytes:
        data = self._raw.read(size)
        self.position += len(data)
        self._hash.update(data)
        return data


class _Cutter:
    """Gathers pieces of text and gives them back as blocks of whole lines."""

    def __init__(self, size: int, max_line: int, *, quotes: bool) -> None:
        self._size = size
        self._quotes = quotes
        self._max_line = max_line
        self._wanted = size
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._line = 1
        self._byte = 0
        self._losing = False

    def add(self, piece: bytes) -> Iterator[Block]:
        """Take one piece; yield the blocks it completes."""
        if self._losing:
            piece = self._past_the_long_line(piece)
        self._held.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes >= self._wanted:
            yield from self._cut_block()

    def _cut_block(self) -> Iterator[Block]:
        last = self._held.pop()
        if b"\n" not in last:
            last, self._held = b"".join([*self._held, last]), []
        cut = last.rfind(b"\n") + 1
        if cut:
            # The pieces are copied once: a block is joined of what is before the cut.
            yield self._block(b"".join([*filter(None, self._held), last[:cut]]))
        yield from self._keep(last[cut:])

    def end(self, *, damaged: bool) -> Iterator[Block]:
        """Yield what is left when the input ends."""
        text = b"".join(self._held)
        if damaged:
            cut = text.rfind(b"\n") + 1
            if cut:
                yield self._block(text[:cut])
            yield self._fault(DAMAGED)
        elif text:
            yield self._block(text)

    def _keep(self, rest: bytes) -> Iterator[Block]:
        if len(rest) > self._max_line:
            yield self._fault(TOO_LONG)
            self._losing = True
            self._byte += len(rest)
            rest = b""
        self._held, self._held_bytes = [rest], len(rest)
        # The rest is joined again at the next cut: wait for a whole block more, so that long lines stay linear.
        self._wanted = len(rest) + self._size

    def _past_the_long_line(self, piece: bytes) -> bytes:
        cut = piece.find(b"\n") + 1
        self._byte += cut or len(piece)
        if cut:
            self._losing = False
            self._line += 1
        return piece[cut:] if cut else b""

    def _block(self, text: bytes) -> Block:
        line, byte = self._line, self._byte
        self._byte += len(text)
        if not byte and text.startswith(_BOM):
            text, byte = text[len(_BOM) :], len(_BOM)
        feeds, quotes = feeds_and_quotes(text) if self._quotes else (places(text, _LF), None)
        self._line += len(feeds)
        return Block(text, feeds, line, byte, quotes=quotes)

    def _fault(self, reason: str) -> Block:
        return Block(b"", np.empty(0, np.int64), self._line, self._byte, reason)
