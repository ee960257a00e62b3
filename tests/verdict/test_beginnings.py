"""Logs without addresses: suspects that began together are one campaign there too."""

from dataclasses import replace
from datetime import timedelta

import polars as pl

from portal import BURST, FIRST, measured, rows, with_values
from tocsin.settings import Settings
from tocsin.verdict.beginnings import with_beginnings
from tocsin.verdict.hits import HITS
from tocsin.verdict.judge import Asked, judge

LAST = FIRST + timedelta(days=14)
FIVE = ("A001", "A002", "A003", "A004", "A005")


def campaigns(hour, told=with_beginnings):
    """Everybody begins at eight; on the last night a robot empties five accounts, from some hour on."""
    frame = rows()
    for account in FIVE:
        frame = with_values(frame, account, 14, **BURST)
    robot = (pl.col("night") == LAST) & pl.col("account").is_in(FIVE)
    number = pl.col("account").str.slice(1).cast(pl.Int64)
    begins = pl.when(robot).then(60 * hour).otherwise(8 * 60) + number % 20
    frame = frame.with_columns(first=pl.col("first").dt.truncate("1d") + pl.duration(minutes=begins))
    whole = measured(frame, missing=("ip", "network", "network_type", "user_agent"))
    whole = replace(whole, origins=whole.origins.clear().with_columns(first=pl.lit(None, frame.schema["first"])))
    asked = Asked(nights=[LAST], holidays=frozenset(), budget=10, with_model=False)
    (night,) = judge(told(whole), lambda *_: pl.DataFrame(schema=HITS), Settings(), asked, lambda _night: None)
    assert {suspect.account for suspect in night.suspects} >= {*FIVE}
    return [[member.account for member in campaign.accounts] for campaign in night.campaigns]


def test_accounts_that_began_together_at_night_are_one_campaign():
    assert campaigns(2) == [[*FIVE]]
    assert campaigns(2, told=lambda whole: whole) == []


def test_an_office_that_begins_with_everybody_is_none():
    assert campaigns(8) == []


def test_where_any_address_is_told_nothing_is_put_in():
    whole = measured(rows())
    assert with_beginnings(whole) is whole
