"""What robots have in common: a pace, numbers one after the other, sessions that are opened again."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.schema import Kind, Outcome
from tocsin.simulate.actions import Deeds, kind, outcome, service
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.nir import Numbers, compose, keys
from tocsin.simulate.people import births_a_month, town_codes
from tocsin.simulate.population import Floats, Integers

_TOWNS_TRIED = 24  # a list of the towns with maternity wards is public
_YEARS = (1938, 2006)
_BLOCKS_AN_ACCOUNT = 16_384


@dataclass(frozen=True, slots=True)
class Sweep:
    """Numbers tried in a row, and which of them belong to somebody."""

    nir: Numbers
    exists: NDArray[np.bool_]


def pace(chance: np.random.Generator, count: int, gap_seconds: float, jitter: float) -> Floats:
    """Give moments from 0: gaps around a mean; jitter 0 is a metronome, 1 an exponential wait."""
    if jitter <= 0:
        return np.arange(count, dtype=np.float64) * gap_seconds
    shape = 1.0 / jitter**2
    waits = chance.gamma(shape, gap_seconds / shape, count)
    moments: Floats = np.cumsum(waits) - waits
    return moments


def sweep(word: int, skip: int, count: int, missing: float, chance: np.random.Generator) -> Sweep:
    """Try order numbers from 1 on, town by town and month by month, going on after `skip` numbers of earlier nights.

    Half of the `missing` share lies behind the last number given in a town and month, half in between.
    """
    block = np.arange(_BLOCKS_AN_ACCOUNT, dtype=np.int64) + word % 1_000_003
    month = 1 + block % 12
    sex = 1 + block // 12 % 2
    year = _YEARS[0] + block // 24 % (_YEARS[1] - _YEARS[0])
    town = block // (24 * (_YEARS[1] - _YEARS[0])) % _TOWNS_TRIED
    born = np.full(len(block), word // 1_000_003 % len(DEPARTMENTS.codes))
    given = births_a_month(town)
    length = np.ceil(given * (1.0 + missing * 0.55)).astype(np.int64)
    ends = np.cumsum(length)
    place = (skip + np.arange(count)) % int(ends[-1])
    which = np.searchsorted(ends, place, side="right")
    order = 1 + place - (ends[which] - length[which])
    towns = DEPARTMENTS.born_place[born] + town_codes(born, town)
    number = compose(sex[which], year[which], month[which], towns[which], order)
    exists = (order <= given[which]) & (chance.random(count) >= missing * 0.5)
    return Sweep(np.where(DEPARTMENTS.letter[born[which]], -number, number), exists)


def shuffled(sequence: Sweep, share: float, chance: np.random.Generator) -> Sweep:
    """Exchange the places of a share of the numbers."""
    if share <= 0:
        return sequence
    moved = np.flatnonzero(chance.random(len(sequence.nir)) < share)
    order = np.arange(len(sequence.nir))
    order[moved] = chance.permutation(moved)
    return Sweep(sequence.nir[order], sequence.exists[order])


def mixed(sequence: Sweep, others: Numbers, chance: np.random.Generator) -> Sweep:
    """Replace numbers at random places by people known to exist."""
    places = chance.permutation(len(sequence.nir))[: len(others)]
    nir, exists = sequence.nir.copy(), sequence.exists.copy()
    nir[places], exists[places] = others, True
    return Sweep(nir, exists)


def lookups(session: Integers, second: Floats, asked: Sweep, where: str) -> Deeds:
    """Make the lookups of a robot on one service."""
    size = len(second)
    return Deeds(
        session=session,
        wall=(second * 1_000).astype(np.int64),
        kind=np.full(size, kind(Kind.LOOKUP)),
        outcome=np.where(asked.exists, outcome(Outcome.SUCCESS), outcome(Outcome.NOT_FOUND)),
        nir=asked.nir,
        key=keys(asked.nir),
        service=np.full(size, service(where)),
        rows=asked.exists.astype(np.int64),
    )


def answers(session: Integers, second: Floats, what: Kind, where: str, rows: Integers) -> Deeds:
    """Make searches, lists or exports that name nobody in the log and are answered with rows of people."""
    size = len(second)
    nobody = np.zeros(size, np.int64)
    return Deeds(
        session=session,
        wall=(second * 1_000).astype(np.int64),
        kind=np.full(size, kind(what)),
        outcome=np.full(size, outcome(Outcome.SUCCESS)),
        nir=nobody,
        key=nobody,
        service=np.full(size, service(where)),
        rows=rows,
    )
