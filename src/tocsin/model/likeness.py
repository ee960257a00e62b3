"""Likeness: which accounts are alike, by what the logs say of them and by what they did on the nights held.

Size, hours and services come from learned nights only: tonight's intruder must not choose whom he is compared with.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.held import Whole
from tocsin.model.nights import Past
from tocsin.model.sums import Sums
from tocsin.model.usual import total
from tocsin.settings import Baselines

Codes = NDArray[np.int64]
"""A number an account; -1 where it is not known."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What accounts of a pool (Past.names) are like, and tonight's: two arrays of the same numbers each.

    `profession` and `region` are -1 where nobody told them. `size`: steps of usual people (or rows) a night. `like`:
    size, hours and services together. `structure`: accounts of one structure, or the account alone where none is told
    or all are of one.
    """

    profession: tuple[Codes, Codes]
    region: tuple[Codes, Codes]
    structure: tuple[Codes, Codes]
    size: tuple[Codes, Codes]
    like: tuple[Codes, Codes]

    @classmethod
    def of(cls, pool: Sums, tonight: pl.DataFrame, habits: Baselines) -> "Traits":
        """Look up both. An account with fewer than `own_nights` nights in the pool has neither size nor likeness."""
        places = pool.past.places(tonight["account"])
        size, like = _alike(pool, habits)
        names = pool.past.names.len()
        known, mine = _words(pool.past, tonight, "structure")
        if names > 1 and (known == 0).all():
            # The portal of one house: without it nobody would have peers.
            known, mine = np.full(names, -1, np.int64), np.full(mine.size, -1, np.int64)
        alone = 1 + max(known.max(initial=-1), mine.max(initial=-1))
        mine = np.where(mine >= 0, mine, np.where(places >= 0, alone + places, -1))
        return cls(
            _words(pool.past, tonight, "profession"),
            _words(pool.past, tonight, "region"),
            (np.where(known >= 0, known, alone + np.arange(names)), mine),
            (size, _picked(size, places)),
            (like, _picked(like, places)),
        )


def _picked(codes: Codes, places: NDArray[np.intp]) -> Codes:
    return np.where(places >= 0, codes[places], -1) if codes.size else np.full(places.size, -1, np.int64)


def _words(past: Past, tonight: pl.DataFrame, name: str) -> tuple[Codes, Codes]:
    """Give the words of a column by number: what was last told of each account held, and tonight's."""
    number: dict[str, int] = {}
    last = np.full(past.names.len(), -1, np.int64)
    for held in past.nights:
        values, words = held.words(name)
        codes = np.array([-1 if word is None else number.setdefault(word, len(number)) for word in words], np.int64)
        mine = codes[values]
        last[held.accounts[mine >= 0]] = mine[mine >= 0]
    if name not in tonight.columns:
        return last, np.full(tonight.height, -1, np.int64)
    told = tonight[name].cast(pl.String)
    for word in told.drop_nulls().unique(maintain_order=True).to_list():
        number.setdefault(word, len(number))
    here = told.cast(pl.Enum(list(number))).to_physical().cast(pl.Int64)
    return last, (here.fill_null(-1) if here.has_nulls() else here).to_numpy()


def _alike(pool: Sums, habits: Baselines) -> tuple[Codes, Codes]:
    """Give size and likeness of each account of the pool."""
    nights = pool.nights()
    people, rows = _total(pool, "people"), _total(pool, "answers")
    named = bool(people.any())
    amount, closed = (people, _total(pool, "people_closed")) if named else (rows, _total(pool, "answers_closed"))
    steps = np.floor(np.log1p(amount / np.maximum(nights, 1)) / np.log(habits.peer_size_step)).astype(np.int64)
    late = closed > habits.peer_closed_share * amount
    lists = rows > habits.peer_lists * people if named else np.zeros(rows.size, np.bool_)
    enough = nights >= habits.own_nights
    return np.where(enough, steps, -1), np.where(enough, 4 * steps + 2 * late + lists, -1)


def _total(pool: Sums, name: str) -> Whole:
    return total(pool.past, name, date.min)
