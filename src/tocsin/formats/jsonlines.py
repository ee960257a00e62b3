"""Turns blocks of JSON objects, one a line, into columns of text: polars for sound stretches, else line by line.

Numbers and booleans become text, objects and arrays inside become JSON text, and of a key that comes twice the first
counts, on both paths.
"""

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
import polars as pl

from tocsin.formats.ahead import side_by_side
from tocsin.formats.convert import Found
from tocsin.formats.lines import TOO_LONG, Block, Source
from tocsin.formats.paths import Doubt, Table, as_text
from tocsin.formats.present import Present
from tocsin.formats.seek import Mask
from tocsin.formats.units import Units, units

Made = TypeVar("Made")

NOT_JSON = "not JSON"
NOT_AN_OBJECT = "not a JSON object"
TOO_DEEP = "JSON nested too deeply"

_PARTS = 8
_FEW = 64
"""A stretch that polars refuses is tried again in so many parts, down to so few lines."""

_SURROGATE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}|\\u[dD][c-fC-F][0-9a-fA-F]{2}")


class Wanted(Protocol):
    """What is wanted of each object (paths.Paths, or Keys): the columns, from many objects or from one."""

    columns: tuple[str, ...]
    schema: dict[str, pl.DataType]

    def table(self, read: pl.DataFrame, *, flat: bool) -> Table:
        """Give the columns, as text, of a frame that was read with `schema`; `flat` objects have nothing inside."""
        ...

    def record(self, found: Mapping[str, Any]) -> tuple[str | None, ...]:
        """Give the columns of one object."""
        ...


class Keys:
    """Keys of the object itself, each as a column of its name; of `numbers` it may be one of numbers."""

    def __init__(self, columns: Sequence[str], numbers: Collection[str] = ()) -> None:
        self.columns = tuple(columns)
        self._numbers = numbers
        self.schema: dict[str, pl.DataType] = dict.fromkeys(columns, pl.String())

    def table(self, read: pl.DataFrame, *, flat: bool) -> Table:
        """Give the frame as it is."""
        doubt = Doubt(0 if flat else read.height)
        for name in self.columns:
            doubt.about(read[name])
        return Table(read, doubt.rows)

    def schema_like(self, found: Mapping[str, Any] | str) -> dict[str, pl.DataType]:
        """Say how objects like this one are read; empty where it is none, or has nothing that is wanted."""
        if isinstance(found, str) or set(found).isdisjoint(self.columns):
            return {}
        whole = {key for key, value in found.items() if type(value) is int and key in self._numbers}
        return {key: pl.Int64() if key in whole else pl.String() for key in found}

    def filled(self, read: pl.DataFrame) -> pl.DataFrame:
        """Give the frame with these columns and no others, empty where it had them not."""
        return read.select(
            name if name in read.columns else pl.lit(None, pl.String()).alias(name) for name in self.columns
        )

    def record(self, found: Mapping[str, Any]) -> tuple[str | None, ...]:
        """Give the columns of one object."""
        return tuple(as_text(found.get(name)) for name in self.columns)


def read_objects(
    source: Source, wanted: Wanted, size: int, then: Callable[[Found], Made], *, careful: bool
) -> Iterator[Made]:
    """Read an input block by block, and give what `then` makes of each; it is asked in several threads.

    Keys that are not wanted are left out.
    """
    present = Present()

    def made(block: Block) -> Made:
        if block.fault:
            return then(lost(wanted, (block.line, block.byte, block.fault)))
        return then(_Reader(units(block), wanted, present).read(careful=careful))

    for _block, making in side_by_side(source.blocks(size), made):
        yield making.result()


def read_units(lines: Units, wanted: Wanted, *, careful: bool) -> Found:
    """Read objects, one a line."""
    return _Reader(lines, wanted, Present()).read(careful=careful)


def lost(wanted: Wanted, *rejects: tuple[int, int, str]) -> Found:
    """Stand for units that hold no object."""
    return Found(_frame(wanted, [], []), list(rejects))


def read_object(line: str) -> dict[str, Any] | str:
    """Read one line; gives the reason as text where it is no object."""
    try:
        value = json.loads(line, object_pairs_hook=_first_wins, parse_constant=_refuse, parse_float=_number)
    except RecursionError:
        return TOO_DEEP
    except ValueError:
        return NOT_JSON
    return value if isinstance(value, dict) else NOT_AN_OBJECT


