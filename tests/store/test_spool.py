import stat

import pytest

from made import at, stored
from tocsin.errors import StoreError
from tocsin.schema import STORED
from tocsin.store.spool import Spool, View

EVENTS = stored(
    *({"account": f"A{n % 7}", "time": at(n), "ip": f"10.0.0.{n % 3}", "patient": f"b:{n}"} for n in range(50))
)


@pytest.mark.parametrize("hold_rows", [10, 1_000])
@pytest.mark.parametrize("buckets", [1, 4])
def test_every_event_of_an_account_is_in_one_bucket(hold_rows, buckets):
    with Spool(hold_rows=hold_rows) as spool:
        for start in range(0, 50, 20):
            spool.add(EVENTS[start : start + 20])
        parts = [spool.bucket(index, buckets) for index in range(buckets)]
    assert sum(part.height for part in parts) == 50
    seen = [set(part["account"]) for part in parts if part.height]
    assert sum(map(len, seen)) == 7


def test_a_view_holds_its_own_columns_in_its_own_buckets():
    view = View("ip", ("time", "account", "ip"))
    with Spool([view], hold_rows=10) as spool:
        spool.add(EVENTS)
        spool.add(EVENTS[:5])
        parts = [part for part in (spool.bucket(index, 3, "ip") for index in range(3)) if part.height]
    assert all(part.columns == ["time", "account", "ip"] for part in parts)
    assert sum(part["ip"].n_unique() for part in parts) == 3


@pytest.mark.parametrize("hold_rows", [10, 1_000])
def test_reads_the_events_of_a_few_accounts_only(hold_rows):
    with Spool(hold_rows=hold_rows) as spool:
        spool.add(EVENTS)
        spool.add(EVENTS)
        mine = spool.of_accounts(["A1", "A3", "nobody"], ("account", "line"))
    assert set(mine["account"]) == {"A1", "A3"}
    assert mine.height == 2 * EVENTS.filter(EVENTS["account"].is_in(["A1", "A3"])).height


def test_an_empty_spool_has_no_events():
    with Spool() as spool:
        assert spool.bucket(0, 1).is_empty()
        assert spool.bucket(0, 1).columns == list(STORED)
        assert spool.of_accounts(["A1"], ("account",)).is_empty()


def test_spilled_files_are_private_and_go_away(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Spool(hold_rows=1) as spool:
        spool.add(EVENTS)
        files = list(tmp_path.rglob("*.parquet"))
        assert files
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert {stat.S_IMODE(file.parent.stat().st_mode) for file in files} == {0o700}
    assert not list(tmp_path.rglob("*"))


def test_says_when_the_disk_cannot_take_the_working_files(monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("polars.DataFrame.write_parquet", full)
    with Spool(hold_rows=1) as spool, pytest.raises(StoreError, match="No space left on device; free some disk"):
        spool.add(EVENTS)


def test_a_bucket_holds_about_half_a_million_events():
    spool = Spool()
    assert spool.buckets == 1
    spool.events = 4_750_000
    assert spool.buckets == 10
    spool.events = 10**12
    assert spool.buckets == 64
