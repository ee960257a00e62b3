"""The weather of learned nights: by which factor each account-night is to be measured, in thousandths.

Rows that do not tell the class of their day (learned by an earlier version) have the portal's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.held import Whole
from tocsin.model.nights import Past
from tocsin.model.weather import HERE, REGIONS, Skies

NOBODY = "-"
"""Stands for an unknown profession or region."""

Sky = tuple[date, str | None, str]
"""A night, the class of the day, and a profession: but for regions of their own all of its accounts have the same
factors."""


def named(word: str | None) -> str:
    """Give a profession or region, NOBODY where none is told; an empty one is a word as others are."""
    return NOBODY if word is None else word


@dataclass(frozen=True, slots=True)
class Factors:
    """The sky of each account-night, by number from 1; 0 stands for a night without the account.

    `skies`: those there are; `sky` and `region` tell by number (from 1 on) which of them it is, and the row of
    `regions` (weather.REGIONS) with what the profession's region has for itself, -1 for none. `by_account`: nights x
    accounts of `Past`.
    """

    skies: Sequence[Sky]
    factors: Mapping[tuple[date, str | None], Mapping[tuple[str, str], float]]
    regions: pl.DataFrame
    sky: NDArray[np.intp]
    region: NDArray[np.intp]
    by_account: NDArray[np.uint16] | NDArray[np.uint32]

    @classmethod
    def of(cls, past: Past, skies: Skies) -> "Factors":
        """Find the sky of every learned row."""
        portals = {night: day for night, day, _factors in reversed(skies.nights)}
        told = {here: row for row, here in enumerate(skies.regions.select(*REGIONS).rows())}
        known: dict[Sky, int] = {}
        numbers: dict[tuple[int, int], int] = {}
        rows: list[NDArray[np.uint32]] = []
        for held in past.nights:
            (days, of_day), (professions, of_profession), (regions, of_region) = map(held.words, HERE)
            different, cell = _different((days * len(of_profession) + professions) * len(of_region) + regions)
            number = np.zeros(different.size, np.uint32)
            for place, one in enumerate(different.tolist()):
                group, region = divmod(one, len(of_region))
                day, profession = of_day[group // len(of_profession)], of_profession[group % len(of_profession)]
                sky = (held.night, portals.get(held.night) if day is None else day, named(profession))
                row = told.get((*sky, of_region[region]), -1)
                number[place] = numbers.setdefault((known.setdefault(sky, len(known)), row), len(numbers) + 1)
            rows.append(number[cell])
        few = len(numbers) <= np.iinfo(np.uint16).max
        by_account = np.zeros((len(rows), past.names.len()), np.uint16 if few else np.uint32)
        for mine, held, numbered in zip(by_account, past.nights, rows, strict=True):
            mine[held.accounts] = numbered
        factors: dict[tuple[date, str | None], Mapping[tuple[str, str], float]]
        factors = {(night, day): sky for night, day, sky in skies.nights}
        at, of = np.array([*numbers], np.intp).reshape(-1, 2).T
        return cls(tuple(known), factors, skies.regions, at, of, by_account)

    def of_feature(self, name: str) -> Whole:
        """Give the factors of a count feature in thousandths by the number of the sky, 0 for none."""
        nothing: Mapping[tuple[str, str], float] = {}
        told = (self.factors.get((night, day), nothing).get((group, name), 1.0) for night, day, group in self.skies)
        theirs = np.array([round(1000 * factor) for factor in told], np.int64)[self.sky]
        if self.regions.height and name in self.regions.columns:
            alone = self.regions[name].fill_null(-1).to_numpy()[self.region]
            theirs = np.where((self.region >= 0) & (alone >= 0), alone, theirs)
        return np.concatenate([[0], theirs])


def _different(cell: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the different cells in order, and which of them each row is.

    Counting costs a place for every cell there could be: where logs name thousands of professions and of regions these
    are many times the rows, which are sorted then.
    """
    most = int(cell.max(initial=-1)) + 1
    if most > _CELLS * cell.size:
        return np.unique(cell, return_inverse=True)
    different = np.flatnonzero(np.bincount(cell, minlength=most))
    places = np.zeros(most, np.intp)
    places[different] = np.arange(different.size)
    return different, places[cell]


_CELLS = 8
"""So many cells an account are counted rather than sorted."""
