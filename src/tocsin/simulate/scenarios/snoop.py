"""Snooping: an owner looks up one to five people a week out of curiosity. For the record: volume cannot find it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.simulate.actions import Sessions, frame
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.scenarios.attacker import Attacker, service_of
from tocsin.simulate.scenarios.robot import Sweep, lookups
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight, preferably

_WORKING_DAYS = 5
_OF_INTEREST = 12  # neighbours, colleagues, people in the news


@dataclass(frozen=True, slots=True)
class Snoop(Attacker):
    """Knobs of the curious owner; login, line and browser are the owner's own."""

    name: ClassVar[str] = "snoop"
    nights: ClassVar[int] = 28
    accounts: int = 3
    a_week: tuple[int, int] = (1, 5)
    local: float = 0.6
    abroad: float = 0.0
    delegates: float = 0.0

    def choose(self, population: Population, free: Free, chance: np.random.Generator) -> Integers:
        """Let mostly hospital staff be curious."""
        return preferably(population, free.busy, self.accounts, 0.8, chance, "hopital")

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Look somebody up between two of the owner's own lookups, on some days."""
        own = tonight.of(account).filter(pl.col("kind") == "lookup")
        chance = stage.chance(tonight.night, account)
        rate = float(stage.chance(account).uniform(*self.a_week)) / _WORKING_DAYS
        count = min(int(chance.poisson(rate)), own.height)
        first = tonight.night == stage.first_night
        count = max(count, 1) if first and own.height else count
        if not count:
            return []
        beside = own[np.sort(chance.permutation(own.height)[:count])]
        second = beside["wall"].to_numpy() / 1_000.0 + chance.uniform(20.0, 240.0, count)
        circle = stage.chance(account, 1)
        interesting = np.concatenate(
            [
                stage.strangers(circle, _OF_INTEREST, tonight.year),
                stage.locals(circle, account, _OF_INTEREST, tonight.year),
            ]
        )
        which = chance.integers(0, _OF_INTEREST, count) + np.where(chance.random(count) < self.local, _OF_INTEREST, 0)
        asked = Sweep(interesting[which], np.ones(count, np.bool_))
        sessions = Sessions(
            account=np.full(count, account),
            names=beside["session"].to_list(),
            ips=beside["ip"].to_list(),
            network_types=beside["network_type"].to_list(),
            user_agents=beside["user_agent"].to_list(),
        )
        return [frame(lookups(np.arange(count), second, asked, service_of(stage, account)), sessions, stage.number)]
