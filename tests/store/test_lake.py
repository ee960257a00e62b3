"""The lake gives what is asked and opens nothing else."""

from datetime import date, timedelta

import polars as pl
import pytest

from tocsin.schema import STORED, empty
from tocsin.store.files import Files
from tocsin.store.lake import Lake, Shelved, write_events

FIRST = date(2022, 3, 7)


@pytest.fixture
def lake(tmp_path):
    rows = [{"account": f"A{at % 9}", "night": FIRST + timedelta(days=at % 3), "line": at} for at in range(90)]
    events = pl.concat([empty(STORED), pl.DataFrame(rows).cast({"line": pl.UInt64})], how="diagonal")
    files = Files(tmp_path)
    return Lake(files, {night: (kept,) for night, kept in write_events(files, "1", events).items()}), tmp_path


def test_a_few_accounts_are_asked_without_opening_the_nights_before(lake):
    held, folder = lake
    whole = held.of_accounts(["A1", "A4"], ("account", "night", "line"))
    assert whole.height == 20
    (folder / "lake" / "2022-03-07" / "1.parquet").unlink()
    assert held.of_accounts(["A1"], ("line",), date(2022, 3, 8)).height == whole.filter(account="A1").height == 10


def test_buckets_hold_every_event_once(lake):
    held, _ = lake
    nights = [FIRST, FIRST + timedelta(days=1)]
    parts = [held.bucket(nights, index, 5, ("line", "account")) for index in range(5)]
    assert sorted(pl.concat(parts)["line"]) == [at for at in range(90) if at % 3 < 2]
    assert max(sum(account in set(part["account"]) for part in parts) for account in ("A0", "A1", "A2")) == 1


def test_of_the_nights_before_only_those_who_go_on_are_read_and_little_of_them(lake):
    held, _ = lake
    nights = [FIRST, FIRST + timedelta(days=1)]
    shelved = Shelved(held, nights, (), first=nights[1], before=("account", "night"))
    # A0, A3, A6 are there on the first night only, as 90 rows go round nine accounts and three nights.
    parts = pl.concat(shelved.bucket(index, 4) for index in range(4))
    assert set(parts["account"]) == {"A1", "A4", "A7"}
    assert set(parts["night"]) == {nights[1]}
    both = Shelved(held, nights, (), first=FIRST, before=("account", "night"))
    assert pl.concat(both.bucket(index, 4) for index in range(4)).height == 60


def test_what_is_not_needed_of_the_nights_before_is_null(tmp_path):
    rows = [{"account": "A1", "night": FIRST + timedelta(days=at), "line": at} for at in range(2)]
    events = pl.concat([empty(STORED), pl.DataFrame(rows).cast({"line": pl.UInt64})], how="diagonal")
    files = Files(tmp_path)
    held = Lake(files, {night: (kept,) for night, kept in write_events(files, "1", events).items()})
    shelved = Shelved(
        held, [FIRST, FIRST + timedelta(days=1)], (), None, FIRST + timedelta(days=1), ("account", "night")
    )
    assert shelved.bucket(0, 1)["line"].to_list() == [1, None]