class _Reader:
    """Reads the lines of one block."""

    def __init__(self, lines: Units, wanted: Wanted, present: Present) -> None:
        self._lines = lines
        self._wanted = wanted
        self._present = present
        self._frames: list[pl.DataFrame] = []
        self._rejects: list[tuple[int, int, str]] = []

    def read(self, *, careful: bool) -> Found:
        """Read all of them."""
        lines = self._lines
        wanted = ~lines.ignored
        # polars makes a NUL of half a surrogate pair.
        apart = wanted if careful else wanted & (lines.too_long | _with_surrogates(lines))
        self._read_one_by_one(apart, 0)
        self._read_stretch(wanted & ~apart, 0, len(lines))
        rows = _together(self._frames) if self._frames else _frame(self._wanted, [], [])
        if len(self._frames) > 1:
            rows = rows.sort("line", "byte")
        return Found(rows, self._rejects, int(lines.ignored.sum()), lines.repaired)

    def _read_stretch(self, wanted: Mask, first: int, last: int) -> None:
        """Read the wanted lines from `first` to before `last` by polars; by parts where it refuses."""
        here = wanted[first:last]
        if not here.any():
            return
        table = self._trusted(here, first, last)
        if table is not None:
            self._keep(table, here, first)
        elif last - first <= _FEW:
            self._read_one_by_one(here, first)
        else:
            for begin, end in pairwise(np.linspace(first, last, _PARTS + 1).astype(int)):
                self._read_stretch(wanted, int(begin), int(end))

    def _trusted(self, here: Mask, first: int, last: int) -> Table | None:
        text = self._lines.stretch(here, first, last)
        if isinstance(self._wanted, Keys) and last - first == len(self._lines):
            schema = self._wanted.schema_like(read_object(self._lines.line(first + int(here.argmax()))))
            narrow = self._present.read(text, schema, int(here.sum())) if schema else None
            if narrow is not None:
                return Table(self._wanted.filled(narrow))
        try:
            read = pl.read_ndjson(text, schema=self._wanted.schema)
        except pl.exceptions.PolarsError:
            return None
        if read.height != here.sum():
            return None
        flat = b"[" not in text and text.count(b"{") == read.height
        return self._wanted.table(read, flat=flat)

    def _keep(self, table: Table, here: Mask, first: int) -> None:
        frame = table.frame.with_columns(self._lines.places(here, first))
        if table.doubtful is None:
            self._frames.append(frame)
            return
        self._frames.append(frame.filter(~table.doubtful))
        doubtful = here.copy()
        doubtful[here] = table.doubtful.to_numpy()
        self._read_one_by_one(doubtful, first)

    def _read_one_by_one(self, here: Mask, first: int) -> None:
        records, places = [], []
        for index in map(int, np.flatnonzero(here) + first):
            place = (int(self._lines.numbers[index]), int(self._lines.offsets[index]))
            found = TOO_LONG if self._lines.too_long[index] else read_object(self._lines.line(index))
            if isinstance(found, str):
                self._rejects.append((*place, found))
            else:
                records.append(self._wanted.record(found))
                places.append(place)
        if records:
            self._frames.append(_frame(self._wanted, records, places))


def _together(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Put frames below each other; numbers become text where another frame has text."""
    alike = all(frame.schema == frames[0].schema for frame in frames)
    return pl.concat(frames if alike else [frame.cast({pl.Int64: pl.String}) for frame in frames])


def _with_surrogates(lines: Units) -> Mask:
    mask = np.zeros(len(lines), np.bool_)
    # Texts without any backslash are the rule, and one byte is sought much faster than three.
    if b"\\" in lines.text and (b"\\ud" in lines.text or b"\\uD" in lines.text):
        found = [match.start() for match in _SURROGATE.finditer(lines.text)]
        mask[np.searchsorted(lines.starts, found, "right") - 1] = True
    return mask


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _number(digits: str) -> int | float:
    number = float(digits)
    if math.isinf(number):  # 1e999
        raise ValueError(digits)
    return int(number) if number.is_integer() else number


def _frame(wanted: Wanted, records: list[tuple[str | None, ...]], places: list[tuple[int, int]]) -> pl.DataFrame:
    text = pl.DataFrame(records, schema=dict.fromkeys(wanted.columns, pl.String()), orient="row")
    where = pl.DataFrame(places, schema={"line": pl.UInt64(), "byte": pl.UInt64()}, orient="row")
    return text.hstack(where)
