"""Look-alikes that read more: vaccination centre, new practice, cover, take-over, duty, catch-up, upgrade."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.simulate.lookalikes.cast import Draft, Scene, grow, nobody, note, some, some_nights
from tocsin.simulate.plan import Outage, Spell
from tocsin.simulate.population import Integers
from tocsin.simulate.rhythms import Rhythm


@dataclass(frozen=True, slots=True)
class VaccinationCentre:
    """One shared account, several desks, hundreds of local people a day nobody there has met."""

    name: ClassVar[str] = "vaccination_centre"
    share: float = 0.001
    people: tuple[int, int] = (260, 800)

    def recruit(self, draft: Draft) -> Integers:
        """Choose nurses' accounts and give them desks."""
        chosen = some(draft, self.share, "infirmier")
        draft.population.workstations[chosen] = draft.chance.integers(6, 11, len(chosen))
        return chosen

    def shape(self, scene: Scene) -> None:
        """Open the centre for some days, Sundays and holidays excepted."""
        for account in scene.accounts.tolist():
            first, last = some_nights(len(scene.days), 4, 15, scene.chance)
            level = scene.chance.uniform(*self.people)
            closed = scene.days.closed[scene.population.department[account]]
            for night in range(first, last + 1):
                if scene.days.dates[night].weekday() < 6 and not closed[night]:
                    grow(scene.plan, account, night, int(scene.chance.poisson(level)), 0.94)
                    scene.plan.rhythm[account, night] = Rhythm.CENTRE
            note(scene, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class NewPractice:
    """An account that opens: everybody is new at first, fewer as people come back."""

    name: ClassVar[str] = "new_practice"
    share: float = 0.003
    circle: int = 1_200  # people after which a practice lives of those it knows

    def recruit(self, draft: Draft) -> Integers:
        """Choose accounts and let them know nobody."""
        chosen = some(draft, self.share, "generaliste", "infirmier", "pharmacien")
        draft.population.base_size[chosen] = 0
        draft.population.open_from[chosen] = draft.chance.integers(
            min(1, len(draft.days) - 1), max(2, len(draft.days) * 3 // 4), len(chosen)
        )
        return chosen

    def shape(self, scene: Scene) -> None:
        """Draw who is new again, night by night, from how many are known already."""
        for account in scene.accounts.tolist():
            known = 0
            for night in range(len(scene.days)):
                people = int(scene.plan.people[account, night])
                again = min(1.0 - scene.population.new_share[account], known / self.circle)
                scene.plan.fresh[account, night] = people - int(scene.chance.binomial(people, again))
                known += int(scene.plan.fresh[account, night])
            first = min(int(scene.population.open_from[account]), len(scene.days) - 1)
            note(scene, Spell(account, self.name, first, len(scene.days) - 1))


@dataclass(frozen=True, slots=True)
class HolidayCover:
    """A practitioner who sees an absent colleague's people as well."""

    name: ClassVar[str] = "holiday_cover"
    share: float = 0.006

    def recruit(self, draft: Draft) -> Integers:
        """Choose practitioners."""
        return some(draft, self.share, "generaliste", "infirmier")

    def shape(self, scene: Scene) -> None:
        """Add a good half of an ordinary day on every working day of one or two weeks."""
        for account in scene.accounts.tolist():
            first, last = some_nights(len(scene.days), 6, 14, scene.chance)
            for night in range(first, last + 1):
                extra = int(scene.plan.people[account, night] * scene.chance.uniform(0.4, 0.9))
                grow(scene.plan, account, night, extra, 0.75)
            note(scene, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A pharmacy or practice that took over another one's people: many new ones for weeks."""

    name: ClassVar[str] = "take_over"
    share: float = 0.002

    def recruit(self, draft: Draft) -> Integers:
        """Choose pharmacies and practices."""
        return some(draft, self.share, "pharmacien", "generaliste")

    def shape(self, scene: Scene) -> None:
        """Add the other one's people from a night to the end."""
        for account in scene.accounts.tolist():
            first = int(scene.chance.integers(0, len(scene.days)))
            added = scene.chance.uniform(0.5, 1.1)
            for night in range(first, len(scene.days)):
                novelty = max(0.2, 0.85 - 0.02 * (night - first))
                grow(scene.plan, account, night, int(scene.plan.people[account, night] * added), novelty)
            note(scene, Spell(account, self.name, first, len(scene.days) - 1))


@dataclass(frozen=True, slots=True)
class DutyPharmacy:
    """The pharmacy that stays open all night or all Sunday, in turn."""

    name: ClassVar[str] = "duty_pharmacy"
    share: float = 0.02  # of pharmacies, each night
    people: tuple[int, int] = (14, 45)

    def recruit(self, draft: Draft) -> Integers:
        """Take turns among all pharmacies; nobody is chosen before."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Put pharmacies on duty each night; on closed days they work through the day as well."""
        pharmacies = scene.population.of("pharmacien")
        turn = scene.chance.permutation(pharmacies)
        on_duty = max(1, round(len(pharmacies) * self.share)) if len(pharmacies) else 0
        for night in range(len(scene.days)):
            for place in range(on_duty):
                account = int(turn[(night * on_duty + place) % len(turn)])
                if scene.plan.people[account, night] == 0 and scene.population.open_from[account] <= night:
                    grow(
                        scene.plan,
                        account,
                        night,
                        int(scene.population.mean[account] * scene.chance.uniform(0.5, 1.2)),
                        0.6,
                    )
                scene.plan.duty[account, night] = int(scene.chance.integers(*self.people))
                grow(scene.plan, account, night, int(scene.plan.duty[account, night]), 0.6)
                note(scene, Spell(account, self.name, night, night))


@dataclass(frozen=True, slots=True)
class OutageCatchUp:
    """Hours without a portal for one software's users, and the work made up for on the next day."""

    name: ClassVar[str] = "outage_catch_up"
    share: float = 0.03  # most accounts hit at once
    every_nights: int = 20

    def recruit(self, draft: Draft) -> Integers:
        """Hit whole softwares; nobody is chosen before."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Silence some hours of a working day and make the next one busier."""
        for _ in range(max(1, len(scene.days) // self.every_nights)):
            night = int(scene.chance.integers(0, len(scene.days)))
            software = int(scene.chance.integers(0, 12))
            users = np.setdiff1d(np.flatnonzero(scene.population.software == software), scene.population.of("hopital"))
            hit = scene.chance.permutation(users)[: max(1, round(len(scene.population) * self.share))]
            start = scene.chance.uniform(8.5, 14.0) * 3_600.0
            until = start + scene.chance.uniform(2.0, 6.0) * 3_600.0
            for account in np.sort(hit).tolist():
                scene.plan.outages.append(Outage(account, night, start, until))
                tomorrow = min(night + 1, len(scene.days) - 1)
                lost = int(scene.plan.people[account, night] * scene.chance.uniform(0.2, 0.5))
                kept = scene.plan.people[account, night] - lost
                scene.plan.people[account, night] = kept
                scene.plan.fresh[account, night] = min(scene.plan.fresh[account, night], kept)
                grow(scene.plan, account, tomorrow, lost, float(scene.population.new_share[account]))
                note(scene, Spell(account, self.name, night, tomorrow))


@dataclass(frozen=True, slots=True)
class SoftwareUpgrade:
    """A new version that asks three times where the old one asked once."""

    name: ClassVar[str] = "software_upgrade"
    share: float = 0.02  # most accounts upgraded

    def recruit(self, draft: Draft) -> Integers:
        """Hit one software and profession; nobody is chosen before."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Multiply the calls from a night on."""
        software = int(scene.chance.integers(0, 6))
        users = np.intersect1d(
            np.flatnonzero(scene.population.software == software), scene.population.of("generaliste", "pharmacien")
        )
        first = int(scene.chance.integers(len(scene.days) // 3, max(len(scene.days) // 3 + 1, len(scene.days) - 1)))
        for account in np.sort(
            scene.chance.permutation(users)[: max(1, round(len(scene.population) * self.share))]
        ).tolist():
            scene.plan.calls[account, first:] = int(scene.chance.integers(2, 5))
            note(scene, Spell(account, self.name, first, len(scene.days) - 1))
