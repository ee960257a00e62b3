from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tocsin.model.calibration import Calibration, Tonight
from tocsin.settings import Alerting, Settings
from tocsin.verdict.told import names_expected

FIRST = date(2026, 3, 2)
KEPT = Alerting().calibration_kept


def asked(nights, most=1.0, scores=200_000):
    return Alerting(calibration_nights=nights, max_expected_false=most, calibration_scores=scores)


TWO = asked(2)


def who(professions, day="working"):
    return pl.DataFrame({"profession": pl.Series(professions, dtype=pl.String)}).with_columns(day=pl.lit(day))


def learned(*nights, day="working", profession="gp"):
    held = Calibration()
    for at, points in enumerate(nights):
        who_, night = who([profession] * len(points), day), FIRST + timedelta(days=at)
        held = held.learn(night, who_, np.array(points, np.int32), KEPT)
    return held


def expected(held, *points, profession="gp", day="working", rules=TWO):
    return held.expected_false(np.array(points, np.int32), who([profession] * len(points), day), rules)


def test_claims_nothing_before_enough_nights():
    assert expected(learned([1, 2]), 1) is None


def test_counts_how_many_rang_with_as_much_on_past_nights():
    held = learned([0, 1200, 1300], [0, 1250, 0])
    assert held.nights == 2
    # of six scores, three, one and none had as much; three accounts are active tonight
    assert expected(held, 1200, 1300, 5000).tolist() == pytest.approx([3 * 3 / 7, 3 / 7, 3 / 7], abs=1e-4)


def test_most_nights_are_two_in_three():
    busy, calm = [1200, 1300, 900], [0, 0, 0]
    points = np.array([900, 1200, 1300], np.int32)
    assert learned(*[busy] * 6, *[calm] * 3).on_most_nights(points, asked(9)).tolist() == [3, 2, 1]
    assert learned(*[busy] * 5, *[calm] * 4).on_most_nights(points, asked(9)).tolist() == [0, 0, 0]
    assert learned(*[busy] * 9).on_most_nights(points, asked(10)).tolist() == [0, 0, 0], "too few nights"


def test_a_large_profession_speaks_for_itself_and_a_small_one_leans_on_all():
    rules = asked(2, scores=4)
    held = Calibration()
    for at in range(2):
        night = FIRST + timedelta(days=at)
        held = held.learn(night, who(["gp", "gp", "nurse", None]), np.array([0, 0, 2000, 2000], np.int32), KEPT)
    assert expected(held, 2000, rules=rules).tolist() == [round(1 / 5, 4)]
    assert expected(held, 2000, profession="nurse", rules=rules).tolist() == [round(4 / 9, 4)]
    assert expected(held, 2000, profession=None, rules=rules).tolist() == [round(4 / 9, 4)]


def test_a_large_profession_has_its_own_sundays():
    rules = asked(2, scores=2)
    held = learned([0, 0], [0, 0])
    held = held.learn(FIRST + timedelta(days=6), who(["gp", "gp"], "closed"), np.array([1500, 1500], np.int32), KEPT)
    assert expected(held, 1500, rules=rules).tolist() == [round(1 / 5, 4)]
    assert expected(held, 1500, day="closed", rules=rules).tolist() == [round(2 / 3, 4)]
    assert expected(held, 1500, day="saturday", rules=rules).tolist() == [round(2 / 7, 4)]


def test_on_a_night_with_two_classes_of_day_each_account_is_counted_in_its_own():
    tonight = pl.concat([who(["gp", "gp"]), who(["gp", "gp"], "closed")])
    held = Calibration().learn(FIRST, tonight, np.array([1500, 1500, 1500, 0], np.int32), KEPT)
    seen = held.expected_false(np.array([1500] * 4, np.int32), tonight, asked(1, scores=2))
    assert seen.tolist() == [round(4 * 2 / 3, 4)] * 2 + [round(4 * 1 / 3, 4)] * 2
    without = held.without(FIRST, "gp", 1500, "closed")
    assert without.scores.filter(points=1500)["day"].to_list() == ["working"]


def test_a_confirmed_account_no_longer_counts():
    held = learned([0, 1200], [0, 0]).without(FIRST, "gp", 1200)
    assert expected(held, 1200).tolist() == [round(1 / 4, 4)]
    assert held.without(FIRST, "nurse", 0).scores.equals(held.scores)


def test_keeps_half_a_year():
    held = learned(*([night] for night in range(200)))
    assert held.nights == 180
    assert held.scores["points"].to_list() == list(range(20, 200))


def test_the_settings_say_how_long_scores_are_kept_and_what_an_ordinary_night_holds():
    held = learned([0, 1200], [0, 0])
    assert (
        held.learn(FIRST + timedelta(days=2), who(["gp"]), np.array([7], np.int32), 2).scores["night"].n_unique() == 2
    )
    busy, calm = [1200, 1300, 900], [0, 0, 0]
    points = np.array([900], np.int32)
    half = replace(asked(9), calm_nights=2)
    assert learned(*[busy] * 5, *[calm] * 4).on_most_nights(points, half).tolist() == [3]
    nights = nights_of(0, 1, 0, 0, 40, 0, 0, 0, 0, 0)
    assert nights.new_names(50, 1, replace(asked(10), ordinary=0.999)) > nights.new_names(50, 1, asked(10))


