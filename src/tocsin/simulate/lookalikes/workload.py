"""Look-alikes that read more: vaccination centre, new practice, cover, take-over, duty, catch-up, upgrade."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.simulate.days import Days
from tocsin.simulate.lookalikes.cast import grow, note, some, some_nights
from tocsin.simulate.plan import Plan, Spell
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.rhythms import Rhythm

_NOBODY = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class VaccinationCentre:
    """One shared account, several desks, hundreds of local people a day nobody there has met."""

    name: ClassVar[str] = "vaccination_centre"
    share: float = 0.001
    people: tuple[int, int] = (260, 800)

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Choose nurses' accounts and give them desks."""
        chosen = some(population, self.share, chance, "infirmier")
        population.workstations[chosen] = chance.integers(6, 11, len(chosen))
        return chosen

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Open the centre for some days, Sundays and holidays excepted."""
        for account in accounts.tolist():
            first, last = some_nights(len(days), 4, 15, chance)
            level = chance.uniform(*self.people)
            closed = days.closed[population.department[account]]
            for night in range(first, last + 1):
                if days.dates[night].weekday() < 6 and not closed[night]:
                    grow(plan, account, night, int(chance.poisson(level)), 0.94)
                    plan.rhythm[account, night] = Rhythm.CENTRE
            note(population, plan, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class NewPractice:
    """An account that opens: everybody is new at first, fewer as people come back."""

    name: ClassVar[str] = "new_practice"
    share: float = 0.003
    circle: int = 1_200  # people after which a practice lives of those it knows

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Choose accounts and let them know nobody."""
        chosen = some(population, self.share, chance, "generaliste", "infirmier", "pharmacien")
        population.base_size[chosen] = 0
        population.open_from[chosen] = chance.integers(min(1, len(days) - 1), max(2, len(days) * 3 // 4), len(chosen))
        return chosen

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Draw who is new again, night by night, from how many are known already."""
        for account in accounts.tolist():
            known = 0
            for night in range(len(days)):
                people = int(plan.people[account, night])
                again = min(1.0 - population.new_share[account], known / self.circle)
                plan.fresh[account, night] = people - int(chance.binomial(people, again))
                known += int(plan.fresh[account, night])
            first = min(int(population.open_from[account]), len(days) - 1)
            note(population, plan, Spell(account, self.name, first, len(days) - 1))


@dataclass(frozen=True, slots=True)
class HolidayCover:
    """A practitioner who sees an absent colleague's people as well."""

    name: ClassVar[str] = "holiday_cover"
    share: float = 0.006

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Choose practitioners."""
        return some(population, self.share, chance, "generaliste", "infirmier")

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Add a good half of an ordinary day on every working day of one or two weeks."""
        for account in accounts.tolist():
            first, last = some_nights(len(days), 6, 14, chance)
            for night in range(first, last + 1):
                extra = int(plan.people[account, night] * chance.uniform(0.4, 0.9))
                grow(plan, account, night, extra, 0.75)
            note(population, plan, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A pharmacy or practice that took over another one's people: many new ones for weeks."""

    name: ClassVar[str] = "take_over"
    share: float = 0.002

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Choose pharmacies and practices."""
        return some(population, self.share, chance, "pharmacien", "generaliste")

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Add the other one's people from a night to the end."""
        for account in accounts.tolist():
            first = int(chance.integers(0, len(days)))
            added = chance.uniform(0.5, 1.1)
            for night in range(first, len(days)):
                novelty = max(0.2, 0.85 - 0.02 * (night - first))
                grow(plan, account, night, int(plan.people[account, night] * added), novelty)
            note(population, plan, Spell(account, self.name, first, len(days) - 1))


@dataclass(frozen=True, slots=True)
class DutyPharmacy:
    """The pharmacy that stays open all night or all Sunday, in turn."""

    name: ClassVar[str] = "duty_pharmacy"
    share: float = 0.02  # of pharmacies, each night
    people: tuple[int, int] = (14, 45)

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Take turns among all pharmacies; nobody is chosen before."""
        return _NOBODY

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Put pharmacies on duty each night; on closed days they work through the day as well."""
        pharmacies = population.of("pharmacien")
        turn = chance.permutation(pharmacies)
        on_duty = max(1, round(len(pharmacies) * self.share)) if len(pharmacies) else 0
        for night in range(len(days)):
            for place in range(on_duty):
                account = int(turn[(night * on_duty + place) % len(turn)])
                if plan.people[account, night] == 0 and population.open_from[account] <= night:
                    grow(plan, account, night, int(population.mean[account] * chance.uniform(0.5, 1.2)), 0.6)
                plan.duty[account, night] = int(chance.integers(*self.people))
                grow(plan, account, night, int(plan.duty[account, night]), 0.6)
                note(population, plan, Spell(account, self.name, night, night))


@dataclass(frozen=True, slots=True)
class OutageCatchUp:
    """Hours without a portal for one software's users, and the work made up for on the next day."""

    name: ClassVar[str] = "outage_catch_up"
    share: float = 0.03  # most accounts hit at once
    every_nights: int = 20

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Hit whole softwares; nobody is chosen before."""
        return _NOBODY

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Silence some hours of a working day and make the next one busier."""
        for _ in range(max(1, len(days) // self.every_nights)):
            night = int(chance.integers(0, len(days)))
            software = int(chance.integers(0, 12))
            users = np.setdiff1d(np.flatnonzero(population.software == software), population.of("hopital"))
            hit = chance.permutation(users)[: max(1, round(len(population) * self.share))]
            start = chance.uniform(8.5, 14.0) * 3_600.0
            until = start + chance.uniform(2.0, 6.0) * 3_600.0
            for account in np.sort(hit).tolist():
                plan.outage[account, night] = (start, until)
                tomorrow = min(night + 1, len(days) - 1)
                lost = int(plan.people[account, night] * chance.uniform(0.2, 0.5))
                kept = plan.people[account, night] - lost
                plan.people[account, night] = kept
                plan.fresh[account, night] = min(plan.fresh[account, night], kept)
                grow(plan, account, tomorrow, lost, float(population.new_share[account]))
                note(population, plan, Spell(account, self.name, night, tomorrow))


@dataclass(frozen=True, slots=True)
class SoftwareUpgrade:
    """A new version that asks three times where the old one asked once."""

    name: ClassVar[str] = "software_upgrade"
    share: float = 0.02  # most accounts upgraded

    def recruit(self, population: Population, days: Days, chance: np.random.Generator) -> Integers:
        """Hit one software and profession; nobody is chosen before."""
        return _NOBODY

    def shape(
        self, population: Population, plan: Plan, days: Days, accounts: Integers, chance: np.random.Generator
    ) -> None:
        """Multiply the calls from a night on."""
        software = int(chance.integers(0, 6))
        users = np.intersect1d(
            np.flatnonzero(population.software == software), population.of("generaliste", "pharmacien")
        )
        first = int(chance.integers(len(days) // 3, max(len(days) // 3 + 1, len(days) - 1)))
        for account in np.sort(chance.permutation(users)[: max(1, round(len(population) * self.share))]).tolist():
            plan.calls[account, first:] = int(chance.integers(2, 5))
            note(population, plan, Spell(account, self.name, first, len(days) - 1))
