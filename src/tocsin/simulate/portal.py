"""A simulated portal: its population, its attacks, and the nights one after the other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from tocsin.simulate.countries import with_countries
from tocsin.simulate.days import Days, days
from tocsin.simulate.delegations import seconds, with_delegations
from tocsin.simulate.lookalikes import plan_with_lookalikes, refresh_actions
from tocsin.simulate.naming import names, ordered
from tocsin.simulate.plan import Plan
from tocsin.simulate.plays import Play, actions, cast
from tocsin.simulate.population import Population, populate
from tocsin.simulate.scenarios.spec import Attack
from tocsin.simulate.visits import Bases, bases, visits
from tocsin.simulate.work import night_of_work
from tocsin.simulate.writers.page import Page


@dataclass(frozen=True, slots=True)
class Portal:
    """Everything drawn before the first night."""

    population: Population
    plan: Plan
    days: Days
    numbered: Bases
    plays: tuple[Play, ...]
    besides: frozenset[str] = frozenset()  # what it logs or sees that other portals do not
    second: Mapping[int, int] = field(default_factory=dict)  # stolen accounts that hand on, and to whom

    def names(self) -> tuple[str, ...]:
        """Name the plays in order of their numbers."""
        return tuple(play.name for play in self.plays)


def build(
    *,
    seed: int,
    accounts: int,
    nights: int,
    start: date,
    attacks: tuple[Attack, ...],
    departments: tuple[str, ...] = (),
    besides: frozenset[str] = frozenset(),
) -> Portal:
    """Draw the portal; SettingsError when an attack does not fit into it."""
    calendar = days(start, nights)
    population = populate(seed, accounts, departments)
    drawn, singled_out = plan_with_lookalikes(population, calendar, besides)
    plays = cast(population, drawn, calendar, attacks, singled_out)
    second = seconds(population, drawn, plays, singled_out) if "delegation" in besides else {}
    return Portal(population, drawn, calendar, bases(population, drawn), plays, besides, second)


def pages(portal: Portal, without: frozenset[str] = frozenset()) -> Iterator[Page]:
    """Make the nights in order; only one is held."""
    named = names(portal.population)
    for night, day in enumerate(portal.days.dates):
        sorted_night = ordered(_actions(portal, night, day), day, named, portal.plan.skew_seconds)
        yield Page(day, _doubled(sorted_night, portal.plan, night), portal.population.seed, without)


def _actions(portal: Portal, night: int, day: date) -> pl.DataFrame:
    year = portal.days.dates[0].year  # people keep their numbers over New Year
    seen = visits(portal.population, portal.plan, portal.numbered, night, year)
    owners = pl.concat(
        [
            night_of_work(portal.population, portal.plan, seen, night, day),
            *refresh_actions(portal.population, portal.plan, portal.numbered, night, day, year),
        ]
    )
    everything = pl.concat([owners, *actions(portal.plays, owners, night, day, year)])
    if "delegation" in portal.besides:
        everything = with_delegations(everything, portal.plan, portal.plays, portal.second, night)
    if "country" in portal.besides:
        everything = with_countries(everything, portal.population, portal.plan, portal.plays, night)
    return everything


def _doubled(actions: pl.DataFrame, plan: Plan, night: int) -> pl.DataFrame:
    """Repeat the stretches that tonight's file holds twice, each right after itself."""
    for stretch in plan.doubled:
        if stretch.night == night:
            start, size = int(actions.height * stretch.start), int(actions.height * stretch.size)
            actions = pl.concat([actions[: start + size], actions[start:]])
    return actions
