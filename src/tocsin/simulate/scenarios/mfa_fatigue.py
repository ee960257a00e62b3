"""Push fatigue: one confirmation request after the other until the owner gives in, then reading on a closing day."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.schema import Kind, Outcome
from tocsin.simulate.scenarios.attacker import Attacker, Reading, read, service_of
from tocsin.simulate.scenarios.guise import hideout
from tocsin.simulate.scenarios.robot import Sweep
from tocsin.simulate.scenarios.stage import Stage, Tonight

_PUSH = (Kind.MFA, Outcome.DENIED, "connexion")
_UNANSWERED = (Kind.MFA, Outcome.FAILURE, "connexion")
_CONFIRMED = (Kind.MFA, Outcome.SUCCESS, "connexion", 1.5)


@dataclass(frozen=True, slots=True)
class MfaFatigue(Attacker):
    """Knobs of the pushes; the password was known before."""

    name: ClassVar[str] = "mfa_fatigue"
    nights: ClassVar[int] = 7
    accounts: int = 3
    pushes: tuple[int, int] = (5, 25)
    minutes: tuple[float, float] = (8.0, 55.0)
    per_day: tuple[int, int] = (300, 3_000)
    jitter: float = 0.7
    not_found: tuple[float, float] = (0.01, 0.10)

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Push and read on the account's closing day; without one, on the last night."""
        if tonight.night != self._night(stage, account):
            return []
        chance = stage.chance(tonight.night, account)
        count = self.held(int(chance.integers(self.per_day[0], self.per_day[1] + 1)), stage, tonight)
        start = chance.uniform(2.0, 18.0) * 3_600.0
        second = self.stretch(start, start + count * chance.uniform(1.5, 6.0), count, chance)
        missing = float(stage.chance(account).uniform(*self.not_found))
        listed = Sweep(stage.strangers(chance, len(second), tonight.year), chance.random(len(second)) >= missing)
        asked = self.dressed(listed, stage, account, tonight.year, chance)
        session = self.cut(second, float(chance.uniform(1.0, 6.0)), chance)
        places = hideout(stage, int(session[-1]) + 1 if self.rotate[1] else 1, account)
        reading = Reading(account, second, asked, session, service_of(stage, account))
        browser = self.browser(stage, tonight, account, shared=False)
        return [read(stage, tonight, reading, places, browser, self._opening(chance))]

    def _night(self, stage: Stage, account: int) -> int:
        """Choose a Sunday or holiday of the window by seed."""
        closed = [
            night
            for night in range(stage.first_night, stage.last_night + 1)
            if stage.days.dates[night].weekday() == 6 or stage.days.closed[stage.population.department[account], night]
        ]
        return closed[stage.word(20, account) % len(closed)] if closed else stage.last_night

    def _opening(self, chance: np.random.Generator) -> tuple[tuple[Kind, Outcome, str, float], ...]:
        """Place the pushes before the login: most are refused, some stay without an answer, the last is confirmed."""
        count = int(chance.integers(self.pushes[0], self.pushes[1] + 1))
        ahead = np.sort(chance.uniform(0.0, chance.uniform(*self.minutes) * 60.0, count)) + 15.0
        asked = [(*(_PUSH if chance.random() < 0.7 else _UNANSWERED), float(moment)) for moment in ahead]
        return (_CONFIRMED, *asked)
