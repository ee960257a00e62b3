"""The inhabitants: a person is a department and a number, and everything else follows from a hash of these."""

import numpy as np
from numpy.typing import NDArray

from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.nir import Numbers, compose
from tocsin.simulate.randomness import Purpose, Words, below, scatter, share

# Countries of birth, the most frequent first: Algeria, Morocco, Portugal, Tunisia, Italy, Turkey, Spain, others.
_COUNTRIES = np.array([352, 350, 139, 351, 127, 208, 134, 341, 326, 312, 131, 109, 101, 132], np.int64)
_TOWNS = 320  # a department has a few hundred towns, but births gather in those with a maternity ward
_TOWN_SKEW = 4.0
# Ages at even steps of rank, from the youngest to the oldest twentieth of people who see a professional.
_AGES = np.array([0, 4, 9, 15, 21, 26, 31, 35, 40, 44, 48, 52, 56, 60, 64, 67, 71, 75, 79, 85, 101], np.float64)
_WEIGHTS = np.cumsum(DEPARTMENTS.inhabitants) / DEPARTMENTS.inhabitants.sum()

# A person: place of the department in the table, and number below its inhabitants.
Homes = NDArray[np.int64]
Ranks = NDArray[np.int64]
Shares = NDArray[np.float64]


def anywhere(words: Words) -> Homes:
    """Choose departments by their inhabitants."""
    return np.searchsorted(_WEIGHTS, share(words), side="right").astype(np.int64)


def nearby(words: Words, home: Homes) -> Homes:
    """Choose one of the departments that touch."""
    step = below(words, DEPARTMENTS.neighbour_counts[home])
    return DEPARTMENTS.neighbours[home, step]


def residents(words: Words, home: Homes, near: float | Shares, far: float | Shares) -> tuple[Homes, Ranks]:
    """Choose people met in departments: a share comes from next door, a smaller one from anywhere."""
    toss = share(scatter(words, 1))
    lives = np.where(toss < near, nearby(scatter(words, 2), home), home)
    lives = np.where(toss >= 1.0 - far, anywhere(scatter(words, 3)), lives)
    return lives, below(scatter(words, 4), DEPARTMENTS.inhabitants[lives])


def nirs(lives: Homes, rank: Ranks, year_now: int) -> Numbers:
    """Give the NIRs of people; the same person has the same NIR in whichever account's hands."""
    word = scatter(int(Purpose.PEOPLE), lives, rank)
    age = np.interp(share(scatter(word, 1)) * 20.0, np.arange(21), _AGES)
    year = (year_now - age).astype(np.int64)
    month = 1 + below(scatter(word, 2), 12)
    # Unknown dates of birth are written 20, 30 to 42, or 50 and more: about three in a thousand.
    month = np.where(share(scatter(word, 3)) < 0.003, 30 + month, month)
    born, abroad = _birthplace(word, lives)
    return _numbered(word, born, abroad, year, month)


def _birthplace(word: Words, lives: Homes) -> tuple[Homes, NDArray[np.bool_]]:
    toss = share(scatter(word, 4))
    capital = DEPARTMENTS.capital[lives]
    stayed = np.where(capital, 0.42, 0.62)
    moved_near = stayed + 0.17
    abroad = toss >= np.where(capital, 0.80, 0.91)
    born = np.where(toss < stayed, lives, nearby(scatter(word, 5), lives))
    born = np.where((toss >= moved_near) & ~abroad, anywhere(scatter(word, 6)), born)
    return born, abroad


def _numbered(word: Words, born: Homes, abroad: NDArray[np.bool_], year: Numbers, month: Numbers) -> Numbers:
    town = (share(scatter(word, 7)) ** _TOWN_SKEW * _TOWNS).astype(np.int64)
    place = DEPARTMENTS.born_place[born] + town_codes(born, town)
    letter = DEPARTMENTS.letter[born] & ~abroad
    old_corsica = letter & (year < 1976)  # before 1976 both halves of Corsica were department 20
    place = np.where(old_corsica, 20_000 + place % 1000, place)
    place = np.where(abroad, 99_000 + _COUNTRIES[below(scatter(word, 8), len(_COUNTRIES))], place)
    order = 1 + (share(scatter(word, 9)) * births_a_month(town)).astype(np.int64)
    sex = 1 + (scatter(word, 10) & np.uint64(1)).astype(np.int64)
    number = compose(sex, year, month, place, order)
    return np.where(letter & ~old_corsica, -number, number)


def town_codes(born: Homes, town: Ranks) -> Numbers:
    """Give towns, ranked by births in their department, their official-looking number."""
    return np.where(
        DEPARTMENTS.overseas[born],
        1 + below(scatter(born, town, 11), 33),
        1 + below(scatter(born, town, 12), 550),
    )


def births_a_month(town: Ranks) -> Numbers:
    """Say how many of one sex are born in a town a month: hundreds where the wards are, a few elsewhere."""
    return (3 + 420 / (1.0 + town)).astype(np.int64)
