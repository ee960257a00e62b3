"""Look-alikes that come from elsewhere: locum, pharmacy group behind a VPN, tele-secretary."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.simulate.days import Days
from tocsin.simulate.lookalikes.cast import note, some, some_nights
from tocsin.simulate.plan import Origin, Plan, Spell
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.professions import PROFESSIONS, SECRETARY


@dataclass(frozen=True, slots=True)
class Locum:
    """A stand-in: same people, but a new address, a new device and other hours."""

    name: ClassVar[str] = "locum"
    share: float = 0.008

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Choose practitioners."""
        return some(population, self.share, chance, "generaliste", "infirmier")

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Work one to three weeks from the stand-in's line and computer."""
        for account in accounts.tolist():
            first, last = some_nights(len(days), 5, 21, chance)
            nights = slice(first, last + 1)
            kind = "mobile" if chance.random() < 0.3 else "isp"
            plan.origin[account, nights] = plan.add_origin(Origin(int(chance.integers(1, 2**40)), kind))
            plan.device[account, nights] = int(chance.integers(1, 2**20))
            plan.shift_seconds[account, nights] += chance.uniform(-4_500, 5_400)
            working = plan.people[account, nights] > 0
            ordinary = np.maximum(plan.people[account, nights], 1)
            plan.people[account, nights] = np.where(working, chance.binomial(ordinary, 0.85), 0)
            plan.fresh[account, nights] = np.minimum(plan.fresh[account, nights], plan.people[account, nights])
            note(population, plan, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class GroupVpn:
    """Pharmacies of a group that all come out of the same hosting company; half of the groups move in one night."""

    name: ClassVar[str] = "group_vpn"
    share: float = 0.018
    group: tuple[int, int] = (6, 30)

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Choose pharmacies."""
        return some(population, self.share, chance, "pharmacien")

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Cut them into groups and give each its way out."""
        left = chance.permutation(accounts).tolist()
        while left:
            size = int(chance.integers(self.group[0], self.group[1] + 1))
            members, left = left[:size], left[size:]
            first = int(chance.integers(0, len(days))) if chance.random() < 0.5 else 0
            way_out = plan.add_origin(Origin(int(chance.integers(1, 2**40)), "hosting", int(chance.integers(1, 4))))
            for account in sorted(members):
                plan.origin[account, first:] = way_out
                note(population, plan, Spell(account, self.name, first, len(days) - 1))


@dataclass(frozen=True, slots=True)
class TeleSecretary:
    """One account that answers for several practices in several departments."""

    name: ClassVar[str] = "tele_secretary"
    share: float = 0.0015
    practices: tuple[int, int] = (5, 14)

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Turn practitioners' accounts into those of secretaries."""
        chosen = some(population, self.share, chance, "generaliste")
        count = len(chosen)
        population.profession[chosen] = PROFESSIONS.index(SECRETARY)
        population.mean[chosen] = SECRETARY.people_a_day * np.exp(chance.normal(0.0, SECRETARY.spread, count))
        population.base_size[chosen] = chance.integers(SECRETARY.base[0], SECRETARY.base[1] + 1, count)
        population.new_share[chosen] = chance.uniform(*SECRETARY.new_people, count)
        population.workstations[chosen] = chance.integers(SECRETARY.workstations[0], SECRETARY.workstations[1] + 1, count)
        population.practices[chosen] = chance.integers(self.practices[0], self.practices[1] + 1, count)
        population.works[chosen] = np.arange(7) < 6
        return chosen

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Note that it is so every night."""
        for account in accounts.tolist():
            note(population, plan, Spell(account, self.name, 0, len(days) - 1))
