"""Look-alikes made by software: month-end refresh of rights, and a nursing home done in one go."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import polars as pl

from tocsin.schema import Kind, Outcome
from tocsin.simulate.actions import OWNER, Deeds, Sessions, frame, joined, kind, outcome, service
from tocsin.simulate.lines import session_lines
from tocsin.simulate.lookalikes.cast import Draft, Scene, note, some
from tocsin.simulate.nir import Numbers, keys
from tocsin.simulate.plan import Plan, Refresh, Spell
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.randomness import Purpose, stream
from tocsin.simulate.visits import Bases, members, seen_people
from tocsin.simulate.work import credentials

_REMEMBERED_NIGHTS = 31
_WORKING_NIGHTS_A_MONTH = 24


@dataclass(frozen=True, slots=True)
class MonthEndRefresh:
    """Software that asks for the rights of everybody seen in a month, at night; some do it each Sunday."""

    name: ClassVar[str] = "month_end_refresh"
    share: float = 0.004
    weekly: float = 0.3

    def recruit(self, draft: Draft) -> Integers:
        """Choose practices, pharmacies and laboratories."""
        return some(draft, self.share, "generaliste", "pharmacien", "laboratoire")

    def shape(self, scene: Scene) -> None:
        """Plan the runs."""
        sundays = np.flatnonzero(scene.days.weekdays() == 6).tolist()
        for account in scene.accounts.tolist():
            nights = sundays if scene.chance.random() < self.weekly else scene.days.month_ends()
            start = scene.chance.uniform(20.5, 22.0) * 3_600.0
            gap = scene.chance.uniform(0.8, 3.0)
            for night in nights:
                scene.plan.refreshes.append(Refresh(account, night, start, gap, 3_000))
                note(scene, Spell(account, self.name, night, night))


@dataclass(frozen=True, slots=True)
class NursingHome:
    """A pharmacy or nurse that prepares a nursing home's week: a hundred known people in half an hour."""

    name: ClassVar[str] = "nursing_home"
    share: float = 0.004

    def recruit(self, draft: Draft) -> Integers:
        """Choose pharmacies and nurses."""
        return some(draft, self.share, "pharmacien", "infirmier")

    def shape(self, scene: Scene) -> None:
        """Plan one round a week, the same day and hour."""
        for account in scene.accounts.tolist():
            weekday = int(scene.chance.integers(0, 5))
            start, gap, residents = (
                scene.chance.uniform(9.0, 17.0) * 3_600.0,
                scene.chance.uniform(8.0, 22.0),
                int(scene.chance.integers(45, 120)),
            )
            for night in np.flatnonzero(scene.days.weekdays() == weekday).tolist():
                scene.plan.refreshes.append(Refresh(account, night, start, gap, residents))
                note(scene, Spell(account, self.name, night, night))


def refresh_actions(
    population: Population, plan: Plan, numbered: Bases, night: int, day: date, year: int
) -> list[pl.DataFrame]:
    """Make the actions of tonight's runs (schema ACTIONS), a frame a run."""
    return [
        _run(population, plan, run, _known(population, plan, numbered, run, year), day)
        for run in plan.refreshes
        if run.night == night
    ]


def _known(population: Population, plan: Plan, numbered: Bases, run: Refresh, year: int) -> Numbers:
    """List whom the account knows: the same residents each week, or everybody of the last month.

    The month may reach back before the first night of the logs; those people are taken from the base.
    """
    account = np.array([run.account])
    size = int(numbered.sizes[run.account, run.night])
    if run.most < 200:  # a nursing home: residents are the oldest members of the base
        return members(population, account.repeat(min(run.most, size)), np.arange(min(run.most, size)), year)
    seen = [np.zeros(0, np.int64)]
    for night in range(max(0, run.night - _REMEMBERED_NIGHTS), run.night):
        count = int(plan.people[run.account, night])
        seen.append(seen_people(population, plan, numbered, night, account.repeat(count), np.arange(count), year))
    recent = np.unique(np.concatenate(seen))
    worked = sum(len(people) > 0 for people in seen)
    before = round(population.mean[run.account] * 0.8 * max(0, _WORKING_NIGHTS_A_MONTH - worked))
    older = members(population, account.repeat(min(before, size)), np.arange(max(size - before, 0), size), year)
    return np.unique(np.concatenate([recent, older]))[: run.most]


def _run(population: Population, plan: Plan, run: Refresh, people: Numbers, day: date) -> pl.DataFrame:
    chance = stream(population.seed, Purpose.LOOKALIKES, 99, run.account, run.night)
    asked = chance.permutation(people)
    second = run.start_second + np.cumsum(run.gap_seconds * chance.uniform(0.85, 1.15, len(asked)))
    asked, second = asked[second < 86_390.0], second[second < 86_390.0]
    size = len(asked)
    lookups = Deeds(
        session=np.zeros(size, np.int64),
        wall=(second * 1_000).astype(np.int64),
        kind=np.full(size, kind(Kind.LOOKUP)),
        outcome=np.full(size, outcome(Outcome.SUCCESS)),
        nir=asked,
        key=keys(asked),
        service=np.full(size, service("droits")),
        rows=np.ones(size, np.int64),
    )
    entered = credentials(
        np.zeros(1, np.int64), np.array([run.start_second - 2.0]), Kind.LOGIN, Outcome.SUCCESS, "connexion"
    )
    return frame(joined([lookups, entered]), _server(population, plan, run, day), OWNER)


def _server(population: Population, plan: Plan, run: Refresh, day: date) -> Sessions:
    """Come from the account's own line, with the software's own name as browser."""
    # Workstation 63 is the practice's server; a session number above all others keeps its name apart.
    line = session_lines(population, plan, np.array([run.account]), np.array([63]), run.night, day)
    software = int(population.software[run.account]) + 1
    return Sessions(
        account=line.account,
        names=[f"batch-{run.account:x}-{run.night:x}"],
        ips=line.ips,
        network_types=line.network_types,
        user_agents=[f"Logiciel{software:02d}/{3 + software % 4}.{day.month} (batch)"],
    )
