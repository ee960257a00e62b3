"""The nights held: what was learned of each account, in columns as narrow as a night allows (400,000 accounts fit).

Accounts are numbers, in the order of their names. What nobody asks of the past is packed: it only goes along. Figures
of an account over the nights are had as tables of nights x accounts, some accounts at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.each import side_by_side
from tocsin.model.held import Held, Whole
from tocsin.store.codec import Keeper, Part

BLOCK = 8_192
"""Accounts looked at together: a table of their nights fits the processor's cache."""


@dataclass(frozen=True, slots=True)
class Past:
    """The nights in order. `names`: of the accounts, sorted; `schema`: the columns of the learned rows."""

    names: pl.Series
    nights: tuple[Held, ...]
    schema: Mapping[str, pl.DataType]
    found: dict[tuple[int, int], "_Where"] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Where the rows of a portion of the accounts lie: many figures are asked of each."""

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Past":
        """Hold learned rows (account, night, day, profession, structure, region, features, `peer_NAME`)."""
        return cls.of_parts([(None, lambda: rows)])

    @classmethod
    def of_parts(cls, parts: Iterable[Part]) -> "Past":
        """Hold learned rows that come in portions, whole nights each."""
        schema: dict[str, pl.DataType] = {}
        names, nights = pl.Series("account", [], pl.String), []
        columns: list[list[str]] = []
        for mine, found in side_by_side(_unnumbered, parts, together=True):
            schema = _both(schema, mine)
            for accounts, one in found:
                known = _places(names, accounts)
                new = accounts.filter(pl.Series(known < 0))
                known[known < 0] = np.arange(names.len(), names.len() + new.len())
                names = pl.concat([names, new]) if new.len() else names
                one.accounts = known.astype(np.uint32)
                nights.append(one)
                columns.append(list(mine))
        names, now = _sorted(names)
        for one, told in zip(nights, columns, strict=True):
            one.accounts = now[one.accounts]
            one.kept = one.kept if told == list(schema) else None
        return cls(names, tuple(sorted(nights, key=lambda one: one.night)), schema)

    def kept(self, keeper: Keeper) -> list[str]:
        """Keep the rows of each night, where they are not kept yet; gives the names."""
        if not self.nights:
            return [keeper.keep_frame(pl.DataFrame(schema=dict(self.schema)))]
        for one in self.nights:
            if one.kept is None or not keeper.is_kept(one.kept):
                one.kept = keeper.keep_frame(one.rows(self.names, self.schema))
        return [one.kept or "" for one in self.nights]

    def changed(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> "Past":
        """Hold what a change makes of the rows of each night as they were learned."""

        def made(night: Held) -> pl.DataFrame:
            return change(night.rows(self.names, self.schema))

        if not self.nights:
            return Past.of(change(pl.DataFrame(schema=dict(self.schema))))
        return Past.of_parts((None, partial(made, one)) for one in self.nights)

    @property
    def height(self) -> int:
        """Count the rows."""
        return sum(one.height for one in self.nights)

    def is_still(self, name: str) -> bool:
        """Say whether a column of whole numbers has no other value than 0 on any night."""
        return all(one.is_still(name) for one in self.nights)

    def frame(self) -> pl.DataFrame:
        """Give all rows as they were learned, in the order of nights and accounts: many times what is held."""
        return pl.concat(self._parts())

    def on(self, night: date) -> pl.DataFrame:
        """Give the rows of a night as they were learned; none where it is not held."""
        found = [one.rows(self.names, self.schema) for one in self.nights if one.night == night]
        return found[0] if found else pl.DataFrame(schema=dict(self.schema))

    def with_rows(self, rows: pl.DataFrame, since: date = date.min) -> "Past":
        """Add, or put in the place of what is held, the rows of one night; leave the nights before another out."""
        schema = _both(self.schema, rows.schema)
        if rows.is_empty():
            return replace(self, schema=schema)
        rows = _in_order(rows)
        night: date = rows["night"][0]
        others = [one for one in self.nights if since <= one.night != night]
        if len(schema) > len(self.schema):
            others = [replace(one, kept=None) for one in others]
        past, numbers = self._renumbered(others, rows["account"])
        nights = sorted((*past.nights, Held.of(rows, numbers)), key=lambda one: one.night)
        return replace(past, nights=tuple(nights), schema=schema)

    def without(self, night: date) -> "Past":
        """Leave a night out."""
        return self._renumbered([one for one in self.nights if one.night != night], self.names.clear())[0]

    def places(self, accounts: pl.Series) -> NDArray[np.intp]:
        """Give the number of each account, -1 where it has no night here."""
        return _places(self.names, accounts)

    def blocks(self) -> Iterator[slice]:
        """Give the accounts in portions."""
        for first in range(0, self.names.len(), BLOCK):
            yield slice(first, min(first + BLOCK, self.names.len()))

    def table(self, name: str, block: slice) -> tuple[Whole, NDArray[np.bool_]]:
        """Give a column of some accounts, nights x accounts, 0 where nothing is told, and where something is."""
        where = self._where(block)
        values, told = np.zeros(where.here.shape, np.int64), where.here.copy()
        parts, masks = [], []
        for at, (one, rows) in enumerate(zip(self.nights, where.rows, strict=True)):
            column, size = one.columns.get(name), rows.stop - rows.start
            mine, is_told = (np.zeros(1, np.uint8), False) if column is None else column.rows(rows)
            parts.append(np.broadcast_to(mine, size))
            if is_told is False:
                told[at] = False
            elif is_told is not True:
                masks.append((at, rows, is_told))
        if not self.is_still(name):
            values.reshape(-1)[where.cells] = np.concatenate(parts, dtype=np.int64)
        for at, rows, is_told in masks:
            told[at, self.nights[at].accounts[rows].astype(np.intp) - block.start] = is_told
        return values, told

    def here(self, block: slice) -> NDArray[np.bool_]:
        """Tell which of some accounts have a row on which night: nights x accounts."""
        return self._where(block).here.copy()

    def forget_where(self) -> None:
        """Let go of where the rows of accounts lie, which is found again where it is asked."""
        self.found.clear()

    def _where(self, block: slice) -> "_Where":
        portion = (block.start, block.stop)
        if portion not in self.found:
            self.found[portion] = _Where.of(self.nights, block)
        return self.found[portion]

    def _parts(self) -> Iterator[pl.DataFrame]:
        if not self.nights:
            yield pl.DataFrame(schema=dict(self.schema))
        for one in self.nights:
            yield one.rows(self.names, self.schema)

    def _renumbered(self, nights: Sequence[Held], also: pl.Series) -> tuple["Past", NDArray[np.uint32]]:
        """Give some of the nights, with numbers for the accounts they have and some others; and those of the others."""
        used = np.zeros(self.names.len(), np.bool_)
        for one in nights:
            used[one.accounts] = True
        numbers = self.places(also)
        is_new = numbers < 0
        used[numbers[~is_new]] = True
        if used.all() and not is_new.any():
            return replace(self, nights=tuple(nights)), numbers.astype(np.uint32)
        kept = int(np.count_nonzero(used))
        names, rank = _sorted(pl.concat([self.names.filter(pl.Series(used)), also.filter(pl.Series(is_new))]))
        now = np.zeros(self.names.len(), np.uint32)
        now[used] = rank[:kept]
        found = np.empty(also.len(), np.uint32)
        found[is_new], found[~is_new] = rank[kept:], now[numbers[~is_new]]
        return replace(
            self, names=names, nights=tuple(replace(one, accounts=now[one.accounts]) for one in nights)
        ), found


@dataclass(frozen=True, slots=True)
class _Where:
    """Where rows of some accounts lie: those of each night, their cells among nights x accounts, and who is there."""

    rows: Sequence[slice]
    cells: NDArray[np.int32]
    here: NDArray[np.bool_]

    @classmethod
    def of(cls, nights: Sequence[Held], block: slice) -> "_Where":
        width = block.stop - block.start
        rows = [one.within(block) for one in nights]
        places = [one.accounts[mine].astype(np.int32) - block.start for one, mine in zip(nights, rows, strict=True)]
        cells = np.concatenate([np.zeros(0, np.int32), *(mine + at * width for at, mine in enumerate(places))])
        here = np.zeros((len(nights), width), np.bool_)
        here.reshape(-1)[cells] = True
        return cls(rows, cells, here)


def _unnumbered(part: Part) -> tuple[dict[str, pl.DataType], list[tuple[pl.Series, Held]]]:
    """Read a portion: its columns, and its nights, each beside the names of its accounts, which have no numbers yet."""
    kept, read = part
    rows = read()
    by_night = _by_night(rows)
    none = np.empty(0, np.uint32)
    name = kept if len(by_night) == 1 else None
    return dict(rows.schema), [(one["account"], Held.of(one, none, name)) for one in map(_in_order, by_night)]


def _both(schema: Mapping[str, pl.DataType], other: Mapping[str, pl.DataType]) -> dict[str, pl.DataType]:
    return {**schema, **{name: dtype for name, dtype in other.items() if name not in schema}}


def _by_night(rows: pl.DataFrame) -> list[pl.DataFrame]:
    if rows["night"].n_unique() == 1:
        return [rows]
    return rows.partition_by("night", maintain_order=True) if rows.height else []


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    return rows if rows["account"].is_sorted() else rows.sort("account")


def _places(names: pl.Series, accounts: pl.Series) -> NDArray[np.intp]:
    """Give the place of each account among some names, -1 where it is not there.

    Numbers made of the names are laid beside each other, which takes half as long; where two names have the same one,
    the names themselves are.
    """
    places = _laid_beside(names.hash(), accounts.hash())
    if places.size == accounts.len():
        here = places >= 0
        if (names.gather(places[here]) == accounts.filter(pl.Series(here))).all():
            return places
    return _laid_beside(names, accounts)


def _laid_beside(names: pl.Series, accounts: pl.Series) -> NDArray[np.intp]:
    known = pl.DataFrame({"account": names}).with_row_index("place")
    found = pl.DataFrame({"account": accounts}).join(known, on="account", how="left", maintain_order="left")
    return found["place"].cast(pl.Int64).fill_null(-1).to_numpy(writable=True).astype(np.intp, copy=False)


def _sorted(names: pl.Series) -> tuple[pl.Series, NDArray[np.uint32]]:
    """Give names in order, and the place of each in that order."""
    order = names.arg_sort()
    rank = np.empty(names.len(), np.uint32)
    rank[order.to_numpy()] = np.arange(names.len(), dtype=np.uint32)
    return names.gather(order).alias("account"), rank
