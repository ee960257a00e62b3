"""The weather of learned nights: by which factor each account-night is to be measured, in thousandths.

Rows that do not tell the class of their day (learned by an earlier version) have the portal's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tocsin.model.nights import Past, Whole
from tocsin.model.weather import Skies

NOBODY = "-"
"""Stands for an unknown profession or region."""

Sky = tuple[date, str | None, str]
"""A night, the class of the day, and a profession: all of its accounts have the same factors."""


def named(word: str | None) -> str:
    """Give a profession or region, NOBODY where none is told; an empty one is a word as others are."""
    return NOBODY if word is None else word


@dataclass(frozen=True, slots=True)
class Factors:
    """The sky of each account-night, by number from 1; 0 stands for a night without the account.

    `by_account`: nights x accounts of `Past`.
    """

    skies: Sequence[Sky]
    factors: Mapping[tuple[date, str | None], Mapping[tuple[str, str], float]]
    by_account: NDArray[np.uint16] | NDArray[np.uint32]

    @classmethod
    def of(cls, past: Past, skies: Skies) -> "Factors":
        """Find the sky of every learned row."""
        portals = {night: day for night, day, _factors in reversed(skies.nights)}
        known: dict[Sky, int] = {}
        rows: list[NDArray[np.uint32]] = []
        for held in past.nights:
            days, of_day = held.words("day")
            professions, of_profession = held.words("profession")
            pair = days * len(of_profession) + professions
            number = np.zeros(len(of_day) * len(of_profession), np.uint32)
            for one in np.flatnonzero(np.bincount(pair, minlength=number.size)):
                day, profession = of_day[one // len(of_profession)], of_profession[one % len(of_profession)]
                sky = (held.night, portals.get(held.night) if day is None else day, named(profession))
                number[one] = known.setdefault(sky, len(known) + 1)
            rows.append(number[pair])
        few = len(known) <= np.iinfo(np.uint16).max
        by_account = np.zeros((len(rows), past.names.len()), np.uint16 if few else np.uint32)
        for mine, held, numbers in zip(by_account, past.nights, rows, strict=True):
            mine[held.accounts] = numbers
        factors: dict[tuple[date, str | None], Mapping[tuple[str, str], float]]
        factors = {(night, day): told for night, day, told in skies.nights}
        return cls(tuple(known), factors, by_account)

    def of_feature(self, name: str) -> Whole:
        """Give the factors of a count feature in thousandths by the number of the sky, 0 for none."""
        nothing: Mapping[tuple[str, str], float] = {}
        told = (self.factors.get((night, day), nothing).get((group, name), 1.0) for night, day, group in self.skies)
        return np.array([0, *(round(1000 * factor) for factor in told)], np.int64)
