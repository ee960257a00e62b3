"""What a night has in common, by profession and region, as tonight has it and as later nights know it."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import FIRST, rows
from tocsin.features.catalogue import JUDGED
from tocsin.model.assess import About, assess
from tocsin.model.common_shift import common_shift, shifts
from tocsin.model.factors import Factors
from tocsin.model.memory import Memory
from tocsin.model.nights import Past
from tocsin.model.weather import Skies
from tocsin.settings import Baselines, Settings
from tocsin.verdict.blind import busier

PEOPLE = [feature for feature in JUDGED if feature.name == "people"]
NIGHT = date(2026, 4, 1)
HABITS = Baselines()


def shift(value, expected, groups=None, habits=HABITS):
    groups = np.zeros(value.size, np.intp) if groups is None else groups
    some = np.flatnonzero(expected > 0)
    order = some[np.argsort(value[some] / expected[some], kind="stable")]
    told, _accounts = shifts(value, expected, groups, int(groups.max()) + 1, order, habits)
    return told


def test_the_shift_is_what_most_accounts_share():
    assert shift(np.full(100, 12.0), np.full(100, 10.0)) == [1.2]


def test_an_attack_on_a_few_is_not_the_weather():
    assert shift(np.where(np.arange(100) < 4, 9_000.0, 10.0), np.full(100, 10.0)) == [1.0]


def test_the_shift_is_bounded():
    expected = np.full(100, 10.0)
    assert shift(expected * 9, expected) == [2.0]
    assert shift(expected * 0, expected) == [0.5]


def test_few_accounts_and_quiet_features_have_no_common_shift():
    assert np.isnan(shift(np.full(5, 30.0), np.full(5, 10.0)))
    assert np.isnan(shift(np.zeros(100), np.full(100, 0.01)))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 40)), min_size=1, max_size=200))
def test_each_group_has_the_shift_it_would_have_alone(accounts):
    habits = Baselines(shift_accounts=3, shift_count=5.0, shift_trimmed=0.2)
    groups, value, expected = (np.array(column) for column in zip(*accounts, strict=True))
    told = shift(value.astype(float), expected.astype(float), groups, habits)
    for group in range(groups.max() + 1):
        mine = np.flatnonzero((groups == group) & (expected > 0))
        if mine.size < 3 or expected[mine].sum() < 5:
            assert np.isnan(told[group])
            continue
        ordered = mine[np.argsort(value[mine] / expected[mine], kind="stable")]
        cut = int(ordered.size * 0.2)
        kept = ordered[cut : ordered.size - cut]
        assert told[group] == pytest.approx(np.clip(value[kept].sum() / expected[kept].sum(), 0.5, 2), abs=0.0011)


def portal(times, accounts=60, profession="gp"):
    """Give accounts that usually read ten people, by region so many times that tonight."""
    parts = [
        pl.DataFrame({"region": [region] * accounts, "people": [round(10 * more)] * accounts})
        for region, more in times.items()
    ]
    rows_ = pl.concat(parts, how="vertical_relaxed").with_columns(
        profession=pl.lit(profession), day=pl.lit("working"), night=pl.lit(NIGHT)
    )
    return rows_.with_columns(account=pl.int_range(pl.len()).cast(pl.String).str.zfill(5))


def found(tonight, habits=HABITS, skies=None):
    means = {"people": np.full(tonight.height, 10.0)}
    known = np.ones(tonight.height, np.bool_)
    return common_shift(tonight, means, known, PEOPLE, (NIGHT, "working"), skies or Skies(), habits)


def factor_of(common, tonight, region):
    here = tonight["region"].eq_missing(region)
    (factor,) = set(common.factors["people"][here.to_numpy()].tolist())
    return factor


def test_a_region_has_the_shift_of_its_own():
    tonight = portal({"57": 1.5, "67": 1.0, "75": 1.0})
    common = found(tonight, Baselines(shift_leaning=0.0))
    assert [factor_of(common, tonight, region) for region in ("57", "67", "75")] == [1.5, 1.0, 1.0]
    assert common.by_day["working"]["gp", "people"] == pytest.approx(1.17, abs=0.03)


def test_a_small_region_leans_on_the_profession_and_a_smaller_one_has_its_shift():
    tonight = pl.concat(
        [portal({"57": 1.5}, 20), portal({"67": 1.5}, 19), portal({"75": 1.0}, 400), portal({None: 1.5}, 30)]
    )
    common = found(tonight)
    everywhere = common.by_day["working"]["gp", "people"]
    assert factor_of(common, tonight, "57") == pytest.approx((1.5 + everywhere) / 2, abs=0.002)
    assert factor_of(common, tonight, "67") == factor_of(common, tonight, None) == everywhere
    assert common.regions["region"].to_list() == ["57", "75"]


def test_an_attack_on_a_few_of_a_region_is_not_its_weather():
    tonight = portal({"57": 1.0}).with_columns(
        people=pl.when(pl.int_range(pl.len()) < 3).then(9000).otherwise("people")
    )
    assert factor_of(found(tonight), tonight, "57") == 1.0


def test_where_no_account_is_known_nothing_is_common():
    tonight = portal({"57": 1.5})
    common = common_shift(
        tonight, {"people": np.full(60, 10.0)}, np.zeros(60, np.bool_), PEOPLE, (NIGHT, "working"), Skies(), HABITS
    )
    assert factor_of(common, tonight, "57") == 1.0
    assert common.regions.is_empty()


def test_what_a_region_had_of_its_own_is_known_on_later_nights_and_then_forgotten():
    tonight = portal({"57": 1.5, "75": 1.0}).with_columns(structure=pl.lit(None, pl.String))
    common = found(tonight)
    skies = Skies().learn_all(NIGHT, common.by_day, common.regions, 28)
    factors = Factors.of(Past.of(tonight), skies)
    told = factors.of_feature("people")[factors.by_account[0]] / 1000
    assert told.tolist() == common.factors["people"].tolist()
    assert set(factors.of_feature("asked")[1:]) == {1000}
    later = skies.learn_all(NIGHT + timedelta(days=28), {"working": {}}, common.regions.clear(), 28)
    assert later.regions.is_empty()
    assert set(Factors.of(Past.of(tonight), later).of_feature("people")[1:]) == {1000}


def test_an_epidemic_of_one_region_blames_nobody_there():
    here, there = rows(accounts=60), rows(accounts=60, prefix="B", seed=2)
    frame = pl.concat([here.with_columns(region=pl.lit("57")), there.with_columns(region=pl.lit("75"))])
    ill = (pl.col("night") == FIRST + timedelta(days=14)) & (pl.col("region") == "57")
    frame = frame.with_columns(people=pl.when(ill).then(pl.col("people") * 1.8).otherwise("people").cast(pl.Int64))
    frame = frame.sort("night", "account")
    memory = Memory()
    for (night,), tonight in frame.partition_by("night", as_dict=True, maintain_order=True).items():
        seen = assess(tonight, memory, PEOPLE, Settings(), About((night, "working"), with_model=False))
        memory = seen.learned
    ill_ones = (seen.rows["region"] == "57").to_numpy()
    assert seen.factors["people"][ill_ones].mean() > 1.5
    assert seen.factors["people"][~ill_ones].mean() == pytest.approx(1.1, abs=0.1)
    assert np.median(seen.surprises["people"][ill_ones]) < 60


def test_who_reads_more_together_than_is_excused_is_named():
    tonight = pl.concat([portal({"57": 3.0, "67": 1.0, "75": 1.0, "29": 1.0}), portal({"57": 2.5}, profession="nurse")])
    common = found(tonight.with_columns(account=pl.int_range(pl.len()).cast(pl.String)))
    assert common.beyond == (("nurse", None), ("gp", "57"))
    closed = found(tonight.with_columns(day=pl.lit("closed"), account=pl.int_range(pl.len()).cast(pl.String)))
    assert closed.beyond == ()
    (said,) = busier(common.beyond, Settings())
    assert said.startswith("nurse, gp in 57: together at least 2 times the people of such a night")
    assert busier((), Settings()) == ()
    assert "gp in 4 and 2 more: " in busier([("gp", str(n)) for n in range(7)], Settings())[0]
