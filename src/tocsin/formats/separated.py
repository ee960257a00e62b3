"""Turns blocks of separated values into columns of text: a fast path for sound lines, a careful one for the rest.

The fast path hands a whole block to polars and believes the answer only if every byte is accounted for. Where it is
not, each line is checked by its quotes and separators; the sound ones still go to polars and only the others are read
one by one. A line is judged the same way whatever stands in the block around it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import polars as pl

from tocsin.formats.ahead import side_by_side
from tocsin.formats.lines import TOO_LONG, Block, Source
from tocsin.formats.quoted import UNCLOSED, Record
from tocsin.formats.seek import Mask
from tocsin.formats.soundness import Quotes, adds_up, sound_lines
from tocsin.formats.units import Units, units

LineAt = Callable[[int], str | None]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines are written: separator, columns, what quotes mean, and the careful record reader."""

    separator: str
    columns: tuple[str, ...]
    record: Callable[[LineAt], Record | None]
    quotes: Quotes = "doubled"
    fits: Callable[[pl.DataFrame], pl.Series] | None = None
    """Says which rows are right; the lines of others are read one by one."""
    careful: bool = False


@dataclass(slots=True)
class Rows:
    """The rows of a block: `frame` has the columns as text (empty is null) and line, byte; and what was not a row."""

    frame: pl.DataFrame
    rejects: list[tuple[int, int, str]] = field(default_factory=list)
    ignored: int = 0
    repaired: int = 0


def read_rows(source: Source, layout: Layout, size: int, then: Callable[[Rows], Made]) -> Iterator[Made]:
    """Read an input block by block and give what `then` makes of the rows of each; it is asked in several threads.

    A record that the end of a block cuts is read with the next block. That is rare, so blocks are read side by side as
    if it did not happen, and where it did the next one is read again.
    """

    def alone(block: Block) -> tuple[Made, Block | None]:
        if block.fault:
            return then(Rows(_frame(layout, [], []), [(block.line, block.byte, block.fault)])), None
        rows, rest = _read_block(block, layout, last=False)
        return then(rows), rest

    held: Block | None = None
    for block, guess in side_by_side(source.blocks(size, quotes=layout.quotes != "plain"), alone):
        if held and block.fault:
            yield then(_read_block(held, layout, last=True)[0])
            held = None
        made, held = alone(block.after(held)) if held else guess.result()
        yield made
    if held:
        yield then(_read_block(held, layout, last=True)[0])


def read_lines(lines: Units, layout: Layout) -> Rows:
    """Read lines of a format whose records never run over lines."""
    return _read(Block(b"", np.empty(0, np.int64), 1, 0), lines, layout, last=True)[0]


def _read_block(block: Block, layout: Layout, *, last: bool) -> tuple[Rows, Block | None]:
    return _read(block, units(block), layout, last=last)


def _read(block: Block, lines: Units, layout: Layout, *, last: bool) -> tuple[Rows, Block | None]:
    if not layout.careful and not lines.too_long.any():
        frame = _trusted(lines, ~lines.ignored, layout)
        if frame is not None and (layout.fits is None or layout.fits(frame).all()):
            return Rows(frame, [], int(lines.ignored.sum()), lines.repaired), None
    return _read_mixed(block, lines, layout, last=last)


def _trusted(lines: Units, mask: Mask, layout: Layout) -> pl.DataFrame | None:
    """Give what polars makes of these lines, if it adds up."""
    text = lines.kept(mask)
    if not text:
        return _frame(layout, [], [])
    try:
        frame = pl.read_csv(
            text,
            has_header=False,
            separator=layout.separator,
            quote_char=None if layout.quotes == "plain" else '"',
            schema=dict.fromkeys(layout.columns, pl.String()),
        )
    except pl.exceptions.PolarsError:
        return None
    if frame.height != mask.sum():
        return None
    quotes = lines.quotes if text is lines.text else None
    if not adds_up(text, frame, layout.separator, layout.quotes, quotes):
        return None
    return _placed(frame, lines, mask)


