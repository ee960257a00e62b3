"""Nights and weekends: few searches, each answered with hundreds of people (the job agency of 2024)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.schema import Kind, Outcome
from tocsin.simulate.actions import frame, joined
from tocsin.simulate.population import Floats, Population
from tocsin.simulate.scenarios.attacker import LAST_SECOND, Attacker, named
from tocsin.simulate.scenarios.guise import hideout
from tocsin.simulate.scenarios.robot import Sweep, answers, lookups
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight, preferably
from tocsin.simulate.work import credentials

_BYTES_A_ROW = 679  # 25 GB for 36.8 million people in 2024
_IDLE_SECONDS = 2_400.0
_EVENING, _MORNING, _BREAKFAST = 20.0, 6.0, 9.0


@dataclass(frozen=True, slots=True)
class NightWeekend(Attacker):
    """Knobs of the quiet searcher; `per_day` counts searches, not people."""

    name: ClassVar[str] = "night_weekend"
    nights: ClassVar[int] = 7
    accounts: int = 3
    per_day: tuple[int, int] = (12, 90)
    rows: tuple[int, int] = (50, 500)
    details: float = 0.08  # searches after which one of the people is opened
    reset: float = 0.7  # accounts whose second factor the help desk was talked into changing
    works: float = 0.85  # nights on which it comes at all
    pharmacies: float = 0.1

    def choose(self, population: Population, free: Free, chance: np.random.Generator) -> np.ndarray:
        """Steal accounts of advisers: desks and secretaries, who search by name."""
        return preferably(population, free.busy, self.accounts, 0.8, chance, "hopital", "telesecretaire", "facturation")

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Search in one to three sittings after hours."""
        chance = stage.chance(tonight.night, account)
        if tonight.night > stage.first_night and chance.random() > self.works:
            return []
        count = self.held(int(chance.integers(self.per_day[0], self.per_day[1] + 1)), stage, tonight)
        second = self._moments(tonight.day.weekday() >= 5, count, chance)
        session = np.append(0, np.cumsum(np.diff(second) > _IDLE_SECONDS))
        rows = chance.integers(self.rows[0], self.rows[1] + 1, len(second))
        opened = np.flatnonzero(chance.random(len(second)) < self.details)
        people = Sweep(stage.strangers(chance, len(opened), tonight.year), np.ones(len(opened), np.bool_))
        shown = second[opened] + chance.uniform(3.0, 40.0, len(opened))
        first = second[np.flatnonzero(np.append(True, np.diff(session) > 0))]
        number = np.arange(len(first))
        parts = [
            answers(session, second, Kind.SEARCH, "recherche-patient", rows),
            lookups(session[opened], shown, people, "droits"),
            credentials(
                number, first - chance.uniform(8.0, 60.0, len(first)), Kind.LOGIN, Outcome.SUCCESS, "connexion"
            ),
        ]
        if tonight.night == stage.first_night and stage.chance(account, 1).random() < self.reset:
            moment = np.maximum(first[:1] - chance.uniform(90.0, 5_000.0), 1.0)
            parts.append(credentials(number[:1], moment, Kind.CREDENTIAL_CHANGE, Outcome.SUCCESS, "compte"))
        places = hideout(stage, len(first) if self.rotate[1] else 1, account)
        places = [places[at % len(places)] for at in number]
        sessions = named(stage, tonight, account, places, self.browser(stage, tonight, account, shared=False))
        return [frame(joined(parts), sessions, stage.number, _BYTES_A_ROW)]

    def _moments(self, weekend: bool, count: int, chance: np.random.Generator) -> Floats:  # noqa: FBT001 one private caller
        """Choose moments in the evening, deep at night, and on weekends in the day as well."""
        stretches = [(_EVENING, LAST_SECOND / 3_600.0), (0.2, _MORNING)]
        if weekend:
            stretches.append((_BREAKFAST, _EVENING))
        sittings = int(chance.integers(1, len(stretches) + 1))
        parts = []
        for which in chance.permutation(len(stretches))[:sittings]:
            low, high = stretches[which]
            length = min(chance.uniform(0.7, 3.5), high - low)
            start = chance.uniform(low, high - length) * 3_600.0
            parts.append(self.stretch(start, start + length * 3_600.0, -(-count // sittings), chance))
        return np.sort(np.concatenate(parts))
