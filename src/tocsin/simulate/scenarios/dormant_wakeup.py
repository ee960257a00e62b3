"""Dormant accounts wake up: unused for months, then a reset and a burst of reading."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.errors import SettingsError
from tocsin.schema import Kind, Outcome
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.scenarios.attacker import Attacker, Reading, read, service_of
from tocsin.simulate.scenarios.guise import hideout
from tocsin.simulate.scenarios.robot import Sweep
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight

_OPENING = {
    "reset": (Kind.CREDENTIAL_CHANGE, Outcome.SUCCESS, "compte"),
    "wrong": (Kind.LOGIN, Outcome.FAILURE, "connexion"),
}


_SATURDAY = 5
_PEOPLE_A_DAY = (8, 25)


@dataclass(frozen=True, slots=True)
class DormantWakeup(Attacker):
    """Knobs of the awakening; nobody else uses these accounts."""

    name: ClassVar[str] = "dormant_wakeup"
    nights: ClassVar[int] = 2
    accounts: int = 3
    per_day: tuple[int, int] = (300, 4_000)
    jitter: float = 0.7
    not_found: tuple[float, float] = (0.01, 0.10)
    reset: float = 0.9
    guesses: tuple[int, int] = (0, 4)  # wrong passwords before the reset
    seen: int = 0  # nights on which the owner works before it falls asleep; 0: the logs never show it
    unused: int = 0  # nights between that and the awakening; 0: the owner works on the first nights of the logs

    def choose(self, population: Population, free: Free, chance: np.random.Generator) -> Integers:
        """Steal accounts that nobody has used for months: of retired, moved or dead people."""
        del population  # whoever sleeps will do
        return np.sort(chance.permutation(free.dormant)[: self.accounts])

    def begin(self, stage: Stage) -> None:
        """Let the owners work on a few days of the week, and then no more; SettingsError where there is no time."""
        end = stage.first_night - self.unused
        working = np.flatnonzero(stage.days.weekdays()[: max(end, 0)] < _SATURDAY)
        chosen = working[max(len(working) - self.seen, 0) :] if self.unused else working[: self.seen]
        if len(chosen) < self.seen:
            message = (
                f"{self.name}: seen={self.seen} needs {self.seen} working days before the nights without use, "
                f"there are {len(chosen)}"
            )
            raise SettingsError(message, hint="write a smaller `seen` or `unused`, or a later first night")
        for account in stage.cast:
            chance = stage.chance(account, 2)
            people = chance.integers(*_PEOPLE_A_DAY, len(chosen))
            stage.plan.people[account, chosen] = people
            stage.plan.fresh[account, chosen] = chance.binomial(people, stage.population.new_share[account])

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Reset, log in, and read in one go."""
        chance = stage.chance(tonight.night, account)
        count = self.held(int(chance.integers(self.per_day[0], self.per_day[1] + 1)), stage, tonight)
        start = chance.uniform(1.0, 17.0) * 3_600.0
        second = self.stretch(start, start + count * chance.uniform(1.2, 5.0), count, chance)
        missing = float(stage.chance(account).uniform(*self.not_found))
        listed = Sweep(stage.strangers(chance, len(second), tonight.year), chance.random(len(second)) >= missing)
        asked = self.dressed(listed, stage, account, tonight.year, chance)
        session = self.cut(second, float(chance.uniform(1.0, 5.0)), chance)
        places = hideout(stage, int(session[-1]) + 1 if self.rotate[1] else 1, account)
        reading = Reading(account, second, asked, session, service_of(stage, account))
        browser = self.browser(stage, tonight, account, shared=False)
        return [read(stage, tonight, reading, places, browser, self._opening(stage, tonight, account))]

    def _opening(self, stage: Stage, tonight: Tonight, account: int) -> tuple[tuple[Kind, Outcome, str, float], ...]:
        if tonight.night != stage.first_night:
            return ()
        chance = stage.chance(account, 1)
        reset_at = float(chance.uniform(30.0, 900.0))
        steps = [(*_OPENING["reset"], reset_at)] if chance.random() < self.reset else []
        wrong = int(chance.integers(self.guesses[0], self.guesses[1] + 1))
        ahead = reset_at + 12.0 + np.cumsum(chance.uniform(8.0, 40.0, wrong))
        return (*steps, *((*_OPENING["wrong"], float(moment)) for moment in ahead))
