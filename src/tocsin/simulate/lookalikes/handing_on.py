"""Look-alikes that hand rights on, where that is logged: rarely, to a new secretary, or to a hospital's interns."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tocsin.simulate.lookalikes.cast import Draft, Scene, nobody, note
from tocsin.simulate.plan import Handing, Spell
from tocsin.simulate.population import Integers
from tocsin.simulate.professions import HOSPITAL


@dataclass(frozen=True, slots=True)
class HandsRightsOn:
    """Rights handed on: by anybody once in some years, by a practice to a new secretary, by a hospital to interns."""

    name: ClassVar[str] = "hands_rights_on"
    a_night: float = 0.0012  # of the accounts at work: once in three or four years
    secretaries: float = 0.005  # of the practices, in these nights
    interns: tuple[int, int] = (5, 25)
    hospitals: float = 0.3  # that take interns on in these nights

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever is there."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Choose who hands on, and when."""
        at_work = scene.plan.people > 0
        self._anybody(scene, at_work)
        structures = scene.population.structure
        desks = scene.population.of(HOSPITAL.name)
        practices = np.unique(structures[scene.population.of("generaliste", "specialiste", "kinesitherapeute")])
        for structure in practices[scene.chance.random(len(practices)) < self.secretaries].tolist():
            night = int(scene.chance.integers(0, len(scene.days)))
            for account in np.flatnonzero((structures == structure) & at_work[:, night]).tolist():
                self._hand(scene, account, night, int(scene.chance.integers(1, 4)))
        hospitals = np.unique(structures[desks])
        for structure in hospitals[scene.chance.random(len(hospitals)) < self.hospitals].tolist():
            night = int(scene.chance.integers(0, len(scene.days)))
            there = np.flatnonzero((structures == structure) & at_work[:, night])
            if len(there):
                self._hand(scene, int(there[0]), night, int(scene.chance.integers(*self.interns)))

    def _anybody(self, scene: Scene, at_work: NDArray[np.bool_]) -> None:
        chosen = at_work & (scene.chance.random(at_work.shape) < self.a_night)
        for account, night in zip(*(place.tolist() for place in np.nonzero(chosen)), strict=True):
            self._hand(scene, account, night, 1 + int(scene.chance.random() < 0.2))

    def _hand(self, scene: Scene, account: int, night: int, others: int) -> None:
        scene.plan.handings.append(Handing(account, night, others))
        note(scene, Spell(account, self.name, night, night))
