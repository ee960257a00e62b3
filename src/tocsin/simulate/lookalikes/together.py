"""Look-alikes of hundreds of accounts in one night, where they are asked for: a new way out, one software."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.simulate.days import Days
from tocsin.simulate.lookalikes.cast import Draft, Scene, nobody, note, some
from tocsin.simulate.plan import Origin, Refresh, Spell
from tocsin.simulate.population import Integers

_PRACTICES = ("generaliste", "pharmacien", "infirmier", "specialiste", "kinesitherapeute", "laboratoire")


@dataclass(frozen=True, slots=True)
class FederationVpn:
    """Practices of hundreds of structures behind one address, and in one night behind another that nobody ever saw."""

    name: ClassVar[str] = "federation_vpn"
    share: float = 0.15

    def recruit(self, draft: Draft) -> Integers:
        """Choose practices of every profession."""
        return some(draft, self.share, *_PRACTICES)

    def shape(self, scene: Scene) -> None:
        """Give them one way out, and another from a working night of the last third on."""
        moved = _late_working_night(scene.days, scene.chance)
        before, after = (
            scene.plan.add_origin(Origin(int(scene.chance.integers(1, 2**40)), "hosting")) for _ in range(2)
        )
        for account in scene.accounts.tolist():
            scene.plan.origin[account, :moved] = before
            scene.plan.origin[account, moved:] = after
            note(scene, Spell(account, self.name, moved, moved))


@dataclass(frozen=True, slots=True)
class FleetRefresh:
    """One software renews the rights of everybody known, for all its accounts in the same hours of a month's end."""

    name: ClassVar[str] = "fleet_refresh"
    hours: tuple[float, float] = (20.5, 21.5)
    gap_seconds: tuple[float, float] = (0.8, 3.0)

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever has the software."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Run on the last month's end of the nights, for the first time."""
        ends = scene.days.month_ends()
        for account in _users(scene) if ends else ():
            start = scene.chance.uniform(*self.hours) * 3_600.0
            gap = scene.chance.uniform(*self.gap_seconds)
            scene.plan.refreshes.append(Refresh(account, ends[-1], start, gap, 3_000))
            note(scene, Spell(account, self.name, ends[-1], ends[-1]))


@dataclass(frozen=True, slots=True)
class FleetUpgrade:
    """One software asks for a person several times where it asked once, for all its accounts from one night on."""

    name: ClassVar[str] = "fleet_upgrade"
    calls: tuple[int, int] = (3, 6)

    def recruit(self, draft: Draft) -> Integers:
        """Come over whoever has the software."""
        return nobody(draft)

    def shape(self, scene: Scene) -> None:
        """Multiply the calls from a working night of the last third on."""
        first = _late_working_night(scene.days, scene.chance)
        for account in _users(scene):
            scene.plan.calls[account, first:] = int(scene.chance.integers(*self.calls))
            note(scene, Spell(account, self.name, first, len(scene.days) - 1))


def _late_working_night(days: Days, chance: np.random.Generator) -> int:
    nights = len(days)
    late = np.arange(nights)[nights - max(nights // 3, 1) :]
    working = late[days.weekdays()[late] < 5]
    return int(chance.choice(working if len(working) else late))


def _users(scene: Scene) -> list[int]:
    """Give the accounts of practices that have one of the more frequent softwares."""
    software = int(scene.chance.integers(0, 3))
    named = f"logiciel-{software + 1:02d}"
    practices = scene.population.of(*_PRACTICES)
    return [account for account in practices.tolist() if scene.population.clients[account] == named]
