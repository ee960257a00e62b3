"""Seeded chance: one generator for each night and purpose, and hashes for draws that are made again later."""

import enum

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15  # SplitMix64 (Steele, Lea, Flood 2014): increment and the two multipliers of its mixer
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_TO_UNIT = 2.0**-53


class Purpose(enum.IntEnum):
    """What a stream of chance is for; numbers are part of what a seed means and never change."""

    POPULATION = 1
    PLAN = 2
    LOOKALIKES = 3
    VISITS = 4
    SESSIONS = 5
    CAST = 6
    ATTACK = 7
    WRITING = 8
    PEOPLE = 9
    RETURNING = 10
    ORIGINS = 11
    BREAKAGE = 12


def stream(seed: int, purpose: Purpose, *place: int) -> np.random.Generator:
    """Open the stream of one purpose and place (a night, a scenario): the same whatever else was drawn before."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(int(purpose), *place))))


def scatter(*parts: int | NDArray[np.generic]) -> Words:
    """Hash integers, element by element, into 64 even bits; a draw that any night can make again."""
    state = np.zeros(1, np.uint64)
    for part in parts:
        step = np.atleast_1d(np.asarray(part)).astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(_GOLDEN)
        state = _mixed(state ^ step)
    return state


def _mixed(words: Words) -> Words:
    words = (words ^ (words >> _SHIFTS[0])) * _FIRST
    words = (words ^ (words >> _SHIFTS[1])) * _SECOND
    mixed: Words = words ^ (words >> _SHIFTS[2])
    return mixed


def share(words: Words) -> NDArray[np.float64]:
    """Turn hashes into numbers of [0, 1)."""
    return (words >> np.uint64(11)).astype(np.float64) * _TO_UNIT


def below(words: Words, limit: int | NDArray[np.generic]) -> NDArray[np.int64]:
    """Turn hashes into whole numbers of [0, limit)."""
    return (share(words) * np.asarray(limit, np.float64)).astype(np.int64)
