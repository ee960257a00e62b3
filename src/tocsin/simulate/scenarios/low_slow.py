"""Low and slow: a few dozen strangers a day more, for weeks, inside the owner's hours."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.simulate.population import Floats
from tocsin.simulate.scenarios.attacker import Attacker, Reading, read, service_of
from tocsin.simulate.scenarios.guise import hideout
from tocsin.simulate.scenarios.robot import Sweep
from tocsin.simulate.scenarios.stage import Stage, Tonight

_FEWEST = 4  # own lookups of a day on which the owner is at work
_BESIDE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class LowSlow(Attacker):
    """Knobs of the low and slow one; it rests when the owner rests."""

    name: ClassVar[str] = "low_slow"
    nights: ClassVar[int] = 30
    accounts: int = 5
    per_day: tuple[int, int] = (20, 60)
    jitter: float = 0.9
    not_found: tuple[float, float] = (0.0, 0.04)
    pharmacies: float = 0.4

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Ask for a few strangers between the owner's own lookups."""
        own = tonight.of(account).filter(pl.col("kind") == "lookup")["wall"].to_numpy() / 1_000.0
        if len(own) < _FEWEST:
            return []
        chance = stage.chance(tonight.night, account)
        usual = stage.chance(account).uniform(*self.per_day)
        count = self.held(min(max(chance.poisson(usual), self.per_day[0]), self.per_day[1]), stage, tonight)
        second = self._moments(own, count, chance)
        missing = float(stage.chance(account, 1).uniform(*self.not_found))
        listed = Sweep(stage.strangers(chance, count, tonight.year), chance.random(count) >= missing)
        asked = self.dressed(listed, stage, account, tonight.year, chance)
        session = self.cut(second, float(stage.chance(account, 2).uniform(1.5, 12.0)), chance)
        moved = tonight.night if self.rotate[1] else 0  # without rotation the line is the same every day
        places = hideout(stage, int(session[-1]) + 1 if self.rotate[1] else 1, account, moved)
        reading = Reading(account, second, asked, session, service_of(stage, account))
        return [read(stage, tonight, reading, places, self.browser(stage, tonight, account, shared=False))]

    def _moments(self, own: Floats, count: int, chance: np.random.Generator) -> Floats:
        """Choose moments beside the owner's, or evenly between the first and the last without jitter."""
        if not self.jitter:
            return np.linspace(own.min(), own.max(), count)
        beside = chance.choice(own, count) + chance.uniform(-_BESIDE_SECONDS, _BESIDE_SECONDS, count) * self.jitter
        # What would lie before the first or after the last of the owner's lookups falls back inside.
        inside = own.min() + np.abs(beside - own.min())
        inside = np.clip(own.max() - np.abs(own.max() - inside), own.min(), own.max())
        return np.sort(inside)