def nights_of(*names, accounts=50):
    return learned(*([1200] * n + [0] * (accounts - n) for n in names))


def test_says_how_many_names_an_ordinary_night_brings():
    held = nights_of(0, 1, 0, 0, 1, 0, 0, 0, 0, 0)
    assert held.new_names(50, 1, asked(10)) == 0.2
    assert held.new_names(100, 1, asked(10)) == 0.4
    assert held.new_names(50, 1, asked(11)) is None


def test_a_burst_of_names_is_no_ordinary_night():
    assert nights_of(0, 1, 0, 0, 40, 0, 0, 0, 0, 0).new_names(50, 1, asked(10)) == 0.2


def test_nights_that_all_bring_names_are_ordinary():
    brought = np.random.default_rng(4).poisson(3, 60)
    assert nights_of(*brought).new_names(50, 1, asked(10, 99.0)) == pytest.approx(brought.mean(), rel=0.15)


def test_without_a_name_one_in_nights_is_expected():
    assert nights_of(0, 0, 0, 0).new_names(50, 1, asked(4)) == 0.2


def test_counts_only_names_with_as_many_points_and_those_that_would_be_listed():
    held = learned(*([1200, 1200, 1200] + [0] * 47,) * 4, [2000] + [0] * 49)
    assert held.new_names(50, 1, asked(5)) == held.new_names(50, 1201, asked(5, 9.0)) == 0.2
    assert held.new_names(50, 1, asked(5, 9.0)) > 2
    assert held.new_names(50, 2001, asked(5, 9.0)) == round(1 / 6, 2)


def test_names_that_did_not_fit_on_one_list_raise_no_bar_for_another():
    held = learned(*([1200] + [0] * 49,) * 9, [2000] + [0] * 49)
    rules = replace(Settings(), alerting=Alerting(calibration_nights=10))
    sizes = {"": 25, "own": 25}
    of_all = held.new_names(50, 1, asked(10))
    assert names_expected(sizes, {}, held, rules) == of_all
    assert names_expected({"": 25}, {"own": 1200}, held, rules) == held.new_names(25, 1, asked(10))
    as_high = held.new_names(25, 1201, asked(10))
    assert names_expected(sizes, {"own": 1200}, held, rules) == round(of_all / 2 + as_high, 2)
    assert names_expected(sizes, {}, held, Settings()) is None


def test_counts_who_is_as_unusual_tonight_and_what_share_of_them_ordinary_nights_bring():
    expected = np.array([0.1, 4.0, 0.1, 0.6, 9.0, 0.2])
    rings = np.array([True, True, True, True, False, False])
    tonight = Tonight.of(expected, rings)
    assert tonight.as_unusual.tolist() == [2, 4, 2, 3, 4, 2]
    assert tonight.q_values[:4].tolist() == [0.05, 1.0, 0.05, 0.2]
    assert np.isnan(tonight.q_values[4:]).all()
    assert Tonight.of(expected, np.zeros(6, np.bool_)).as_unusual.tolist() == [0] * 6


def test_a_q_value_never_falls_from_more_to_less_unusual_accounts():
    tonight = Tonight.of(np.array([0.5, 0.6, 0.6]), np.ones(3, np.bool_))
    assert tonight.q_values.tolist() == [0.2, 0.2, 0.2]


def test_nights_scored_by_other_rules_count_until_enough_are_scored_by_these():
    held = Calibration()
    for at, (points, mark) in enumerate([(1_200, "old"), (1_200, "old"), (0, "new"), (0, "new")]):
        held = held.learn(FIRST + timedelta(days=at), who(["gp"]), np.array([points], np.int32), KEPT, mark)
    mine = held.scored_by("new", 2)
    assert (mine.nights, held.scored_by("new", 3).nights) == (2, 4)
    assert expected(mine, 1_200).tolist() == pytest.approx([1 / 3], abs=1e-4), "none of two rang with as much"
    assert expected(held, 1_200).tolist() == pytest.approx([2 / 5], abs=1e-4)
    back = mine.again(FIRST + timedelta(days=3), pl.DataFrame({"profession": ["gp"], "told": [1_200]}))
    assert back.scores["scored_by"].unique().to_list() == ["new"]


def test_a_large_group_tells_its_highest_scores_by_their_law():
    night = [0] * 3_000 + list(range(1_000, 3_000, 10))
    held = learned(night, night)
    plain = expected(held, 2_000, 2_900, 2_999, 9_000, rules=asked(2, scores=200_000))
    large = expected(held, 2_000, 2_900, 2_999, 9_000, rules=asked(2, scores=5_000))
    assert large[0] == plain[0], "counted, where many had as much"
    assert plain[1] > large[1] > plain[2], "told by the law of the hundred highest"
    assert large[3] == plain[3], "never below one in all scores"
