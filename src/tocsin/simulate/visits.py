"""One night of the owners' work: whom each account sees, when, and at which workstation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.simulate.nir import Numbers
from tocsin.simulate.people import anywhere, nirs, residents
from tocsin.simulate.plan import Plan, base_sizes, base_starts
from tocsin.simulate.population import Integers, Population
from tocsin.simulate.randomness import Purpose, below, scatter, share, stream
from tocsin.simulate.rhythms import DAY_SECONDS, Rhythm, moments

_GROUP_APART = 1e7  # seconds: keeps the running maximum of one workstation out of the next
_SMALLEST_CIRCLE = 600  # people a young practice can meet again


@dataclass(frozen=True, slots=True)
class Visits:
    """People seen in one night, in order of account, workstation and time."""

    account: Integers
    workstation: Integers
    nir: Numbers
    second: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bases:
    """How the people of each base are numbered, accounts x nights."""

    starts: Integers
    sizes: Integers


def bases(population: Population, plan: Plan) -> Bases:
    """Give numbers to the new people of all nights."""
    return Bases(base_starts(population, plan.fresh), base_sizes(population, plan.fresh))


def visits(population: Population, plan: Plan, numbered: Bases, night: int, year: int) -> Visits:
    """Make the visits of a night."""
    account, turn = _turns(plan.people[:, night])
    nir = seen_people(population, plan, numbered, night, account, turn, year)
    chance = stream(population.seed, Purpose.VISITS, night)
    habit = population.shift_seconds + plan.shift_seconds[:, night]
    at_night = turn < plan.duty[account, night]
    rhythm = np.where(at_night, Rhythm.DUTY_NIGHT, plan.rhythm[account, night])
    second = moments(rhythm, habit[account], chance.random(len(account)))
    workstation = below(scatter(population.seed, 31, night, account, turn), population.workstations[account])
    pace = population.per_profession("pace_seconds")[account] * chance.uniform(0.55, 1.6, len(account))
    order = np.lexsort((second, workstation, account))
    account, workstation = account[order], workstation[order]
    second = _paced(account * 64 + workstation, second[order], pace[order], chance)
    second = _around_outages(second, plan, account, night, chance)
    order = np.lexsort((second, workstation, account))
    return Visits(account[order], workstation[order], nir[order], second[order])


def seen_people(
    population: Population, plan: Plan, numbered: Bases, night: int, account: Integers, turn: Integers, year: int
) -> Numbers:
    """Say who the n-th person of an account's night is; hashes only, so that any later night can ask again."""
    fresh = plan.fresh[account, night]
    size = numbered.sizes[account, night]
    circle = np.minimum(size, np.maximum(population.base_size[account], _SMALLEST_CIRCLE))
    known = np.maximum(plan.people[account, night] - fresh, 1)
    toss = share(scatter(population.seed, int(Purpose.RETURNING), account, night, turn))
    spread = np.clip((turn - fresh + toss) / known, 0.0, 1.0 - 1e-9)
    recency = population.per_profession("recency")[account]
    again = size - 1 - (circle * spread**recency).astype(np.int64)
    number = np.where(turn < fresh, numbered.starts[account, night] + turn, again)
    people = members(population, account, number, year)
    travels = np.flatnonzero(turn < plan.visitors[account, night])
    words = scatter(population.seed, population.base[account[travels]], number[travels], 42)
    people[travels] = nirs(*residents(words, anywhere(scatter(words, 5)), 0.0, 0.0), year)
    return people


def members(population: Population, account: Integers, number: Integers, year: int) -> Numbers:
    """Give the NIR of members of the accounts' bases."""
    base = population.base[account]
    home = population.department[account]
    practice = number % population.practices[account]
    home = np.where(practice > 0, anywhere(scatter(base, practice, 41)), home)
    near, far = population.per_profession("near")[account], population.per_profession("far")[account]
    lives, rank = residents(scatter(population.seed, base, number), home, near, far)
    return nirs(lives, rank, year)


def _turns(counts: Integers) -> tuple[Integers, Integers]:
    """Repeat each account as often as it sees somebody, and count from 0 within it."""
    account = np.repeat(np.arange(len(counts)), counts)
    return account, np.arange(len(account)) - np.repeat(np.cumsum(counts) - counts, counts)


def _paced(
    group: Integers, second: NDArray[np.float64], pace: NDArray[np.float64], chance: np.random.Generator
) -> NDArray[np.float64]:
    """Let nobody start with the next person before the last one is served."""
    if not len(group):
        return second
    place = np.cumsum(np.append(0, np.diff(group) != 0)).astype(np.float64)
    needed = np.cumsum(pace)
    first = np.flatnonzero(np.append(True, np.diff(group) != 0))
    needed -= np.repeat(needed[first], np.diff(np.append(first, len(group))))
    served = np.maximum.accumulate(second - needed + place * _GROUP_APART) - place * _GROUP_APART + needed
    late = served >= DAY_SECONDS
    return np.where(late, DAY_SECONDS - 1 - chance.random(len(served)) * 1_200, served)


def _around_outages(
    second: NDArray[np.float64], plan: Plan, account: Integers, night: int, chance: np.random.Generator
) -> NDArray[np.float64]:
    """Move the work of hours without service to the two hours after."""
    later = chance.random(len(second)) * 7_200
    for outage in plan.outages:
        if outage.night == night:
            lost = (account == outage.account) & (second >= outage.start_second) & (second < outage.end_second)
            second = np.where(lost, np.minimum(outage.end_second + later, DAY_SECONDS - 1), second)
    return second
