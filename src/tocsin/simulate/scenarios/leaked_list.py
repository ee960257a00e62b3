"""Leaked list: people of a list bought somewhere, from all over the country, through rotating home addresses."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.simulate.scenarios.attacker import Attacker, Reading, read, service_of
from tocsin.simulate.scenarios.guise import households
from tocsin.simulate.scenarios.robot import Sweep
from tocsin.simulate.scenarios.stage import Stage, Tonight

_FIRST_HOUR, _LAST_HOUR = 6.0, 23.9


@dataclass(frozen=True, slots=True)
class LeakedList(Attacker):
    """Knobs of the leaked list; slower than the blitz, without a shared address or browser."""

    name: ClassVar[str] = "leaked_list"
    nights: ClassVar[int] = 5
    accounts: int = 8
    per_day: tuple[int, int] = (300, 2_000)
    jitter: float = 0.9
    not_found: tuple[float, float] = (0.02, 0.06)  # deaths and typing errors of the list
    rotate: tuple[int, int] = (25, 120)

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Read a part of the list on one account."""
        chance = stage.chance(tonight.night, account)
        count = self.held(int(chance.integers(self.per_day[0], self.per_day[1] + 1)), stage, tonight)
        start, end = np.sort(chance.uniform(_FIRST_HOUR, _LAST_HOUR, 2)) * 3_600.0
        length = max(end - start, 2.0 * count)
        start = min(start, max(86_300.0 - length, 60.0))
        second = self.stretch(start, start + length, count, chance)
        listed = Sweep(
            stage.strangers(chance, len(second), tonight.year),
            chance.random(len(second)) >= float(chance.uniform(*self.not_found)),
        )
        asked = self.dressed(listed, stage, account, tonight.year, chance)
        session = self.cut(second, 1.0, chance)
        reading = Reading(account, second, asked, session, service_of(stage))
        homes = households(stage, int(session[-1]) + 1, account, tonight.night)
        return [read(stage, tonight, reading, homes, self.browser(stage, tonight, account, shared=False))]
