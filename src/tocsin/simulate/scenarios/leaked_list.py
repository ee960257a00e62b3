"""Leaked list: people of a list bought somewhere, from all over the country, through rotating home addresses."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.schema import Kind, Outcome
from tocsin.simulate.actions import Sessions, frame, joined
from tocsin.simulate.origins import address, browser
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.scenarios.robot import Sweep, lookups, mixed, pace
from tocsin.simulate.scenarios.stage import Stage, mostly_pharmacies
from tocsin.simulate.work import credentials

_FIRST_HOUR, _LAST_HOUR = 6.0, 23.9


@dataclass(frozen=True, slots=True)
class LeakedList:
    """Knobs of the leaked list; slower than the blitz, without a shared address or browser."""

    name: ClassVar[str] = "leaked_list"
    nights: ClassVar[int] = 5
    accounts: int = 8
    per_day: tuple[int, int] = (300, 2_000)
    jitter: float = 0.9
    not_found: tuple[float, float] = (0.02, 0.06)  # deaths and typing errors of the list
    rotation: tuple[int, int] = (25, 120)  # lookups from one address
    pharmacies: float = 0.5
    local: float = 0.0
    warm_up: float = 0.0
    quota: int = 0

    def choose(self, population: Population, free: Integers, chance: np.random.Generator) -> Integers:
        """Steal pharmacies and others alike."""
        return mostly_pharmacies(population, free, self.accounts, self.pharmacies, chance)

    def night(self, stage: Stage, night: int, day: date) -> pl.DataFrame:
        """Read the list on every stolen account."""
        return pl.concat([self._account(stage, account, night, day) for account in stage.cast])

    def _account(self, stage: Stage, account: int, night: int, day: date) -> pl.DataFrame:
        chance = stage.chance(night, account)
        count = self._amount(stage, night, chance)
        start, end = np.sort(chance.uniform(_FIRST_HOUR, _LAST_HOUR, 2)) * 3_600.0
        length = max(end - start, 2.0 * count)
        start = min(start, max(86_300.0 - length, 60.0))
        second = start + pace(chance, count, length / count, self.jitter)
        second = second[second < 86_300.0]
        asked = Sweep(
            stage.strangers(chance, len(second), day.year),
            chance.random(len(second)) >= float(chance.uniform(*self.not_found)),
        )
        asked = mixed(asked, stage.locals(chance, account, round(len(second) * self.local), day.year), chance)
        session = np.arange(len(second)) // int(chance.integers(self.rotation[0], self.rotation[1] + 1))
        first = second[np.flatnonzero(np.append(True, np.diff(session) > 0))]
        entered = first - chance.uniform(0.8, 5.0, len(first))
        places = np.arange(len(first))
        parts = [
            lookups(session, second, asked, "droits"),
            credentials(places, entered, Kind.LOGIN, Outcome.SUCCESS, "connexion"),
        ]
        return frame(joined(parts), self._sessions(stage, account, night, day, len(first)), stage.number)

    def _amount(self, stage: Stage, night: int, chance: np.random.Generator) -> int:
        count = int(chance.integers(self.per_day[0], self.per_day[1] + 1))
        if self.warm_up:
            count = round(count * min(1.0, (night - stage.first_night + 1) * self.warm_up))
        return max(1, min(count, self.quota) if self.quota else count)

    def _sessions(self, stage: Stage, account: int, night: int, day: date, count: int) -> Sessions:
        """Come from another household each time, with one browser an account."""
        words = [stage.word(11, account, night, number) for number in range(count)]
        return Sessions(
            account=np.full(count, account),
            names=[f"{word:016x}" for word in words],
            ips=[address("isp", word % 97, word // 97 % 2**31) for word in words],
            network_types=["isp" if word % 5 else None for word in words],
            user_agents=[browser(stage.word(12, account) >> 4, day)] * count,
        )
