"""What a scenario is given and what it gives back."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Protocol

import numpy as np
import polars as pl

from tocsin.simulate.days import Days
from tocsin.simulate.nir import Numbers
from tocsin.simulate.people import anywhere, nirs, residents
from tocsin.simulate.plan import Plan
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.randomness import Purpose, scatter, stream
from tocsin.simulate.visits import members


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a scenario is played: the portal, the stolen accounts and the nights."""

    population: Population
    plan: Plan
    number: int  # counts from 1 over the scenarios of a simulation; marks their actions
    cast: tuple[int, ...]  # the stolen accounts, places in the population
    first_night: int
    last_night: int
    days: Days
    only: frozenset[int] | None = None  # of these nights; None: all of them
    most: int | None = None  # lookups an account and night where the owner's history is only being spoiled

    def plays(self, night: int) -> bool:
        """Say whether the intruder may come in a night."""
        return self.first_night <= night <= self.last_night and (self.only is None or night in self.only)

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

    def own_people(self, account: int, numbers: Integers, year: int) -> Numbers:
        """Give people of an account's own base by their numbers there; large numbers are those of years ago."""
        return members(self.population, np.full(len(numbers), account), numbers, year)


@dataclass(frozen=True, slots=True)
class Tonight:
    """One night as an intruder finds it: the owners at work (schema ACTIONS)."""

    night: int
    day: date
    year: int  # from which ages are counted, the same all through a simulation
    owners: pl.DataFrame

    def of(self, account: int) -> pl.DataFrame:
        """Give what an account's owner does tonight, in order of time."""
        return self.owners.filter(pl.col("account") == account).sort("wall")


@dataclass(frozen=True, slots=True)
class Free:
    """Accounts that nothing else happens to: `busy` ones are at work in these nights, `dormant` ones never are."""

    busy: Integers
    dormant: Integers


class Scenario(Protocol):
    """An attack with its knobs as fields (numbers, or low-high pairs)."""

    name: ClassVar[str]
    nights: ClassVar[int]  # how many of the last nights it takes unless told

    @property
    def accounts(self) -> int:
        """Say how many accounts are stolen; 0 where another knob decides."""
        ...

    @property
    def poison(self) -> int:
        """Say on how many nights before its first one it reads a little, to spoil the owner's history."""
        ...

    @property
    def abroad(self) -> float:
        """Say which share of the homes and phones it comes through lies abroad."""
        ...

    @property
    def delegates(self) -> float:
        """Say which share of its accounts hand their rights on to a second one."""
        ...

    def choose(self, population: Population, free: Free, chance: np.random.Generator) -> Integers:
        """Choose the stolen accounts among those that nothing else happens to; fewer when there are too few."""
        ...

    def begin(self, stage: Stage) -> None:
        """Change what the owners of the stolen accounts do before the first night (`stage.plan`), where it matters."""
        ...

    def play(self, stage: Stage, tonight: Tonight) -> pl.DataFrame:
        """Make one night's actions of the intruder (schema ACTIONS)."""
        ...


def preferably(
    population: Population,
    free: Integers,
    count: int,
    share: float,
    chance: np.random.Generator,
    *professions: str,
) -> Integers:
    """Choose accounts so that a share are of these professions (mostly pharmacies in March 2022), others fill up."""
    wished = np.intersect1d(free, population.of(*professions))
    others = np.setdiff1d(free, wished)
    wanted = min(round(count * share), len(wished))
    wanted = min(max(wanted, count - len(others)), len(wished))
    return np.sort(
        np.concatenate([chance.permutation(wished)[:wanted], chance.permutation(others)[: count - wanted]])
    ).astype(np.int64)