def _read_mixed(block: Block, lines: Units, layout: Layout, *, last: bool) -> tuple[Rows, Block | None]:
    state = _Mixed(lines, layout, careful=layout.careful, last=last)
    state.read_one_by_one()
    frame = _trusted(lines, state.sound, layout)
    if frame is None:  # polars sees it otherwise: then nothing is left to it
        state = _Mixed(lines, layout, careful=True, last=last)
        state.read_one_by_one()
        frame = _frame(layout, [], [])
    rows = pl.concat((frame, _frame(layout, state.records, state.places))).sort("line")
    return Rows(rows, state.rejects, int(state.ignored.sum()), lines.repaired), state.rest(block)


class _Mixed:
    """The careful pass over a block: which lines polars may read, and the records and rejects of the others."""

    def __init__(self, lines: Units, layout: Layout, *, careful: bool, last: bool) -> None:
        self._lines = lines
        self._record = layout.record
        self._last = last
        self.ignored = lines.ignored.copy()
        self.sound = np.zeros(len(lines), np.bool_)
        if not careful:
            self.sound = sound_lines(lines, layout.separator, len(layout.columns), layout.quotes)
            self._leave_misfits(layout)
        self.stop = len(lines)
        self.records: list[tuple[str, ...]] = []
        self.places: list[tuple[int, int]] = []
        self.rejects: list[tuple[int, int, str]] = []

    def read_one_by_one(self) -> None:
        """Read every line that is neither sound nor to be ignored."""
        after = 0
        for index in map(int, np.flatnonzero(~self.sound & ~self.ignored)):
            if index < after:
                continue
            record = self._read(index)
            if record is None:
                self._stop_before(index)
                return
            after = index + record.lines
            # Lines inside a record are no units of their own, whatever they look like.
            self.sound[index:after] = False
            self.ignored[index:after] = False
            self._note(index, record)

    def rest(self, block: Block) -> Block | None:
        """Give what has to wait for the next block."""
        if self.stop == len(self._lines):
            return None
        return block.cut(int(self._lines.offsets[self.stop]) - block.byte, int(self._lines.numbers[self.stop]))

    def _leave_misfits(self, layout: Layout) -> None:
        frame = _trusted(self._lines, self.sound, layout) if layout.fits else None
        if layout.fits and frame is not None:
            self.sound[self.sound] = layout.fits(frame).to_numpy()

    def _read(self, index: int) -> Record | None:
        if self._lines.too_long[index]:
            return Record((), 1, TOO_LONG)

        def line_at(offset: int) -> str | None:
            return self._lines.line(index + offset) if index + offset < len(self._lines) else None

        record = self._record(line_at)
        return Record((), 1, UNCLOSED) if record is None and self._last else record

    def _stop_before(self, index: int) -> None:
        self.stop = index
        self.sound[index:] = False
        self.ignored[index:] = False

    def _note(self, index: int, record: Record) -> None:
        place = (int(self._lines.numbers[index]), int(self._lines.offsets[index]))
        if record.reason:
            self.rejects.append((*place, record.reason))
        else:
            self.records.append(record.fields)
            self.places.append(place)


def _placed(frame: pl.DataFrame, lines: Units, mask: Mask) -> pl.DataFrame:
    return frame.hstack(list(lines.places(mask)))


def _frame(layout: Layout, records: list[tuple[str, ...]], places: list[tuple[int, int]]) -> pl.DataFrame:
    text = pl.DataFrame(records, schema=dict.fromkeys(layout.columns, pl.String()), orient="row")
    where = pl.DataFrame(places, schema={"line": pl.UInt64(), "byte": pl.UInt64()}, orient="row")
    return text.with_columns(pl.col(pl.String).replace("", None)).hstack(where)
