"""Look-alikes that hit hundreds of accounts at once: browser updates, new addresses, wrong clocks, doubled lines."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.simulate.lookalikes.cast import Draft, Scene, nobody, note
from tocsin.simulate.plan import Doubled, Spell
from tocsin.simulate.population import Integers
from tocsin.simulate.randomness import scatter, share


@dataclass(frozen=True, slots=True)
class BrowserUpdate:
    """A forced update: in one night half of the portal's browsers have another version."""

    name: ClassVar[str] = "browser_update"
    share: float = 0.5

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever is there."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Update the accounts' devices from a night on."""
        size = len(scene.population)
        hit = np.flatnonzero(scene.chance.random(size) < self.share)
        first = int(scene.chance.integers(len(scene.days) // 2, len(scene.days)))
        scene.plan.updated_from[hit] = first
        for account in hit.tolist():
            note(scene, Spell(account, self.name, first, first))


@dataclass(frozen=True, slots=True)
class Renumbering:
    """A provider gives all its subscribers of some departments new addresses in one night."""

    name: ClassVar[str] = "provider_renumbering"
    share: float = 0.25  # subscribers of this provider among the accounts
    departments: float = 0.35

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever is there."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Change the lines of these structures from a night on."""
        population = scene.population
        word = int(scene.chance.integers(1, 2**31))
        subscriber = share(scatter(word, population.structure)) < self.share
        place = share(scatter(word, 3, population.department)) < self.departments
        hit = np.flatnonzero(subscriber & place)
        first = int(scene.chance.integers(len(scene.days) // 3, len(scene.days)))
        scene.plan.line[hit, first:] = 1
        for account in hit.tolist():
            note(scene, Spell(account, self.name, first, first))


@dataclass(frozen=True, slots=True)
class SkewedClocks:
    """Accounts served by a front server whose clock is minutes off: their lines come out of order."""

    name: ClassVar[str] = "skewed_clock"
    share: float = 0.06
    seconds: tuple[float, float] = (20.0, 540.0)

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever is there."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Give two servers a wrong clock, one fast and one slow."""
        toss = scene.chance.random(len(scene.population))
        for sign, hit in ((1, toss < self.share / 2), (-1, toss > 1 - self.share / 2)):
            scene.plan.skew_seconds[hit] = sign * scene.chance.uniform(*self.seconds)
            for account in np.flatnonzero(hit).tolist():
                note(scene, Spell(account, self.name, 0, len(scene.days) - 1))


@dataclass(frozen=True, slots=True)
class DoubledLines:
    """A log shipper that sends a stretch of the file twice."""

    name: ClassVar[str] = "doubled_lines"
    nights: float = 0.12
    part: tuple[float, float] = (0.01, 0.12)  # of the night's lines

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever is there."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Choose nights, and in each a stretch; no account is labelled."""
        hit = np.flatnonzero(scene.chance.random(len(scene.days)) < self.nights)
        for night in hit.tolist():
            size = scene.chance.uniform(*self.part)
            scene.plan.doubled.append(Doubled(night, scene.chance.uniform(0.0, 1.0 - size), size))
