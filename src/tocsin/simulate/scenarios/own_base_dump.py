"""Dump of own bases: through one practice software, many accounts read all of their own people in the same hour."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.simulate.actions import WEB
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.scenarios.attacker import Attacker, Reading, read, service_of
from tocsin.simulate.scenarios.guise import rented
from tocsin.simulate.scenarios.robot import Sweep
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight

_YEARS_AGO = 10_000_000  # numbers of people an account met long before the logs begin
_PRACTICES = ("generaliste", "specialiste", "infirmier", "kinesitherapeute")
_LATE_SECONDS = 1_500.0


@dataclass(frozen=True, slots=True)
class OwnBaseDump(Attacker):
    """Knobs of the dump; everybody read is a patient of the account, today's or a former one."""

    name: ClassVar[str] = "own_base_dump"
    nights: ClassVar[int] = 2
    accounts: int = 0  # 0: a share of the software's users
    share: tuple[float, float] = (0.05, 0.40)
    people: tuple[int, int] = (600, 10_000)
    former: tuple[float, float] = (0.2, 0.7)  # share of these who have not come for years
    gap_seconds: tuple[float, float] = (0.15, 1.2)
    addresses: tuple[int, int] = (1, 6)
    first_night: float = 0.8  # share of the accounts that are read on the first night

    def choose(self, population: Population, free: Free, chance: np.random.Generator) -> Integers:
        """Take one software, by its number of users, and some of them."""
        names = np.array(population.clients)
        practices = np.intersect1d(free.busy, population.of(*_PRACTICES))
        practices = np.array([place for place in practices.tolist() if population.clients[place] != WEB], np.int64)
        if not len(practices):
            return practices
        used = names[practices]
        if self.accounts:  # as many as asked for: a software that has them
            found, users = np.unique(used, return_counts=True)
            enough = found[users >= min(self.accounts, users.max())]
            used_by = practices[used == chance.choice(enough)]
            return np.sort(chance.permutation(used_by)[: self.accounts])
        used_by = practices[used == chance.choice(used)]
        wanted = max(2, round(len(used_by) * float(chance.uniform(*self.share))))
        return np.sort(chance.permutation(used_by)[:wanted])

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Read one account's base on its night, from the hour that all accounts share."""
        nights = stage.last_night - stage.first_night
        late = bool(nights) and stage.chance(account, 1).random() >= self.first_night
        mine = stage.first_night + (1 + stage.word(18, account) % nights if late else 0)
        if tonight.night != mine:
            return []
        chance = stage.chance(tonight.night, account)
        low, high = np.log(self.people)
        count = self.held(float(np.exp(chance.uniform(low, high))), stage, tonight)
        people = self._base(stage, account, count, tonight.year, chance)
        people = self.dressed(people, stage, account, tonight.year, chance)
        hour = float(stage.chance(2).uniform(0.0, 21.0)) * 3_600.0
        start = hour + 60.0 + chance.uniform(0.0, _LATE_SECONDS)
        gap = float(stage.chance(account, 3).uniform(*self.gap_seconds))
        # Real logs may know fewer people of the account than were asked for.
        second = self.stretch(start, start + gap * count, count, chance)[: len(people.nir)]
        asked = Sweep(people.nir[: len(second)], people.exists[: len(second)])
        pool = rented(stage, int(stage.chance(4).integers(self.addresses[0], self.addresses[1] + 1)))
        place = pool[stage.word(19, account) % len(pool)]
        reading = Reading(account, second, asked, self.cut(second, 24.0, chance), service_of(stage))
        browser = self.browser(stage, tonight, account, shared=True)
        return [read(stage, tonight, reading, [place], browser, client=None)]

    def _base(self, stage: Stage, account: int, count: int, year: int, chance: np.random.Generator) -> Sweep:
        """List people of the base in the order of the software's table: the former ones first."""
        known = int(stage.population.base_size[account])
        former = round(count * float(chance.uniform(*self.former)))
        numbers = np.concatenate(
            [_YEARS_AGO + np.arange(max(former, count - known)), known - np.arange(1, min(count - former, known) + 1)]
        )
        people = stage.own_people(account, numbers[:count], year)
        return Sweep(people, np.ones(len(people), np.bool_))
