"""One night held: its accounts by number, what later nights ask of it in narrow columns, and the rest packed."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.catalogue import FEATURES, JUDGED
from tocsin.model.column import HELD, Column

Whole = NDArray[np.int64]

PROFILE = ("profession", "structure", "region")

ASKED = frozenset(
    {"day", *PROFILE, "people", "new_people"}
    | {name for one in JUDGED for name in (one.name, one.of or one.name, f"peer_{one.name}")}
    | {one.name for one in FEATURES if one.carried and one.family != "state"}
    | {f"night_{one.name}" for one in FEATURES if one.over > 1}
)
"""Columns that later nights ask for."""


@dataclass(slots=True, eq=False)
class Held:
    """One night, which never changes: the accounts' numbers, ascending, and the columns in the same order."""

    night: date
    accounts: NDArray[np.uint32]
    columns: Mapping[str, Column]
    packed: bytes
    """The columns that nobody asks for."""
    kept: str | None = None
    """The name under which a state keeps the rows, once it does: making them a frame to find it again takes long.

    Rows that lack columns of other nights have none: all nights are kept with all columns.
    """

    @classmethod
    def of(cls, rows: pl.DataFrame, accounts: NDArray[np.uint32], kept: str | None = None) -> "Held":
        """Hold the rows of one night."""
        asked = [name for name, dtype in rows.schema.items() if name in ASKED and dtype in HELD]
        rest = io.BytesIO()
        rows.drop("account", "night", *asked).write_ipc(rest, compression="zstd")
        night = rows["night"][0]
        return cls(night, accounts, {name: Column.of(rows[name]) for name in asked}, rest.getvalue(), kept)

    @property
    def height(self) -> int:
        """Count the accounts of the night."""
        return self.accounts.size

    def within(self, block: slice) -> slice:
        """Give the rows of some accounts."""
        first, last = np.searchsorted(self.accounts, np.array((block.start, block.stop), np.uint32))
        return slice(int(first), int(last))

    def is_still(self, name: str) -> bool:
        """Say whether a column of whole numbers has no other value than 0, or none at all."""
        column = self.columns.get(name)
        return column is None or column.one == 0

    def figures(self, name: str) -> tuple[Whole, NDArray[np.bool_]]:
        """Give a column of whole numbers, 0 where nothing is told, and where something is."""
        column = self.columns.get(name)
        if column is None:
            return np.zeros(self.height, np.int64), np.zeros(self.height, np.bool_)
        values, told = column.rows(slice(None))
        return np.broadcast_to(values, self.height).astype(np.int64), np.broadcast_to(told, self.height)

    def figures_of(self, name: str, rows: NDArray[np.uint32]) -> tuple[NDArray[np.integer], NDArray[np.bool_] | None]:
        """Give a column of some rows, as narrow as it is held, and where something is told; None: everywhere."""
        column = self.columns.get(name)
        if column is None:
            return np.zeros(rows.size, np.uint8), np.zeros(rows.size, np.bool_)
        values, told = column.rows(slice(None))
        mine = np.broadcast_to(values, rows.shape) if values.size == 1 else values[rows]
        if isinstance(told, bool):
            return mine, None if told else np.zeros(rows.size, np.bool_)
        return mine, told[rows]

    def words(self, name: str) -> tuple[NDArray[np.intp], tuple[str | None, ...]]:
        """Give a column of words by number, and the words; the last stands for what is not told."""
        column = self.columns.get(name)
        if column is None or column.words is None:
            return np.zeros(self.height, np.intp), (None,)
        words = (*column.words.to_list(), None)
        values, told = column.rows(slice(None))
        return np.broadcast_to(np.where(told, values, len(words) - 1), self.height).astype(np.intp), words

    def rows(self, names: pl.Series, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        """Give the rows as they were learned; a column of `schema` that the night lacks is null."""
        rest = pl.read_ipc(io.BytesIO(self.packed))
        height = self.height

        def column(name: str, dtype: pl.DataType) -> pl.Series:
            if name == "account":
                return names.gather(self.accounts)
            if name == "night":
                return pl.Series([self.night]).new_from_index(0, height)
            if name in self.columns:
                return self.columns[name].wide(height)
            return rest[name] if name in rest.columns else pl.Series([None], dtype=dtype).new_from_index(0, height)

        return pl.DataFrame([column(name, dtype).alias(name) for name, dtype in schema.items()])
