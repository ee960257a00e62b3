"""Blitz: a robot on a few stolen accounts tries one number after the other, thousands a day (March 2022)."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from tocsin.schema import Kind, Outcome
from tocsin.simulate.population import Integers
from tocsin.simulate.scenarios.attacker import LAST_SECOND, Attacker, Reading, read, service_of
from tocsin.simulate.scenarios.guise import Place, rented
from tocsin.simulate.scenarios.robot import pace, sweep
from tocsin.simulate.scenarios.stage import Stage, Tonight

_RESET = (Kind.CREDENTIAL_CHANGE, Outcome.SUCCESS, "compte", 20.0)


@dataclass(frozen=True, slots=True)
class Blitz(Attacker):
    """Knobs of the blitz; the owners keep working beside it."""

    name: ClassVar[str] = "blitz"
    nights: ClassVar[int] = 3
    accounts: int = 19
    per_day: tuple[int, int] = (6_000, 27_000)
    gap_seconds: tuple[float, float] = (0.5, 4.0)
    not_found: tuple[float, float] = (0.10, 0.25)
    addresses: tuple[int, int] = (2, 5)
    reset: float = 0.5  # share of accounts taken over by a credential reset; the others log in directly
    pharmacies: float = 0.7
    session_hours: tuple[float, float] = (2.0, 6.0)

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Run the robot on one account from some hour on."""
        chance = stage.chance(tonight.night, account)
        count = self.held(int(chance.integers(self.per_day[0], self.per_day[1] + 1)), stage, tonight)
        gap = min(float(chance.uniform(*self.gap_seconds)), LAST_SECOND * 0.97 / count)
        duration = pace(chance, count, gap, self.jitter)
        second = duration + chance.uniform(60.0, max(LAST_SECOND - duration[-1], 61.0))
        second = second[second < LAST_SECOND]
        missing = float(stage.chance(account).uniform(*self.not_found))
        # Tonight's sequence goes on where an earlier night's may have ended.
        done = (tonight.night - stage.first_night) * (self.per_day[1] + 1)
        asked = sweep(stage.word(account), done, len(second), missing, chance)
        asked = self.dressed(asked, stage, account, tonight.year, chance)
        session = self.cut(second, float(chance.uniform(*self.session_hours)), chance)
        reading = Reading(account, second, asked, session, service_of(stage))
        browser = self.browser(stage, tonight, account, shared=True)
        opening = tonight.night == stage.first_night and stage.chance(account, 1).random() < self.reset
        return [
            read(stage, tonight, reading, self._places(stage, tonight, account, session), browser, (_RESET,) * opening)
        ]

    def _places(self, stage: Stage, tonight: Tonight, account: int, session: Integers) -> list[Place]:
        """Take one of the few servers that all stolen accounts share, by turns."""
        pool = rented(stage, int(stage.chance().integers(self.addresses[0], self.addresses[1] + 1)))
        return [pool[stage.word(account, tonight.night, number) % len(pool)] for number in range(int(session[-1]) + 1)]
