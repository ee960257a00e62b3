"""Partner interface: a service account's key is used from a second address, around the clock (registers, 2026)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.simulate.population import Integers, Population
from tocsin.simulate.scenarios.attacker import LAST_SECOND, Attacker, Reading, read
from tocsin.simulate.scenarios.guise import rented
from tocsin.simulate.scenarios.robot import Sweep, pace, sweep
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight, preferably


@dataclass(frozen=True, slots=True)
class PartnerApi(Attacker):
    """Knobs of the second caller; the partner's own calls go on beside it."""

    name: ClassVar[str] = "partner_api"
    nights: ClassVar[int] = 4
    accounts: int = 1
    a_second: tuple[float, float] = (0.5, 1.5)
    jitter: float = 0.3
    not_found: tuple[float, float] = (0.02, 0.15)
    sequential: float = 0.4  # chance that numbers are tried in a row; else a list is read
    same_agent: float = 0.5  # chance that the partner's own client string is sent
    token_hours: tuple[float, float] = (1.0, 12.0)

    def choose(self, population: Population, free: Free, chance: np.random.Generator) -> Integers:
        """Steal service accounts, else laboratories', whose computers call day and night too."""
        wished: tuple[str, ...] = ("partenaire",)
        if len(np.intersect1d(free.busy, population.of(*wished))) < self.accounts:
            wished += ("laboratoire",)
        return preferably(population, free.busy, self.accounts, 1.0, chance, *wished)

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Call all night and day; from some hour on, on the first night."""
        chance = stage.chance(tonight.night, account)
        starts = tonight.night == stage.first_night
        start = chance.uniform(0.5, 14.0) * 3_600.0 if starts else 1.0
        gap = 1.0 / float(stage.chance(account).uniform(*self.a_second))
        second = start + pace(chance, self.held((LAST_SECOND - start) / gap, stage, tonight), gap, self.jitter)
        second = second[second < LAST_SECOND]
        missing = float(stage.chance(account, 1).uniform(*self.not_found))
        done = (tonight.night - stage.first_night) * round(86_400 * self.a_second[1])
        if stage.chance(account, 2).random() < self.sequential:
            asked = sweep(stage.word(account), done, len(second), missing, chance)
        else:
            people = stage.strangers(chance, len(second), tonight.year)
            asked = Sweep(people, chance.random(len(second)) >= missing)
        asked = self.dressed(asked, stage, account, tonight.year, chance)
        session = self.cut(second, float(stage.chance(account, 3).uniform(*self.token_hours)), chance)
        places = rented(stage, int(session[-1]) + 1 if self.rotate[1] else 1, account)
        reading = Reading(account, second, asked, session, self._service(tonight, account))
        return [read(stage, tonight, reading, places, self._agent(stage, tonight, account), client=None)]

    def _service(self, tonight: Tonight, account: int) -> str:
        """Call what the partner calls most."""
        called = tonight.of(account)["service"].drop_nulls().mode().sort()
        return str(called[0]) if len(called) else "api-droits"

    def _agent(self, stage: Stage, tonight: Tonight, account: int) -> str:
        seen = tonight.of(account)["user_agent"].drop_nulls()
        if len(seen) and stage.chance(account, 4).random() < self.same_agent:
            return str(seen[0])
        return self.browser(stage, tonight, account, shared=False)
