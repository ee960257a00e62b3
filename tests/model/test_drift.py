from datetime import date, timedelta

import numpy as np
import polars as pl

from tocsin.model.drift import Drift
from tocsin.settings import Drifting

FIRST = date(2022, 2, 14)
ACCOUNTS = pl.Series("account", ["A", "B", "C", "D", "E"])
RULES = Drifting()
NOBODY = np.zeros(5, np.bool_)


def after(nights, *evidence, drift=None, suspects=NOBODY):
    """Live the same evidence (points of A to E) for some nights."""
    drift = drift or Drift()
    sums = None
    for _ in range(nights):
        night = FIRST + timedelta(days=drift.nights)
        sums = drift.add(night, ACCOUNTS, np.array([round(100 * e) for e in evidence], np.int32), RULES)
        drift = drift.learn(night, sums, suspects, RULES)
    return drift, sums


def test_what_is_above_the_allowance_adds_up_night_after_night():
    drift, sums = after(4, 3.0, 1.0, 0, 0, 0)
    assert sums.total.tolist() == [600, 0, 0, 0, 0]
    assert drift.sums.rows() == [("A", 600, 4, FIRST)]


def test_a_calm_night_takes_the_allowance_off():
    drift, _ = after(2, 3.0, 0, 0, 0, 0)
    _, sums = after(1, 0, 0, 0, 0, 0, drift=drift)
    assert sums.total[0] == 150


def test_one_wild_night_counts_as_a_bad_one_only():
    assert after(1, 40.0, 0, 0, 0, 0)[1].total[0] == 650


def test_an_account_that_is_away_keeps_its_sum():
    drift, _ = after(2, 3.0, 0, 0, 0, 0)
    others = ACCOUNTS.filter(ACCOUNTS != "A")
    night = FIRST + timedelta(days=2)
    sums = drift.add(night, others, np.zeros(4, np.int32), RULES)
    assert drift.learn(night, sums, np.zeros(4, np.bool_), RULES).sums["sum"].to_list() == [300]


def test_a_night_that_says_nothing_leaves_the_sum_as_it_is():
    drift, _ = after(2, 3.0, 3.0, 0, 0, 0)
    night, nothing = FIRST + timedelta(days=2), np.array([True, False, True, False, False])
    sums = drift.add(night, ACCOUNTS, np.zeros(5, np.int32), RULES, nothing)
    assert sums.total.tolist() == [300, 150, 0, 0, 0]


def test_the_level_is_not_known_before_two_weeks():
    drift, _ = after(13, 0, 0, 0, 0, 0)
    assert drift.level(RULES) is None
    drift, _ = after(1, 0, 0, 0, 0, 0, drift=drift)
    assert drift.level(RULES) == 600


def test_the_level_is_the_third_highest_sum_of_different_accounts():
    drift, _ = after(14, 8.0, 4.0, 3.0, 2.0, 0)
    assert drift.level(RULES) == 14 * 150


def test_a_suspect_starts_anew_and_sets_no_level():
    drift, _ = after(14, 8.0, 4.0, 3.0, 2.0, 0)
    drift, _ = after(1, 8.0, 4.0, 3.0, 2.0, 0, drift=drift, suspects=np.array([True, False, False, False, False]))
    assert "A" not in drift.sums["account"]
    assert drift.level(RULES) == 15 * 50


def test_the_level_forgets_after_four_weeks():
    drift, _ = after(14, 8.0, 8.0, 8.0, 0, 0)
    drift, _ = after(90, 0, 0, 0, 0, 0, drift=drift)
    assert drift.level(RULES) == 600
