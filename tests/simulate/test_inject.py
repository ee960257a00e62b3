"""Attacks played into events that were there before."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tocsin.errors import SettingsError
from tocsin.schema import KIND
from tocsin.simulate.inject import inject
from tocsin.simulate.scenarios.spec import attack
from tocsin.simulate.writers.native import NATIVE_COLUMNS


def portal(columns=None, nights=8, accounts=12):
    """Return events of practices that read twenty people each working hour or so."""
    start = datetime(2026, 3, 2, 7, tzinfo=UTC)
    rows = [
        (start + timedelta(days=night, minutes=17 * visit + account), f"A{account:02d}", f"p{account}-{visit % 25}")
        for night in range(nights)
        for account in range(accounts)
        for visit in range(30)
    ]
    events = pl.DataFrame(rows, schema=["time", "account", "patient"], orient="row").with_columns(
        kind=pl.lit("lookup").cast(KIND),
        time=pl.col("time").cast(pl.Datetime("us", "UTC")),
        profession=pl.lit("generaliste"),
        region=pl.lit("29"),
        session=pl.format("s-{}-{}", "account", pl.col("time").dt.date()),
        ip=pl.lit("90.3.1.7"),
        user_agent=pl.lit("Old Browser"),
        client=pl.lit("OfficineSoft"),
    )
    return events.select(columns or pl.all())


def test_gives_the_intruders_events_in_native_columns_with_their_truth():
    played = inject(portal(), (attack("blitz:2@7-8,per_day=300-400"),), seed=5)
    assert played.events.columns == list(NATIVE_COLUMNS)
    lookups = played.events.filter(kind="lookup")
    assert lookups.group_by("account", pl.col("time").str.slice(0, 10)).len()["len"].is_between(250, 400).all()
    assert set(played.accounts["account"]) == set(lookups["account"])
    assert set(played.nights["night"]) == {"2026-03-08", "2026-03-09"}
    assert set(lookups["profession"]) == {"generaliste"}
    assert lookups["patient"].str.len_chars().is_in([13, 15]).all()


def test_is_a_pure_function():
    events = portal()
    before = events.clone()
    first, second = (inject(events, (attack("leaked_list:2,rotate=0"),), seed=5) for _ in range(2))
    assert first.events.equals(second.events)
    assert events.equals(before)
    assert not inject(events, (attack("leaked_list:2"),), seed=6).events.equals(first.events)


def test_reads_an_accounts_own_people_by_their_names_in_the_background():
    played = inject(portal(), (attack("own_base_dump:3,former=0,first_night=1"),), seed=5)
    lookups = played.events.filter(kind="lookup")
    assert lookups.height > 3 * 20
    real = portal().select("account", "patient").unique()
    assert lookups.join(real, on=["account", "patient"], how="anti").is_empty()
    assert set(lookups["client"]) == {"OfficineSoft"}
    assert played.exposed.join(real, on=["account", "patient"], how="anti").is_empty()


def test_uses_the_owners_session_and_browser():
    played = inject(portal(), (attack("session_parallel:2@8,owner_browser=1"),), seed=5)
    assert set(played.events["session"]) <= set(portal()["session"])
    assert set(played.events["user_agent"]) == {"Old Browser"}
    assert (played.sessions["owner"] == 30).all()


def test_plays_into_a_log_that_says_little():
    played = inject(portal(["time", "kind", "account"]), (attack("blitz:1@8,per_day=50-60"),), seed=5)
    assert played.events.filter(kind="lookup").height > 40


def test_needs_accounts_that_are_there():
    with pytest.raises(SettingsError, match="blitz needs 19 accounts, 12 are free"):
        inject(portal(), (attack("blitz"),), seed=5)
