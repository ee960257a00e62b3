"""The lake gives what is asked and opens nothing else."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from tocsin.schema import STORED, TIME, empty
from tocsin.store.files import Files
from tocsin.store.lake import Earlier, Lake, Shelved, write_events

FIRST = date(2022, 3, 7)
MIDNIGHT = datetime(2022, 3, 7, tzinfo=UTC)

LITTLE = Earlier(("account", "night"), MIDNIGHT, ("account", "night"))


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
    shelved = Shelved(held, nights, (), first=nights[1], earlier=LITTLE)
    # A0, A3, A6 are there on the first night only, as 90 rows go round nine accounts and three nights.
    parts = pl.concat(shelved.bucket(index, 4) for index in range(4))
    assert set(parts["account"]) == {"A1", "A4", "A7"}
    assert set(parts["night"]) == {nights[1]}
    both = Shelved(held, nights, (), first=FIRST, earlier=LITTLE)
    assert pl.concat(both.bucket(index, 4) for index in range(4)).height == 60


def test_what_is_not_needed_of_the_nights_before_is_null(tmp_path):
    at_hours = (1, 23, 25)
    rows = [
        {
            "account": "A1",
            "night": FIRST + timedelta(days=at // 24),
            "line": at,
            "rows": at,
            "time": MIDNIGHT + timedelta(hours=at),
        }
        for at in at_hours
    ]
    events = pl.concat(
        [
            empty(STORED),
            pl.DataFrame(rows).cast({"line": pl.UInt64, "rows": pl.UInt32, "night": pl.Date, "time": TIME}),
        ],
        how="diagonal",
    )
    files = Files(tmp_path)
    held = Lake(files, {night: (kept,) for night, kept in write_events(files, "1", events).items()})
    nights = [FIRST, FIRST + timedelta(days=1)]
    earlier = Earlier(("account", "night"), MIDNIGHT + timedelta(hours=22), ("account", "night", "rows"))
    shelved = Shelved(held, nights, (), None, nights[1], earlier, ("account", "night", "line", "rows"))
    assert shelved.bucket(0, 1).select("line", "rows").rows() == [(25, 25), (None, None), (None, 23)]


def test_of_some_accounts_their_shelves_are_read(lake):
    held, _ = lake
    shelved = Shelved(held, [FIRST], (), {"account": pl.Series(["A0", "A3", "A1"])})
    parts = pl.concat(shelved.bucket(index, 4) for index in range(4))
    assert sorted(parts["account"].unique()) == ["A0", "A3"]
    assert parts.height == 20
