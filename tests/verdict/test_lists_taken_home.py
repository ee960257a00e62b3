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

LAST = 16
TAKEN = {
    "A000": ({LAST: 12_000}, True),  # never before
    "A001": ({LAST - 7: 6_000, LAST: 12_000}, False),  # half as much a week ago
    "A002": ({LAST - 7: 3_900, LAST: 12_000}, True),  # less than a third of it
    "A003": ({LAST - 14: 9_000, LAST - 7: 26_000, LAST: 75_000}, True),  # three times as much each week
    "A004": ({LAST - 7: 30_000, LAST: 30_000}, True),  # as much, which rang already
}
"""Account -> the rows that it takes home by day, and whether it rings on the last."""


def rung_on_the_last_night(assessed=assess):
    """Judge nights of accounts that are known at home since the first nights; A159 has long lists at work."""
    frame = rows(accounts=160, nights=LAST + 1)  # more at once would be a shift
    plans = [(account, day, sent) for account, (taken, _rings) in TAKEN.items() for day, sent in taken.items()]
    plan = pl.DataFrame(plans, schema=["account", "day", "more"], orient="row")
    day = (pl.col("night") - FIRST).dt.total_days()
    usual = pl.when(pl.col("account") == "A159").then(20_000).otherwise(40)
    taken = frame.with_columns(day=day).join(plan, on=["account", "day"], how="left")["more"].fill_null(0)
    told = measured(frame.with_columns(answers=usual + taken))
    work = told.origins.drop("read", "strangers").join(
        frame.select("account", "night", read="people", strangers="new_people"), on=["account", "night"]
    )
    away = work.with_columns(day=day).join(plan, on=["account", "day"], how="left")
    home = away.filter(
        pl.col("account").is_in(list(TAKEN)) & ((pl.col("day") < 3) | (pl.col("more") > 0))
    ).with_columns(
        ip=pl.lit("10.9.9.1"),
        network=pl.lit("10.9.9"),
        read=pl.lit(0, pl.Int64),
        strangers=pl.lit(0, pl.Int64),
        sent=pl.col("more").fill_null(0),
    )
    told = replace(told, origins=pl.concat([work, home.drop("day", "more")]).select(told.origins.columns))
    asked = Asked(nights=[FIRST + timedelta(days=LAST)], holidays=frozenset(), with_model=False, assess=assessed)
    (night,) = judge(told, lambda *_: pl.DataFrame(schema=HITS), Settings(), asked, lambda _night: None)
    return {one.account for one in night.suspects}


@pytest.mark.no_cover
def test_what_an_owner_took_home_before_is_not_extreme_again_in_a_replay_either():
    ringing = {account for account, (_taken, rings) in TAKEN.items() if rings}
    kept = _kept_in({})
    assert rung_on_the_last_night(kept) == ringing
    assert rung_on_the_last_night(kept) == ringing, "a replay of what was kept"
