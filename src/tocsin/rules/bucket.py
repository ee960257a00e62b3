"""The events of a bucket laid out once for all rules: their groups and values as numbers, in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from tocsin.features.sweep import Held, events_held, in_order_of_values, values_held, worth_counting
from tocsin.features.windows import AXIS_BITS, axis_width

FEW = 8
"""Rows one in so many: a share that is cheaper to sort than all rows are to look at."""

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Bucket:
    """Events of whole groups, in any order; what several rules need of them is worked out when first asked for."""

    def __init__(self, events: pl.DataFrame) -> None:
        self.events = events
        self._axes: dict[tuple[str, ...], Axis] = {}

    def axis(self, group: tuple[str, ...]) -> "Axis":
        """Lay the events out by these columns and time; those with a null there are left out."""
        if group not in self._axes:
            self._axes[group] = Axis(self.events, group)
        return self._axes[group]


@dataclass(frozen=True)
class Values:
    """A number for each row of an axis, the same where the value is; `has_value` is None where every row has one."""

    numbers: npt.NDArray[np.int64 | np.uint64]
    has_value: Flags | None

    @cached_property
    def in_order(self) -> Integers:
        """The rows that have a value, value by value."""
        return in_order_of_values(self.numbers, self.has_value)

    def in_order_of(self, kept: Integers) -> Integers:
        """List the places among `kept` (ascending rows) that have a value, value by value."""
        if _is_few(kept, self.numbers):
            return in_order_of_values(self.numbers[kept], None if self.has_value is None else self.has_value[kept])
        chosen = np.zeros(self.numbers.size, np.bool_)
        chosen[kept] = True
        among = np.cumsum(chosen, dtype=np.int64) - 1
        return among[self.in_order[chosen[self.in_order]]]


class Axis:
    """Events in the order of their groups and of time.

    `rows` says which event stands at each place, `codes` the number of its group (a row of `groups`), `times` its time
    in microseconds.
    """

    def __init__(self, events: pl.DataFrame, group: tuple[str, ...]) -> None:
        self._events = events
        codes, self.groups = numbered(events.select(group))
        times = events["time"].to_physical().to_numpy()
        known = np.flatnonzero(codes >= 0)
        self.rows: Integers = known[_in_order(codes[known], times[known])]
        self.codes: Integers = codes[self.rows]
        self.times: Integers = times[self.rows]
        self._values: dict[tuple[str, ...], Values] = {}

    def values(self, fields: tuple[str, ...]) -> Values:
        """Give numbers to the values of a field, or to combinations of several; rows with a null have none."""
        if fields not in self._values:
            self._values[fields] = self._numbered(fields)
        return self._values[fields]

    def _numbered(self, fields: tuple[str, ...]) -> Values:
        if not set(fields) <= set(self._events.columns):  # the log lacks one
            return Values(np.zeros(self.rows.size, np.int64), np.zeros(self.rows.size, np.bool_))
        frame = self._events.select(fields)[self.rows]
        dtype = frame.schema[fields[0]]
        if len(fields) == 1 and (dtype.is_integer() or isinstance(dtype, pl.Enum)):
            column = frame[fields[0]].to_physical()
            has_value = column.is_not_null().to_numpy() if column.null_count() else None
            numbers = column.fill_null(0).to_numpy()
        else:
            numbers, _names = numbered(frame)
            has_value = numbers >= 0
        return Values(numbers, has_value)

    def codes_of(self, groups: pl.DataFrame) -> Integers:
        """Give the numbers of some groups, each once."""
        columns = self.groups.columns
        wanted = self.groups.with_row_index("#code").join(groups, on=columns, how="semi")
        return wanted["#code"].cast(pl.Int64).to_numpy()

    def fits(self, ticks: int) -> bool:
        """Say whether group and time of a row are one number, with windows of this span between the groups."""
        return bool(self.groups.height * self._width(ticks) < 2 ** (AXIS_BITS - 1))

    def where(self, flags: Flags) -> Integers:
        """Give the rows whose events are flagged, in ascending order."""
        found = np.flatnonzero(flags)
        if not _is_few(found, self.rows):
            return np.flatnonzero(flags[self.rows])
        rows = np.sort(self._row_of[found])
        return rows[np.searchsorted(rows, 0) :]

    @cached_property
    def _row_of(self) -> Integers:
        """The row of each event, -1 where it has none."""
        row_of = np.full(self._events.height, -1, np.int64)
        row_of[self.rows] = np.arange(self.rows.size)
        return row_of

    def places(self, kept: Integers, ticks: int) -> Integers:
        """Give the places of some rows on one line of numbers, groups further apart than a span."""
        return self.codes[kept] * self._width(ticks) + (self.times[kept] - self._start)

    def _width(self, ticks: int) -> int:
        return axis_width(self._start, self._end, ticks)

    @cached_property
    def _start(self) -> int:
        return int(self.times.min()) if self.times.size else 0

    @cached_property
    def _end(self) -> int:
        return int(self.times.max(initial=self._start))

    @cached_property
    def begun(self) -> Integers:
        """The earliest time of each row's group."""
        opens = np.flatnonzero(np.append(True, np.diff(self.codes) != 0)[: self.codes.size])
        return np.repeat(self.times[opens], np.diff(np.append(opens, self.codes.size)))

    def held(self, kept: Integers, fields: tuple[str, ...], ticks: int) -> Held:
        """Say what the windows over these rows (ascending places on the axis) hold; its rows are of `kept`."""
        places = self.places(kept, ticks)
        if not fields:
            return events_held(places, ticks)
        values = self.values(fields)
        return values_held(places, ticks, values.numbers[kept], values.in_order_of(kept))

    def promising(self, kept: Integers, ticks: int, at_least: int) -> Integers:
        """Leave out the rows of which no window holds so many."""
        return kept[worth_counting(self.places(kept, ticks), ticks, at_least)] if at_least > 1 and kept.size else kept


def _is_few(some: Integers, every: npt.NDArray[np.generic]) -> bool:
    """Say whether sorting some rows costs less than one look at every row."""
    return some.size * FEW < every.size


def _in_order(codes: Integers, times: Integers) -> Integers:
    """Sort by group and time: as one number where both fit, twice as fast as by two."""
    width = int(times.max() - times.min()) + 1 if times.size else 1
    if int(codes.max(initial=0) + 1) * width < 2 ** (AXIS_BITS - 1):
        return (
            pl.Series(codes * width + (times - (times.min() if times.size else 0))).arg_sort().cast(pl.Int64).to_numpy()
        )
    both = pl.DataFrame({"code": codes, "time": times}).with_row_index("row")
    return both.sort("code", "time")["row"].cast(pl.Int64).to_numpy()


def numbered(frame: pl.DataFrame) -> tuple[Integers, pl.DataFrame]:
    """Give each different row a number, sorted, and -1 where a value is null; also the rows by their numbers."""
    names = frame.drop_nulls().unique().sort(frame.columns)
    joined = frame.join(names.with_row_index("#number"), on=frame.columns, how="left", maintain_order="left")
    return joined["#number"].cast(pl.Int64).fill_null(-1).to_numpy(), names


def only_in(codes: Integers, wanted: Sequence[int] | Integers, groups: int) -> Flags:
    """Tell the rows whose group is one of the wanted ones."""
    table = np.zeros(groups, np.bool_)
    table[np.asarray(wanted, np.int64)] = True
    return table[codes]
