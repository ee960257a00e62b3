"""Look-alikes that come from elsewhere: locum, pharmacy group behind a VPN, tele-secretary."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.simulate.lookalikes.cast import Draft, Scene, note, some, some_nights
from tocsin.simulate.plan import Origin, Spell
from tocsin.simulate.population import Integers
from tocsin.simulate.professions import PROFESSIONS, SECRETARY


@dataclass(frozen=True, slots=True)
class Locum:
    """A stand-in: same people, but a new address, a new device and other hours."""

    name: ClassVar[str] = "locum"
    share: float = 0.008

    def recruit(self, draft: Draft) -> Integers:
        """Choose practitioners."""
        return some(draft, self.share, "generaliste", "infirmier")

    def shape(self, scene: Scene) -> None:
        """Work one to three weeks from the stand-in's line and computer."""
        for account in scene.accounts.tolist():
            first, last = some_nights(len(scene.days), 5, 21, scene.chance)
            nights = slice(first, last + 1)
            kind = "mobile" if scene.chance.random() < 0.3 else "isp"
            scene.plan.origin[account, nights] = scene.plan.add_origin(
                Origin(int(scene.chance.integers(1, 2**40)), kind)
            )
            scene.plan.device[account, nights] = int(scene.chance.integers(1, 2**20))
            scene.plan.shift_seconds[account, nights] += scene.chance.uniform(-4_500, 5_400)
            working = scene.plan.people[account, nights] > 0
            ordinary = np.maximum(scene.plan.people[account, nights], 1)
            scene.plan.people[account, nights] = np.where(working, scene.chance.binomial(ordinary, 0.85), 0)
            scene.plan.fresh[account, nights] = np.minimum(
                scene.plan.fresh[account, nights], scene.plan.people[account, nights]
            )
            note(scene, Spell(account, self.name, first, last))


@dataclass(frozen=True, slots=True)
class GroupVpn:
    """Pharmacies of a group that all come out of the same hosting company; half of the groups move in one night."""

    name: ClassVar[str] = "group_vpn"
    share: float = 0.018
    group: tuple[int, int] = (6, 30)

    def recruit(self, draft: Draft) -> Integers:
        """Choose pharmacies."""
        return some(draft, self.share, "pharmacien")

    def shape(self, scene: Scene) -> None:
        """Cut them into groups and give each its way out."""
        left = scene.chance.permutation(scene.accounts).tolist()
        while left:
            size = int(scene.chance.integers(self.group[0], self.group[1] + 1))
            members, left = left[:size], left[size:]
            first = int(scene.chance.integers(0, len(scene.days))) if scene.chance.random() < 0.5 else 0
            way_out = scene.plan.add_origin(
                Origin(int(scene.chance.integers(1, 2**40)), "hosting", int(scene.chance.integers(1, 4)))
            )
            for account in sorted(members):
                scene.plan.origin[account, first:] = way_out
                note(scene, Spell(account, self.name, first, len(scene.days) - 1))


@dataclass(frozen=True, slots=True)
class TeleSecretary:
    """One account that answers for several practices in several departments."""

    name: ClassVar[str] = "tele_secretary"
    share: float = 0.0015
    practices: tuple[int, int] = (5, 14)

    def recruit(self, draft: Draft) -> Integers:
        """Turn practitioners' accounts into those of secretaries."""
        chosen = some(draft, self.share, "generaliste")
        count = len(chosen)
        draft.population.profession[chosen] = PROFESSIONS.index(SECRETARY)
        draft.population.mean[chosen] = SECRETARY.people_a_day * np.exp(
            draft.chance.normal(0.0, SECRETARY.spread, count)
        )
        draft.population.base_size[chosen] = draft.chance.integers(SECRETARY.base[0], SECRETARY.base[1] + 1, count)
        draft.population.new_share[chosen] = draft.chance.uniform(*SECRETARY.new_people, count)
        draft.population.workstations[chosen] = draft.chance.integers(
            SECRETARY.workstations[0], SECRETARY.workstations[1] + 1, count
        )
        draft.population.practices[chosen] = draft.chance.integers(self.practices[0], self.practices[1] + 1, count)
        draft.population.works[chosen] = np.arange(7) < 6
        return chosen

    def shape(self, scene: Scene) -> None:
        """Note that it is so every night."""
        for account in scene.accounts.tolist():
            note(scene, Spell(account, self.name, 0, len(scene.days) - 1))
