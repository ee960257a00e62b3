"""Long lists that an owner takes home now and then: the first of them is news, more of the same are none."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from portal import FIRST, measured, rows
from tocsin.model.assess import assess
from tocsin.settings import Settings
from tocsin.tune.replay import _kept_in
from tocsin.verdict.hits import HITS
from tocsin.verdict.judge import Asked, judge

LAST = 21


def rung_on_the_last_night(*, taken, assessed=assess):
    """Judge nights on which A000 takes so many rows home, known there since the first nights; A001 has long lists at work."""
    frame = rows(accounts=20, nights=LAST + 1)
    frame = frame.with_columns(answers=pl.when(pl.col("account") == "A001").then(20_000).otherwise(40))
    day = (pl.col("night") - FIRST).dt.total_days()
    more = sum(
        pl.when((pl.col("account") == "A000") & (day == at)).then(sent).otherwise(0) for at, sent in taken.items()
    )
    frame = frame.with_columns(answers=pl.col("answers") + more)
    told = measured(frame)
    work = told.origins.drop("read", "strangers").join(
        frame.select("account", "night", read="people", strangers="new_people"), on=["account", "night"]
    )
    home = work.filter((pl.col("account") == "A000") & ((day < 3) | day.is_in(list(taken)))).with_columns(
        ip=pl.lit("10.9.9.1"),
        network=pl.lit("10.9.9"),
        read=pl.lit(0, pl.Int64),
        strangers=pl.lit(0, pl.Int64),
        sent=day.replace_strict(taken, default=0, return_dtype=pl.Int64),
    )
    asked = Asked(nights=[FIRST + timedelta(days=LAST)], holidays=frozenset(), with_model=False, assess=assessed)
    told = replace(told, origins=pl.concat([work, home]).select(told.origins.columns))
    (night,) = judge(told, lambda *_: pl.DataFrame(schema=HITS), Settings(), asked, lambda _night: None)
    return "A000" in {one.account for one in night.suspects}


@pytest.mark.parametrize(
    ("taken", "rings"),
    [
        pytest.param({LAST: 12_000}, True, id="never before"),
        pytest.param({LAST - 7: 6_000, LAST: 12_000}, False, id="half as much a week ago"),
        pytest.param({LAST - 7: 3_900, LAST: 12_000}, True, id="less than a third of it"),
        pytest.param({LAST - 14: 9_000, LAST - 7: 26_000, LAST: 75_000}, True, id="three times as much each week"),
        pytest.param({LAST - 7: 30_000, LAST: 30_000}, True, id="as much, which rang already"),
    ],
)
def test_what_an_owner_took_home_before_is_not_extreme_again(taken, rings):
    assert rung_on_the_last_night(taken=taken) is rings


def test_a_replay_knows_what_was_taken_home_before():
    kept = _kept_in({})
    assert not any(rung_on_the_last_night(taken={LAST - 7: 6_000, LAST: 12_000}, assessed=kept) for _run in range(2))
