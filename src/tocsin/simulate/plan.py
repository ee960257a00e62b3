"""How many people each account sees each night, where from and when: drawn before any event is made."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.simulate.days import Days
from tocsin.simulate.population import Floats, Integers, Population
from tocsin.simulate.professions import HOSPITAL, PROFESSIONS
from tocsin.simulate.randomness import Purpose, scatter, share, stream
from tocsin.simulate.rhythms import Rhythm

_LONGEST_HOLIDAY = 21
_OFF_DAY_GLANCE = 0.06  # share of days off on which somebody still looks up one to three people


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a look-alike works from instead of its usual place."""

    word: int  # equal words give equal addresses
    network_type: str
    addresses: int = 1
    country: str | None = None  # abroad; told only where the portal logs countries


@dataclass(frozen=True, slots=True)
class Refresh:
    """Software that asks again for many known people in one go."""

    account: int
    night: int
    start_second: float
    gap_seconds: float
    most: int


@dataclass(frozen=True, slots=True)
class Outage:
    """Seconds of a night during which an account cannot reach the portal."""

    account: int
    night: int
    start_second: float
    end_second: float


@dataclass(frozen=True, slots=True)
class Doubled:
    """A stretch of a night's lines that is written twice, as shares of the night's file."""

    night: int
    start: float
    size: float


@dataclass(frozen=True, slots=True)
class Handing:
    """Rights that an account hands on to others in one night."""

    account: int
    night: int
    others: int


@dataclass(frozen=True, slots=True)
class Spell:
    """The nights during which an account is a benign look-alike."""

    account: int
    label: str
    first_night: int
    last_night: int


@dataclass(slots=True)
class Plan:
    """Matrices of accounts x nights; look-alikes change them before events are made."""

    people: Integers
    fresh: Integers  # of these, people the account (or its hospital) has never met
    rhythm: NDArray[np.int8]
    origin: Integers  # 0 is the usual place, else one more than a place in `origins`
    device: Integers  # 0 is the usual device
    duty: Integers  # people served at night on top, by the pharmacy on duty
    calls: Integers  # how often the software asks for one person; 1 is ordinary
    shift_seconds: Floats  # one element an account and night, added to the account's habit
    visitors: Integers  # of the new people, those who are far from home
    resets: NDArray[np.bool_]  # nights on which the owner has forgotten the password
    line: Integers  # 0 is the line's usual address; another number, another address
    updated_from: Integers  # one element an account: night from which its browsers are a version ahead
    skew_seconds: Floats  # one element an account: how wrong the clock is that stamps its lines
    origins: list[Origin] = field(default_factory=list)
    refreshes: list[Refresh] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    doubled: list[Doubled] = field(default_factory=list)
    spells: list[Spell] = field(default_factory=list)
    handings: list[Handing] = field(default_factory=list)

    def add_origin(self, origin: Origin) -> int:
        """Register an unusual place and give the number that `origin` holds for it."""
        self.origins.append(origin)
        return len(self.origins)


def plan(population: Population, days: Days) -> Plan:
    """Draw every account's ordinary nights."""
    shape = (len(population), len(days))
    people = np.zeros(shape, np.int64)
    for night in range(len(days)):
        people[:, night] = _people(population, days, night)
    at_work = ~_away(population, len(days))
    people = np.where(at_work & (population.open_from[:, None] <= np.arange(len(days))), people, 0)
    drawn = empty_plan(population, days)
    drawn.people = people
    drawn.fresh = fresh_people(population, people)
    drawn.rhythm = _rhythms(population, days)
    return drawn


def empty_plan(population: Population, days: Days) -> Plan:
    """Lay out the matrices with nobody in them."""
    shape = (len(population), len(days))
    return Plan(
        people=np.zeros(shape, np.int64),
        fresh=np.zeros(shape, np.int64),
        rhythm=np.zeros(shape, np.int8),
        origin=np.zeros(shape, np.int64),
        device=np.zeros(shape, np.int64),
        duty=np.zeros(shape, np.int64),
        calls=np.ones(shape, np.int64),
        shift_seconds=np.zeros(shape),
        visitors=np.zeros(shape, np.int64),
        resets=np.zeros(shape, np.bool_),
        line=np.zeros(shape, np.int64),
        updated_from=np.full(len(population), len(days), np.int64),
        skew_seconds=np.zeros(len(population)),
    )


def fresh_people(population: Population, people: Integers) -> Integers:
    """Draw how many of the people are new, around each account's share."""
    fresh = np.zeros_like(people)
    for night in range(people.shape[1]):
        chance = stream(population.seed, Purpose.PLAN, 2, night)
        fresh[:, night] = chance.binomial(people[:, night], population.new_share)
    return fresh


