"""Numbers of people: their structure, their keys, their typing errors."""

import numpy as np
import polars as pl
from stdnum.fr import nir as reference

from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.nir import keys, mistyped, order_numbers, text, text_with_key
from tocsin.simulate.people import anywhere, nirs, residents
from tocsin.simulate.randomness import scatter


def written(numbers):
    frame = pl.DataFrame({"nir": numbers, "key": keys(numbers)})
    return frame.select(text_with_key(pl.col("nir"), pl.col("key")))["nir"].to_list()


def some_people(home, size=4_000):
    words = scatter(77, np.arange(size))
    return nirs(*residents(words, np.full(size, DEPARTMENTS.index(home)), 0.1, 0.05), 2026)


def test_writes_numbers_that_the_reference_library_accepts():
    people = np.concatenate([some_people(code) for code in ("35", "2A", "2B", "974", "75")])
    wrong = [number for number in written(people) if not reference.is_valid(number)]
    assert not wrong


def test_computes_the_published_keys():
    assert written(np.array([2_95_10_99_126_111])) == ["295109912611193"]
    assert written(np.array([-2_53_07_19_073_004])) == ["253072A07300443"]


def test_gives_the_same_person_the_same_number():
    lives, rank = residents(scatter(1, np.arange(50)), np.full(50, 34), 0.1, 0.0)
    assert (nirs(lives, rank, 2026) == nirs(lives, rank, 2026)).all()


def test_gives_corsicans_letters_only_if_born_since_1976():
    numbers = pl.Series(some_people("2A"))
    frame = pl.DataFrame({"nir": numbers}).select(text(pl.col("nir")))["nir"]
    letters = frame.filter(frame.str.contains("2[AB]"))
    assert letters.len() > 500
    assert (frame.str.slice(5, 2) == "20").sum() > 200
    assert not letters.str.slice(1, 2).is_between(pl.lit("40"), pl.lit("75")).any()


def test_gives_overseas_departments_three_digits():
    numbers = pl.DataFrame({"nir": some_people("974")}).select(text(pl.col("nir")))["nir"]
    assert 0.4 < (numbers.str.slice(5, 3) == "974").mean() < 0.8


def test_mistypes_exactly_one_digit_and_never_the_sex():
    right = some_people("2B")
    wrong = mistyped(right, np.random.default_rng(1))
    pairs = zip(written(right), written(wrong), strict=True)
    assert all(
        sum(a != b for a, b in zip(one[:13], other[:13], strict=True)) == 1 and one[0] == other[0]
        for one, other in pairs
    )


def test_keeps_order_numbers_in_three_digits():
    orders = order_numbers(some_people("59"))
    assert orders.min() >= 1
    assert orders.max() <= 999


def test_populates_departments_by_their_inhabitants():
    homes = anywhere(scatter(3, np.arange(100_000)))
    share = (homes == DEPARTMENTS.index("59")).mean()
    assert abs(share - 2_611_000 / DEPARTMENTS.inhabitants.sum()) < 0.004


def test_lets_neighbours_touch_each_other():
    for place, code in enumerate(DEPARTMENTS.codes):
        for near in DEPARTMENTS.neighbours[place]:
            assert DEPARTMENTS.overseas[place] or code in {
                DEPARTMENTS.codes[back] for back in DEPARTMENTS.neighbours[near]
            }
