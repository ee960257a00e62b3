"""Look-alikes from abroad, where countries are logged: owners on holiday, and owners who live across a border."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.lookalikes.cast import Draft, Scene, note, some, some_nights
from tocsin.simulate.plan import Origin, Spell
from tocsin.simulate.population import NEVER, Integers

_HOLIDAYS = ("ES", "IT", "PT", "MA", "GB", "TN", "BE", "DE", "US", "TH")
_ACROSS = {
    "59": "BE", "08": "BE", "54": "LU", "57": "LU", "67": "DE", "68": "CH", "90": "CH", "25": "CH", "39": "CH",
    "01": "CH", "74": "CH", "73": "IT", "05": "IT", "06": "IT", "66": "ES", "64": "ES", "65": "ES",
}  # fmt: skip
"""The country beside a department of the border."""


@dataclass(frozen=True, slots=True)
class Traveller:
    """Somebody on holiday abroad who looks up a few people from there on some days."""

    name: ClassVar[str] = "abroad_on_holiday"
    share: float = 0.02
    days: float = 0.35  # of the holiday on which somebody is looked up
    people: tuple[int, int] = (1, 9)

    def recruit(self, draft: Draft) -> Integers:
        """Choose practitioners."""
        return some(draft, self.share, "generaliste", "infirmier", "specialiste", "kinesitherapeute")

    def shape(self, scene: Scene) -> None:
        """Leave for one or two weeks; half of them with another device."""
        plan = scene.plan
        for account in scene.accounts.tolist():
            first, last = some_nights(len(scene.days), 6, 16, scene.chance)
            nights = slice(first, last + 1)
            size = last + 1 - first
            country = _HOLIDAYS[int(scene.chance.integers(0, len(_HOLIDAYS)))]
            plan.origin[account, nights] = plan.add_origin(Origin(_word(scene), "isp", 1, country))
            if scene.chance.random() < 0.5:
                plan.device[account, nights] = int(scene.chance.integers(1, 2**20))
            looked_up = scene.chance.integers(self.people[0], self.people[1] + 1, size)
            plan.people[account, nights] = np.where(scene.chance.random(size) < self.days, looked_up, 0)
            plan.fresh[account, nights] = scene.chance.binomial(
                plan.people[account, nights], scene.population.new_share[account]
            )
            note(scene, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class AcrossTheBorder:
    """Somebody who lives across the border and works from home on one or two days a week."""

    name: ClassVar[str] = "across_the_border"
    share: float = 0.006
    moves: float = 0.5  # of them in these nights; the others have always lived there

    def recruit(self, draft: Draft) -> Integers:
        """Choose practitioners of the border's departments."""
        border = np.array([DEPARTMENTS.index(code) for code in _ACROSS], np.int64)
        free = draft.population.of("generaliste", "specialiste", "kinesitherapeute", "infirmier")
        free = np.setdiff1d(free, np.array(sorted(draft.taken), np.int64))
        free = free[np.isin(draft.population.department[free], border) & (draft.population.open_from[free] < NEVER)]
        count = min(len(free), max(1, round(len(draft.population) * self.share)))
        chosen = np.sort(draft.chance.permutation(free)[:count])
        draft.taken.update(chosen.tolist())
        return chosen

    def shape(self, scene: Scene) -> None:
        """Work from home on the same weekdays, from some night on."""
        nights = len(scene.days)
        for account in scene.accounts.tolist():
            first = int(scene.chance.integers(0, nights)) if scene.chance.random() < self.moves else 0
            country = _ACROSS[DEPARTMENTS.codes[scene.population.department[account]]]
            home = scene.plan.add_origin(Origin(_word(scene), "isp", 1, country))
            weekdays = scene.chance.permutation(6)[: int(scene.chance.integers(1, 3))]
            at_home = np.flatnonzero(np.isin(scene.days.weekdays(), weekdays) & (np.arange(nights) >= first))
            scene.plan.origin[account, at_home] = home
            note(scene, Spell(account, self.name, first, nights - 1))


def _word(scene: Scene) -> int:
    return int(scene.chance.integers(1, 2**40))
