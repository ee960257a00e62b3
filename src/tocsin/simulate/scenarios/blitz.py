"""Blitz: a robot on a few stolen accounts tries one number after the other, thousands a day (March 2022)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.schema import Kind, Outcome
from tocsin.simulate.actions import Deeds, Sessions, frame, joined
from tocsin.simulate.origins import address, browser
from tocsin.simulate.population import Floats, Integers, Population
from tocsin.simulate.scenarios.robot import lookups, mixed, pace, shuffled, sweep
from tocsin.simulate.scenarios.stage import Stage, mostly_pharmacies
from tocsin.simulate.work import credentials

_DAY_SECONDS = 86_300.0  # leaves room for the last gap before midnight


@dataclass(frozen=True, slots=True)
class Blitz:
    """Knobs of the blitz; the owners keep working beside it."""

    name: ClassVar[str] = "blitz"
    nights: ClassVar[int] = 3
    accounts: int = 19
    per_day: tuple[int, int] = (6_000, 27_000)
    gap_seconds: tuple[float, float] = (0.5, 4.0)
    jitter: float = 0.5  # 0: a metronome, 1: exponential waits
    not_found: tuple[float, float] = (0.10, 0.25)
    addresses: tuple[int, int] = (2, 5)
    reset: float = 0.5  # share of accounts taken over by a credential reset; the others log in directly
    pharmacies: float = 0.7
    shuffle: float = 0.0  # share of numbers out of order
    local: float = 0.0  # share of people who live around the account
    warm_up: float = 0.0  # share of the full pace that each night adds; 0 starts at full pace
    quota: int = 0  # most lookups an account and night; 0 is none
    session_hours: tuple[float, float] = (2.0, 6.0)

    def choose(self, population: Population, free: Integers, chance: np.random.Generator) -> Integers:
        """Steal mostly pharmacies."""
        return mostly_pharmacies(population, free, self.accounts, self.pharmacies, chance)

    def night(self, stage: Stage, night: int, day: date) -> pl.DataFrame:
        """Run the robot on every stolen account."""
        return pl.concat([self._account(stage, account, night, day) for account in stage.cast])

    def _account(self, stage: Stage, account: int, night: int, day: date) -> pl.DataFrame:
        chance = stage.chance(night, account)
        count, gap = self._amount(stage, night, chance)
        duration = pace(chance, count, gap, self.jitter)
        second = duration + chance.uniform(60.0, max(_DAY_SECONDS - duration[-1], 61.0))
        second = second[second < _DAY_SECONDS]
        missing = float(stage.chance(account).uniform(*self.not_found))
        asked = sweep(stage.word(account), self._done(night, stage), len(second), missing, chance)
        asked = shuffled(asked, self.shuffle, chance)
        asked = mixed(asked, stage.locals(chance, account, round(len(second) * self.local), day.year), chance)
        length = float(chance.uniform(*self.session_hours)) * 3_600.0
        session = ((second - second[0]) // length).astype(np.int64)
        first = second[np.flatnonzero(np.append(True, np.diff(session) > 0))]
        parts = [lookups(session, second, asked, "affiliation"), *self._entry(stage, account, night, first, chance)]
        return frame(joined(parts), self._sessions(stage, account, night, day, len(first)), stage.number)

    def _amount(self, stage: Stage, night: int, chance: np.random.Generator) -> tuple[int, float]:
        """Choose tonight's number of lookups and the mean gap that lets them fit into a day."""
        count = int(chance.integers(self.per_day[0], self.per_day[1] + 1))
        if self.warm_up:
            count = round(count * min(1.0, (night - stage.first_night + 1) * self.warm_up))
        if self.quota:
            count = min(count, self.quota)
        count = max(count, 1)
        gap = float(chance.uniform(*self.gap_seconds))
        return count, min(gap, _DAY_SECONDS * 0.97 / count)

    def _done(self, night: int, stage: Stage) -> int:
        """Say from where tonight's sequence goes on: never before the end of an earlier night's."""
        return (night - stage.first_night) * (self.per_day[1] + 1)

    def _entry(
        self,
        stage: Stage,
        account: int,
        night: int,
        first: Floats,
        chance: np.random.Generator,
    ) -> list[Deeds]:
        places = np.arange(len(first))
        parts = [
            credentials(places, first - chance.uniform(1.0, 6.0, len(first)), Kind.LOGIN, Outcome.SUCCESS, "connexion")
        ]
        if night == stage.first_night and stage.chance(account).random() < self.reset:
            opening = first[:1] - chance.uniform(15.0, 50.0, 1)
            parts.append(credentials(places[:1], opening, Kind.CREDENTIAL_CHANGE, Outcome.SUCCESS, "compte"))
        return parts

    def _sessions(self, stage: Stage, account: int, night: int, day: date, count: int) -> Sessions:
        """Come from the few addresses and the one browser that all stolen accounts share."""
        pool = int(stage.chance().integers(self.addresses[0], self.addresses[1] + 1))
        chosen = [stage.word(account, night, number) % pool for number in range(count)]
        return Sessions(
            account=np.full(count, account),
            names=[f"{stage.word(7, account, night, number):016x}" for number in range(count)],
            ips=[address("hosting", stage.word(1) % 977 + which % 2, stage.word(2, which) % 2**31) for which in chosen],
            network_types=["hosting"] * count,
            user_agents=[browser(stage.word(3) >> 4 | 8, day)] * count,
        )
