"""Look-alikes that come with the calendar: epidemics, tourists, and people back from a long leave."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.lookalikes.cast import Draft, Scene, nobody, note, some_nights
from tocsin.simulate.plan import Spell
from tocsin.simulate.population import NEVER, Integers

# Departments of the coasts, the mountains and the islands.
_RESORTS = (
    "04", "05", "06", "11", "14", "17", "20", "22", "29", "2A", "2B", "30", "33", "34", "38", "40", "44", "50",
    "56", "62", "64", "65", "66", "73", "74", "80", "83", "85",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FluPeak:
    """An epidemic: practices fill up, and pharmacies vaccinate people they have never met."""

    name: ClassVar[str] = "flu_peak"
    more: tuple[float, float] = (0.25, 0.7)
    vaccinated: tuple[int, int] = (15, 60)
    departments: float = 0.4  # share of the departments that it reaches

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever is there."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Rise and fall over one to two weeks; some pharmacies vaccinate."""
        population, plan = scene.population, scene.plan
        reached = scene.chance.random(len(DEPARTMENTS.codes)) < self.departments
        hit = population.of("generaliste", "pharmacien", "infirmier", "laboratoire")
        hit = hit[reached[population.department[hit]]]
        first, last = some_nights(len(scene.days), 7, 15, scene.chance)
        peak = scene.chance.uniform(*self.more)
        pharmacies = np.intersect1d(hit, population.of("pharmacien"))
        vaccinating = pharmacies[scene.chance.random(len(pharmacies)) < 0.35]
        for night in range(first, last + 1):
            wave = peak * np.sin(np.pi * (night - first + 1) / (last - first + 2))
            ill = scene.chance.binomial(plan.people[hit, night], min(wave, 1.0))
            plan.people[hit, night] += ill
            plan.fresh[hit, night] += scene.chance.binomial(ill, 0.35)
            open_shops = vaccinating[plan.people[vaccinating, night] > 0]
            arms = scene.chance.integers(self.vaccinated[0], self.vaccinated[1] + 1, len(open_shops))
            plan.people[open_shops, night] += arms
            plan.fresh[open_shops, night] += scene.chance.binomial(arms, 0.75)
        for account in hit.tolist():
            note(scene, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class TouristSeason:
    """Holidays in a resort: ten times as many people from elsewhere, all of them new."""

    name: ClassVar[str] = "tourist_season"
    share: float = 0.35  # of the resorts' accounts
    visitors: tuple[float, float] = (0.25, 0.6)  # of an ordinary day, on top

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever is there."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Fill pharmacies and practices of a few resorts for one to three weeks."""
        population, plan = scene.population, scene.plan
        seaside = [DEPARTMENTS.index(code) for code in _RESORTS if code in DEPARTMENTS.codes]
        places = scene.chance.permutation(seaside)[:8]
        hit = population.of("generaliste", "pharmacien", "infirmier")
        hit = hit[np.isin(population.department[hit], places)]
        hit = hit[scene.chance.random(len(hit)) < self.share]
        for account in hit.tolist():
            first, last = some_nights(len(scene.days), 7, 21, scene.chance)
            nights = slice(first, last + 1)
            rate = scene.chance.uniform(*self.visitors)
            came = scene.chance.binomial(plan.people[account, nights], rate)
            plan.people[account, nights] += came
            plan.fresh[account, nights] += came
            plan.visitors[account, nights] = came
            note(scene, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class BackFromLeave:
    """Somebody who was away for months has forgotten the password, resets it and works as before."""

    name: ClassVar[str] = "back_from_leave"
    share: float = 0.12  # of the accounts nobody works with

    def recruit(self, draft: Draft) -> Integers:
        """Wake some sleeping accounts at a night of their own."""
        population = draft.population
        asleep = np.setdiff1d(np.flatnonzero(population.open_from == NEVER), sorted(draft.taken))
        count = min(len(asleep), max(1, round(len(asleep) * self.share)))
        chosen = np.sort(draft.chance.permutation(asleep)[:count])
        nights = len(draft.days)
        population.open_from[chosen] = draft.chance.integers(nights // 4, max(nights // 4 + 1, nights), count)
        draft.taken.update(chosen.tolist())
        return chosen

    def shape(self, scene: Scene) -> None:
        """Reset the password on the first working night."""
        for account in scene.accounts.tolist():
            working = np.flatnonzero(scene.plan.people[account] > 0)
            if len(working):
                scene.plan.resets[account, working[0]] = True
                note(scene, Spell(account, self.name, int(working[0]), len(scene.days) - 1))