def base_starts(population: Population, fresh: Integers) -> Integers:
    """Give the number, within its base, of the first new person of each account and night."""
    _, group = np.unique(population.base, return_inverse=True)
    order = np.argsort(group, kind="stable")
    first = np.flatnonzero(np.append(True, np.diff(group[order]) > 0))
    before = np.cumsum(fresh[order], axis=0) - fresh[order]  # over all accounts before, in order of base
    within = np.empty_like(fresh)
    within[order] = before - np.repeat(before[first], np.diff(np.append(first, len(order))), axis=0)
    totals = np.add.reduceat(fresh[order], first, axis=0)
    earlier: Integers = np.cumsum(totals, axis=1) - totals
    starts: Integers = population.base_size[:, None] + earlier[group] + within
    return starts


def base_sizes(population: Population, fresh: Integers) -> Integers:
    """Say how many people each account's base has met before each night."""
    _, group = np.unique(population.base, return_inverse=True)
    totals = np.zeros((int(group.max()) + 1, fresh.shape[1]), np.int64)
    np.add.at(totals, group, fresh)
    sizes: Integers = population.base_size[:, None] + (np.cumsum(totals, axis=1) - totals)[group]
    return sizes


def _people(population: Population, days: Days, night: int) -> Integers:
    chance = stream(population.seed, Purpose.PLAN, 1, night)
    size = len(population)
    weekday = days.dates[night].weekday()
    week = np.array([profession.week for profession in PROFESSIONS])[population.profession, weekday]
    closed = days.closed[population.department, night]
    after_closing = night > 0 and weekday < 5 and days.closed[0, night - 1]
    level = np.where(closed, np.minimum(week, population.per_profession("open_on_holidays")), week)
    level = level * (1.15 if after_closing else 1.0)
    mean = population.mean * level * _common_shift(population, night) * _account_drift(population, night)
    works = population.works[:, weekday] & (mean > 0)
    mean = np.maximum(mean, 1e-9)
    seen = chance.negative_binomial(population.dispersion, population.dispersion / (population.dispersion + mean))
    glance = (chance.random(size) < _OFF_DAY_GLANCE) & (population.per_profession("people_a_day") < 40)
    return np.where(works, seen, np.where(glance, chance.integers(1, 4, size), 0))


def _common_shift(population: Population, night: int) -> Floats:
    """Move whole professions and departments together: epidemics, weather, strikes."""
    words = (
        scatter(population.seed, 91, night, population.profession),
        scatter(population.seed, 92, night, population.department),
    )
    return np.exp(0.06 * _bell(words[0]) + 0.05 * _bell(words[1]))


def _account_drift(population: Population, night: int) -> Floats:
    """Give each account better and worse weeks, and once in two months a day unlike any other."""
    account = np.arange(len(population))
    week = 0.10 * _bell(scatter(population.seed, 93, night // 7, account))
    odd = share(scatter(population.seed, 95, night, account)) < 0.016
    day = np.where(odd, 0.5 * _bell(scatter(population.seed, 96, night, account)), 0.0)
    drift: Floats = np.exp(week + day)
    return drift


def _bell(words: NDArray[np.uint64]) -> Floats:
    """Turn hashes into a nearly normal deviate: the sum of three even ones, variance one."""
    total: Floats = sum(share(scatter(words, part)) for part in range(3)) - 1.5  # type: ignore[assignment]
    return total * 2.0


def _away(population: Population, nights: int) -> NDArray[np.bool_]:
    """Send people on holiday for five days to three weeks; businesses stay open."""
    size = len(population)
    away = np.zeros((size, nights), np.bool_)
    until = np.full(size, -_LONGEST_HOLIDAY)
    may_leave = np.array([not profession.lasting for profession in PROFESSIONS])[population.profession]
    for night in range(-_LONGEST_HOLIDAY, nights):
        chance = stream(population.seed, Purpose.PLAN, 3, night + _LONGEST_HOLIDAY)
        leaves = may_leave & (until <= night) & (chance.random(size) < 0.007)
        until = np.where(leaves, night + chance.integers(5, _LONGEST_HOLIDAY, size), until)
        if night >= 0:
            away[:, night] = until > night
    return away


def _rhythms(population: Population, days: Days) -> NDArray[np.int8]:
    weekday = np.array([int(profession.weekday) for profession in PROFESSIONS], np.int8)[population.profession]
    saturday = np.array([int(profession.saturday) for profession in PROFESSIONS], np.int8)[population.profession]
    rhythm = np.where(days.weekdays()[None, :] >= 5, saturday[:, None], weekday[:, None]).astype(np.int8)
    desks = population.of(HOSPITAL.name)
    for night in range(len(days)):
        # A desk agent keeps the same shift for a week.
        toss = share(scatter(population.seed, 94, night // 7, desks))
        rhythm[desks, night] = np.select(
            [toss < 0.45, toss < 0.83], [Rhythm.DESK_MORNING, Rhythm.DESK_AFTERNOON], Rhythm.DESK_NIGHT
        )
    return rhythm
