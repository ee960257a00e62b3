"""What dwarfs the portal's records, or the account's own habits, needs no second reason."""

from dataclasses import replace

import numpy as np
import polars as pl

from tocsin.settings import Settings
from tocsin.verdict.records import beyond_usual, extreme

RULES = Settings().alerting


def test_a_hundred_times_the_own_usual_and_not_a_little_is_extreme():
    rows = pl.DataFrame({"people": [0, 0, 3, 1_900], "answers": [796_974, 5_000, 900, 0]})
    usual = {"people": np.array([0.0, 0.0, 0.0, 1.0]), "answers": np.array([58.0, 58.0, 1.0, 0.0])}
    assert extreme(rows, usual, RULES).tolist() == [True, False, False, False]
    assert not extreme(rows, {}, RULES).any()


def test_of_rows_sent_while_nobody_works_half_as_many_are_extreme():
    rows = pl.DataFrame({"people": 0, "answers": [7_000] * 4, "answers_closed": [0, 4_900, 5_001, 7_000]})
    usual = {"answers": np.array([20.0, 20.0, 20.0, 90.0]), "answers_closed": np.zeros(4)}
    assert extreme(rows, usual, RULES).tolist() == [False, False, True, False], (
        "the last is used to a list now and then"
    )
    taken = pl.DataFrame({"account": ["C"], "lists_apart": [2_400]})
    rows = rows.with_columns(account=pl.Series(["A", "B", "C", "D"]))
    assert not extreme(rows, usual, RULES, taken).any(), "it took a third of that before, and nobody suspected it"


def test_where_no_rows_are_told_kilobytes_stand_for_them():
    rows = pl.DataFrame({"people": 0, "answers": 0, "bytes_kb": [7_000, 7_001, 7_001, 3_501]})
    rows = rows.with_columns(bytes_closed=pl.Series([0, 0, 0, 3_501]))
    usual = {"bytes_kb": np.array([20.0, 20.0, 71.0, 20.0])}
    assert extreme(rows, usual, RULES).tolist() == [False, True, False, False]
    by_night = usual | {"bytes_closed": np.zeros(4)}
    assert extreme(rows, by_night, RULES).tolist() == [False, True, False, True]
    assert not extreme(rows, by_night | {"answers": np.zeros(4)}, RULES).any(), "the rows are told, and are none"
    assert beyond_usual(rows, usual).tolist() == [6_980, 6_981, 6_930, 3_481]


def test_lists_that_were_taken_away_before_are_not_extreme_again():
    rows = pl.DataFrame({"account": ["A", "B", "C"], "people": [0, 0, 2_500], "answers": [12_000, 12_001, 12_000]})
    usual = {"people": np.zeros(3), "answers": np.full(3, 60.0)}
    before = pl.DataFrame({"account": ["A", "B", "C", "B", "A"], "lists_apart": [4_000, 4_000, 4_000, 1, 1]})
    assert extreme(rows, usual, RULES, before).tolist() == [False, True, True], "C was shown people as well"
    assert extreme(rows, usual, RULES, before.clear()).all()
    assert extreme(rows, usual, RULES).all()


def test_what_was_taken_before_does_not_rise_step_by_step():
    rows = pl.DataFrame({"account": ["A", "B", "C", "D"], "people": 0, "answers": [30_000, 30_001, 40_180, 40_181]})
    usual = {"answers": np.full(4, 60.0)}
    before = pl.DataFrame({"account": ["A", "B", "C", "D"], "lists_apart": [10_001, 29_000, 40_000, 40_000]})
    assert extreme(rows, usual, RULES, before).tolist() == [False, True, False, True]
    assert extreme(rows, usual, replace(RULES, extreme_again=0), before).all()


def test_what_was_shown_beyond_the_usual_is_people_or_rows_whichever_is_more():
    rows = pl.DataFrame({"people": [300, 5, None], "answers": [310, 800_000, 40], "bytes_kb": [1, 2, 3]})
    usual = {"people": np.array([20.4, 30.0, 1.0]), "answers": np.array([20.0, 50.0, 90.0])}
    assert beyond_usual(rows, usual).tolist() == [290, 799_950, 0]
    assert beyond_usual(rows, {}).tolist() == [300, 5, 3], "the logs tell no rows"
