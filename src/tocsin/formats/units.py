"""The lines of one block: where each starts and ends, which are blank, comments, damaged or too long."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tocsin.formats.lines import MAX_LINE_BYTES, Block, readable
from tocsin.formats.seek import Mask, Positions

_NUL, _LF, _CR, _SPACE, _TAB, _COMMENT = 0, 10, 13, 32, 9, 35

_FAR_APART = 8 << 10
"""Bytes: where lines that are kept and others take turns more often, each byte is asked whether it is kept."""


@dataclass(frozen=True, slots=True)
class Units:
    """The lines of a block as arrays of one length.

    `starts` and `ends` (past the LF) are positions in `text`, `offsets` are bytes in
    the input; they differ after a repair. `quotes` is where each `"` is in `text`, if it is known.
    """

    text: bytes
    starts: Positions
    ends: Positions
    numbers: Positions
    offsets: Positions
    ignored: Mask
    too_long: Mask
    repaired: int
    quotes: Positions | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def part(self, first: int, last: int) -> "Units":
        """Give the lines from `first` to before `last`, as if they stood alone (repairs are counted with the whole)."""
        begin, end = (int(self.starts[first]), int(self.ends[last - 1])) if first < last else (0, 0)
        here = slice(first, last)
        return Units(
            self.text[begin:end],
            self.starts[here] - begin,
            self.ends[here] - begin,
            self.numbers[here],
            self.offsets[here],
            self.ignored[here],
            self.too_long[here],
            repaired=0,
        )

    def line(self, index: int) -> str:
        """Give the text of a line without its end."""
        raw = self.text[self.starts[index] : self.ends[index]]
        return raw.removesuffix(b"\n").removesuffix(b"\r").decode()

    def places(self, mask: Mask, first: int = 0) -> tuple[pl.Series, pl.Series]:
        """Give the columns `line` and `byte` of the lines that the mask (from line `first` on) names."""
        numbers, offsets = (array[first : first + len(mask)] for array in (self.numbers, self.offsets))
        if not mask.all():
            numbers, offsets = numbers[mask], offsets[mask]
        # As unsigned numbers without a pass over them: none is below zero.
        return pl.Series("line", numbers.view(np.uint64)), pl.Series("byte", offsets.view(np.uint64))

    def kept(self, mask: Mask) -> bytes:
        """Give the text of the lines that the mask names."""
        return self.stretch(mask, 0, len(self))

    def stretch(self, mask: Mask, first: int, last: int) -> bytes:
        """Give the text of the lines from `first` to before `last` that the mask (as long as the stretch) names."""
        if first == last:
            return b""
        begin, end = int(self.starts[first]), int(self.ends[last - 1])
        if mask.all():
            return self.text if (begin, end) == (0, len(self.text)) else self.text[begin:end]
        turns = np.flatnonzero(np.diff(mask, prepend=False, append=False))
        if len(turns) * _FAR_APART > end - begin:
            characters = np.frombuffer(self.text, np.uint8)[begin:end]
            return characters[np.repeat(mask, self.ends[first:last] - self.starts[first:last])].tobytes()
        # Runs of lines that are kept are copied as they stand.
        bounds = np.append(self.starts[first:last], end)[turns]
        return b"".join(self.text[start:stop] for start, stop in zip(bounds[::2], bounds[1::2], strict=True))


def units(block: Block) -> Units:
    """Look at every line of a block at once; its text becomes valid UTF-8 without NUL."""
    starts, ends = _bounds(block.text, block.feeds)
    numbers = np.arange(block.line, block.line + len(starts), dtype=np.int64)
    text, offsets, repaired, quotes = block.text, starts + block.byte, 0, block.quotes
    faulty = _faulty(text, starts)
    if faulty is not None:
        text, repaired = _repair(text, starts, ends, faulty)
        quotes = None
        starts, ends = _bounds(text, np.flatnonzero(np.frombuffer(text, np.uint8) == _LF))
    lengths = ends - starts
    ignored, too_long = _ignored(text, starts, ends), lengths > MAX_LINE_BYTES
    return Units(text, starts, ends, numbers, offsets, ignored, too_long, repaired, quotes)


def _bounds(text: bytes, feeds: Positions) -> tuple[Positions, Positions]:
    ends = feeds + 1
    if text and not text.endswith(b"\n"):
        ends = np.append(ends, len(text))
    return np.concatenate((np.zeros(min(1, len(ends)), np.int64), ends[:-1])), ends


def _ignored(text: bytes, starts: Positions, ends: Positions) -> Mask:
    """Blank lines and comments."""
    everything = np.frombuffer(text, np.uint8)
    first = everything[starts]
    ignored: Mask = (first == _LF) | (first == _COMMENT)
    for index in np.flatnonzero((first == _SPACE) | (first == _TAB) | (first == _CR)):
        ignored[index] = not text[starts[index] : ends[index]].strip()
    return ignored


def _faulty(text: bytes, starts: Positions) -> Mask | None:
    """Which lines may have NUL bytes or invalid UTF-8; None when no line has."""
    # One pass that lets other threads run: as signed numbers, ASCII without NUL is above zero.
    if not text or np.frombuffer(text, np.int8).min() > 0:
        return None
    if b"\x00" not in text and _is_all_utf8(text):
        return None
    everything = np.frombuffer(text, np.uint8)
    suspect = (everything >= 0x80) | (everything == _NUL)
    faulty: Mask = np.add.reduceat(suspect, starts, dtype=np.int64) > 0
    return faulty


def _is_all_utf8(text: bytes) -> bool:
    """Ask polars, which makes no string of it: five times as fast for a whole block."""
    try:
        pl.Series([text], dtype=pl.Binary()).cast(pl.String())
    except pl.exceptions.ComputeError:
        return False
    return True


def _repair(text: bytes, starts: Positions, ends: Positions, faulty: Mask) -> tuple[bytes, int]:
    """Make the faulty lines readable."""
    parts, done, repaired = [], 0, 0
    for index in np.flatnonzero(faulty):
        line = text[starts[index] : ends[index]]
        sound = readable(line)
        if sound != line:
            repaired += 1
            # Where nothing is left a blank stays, so that no line is lost from the count.
            parts += [text[done : starts[index]], sound or b" "]
            done = ends[index]
    parts.append(text[done:])
    return b"".join(parts), repaired
