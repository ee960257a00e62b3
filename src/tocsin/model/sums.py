"""What each account did over the nights held, summed: what its mean and dispersion, or share and sameness, need.

Sums are kept in whole numbers (factors in thousandths), so that no order of rows can change a figure.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.model.factors import Factors
from tocsin.model.held import Whole
from tocsin.model.nights import Past
from tocsin.model.weather import Skies

By = Mapping[str, Whole]
"""Sums by what they are of, each an array in the order of Past.names."""


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of learned nights."""

    past: Past
    factors: Factors

    @classmethod
    def of(cls, past: Past, skies: Skies) -> "Sums":
        """Prepare the sums of these nights under their weather."""
        return cls(past, Factors.of(past, skies))

    def count(self, name: str) -> By:
        """Sum a count x, its factor f (where x is told), their squares and their product."""
        factor = self.factors.of_feature(name)
        sums, still = self._none("x", "xx", "f", "ff", "xf"), self.past.is_still(name)
        for block in self.past.blocks():
            x, told = self.past.table(name, block)
            f = np.where(told, factor[self.factors.by_account[:, block]], 0)
            _add(sums, block, f=f, ff=f * f)
            if not still:
                _add(sums, block, x=x, xx=x * x, xf=x * f)
        return sums

    def share(self, name: str, of: str) -> By:
        """Sum a part k, its whole n (where k is told), their squares and their product."""
        sums, still = self._none("k", "n", "kk", "nn", "kn"), self.past.is_still(name)
        for block in self.past.blocks():
            k, told = self.past.table(name, block)
            n = np.where(told, self.past.table(of, block)[0], 0)
            _add(sums, block, n=n, nn=n * n)
            if not still:
                _add(sums, block, k=k, kk=k * k, kn=k * n)
        return sums

    def nights(self) -> Whole:
        """Count the nights of each account."""
        nights: Whole = np.count_nonzero(self.factors.by_account, axis=0).astype(np.int64)
        return nights

    def nights_told(self, name: str | None) -> Whole:
        """Count the nights of each account that tell a feature."""
        (sums,) = self._none("told").values()
        for block in self.past.blocks() if name else ():
            sums[block] = np.count_nonzero(self.past.table(name or "", block)[1], axis=0)
        return sums

    def professions(self) -> tuple[NDArray[np.intp], list[str]]:
        """Give each account's profession by number, the first by name of those it had, and the names in order."""
        words = sorted({sky[2] for sky in self.factors.skies})
        place = {word: at for at, word in enumerate(words)}
        told = np.array([place[sky[2]] for sky in self.factors.skies], np.intp)
        of_sky = np.concatenate([[len(words)], told[self.factors.sky]])
        first = np.full(self.past.names.len(), len(words), np.intp)
        for night in self.factors.by_account:
            np.minimum(first, of_sky[night], out=first)
        used, number = np.unique(first, return_inverse=True)
        return number.astype(np.intp), [words[at] for at in used]

    def _none(self, *names: str) -> dict[str, Whole]:
        return {name: np.zeros(self.past.names.len(), np.int64) for name in names}


def _add(sums: By, block: slice, **tables: Whole) -> None:
    for name, table in tables.items():
        table.sum(axis=0, out=sums[name][block])
