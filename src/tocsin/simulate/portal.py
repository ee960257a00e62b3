"""A simulated portal: its population, its attacks, and the nights one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from tocsin.errors import SettingsError
from tocsin.simulate.actions import OWNER
from tocsin.simulate.days import Days, days, utc_milliseconds
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.lookalikes import plan_with_lookalikes, refresh_actions
from tocsin.simulate.plan import Plan
from tocsin.simulate.population import Floats, Population, clients, populate
from tocsin.simulate.professions import PROFESSIONS
from tocsin.simulate.randomness import Purpose, stream
from tocsin.simulate.scenarios.spec import Attack
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight
from tocsin.simulate.visits import Bases, bases, visits
from tocsin.simulate.work import night_of_work
from tocsin.simulate.writers.page import Page

_POISONED = 80  # lookups an account and night


@dataclass(frozen=True, slots=True)
class Portal:
    """Everything drawn before the first night."""

    population: Population
    plan: Plan
    days: Days
    numbered: Bases
    attacks: tuple[Attack, ...]
    stages: tuple[Stage, ...]  # one a play of an attack; its number counts from 1

    def names(self) -> tuple[str, ...]:
        """Name the plays in order of their numbers: scenarios, then their poisonings."""
        return tuple(
            f"{attack.scenario.name}-poison" if stage.most is not None else attack.scenario.name
            for attack, stage in zip(self.attacks, self.stages, strict=True)
        )


def build(
    *,
    seed: int,
    accounts: int,
    nights: int,
    start: date,
    attacks: tuple[Attack, ...],
    departments: tuple[str, ...] = (),
) -> Portal:
    """Draw the portal; SettingsError when an attack does not fit into it."""
    calendar = days(start, nights)
    population = populate(seed, accounts, departments)
    drawn, singled_out = plan_with_lookalikes(population, calendar)
    stages: list[Stage] = []
    # An account with an innocent story of its own is not stolen too; the truth would be of no use.
    taken = set(singled_out)
    for number, attack in enumerate(attacks, 1):
        stage = _cast(population, drawn, calendar, attack, number, taken)
        taken.update(stage.cast)
        stages.append(stage)
    poisons = [_poison(attack, stage) for attack, stage in zip(attacks, stages, strict=True) if attack.scenario.poison]
    plays = [*attacks, *(attack for attack in attacks if attack.scenario.poison)]
    numbered = [replace(stage, number=len(stages) + place) for place, stage in enumerate(poisons, 1)]
    return Portal(population, drawn, calendar, bases(population, drawn), tuple(plays), (*stages, *numbered))


def _poison(attack: Attack, stage: Stage) -> Stage:
    """Let the intruder come every third night before, and read little enough for a busy day."""
    nights = range(stage.first_night - 2, max(stage.first_night - 2 - 3 * attack.scenario.poison, -1), -3)
    only = frozenset(night for night in nights if night >= 0)
    return replace(
        stage, first_night=min(only, default=0), last_night=max(stage.first_night - 1, 0), only=only, most=_POISONED
    )


def _cast(population: Population, drawn: Plan, days: Days, attack: Attack, number: int, taken: set[int]) -> Stage:
    first, last = attack.window(len(days))
    untouched = np.setdiff1d(np.arange(len(population)), np.array(sorted(taken), np.int64))
    # An account in use: somebody's password was there to be stolen, and its owner goes on working.
    busy = np.flatnonzero(drawn.people[:, max(first - 7, 0) : last + 1].sum(axis=1) > 0)
    dormant = np.flatnonzero(drawn.people.sum(axis=1) == 0)
    free = Free(np.intersect1d(busy, untouched), np.intersect1d(dormant, untouched))
    chosen = attack.scenario.choose(population, free, stream(population.seed, Purpose.CAST, number))
    wanted = max(attack.scenario.accounts, 1)
    if len(chosen) < wanted:
        message = f"{attack.scenario.name} needs {wanted} accounts, {len(chosen)} are free"
        raise SettingsError(message, hint="raise --accounts or write fewer behind the name, as in blitz:3")
    return Stage(population, drawn, number, tuple(int(place) for place in chosen), first, last, days)


def pages(portal: Portal, without: frozenset[str] = frozenset()) -> Iterator[Page]:
    """Make the nights in order; only one is held."""
    names = _names(portal.population)
    for night, day in enumerate(portal.days.dates):
        ordered = _ordered(_actions(portal, night, day), day, names, portal.plan.skew_seconds)
        yield Page(day, _doubled(ordered, portal.plan, night), portal.population.seed, without)


def _actions(portal: Portal, night: int, day: date) -> pl.DataFrame:
    year = portal.days.dates[0].year  # people keep their numbers over New Year
    seen = visits(portal.population, portal.plan, portal.numbered, night, year)
    owners = pl.concat(
        [
            night_of_work(portal.population, portal.plan, seen, night, day),
            *refresh_actions(portal.population, portal.plan, portal.numbered, night, day, year),
        ]
    )
    return pl.concat([owners, *attack_actions(portal.attacks, portal.stages, owners, night, day, year)])


def attack_actions(
    attacks: tuple[Attack, ...], stages: tuple[Stage, ...], owners: pl.DataFrame, night: int, day: date, year: int
) -> list[pl.DataFrame]:
    """Play every attack of a night beside the owners' actions."""
    parts = []
    for attack, stage in zip(attacks, stages, strict=True):
        if stage.plays(night):
            beside = owners.filter(pl.col("account").is_in(stage.cast))
            parts.append(attack.scenario.play(stage, Tonight(night, day, year, beside)))
    return parts


def _names(population: Population) -> pl.DataFrame:
    """Name what a log says of each account."""
    return pl.DataFrame(
        {
            "name": population.accounts,
            "profession": [PROFESSIONS[place].name for place in population.profession],
            "structure": [population.structures[place] for place in population.structure],
            "region": [DEPARTMENTS.codes[place] for place in population.department],
            "client": clients(population),
            "long_identifier": population.long_identifier,
        }
    )


def _doubled(actions: pl.DataFrame, plan: Plan, night: int) -> pl.DataFrame:
    """Repeat the stretches that tonight's file holds twice, each right after itself."""
    for stretch in plan.doubled:
        if stretch.night == night:
            start, size = int(actions.height * stretch.start), int(actions.height * stretch.size)
            actions = pl.concat([actions[: start + size], actions[start:]])
    return actions


def _ordered(actions: pl.DataFrame, day: date, names: pl.DataFrame, skew_seconds: Floats) -> pl.DataFrame:
    """Sort a night by time, put names in place of numbers, and stamp lines with the clock that serves the account."""
    actions = actions.sort("wall", maintain_order=True)
    skew = (skew_seconds[actions["account"].to_numpy()] * 1_000).astype(np.int64)
    # A file may so hold minutes of the night before or after.
    epoch, offset = utc_milliseconds(day, actions["wall"].to_numpy() + skew)
    timed = actions.with_columns(epoch=pl.Series(epoch), offset=pl.Series(offset, dtype=pl.Int16))
    about = names[timed["account"]].rename({"name": "account", "client": "usual_client"})
    intruder = pl.col("scenario") != OWNER
    return (
        timed.drop("wall", "account")
        .hstack(about)
        .with_columns(
            client=pl.coalesce("client", "usual_client"),
            # A robot writes numbers in one way, whatever the software of the account does.
            long_identifier=pl.when(intruder).then(pl.col("scenario") % 2 == 0).otherwise("long_identifier"),
        )
        .drop("usual_client")
    )
