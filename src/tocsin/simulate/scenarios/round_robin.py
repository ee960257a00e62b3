"""Round robin: one sequence of numbers dealt over hundreds of accounts, a few dozen a day on each."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.simulate.actions import ACTIONS
from tocsin.simulate.population import Integers
from tocsin.simulate.scenarios.attacker import LAST_SECOND, Attacker, Reading, read, service_of
from tocsin.simulate.scenarios.guise import Place, households, rented
from tocsin.simulate.scenarios.robot import Sweep, sweep
from tocsin.simulate.scenarios.stage import Stage, Tonight

_IDLE_SECONDS = 1_800.0


@dataclass(frozen=True, slots=True)
class RoundRobin(Attacker):
    """Knobs of the dealt sequence; each account alone reads less than on a busy day of its owner."""

    name: ClassVar[str] = "round_robin"
    nights: ClassVar[int] = 5
    accounts: int = 50
    per_day: tuple[int, int] = (20, 80)
    not_found: tuple[float, float] = (0.08, 0.20)
    deal: tuple[int, int] = (1, 12)  # numbers tried on one account before the next has its turn
    addresses: tuple[int, int] = (4, 40)
    pharmacies: float = 0.3

    def play(self, stage: Stage, tonight: Tonight) -> pl.DataFrame:
        """Deal tonight's numbers over the accounts, then make each account's part."""
        chance = stage.chance(tonight.night)
        cast = np.array(stage.cast)
        counts = np.array(
            [self.held(n, stage, tonight) for n in chance.integers(self.per_day[0], self.per_day[1] + 1, len(cast))]
        )
        turn = self._dealt(counts, stage, chance)
        start = float(stage.chance(1).uniform(0.5, 12.0)) * 3_600.0 + chance.uniform(0.0, 1_800.0)
        end = min(start + float(stage.chance(2).uniform(4.0, 14.0)) * 3_600.0, LAST_SECOND)
        second = self.stretch(start, end, len(turn), chance)
        turn = turn[: len(second)]
        done = (tonight.night - stage.first_night) * len(cast) * (self.per_day[1] + 1)
        missing = float(stage.chance(3).uniform(*self.not_found))
        asked = sweep(stage.word(4), done, len(second), missing, chance)
        places = self._places(stage)
        parts = [
            self._part(stage, tonight, int(cast[at]), second[turn == at], _picked(asked, turn == at), places)
            for at in range(len(cast))
            if (turn == at).any()
        ]
        return pl.concat(parts) if parts else pl.DataFrame(schema=dict(ACTIONS))

    def _dealt(self, counts: Integers, stage: Stage, chance: np.random.Generator) -> Integers:
        """Say whose turn each number is: round after round, some numbers at a time."""
        hand = int(stage.chance(5).integers(self.deal[0], self.deal[1] + 1))
        hands = -(-counts // hand)
        whose = np.repeat(np.arange(len(counts)), hands)
        place = np.arange(len(whose)) - np.repeat(np.cumsum(hands) - hands, hands)
        order = np.lexsort((chance.permutation(len(counts))[whose], place))
        size = np.minimum(hand, counts[whose] - place * hand)[order]
        dealt: Integers = np.repeat(whose[order], size)
        return dealt

    def _places(self, stage: Stage) -> list[Place]:
        pool = int(stage.chance(6).integers(self.addresses[0], self.addresses[1] + 1))
        return households(stage, pool) if stage.word(16) % 2 else rented(stage, pool, kind="proxy")

    def _part(
        self, stage: Stage, tonight: Tonight, account: int, second: np.ndarray, asked: Sweep, places: list[Place]
    ) -> pl.DataFrame:
        chance = stage.chance(tonight.night, account)
        asked = self.dressed(asked, stage, account, tonight.year, chance)
        idle = np.append(0, np.cumsum(np.diff(second) > _IDLE_SECONDS))
        session = self.cut(second, 24.0, chance) if self.rotate[1] else idle
        first = stage.word(17, account, tonight.night) % len(places)
        reading = Reading(account, second, asked, session, service_of(stage))
        browser = self.browser(stage, tonight, account, shared=True)
        return read(stage, tonight, reading, places[first:] + places[:first], browser)


def _picked(asked: Sweep, chosen: np.ndarray) -> Sweep:
    return Sweep(asked.nir[chosen], asked.exists[chosen])
