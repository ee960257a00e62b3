"""What a scenario is given and what it gives back."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Protocol

import numpy as np
import polars as pl

from tocsin.simulate.nir import Numbers
from tocsin.simulate.people import anywhere, nirs, residents
from tocsin.simulate.plan import Plan
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.randomness import Purpose, scatter, stream


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scenario is played: the portal, the stolen accounts and the nights."""

    population: Population
    plan: Plan
    number: int  # counts from 1 over the scenarios of a simulation; marks their actions
    cast: tuple[int, ...]  # the stolen accounts, places in the population
    first_night: int
    last_night: int

    def chance(self, *place: int) -> np.random.Generator:
        """Open this scenario's stream for a night, an account or both."""
        return stream(self.population.seed, Purpose.ATTACK, self.number, *place)

    def word(self, *place: int) -> int:
        """Give a fixed number of this scenario, the same each night."""
        return int(scatter(self.population.seed, int(Purpose.ATTACK), self.number, *place)[0])

    def strangers(self, chance: np.random.Generator, size: int, year: int) -> Numbers:
        """Draw people from the whole country."""
        words = chance.integers(0, 2**63, size).astype(np.uint64)
        return nirs(*residents(words, anywhere(scatter(words, 5)), 0.0, 0.0), year)

    def locals(self, chance: np.random.Generator, account: int, size: int, year: int) -> Numbers:
        """Draw people who live around an account."""
        words = chance.integers(0, 2**63, size).astype(np.uint64)
        home = np.full(size, self.population.department[account])
        return nirs(*residents(words, home, 0.12, 0.0), year)


class Scenario(Protocol):
    """An attack with its knobs as fields (numbers, or low-high pairs)."""

    name: ClassVar[str]
    nights: ClassVar[int]  # how many of the last nights it takes unless told

    @property
    def accounts(self) -> int:
        """Say how many accounts are stolen."""
        ...

    def choose(self, population: Population, free: Integers, chance: np.random.Generator) -> Integers:
        """Choose the stolen accounts among those that nothing else happens to."""
        ...

    def night(self, stage: Stage, night: int, day: date) -> pl.DataFrame:
        """Make one night's actions of the intruder (schema ACTIONS)."""
        ...


def mostly_pharmacies(
    population: Population, free: Integers, count: int, share: float, chance: np.random.Generator
) -> Integers:
    """Choose accounts so that a share are pharmacies, as in March 2022."""
    shops = np.intersect1d(free, population.of("pharmacien"))
    others = np.setdiff1d(free, population.of("pharmacien"))
    wanted = min(round(count * share), len(shops))
    wanted = max(wanted, count - len(others))
    return np.sort(np.concatenate([chance.permutation(shops)[:wanted], chance.permutation(others)[: count - wanted]]))
