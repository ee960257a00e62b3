"""Parallel session: the owner's session id is used from a second network, without a login, while the owner works."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.simulate.actions import Sessions, frame
from tocsin.simulate.scenarios.attacker import Attacker, service_of
from tocsin.simulate.scenarios.guise import hideout
from tocsin.simulate.scenarios.robot import Sweep, lookups
from tocsin.simulate.scenarios.stage import Stage, Tonight

_LEAST_SECONDS = 1_500.0
_LEAST_GAP = 0.9


@dataclass(frozen=True, slots=True)
class SessionParallel(Attacker):
    """Knobs of the stolen cookie; it dies with the owner's session."""

    name: ClassVar[str] = "session_parallel"
    nights: ClassVar[int] = 3
    accounts: int = 3
    per_day: tuple[int, int] = (300, 2_500)
    jitter: float = 0.7
    not_found: tuple[float, float] = (0.01, 0.12)
    owner_browser: float = 0.6
    pharmacies: float = 0.6

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Read inside the longest of tonight's sessions."""
        spans = (
            tonight.of(account)
            .group_by("session", maintain_order=True)
            .agg(first=pl.col("wall").min() / 1_000, last=pl.col("wall").max() / 1_000)
            .with_columns(length=pl.col("last") - pl.col("first"))
            .filter(pl.col("length") >= _LEAST_SECONDS)
            .sort("length", descending=True, maintain_order=True)
        )
        if spans.is_empty():
            return []
        chance = stage.chance(tonight.night, account)
        name, first, last, length = spans.row(0)
        start = first + float(chance.uniform(0.05, 0.3)) * length
        wanted = self.held(int(chance.integers(self.per_day[0], self.per_day[1] + 1)), stage, tonight)
        count = min(wanted, int((last - start) / _LEAST_GAP))
        second = self.stretch(start, last, count, chance)
        second = second[second <= last]
        missing = float(stage.chance(account).uniform(*self.not_found))
        listed = Sweep(stage.strangers(chance, len(second), tonight.year), chance.random(len(second)) >= missing)
        asked = self.dressed(listed, stage, account, tonight.year, chance)
        part = self.cut(second, 24.0, chance)
        places = hideout(stage, int(part.max(initial=0)) + 1 if self.rotate[1] else 1, account)
        browser = self.browser(stage, tonight, account, shared=False)
        sessions = Sessions(
            account=np.full(len(places), account),
            names=[name] * len(places),
            ips=[place.ip for place in places],
            network_types=[place.network_type for place in places],
            user_agents=[browser] * len(places),
        )
        return [frame(lookups(part, second, asked, service_of(stage, account)), sessions, stage.number)]
