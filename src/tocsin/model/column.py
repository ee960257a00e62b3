"""A column of a night held, as narrow as its values allow: most figures of a night are small, or the same for all."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

NARROW = (np.uint8, np.uint16, np.uint32, np.int8, np.int16, np.int32, np.int64)
"""The first that holds all values of a column is taken."""

HELD = (pl.String, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)
"""Types that can be held so."""


@dataclass(frozen=True, slots=True)
class Column:
    """Whole numbers, or words by number; one value stands for all rows where all have it.

    `told`: which rows have a value (None: all). `words`: the sorted words that the numbers stand for. `at`: the rows,
    ascending, that the values are of, where so few are other than 0 that the others are not held (None: all are).
    """

    values: NDArray[np.integer]
    told: NDArray[np.bool_] | None
    dtype: pl.DataType
    height: int
    words: pl.Series | None = None
    at: NDArray[np.uint32] | None = None

    @classmethod
    def of(cls, column: pl.Series) -> "Column":
        """Take a column of one of the types HELD in."""
        untold = column.null_count()
        if untold and untold == column.len():
            words = pl.Series([], dtype=pl.String) if column.dtype == pl.String else None
            return cls(np.zeros(1, np.uint8), np.zeros(1, np.bool_), column.dtype, untold, words)
        told = column.is_not_null().to_numpy() if untold else None
        words = column.drop_nulls().unique().sort() if column.dtype == pl.String else None
        whole = column if words is None else column.cast(pl.Enum(words)).to_physical()
        values = (whole.fill_null(0) if untold else whole).to_numpy()
        low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
        narrow = next(one for one in NARROW if np.iinfo(one).min <= low and high <= np.iinfo(one).max)
        if low == high:
            values = values[:1]
        values, at = _seldom(values.astype(narrow))
        return cls(values, told, column.dtype, column.len(), words, at)

    @property
    def one(self) -> int | None:
        """Give the value that all rows have; None where they differ."""
        return int(self.values[0]) if self.at is None and self.values.size == 1 else None

    def rows(self, part: slice) -> tuple[NDArray[np.integer], NDArray[np.bool_] | bool]:
        """Give some rows (0 where nothing is told), and which of them have a value; one for all where all have it."""
        values = self._values(part)
        if self.told is None:
            return values, True
        return values, bool(self.told[0]) if self.told.size == 1 else self.told[part]

    def wide(self, height: int) -> pl.Series:
        """Give the column as it was taken in."""
        values = np.broadcast_to(self._values(slice(None)), height)
        if self.words is None:
            whole = pl.Series(values.astype(np.int64)).cast(self.dtype)
        elif self.words.is_empty():
            whole = pl.Series([None], dtype=pl.String).new_from_index(0, height)
        else:
            whole = self.words.gather(values.astype(np.uint32))
        if self.told is None:
            return whole
        told = np.broadcast_to(self.told, height) if self.told.size == 1 else self.told
        return pl.select(pl.when(pl.Series(told)).then(whole)).to_series() if height else whole

    def _values(self, part: slice) -> NDArray[np.integer]:
        if self.at is None:
            return self.values if self.values.size == 1 else self.values[part]
        first, last, _step = part.indices(self.height)
        found = np.zeros(max(last - first, 0), self.values.dtype)
        low, high = np.searchsorted(self.at, np.array((first, last), np.uint32))
        found[self.at[low:high] - np.uint32(first)] = self.values[low:high]
        return found


def _seldom(values: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.uint32] | None]:
    """Give only the values other than 0, and their rows, where that takes less room."""
    some = np.count_nonzero(values)
    if values.size == 1 or some * (values.itemsize + np.dtype(np.uint32).itemsize) >= values.nbytes:
        return values, None
    at = np.flatnonzero(values).astype(np.uint32)
    return values[at], at
