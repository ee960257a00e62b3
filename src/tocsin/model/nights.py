"""The nights held: what was learned of each account, in columns as narrow as a night allows (400,000 accounts fit).

Accounts are numbers, in the order of their names. What nobody asks of the past is packed: it only goes along. Figures
of an account over the nights are had as tables of nights x accounts, some accounts at a time.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.catalogue import FEATURES, JUDGED
from tocsin.model.column import HELD, Column

Whole = NDArray[np.int64]

BLOCK = 8_192
"""Accounts looked at together: a table of their nights fits the processor's cache."""

PROFILE = ("profession", "structure", "region")

ASKED = frozenset(
    {"day", *PROFILE, "people", "new_people"}
    | {name for one in JUDGED for name in (one.name, one.of or one.name, f"peer_{one.name}")}
    | {one.name for one in FEATURES if one.carried}
    | {f"night_{one.name}" for one in FEATURES if one.over > 1}
)
"""Columns that later nights ask for."""


@dataclass(frozen=True, slots=True)
class Held:
    """One night: the accounts' numbers, ascending, and the columns in the same order."""

    night: date
    accounts: NDArray[np.uint32]
    columns: Mapping[str, Column]
    packed: bytes
    """The columns that nobody asks for."""

    @classmethod
    def of(cls, rows: pl.DataFrame, accounts: NDArray[np.uint32]) -> "Held":
        """Hold the rows of one night."""
        asked = [name for name in rows.columns if name in ASKED and rows.schema[name] in HELD]
        rest = io.BytesIO()
        rows.drop("account", "night", *asked).write_ipc(rest, compression="zstd")
        night = rows["night"][0]
        return cls(night, accounts, {name: Column.of(rows[name]) for name in asked}, rest.getvalue())

    @property
    def height(self) -> int:
        """Count the accounts of the night."""
        return self.accounts.size

    def within(self, block: slice) -> slice:
        """Give the rows of some accounts."""
        first, last = np.searchsorted(self.accounts, np.array((block.start, block.stop), np.uint32))
        return slice(int(first), int(last))

    def figures(self, name: str) -> tuple[Whole, NDArray[np.bool_]]:
        """Give a column of whole numbers, 0 where nothing is told, and where something is."""
        column = self.columns.get(name)
        if column is None:
            return np.zeros(self.height, np.int64), np.zeros(self.height, np.bool_)
        values, told = column.rows(slice(None))
        return np.broadcast_to(values, self.height).astype(np.int64), np.broadcast_to(told, self.height)

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


@dataclass(frozen=True, slots=True)
class Past:
    """The nights in order. `names`: of the accounts, sorted; `schema`: the columns of the learned rows."""

    names: pl.Series
    nights: tuple[Held, ...]
    schema: Mapping[str, pl.DataType]

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Past":
        """Hold learned rows (account, night, day, profession, structure, region, features, `peer_NAME`)."""
        return cls.of_parts([rows])

    @classmethod
    def of_parts(cls, parts: Iterable[pl.DataFrame]) -> "Past":
        """Hold learned rows that come in portions, whole nights each."""
        past = cls(pl.Series("account", [], pl.String), (), {})
        for rows in parts:
            nights = rows.partition_by("night", maintain_order=True) if rows.height else [rows]
            for night in nights:
                past = past.with_rows(night)
        return past

    def changed(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> "Past":
        """Hold what a change makes of the rows of each night as they were learned."""
        return Past.of_parts(change(part) for part in self.parts())

    @property
    def height(self) -> int:
        """Count the rows."""
        return sum(one.height for one in self.nights)

    def parts(self) -> Iterator[pl.DataFrame]:
        """Give the rows as they were learned, a frame a night; one without rows where no night is held."""
        if not self.nights:
            yield pl.DataFrame(schema=dict(self.schema))
        for one in self.nights:
            yield one.rows(self.names, self.schema)

    def frame(self) -> pl.DataFrame:
        """Give all rows as they were learned, in the order of nights and accounts: many times what is held."""
        return pl.concat(self.parts())

    def on(self, night: date) -> pl.DataFrame:
        """Give the rows of a night as they were learned; none where it is not held."""
        found = [one.rows(self.names, self.schema) for one in self.nights if one.night == night]
        return found[0] if found else pl.DataFrame(schema=dict(self.schema))

    def since(self, night: date) -> "Past":
        """Leave the nights before a night out."""
        return self._renumbered([one for one in self.nights if one.night >= night])

    def with_rows(self, rows: pl.DataFrame) -> "Past":
        """Add, or put in the place of what is held, the rows of one night."""
        schema = {**self.schema, **{name: dtype for name, dtype in rows.schema.items() if name not in self.schema}}
        if rows.is_empty():
            return replace(self, schema=schema)
        rows = rows if rows["account"].is_sorted() else rows.sort("account")
        night: date = rows["night"][0]
        past = self._renumbered([one for one in self.nights if one.night != night], rows["account"])
        new = Held.of(rows, past.places(rows["account"]).astype(np.uint32))
        nights = sorted((*past.nights, new), key=lambda one: one.night)
        return replace(past, nights=tuple(nights), schema=schema)

    def without(self, night: date) -> "Past":
        """Leave a night out."""
        return self._renumbered([one for one in self.nights if one.night != night])

    def places(self, accounts: pl.Series) -> NDArray[np.intp]:
        """Give the number of each account, -1 where it has no night here."""
        known = pl.DataFrame({"account": self.names}).with_row_index("place")
        found = pl.DataFrame({"account": accounts}).join(known, on="account", how="left", maintain_order="left")
        return found["place"].cast(pl.Int64).fill_null(-1).to_numpy().astype(np.intp)

    def blocks(self) -> Iterator[slice]:
        """Give the accounts in portions."""
        for first in range(0, self.names.len(), BLOCK):
            yield slice(first, min(first + BLOCK, self.names.len()))

    def table(self, name: str, block: slice) -> tuple[Whole, NDArray[np.bool_]]:
        """Give a column of some accounts, nights x accounts, 0 where nothing is told, and where something is."""
        shape = (len(self.nights), block.stop - block.start)
        values, told = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
        for at, one in enumerate(self.nights):
            if name in one.columns:
                rows = one.within(block)
                place = one.accounts[rows].astype(np.intp) - block.start
                values[at, place], told[at, place] = one.columns[name].rows(rows)
        return values, told

    def here(self, block: slice) -> NDArray[np.bool_]:
        """Tell which of some accounts have a row on which night: nights x accounts."""
        here = np.zeros((len(self.nights), block.stop - block.start), np.bool_)
        for at, one in enumerate(self.nights):
            here[at, one.accounts[one.within(block)].astype(np.intp) - block.start] = True
        return here

    def _renumbered(self, nights: Sequence[Held], also: pl.Series | None = None) -> "Past":
        """Give some of the nights, with numbers for the accounts they have and some others."""
        used = np.zeros(self.names.len(), np.bool_)
        for one in nights:
            used[one.accounts] = True
        new = self.names.clear()
        if also is not None:
            known = self.places(also)
            used[known[known >= 0]] = True
            new = also.filter(pl.Series(known < 0)).alias("account")
        if used.all() and new.is_empty():
            return replace(self, nights=tuple(nights))
        names = pl.concat([self.names.filter(pl.Series(used)), new]).sort()
        now = replace(self, names=names).places(self.names).astype(np.uint32)
        return replace(self, names=names, nights=tuple(replace(one, accounts=now[one.accounts]) for one in nights))
