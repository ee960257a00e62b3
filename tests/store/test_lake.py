"""The lake gives what is asked and opens nothing else."""

from datetime import date, timedelta

import polars as pl
import pytest

from tocsin.schema import STORED, empty
from tocsin.store.files import Files
from tocsin.store.lake import Lake, write_events

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
