"""Innocent work that resembles an attack; every population has some."""

from collections.abc import Iterator, Mapping

import numpy as np

from tocsin.simulate.days import Days
from tocsin.simulate.lookalikes.abroad import AcrossTheBorder, Traveller
from tocsin.simulate.lookalikes.batches import MonthEndRefresh, NursingHome, refresh_actions
from tocsin.simulate.lookalikes.cast import Draft, LookAlike, Scene
from tocsin.simulate.lookalikes.elsewhere import GroupVpn, Locum, TeleSecretary
from tocsin.simulate.lookalikes.handing_on import HandsRightsOn
from tocsin.simulate.lookalikes.portal_wide import BrowserUpdate, DoubledLines, Renumbering, SkewedClocks
from tocsin.simulate.lookalikes.seasons import BackFromLeave, FluPeak, TouristSeason
from tocsin.simulate.lookalikes.together import FederationVpn, FleetRefresh, FleetUpgrade
from tocsin.simulate.lookalikes.workload import (
    DutyPharmacy,
    HolidayCover,
    NewPractice,
    OutageCatchUp,
    SoftwareUpgrade,
    TakeOver,
    VaccinationCentre,
)
from tocsin.simulate.plan import Plan, plan
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.randomness import Purpose, stream

__all__ = ["ASKED_FOR", "LOOKALIKES", "plan_with_lookalikes", "refresh_actions"]

_FIRST_ASKED_FOR = 1_000  # leaves room for more of the others

LOOKALIKES: tuple[LookAlike, ...] = (
    VaccinationCentre(),
    Locum(),
    NewPractice(),
    MonthEndRefresh(),
    GroupVpn(),
    TeleSecretary(),
    NursingHome(),
    HolidayCover(),
    TakeOver(),
    DutyPharmacy(),
    OutageCatchUp(),
    SoftwareUpgrade(),
    FluPeak(),
    TouristSeason(),
    BackFromLeave(),
    BrowserUpdate(),
    Renumbering(),
    SkewedClocks(),
    DoubledLines(),
)
"""Every look-alike; the place of one is part of what a seed means."""


ASKED_FOR: Mapping[str, tuple[LookAlike, ...]] = {
    "country": (Traveller(), AcrossTheBorder()),
    "delegation": (HandsRightsOn(),),
    "federation_vpn": (FederationVpn(),),
    "fleet_refresh": (FleetRefresh(),),
    "fleet_upgrade": (FleetUpgrade(),),
}
"""Look-alikes of portals that are asked for something besides; the place of one is part of what a seed means."""


def plan_with_lookalikes(
    population: Population, days: Days, besides: frozenset[str] = frozenset()
) -> tuple[Plan, frozenset[int]]:
    """Draw every account's nights, look-alikes among them; and name the accounts that were singled out for one."""
    recruits: list[Integers] = []
    taken: set[int] = set()
    played = tuple(_played(besides))
    for place, lookalike in played:
        chance = stream(population.seed, Purpose.LOOKALIKES, place, 1)
        recruits.append(lookalike.recruit(Draft(population, days, chance, taken)))
    drawn = plan(population, days)
    for (place, lookalike), accounts in zip(played, recruits, strict=True):
        chance = stream(population.seed, Purpose.LOOKALIKES, place, 2)
        lookalike.shape(Scene(population, drawn, days, accounts, chance))
    drawn.fresh = np.minimum(drawn.fresh, drawn.people)
    return drawn, frozenset(taken)


def _played(besides: frozenset[str]) -> Iterator[tuple[int, LookAlike]]:
    """Give the look-alikes of this portal, each with its place; those asked for come last and change no other."""
    yield from enumerate(LOOKALIKES)
    for place, (name, lookalike) in enumerate(
        ((name, lookalike) for name, several in ASKED_FOR.items() for lookalike in several), _FIRST_ASKED_FOR
    ):
        if name in besides:
            yield place, lookalike
