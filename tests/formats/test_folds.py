from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from tocsin.formats.folds import Folds
from tocsin.formats.times import read_times
from tocsin.intake import IntakeOptions, Ledger, take_in
from tocsin.privacy.tokens import TokenKey

PARIS = "Europe/Paris"


def placed(*clocks, zone=PARIS, day="2022-10-30", sizes=(100,)):
    """Read clock times of one night in batches of these sizes; gives UTC hours and minutes."""
    texts = pl.Series([f"{day}T{clock}" for clock in clocks])
    events = read_times(texts, zone)
    folds, frames, at = Folds(zone), [], 0
    for size in [*sizes, len(clocks)]:
        frames.append(folds.placed(events[at : at + size]))
        at += size
    return pl.concat(frames)["time"].dt.strftime("%H:%M").to_list()


def test_the_second_pass_of_the_hour_begins_where_the_clock_falls_back():
    assert placed("01:59", "02:10", "02:50", "02:05", "02:30", "03:10") == [
        "23:59",
        "00:10",
        "00:50",
        "01:05",
        "01:30",
        "02:10",
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_blocks_do_not_matter(size):
    clocks = ("01:59", "02:10", "02:50", "02:05", "02:30", "02:55", "03:10")
    assert placed(*clocks, sizes=[size] * 7) == placed(*clocks)


def test_one_pass_alone_is_the_first():
    assert placed("01:59", "02:10", "02:50", "03:05") == ["23:59", "00:10", "00:50", "02:05"]


def test_a_line_a_little_late_is_no_second_pass_and_a_straggler_stays_in_the_first():
    assert placed("02:30", "02:25", "02:40") == ["00:30", "00:25", "00:40"]
    assert placed("02:40", "02:59", "02:00", "02:58", "02:20", "02:58") == [
        "00:40",
        "00:59",
        "01:00",
        "00:58",
        "01:20",
        "01:58",
    ]


def test_a_log_that_is_not_in_order_of_time_keeps_the_first_pass():
    assert placed("08:00", "02:50", "02:10") == ["07:00", "00:50", "00:10"]
    assert placed("02:50", "01:10", "02:10") == ["00:50", "23:10", "00:10"]


def test_times_with_an_offset_stay_as_they_are():
    assert placed("02:50+02:00", "02:10+02:00") == ["00:50", "00:10"]


def test_other_nights_and_zones_without_folds_stay_as_they_are():
    assert placed("02:50", "02:10", day="2022-10-29") == ["00:50", "00:10"]
    assert placed("02:50", "02:10", zone="UTC") == ["02:50", "02:10"]


def test_half_an_hour_comes_twice_on_lord_howe():
    day = "2022-04-03"
    assert placed("01:31", "01:55", "01:32", "02:01", zone="Australia/Lord_Howe", day=day) == [
        "14:31",
        "14:55",
        "15:02",
        "15:31",
    ]


def test_nothing_is_nothing():
    assert Folds(PARIS).placed(read_times(pl.Series([], dtype=pl.String), PARIS)).is_empty()


def test_a_scan_tells_the_two_hours_apart(tmp_path):
    path = tmp_path / "a.csv"
    minutes = [f"2022-10-30T02:{minute:02}:00,login,A1" for minute in range(0, 60, 5)]
    path.write_text("\n".join(["time,kind,account", *minutes, *minutes, "2022-10-30T03:00:00,login,A1"]))
    ledger = Ledger()
    options = IntakeOptions(zone=PARIS, now=datetime(2022, 11, 1, tzinfo=UTC))
    times = pl.concat(take_in([str(path)], options, TokenKey.throwaway(), ledger))["time"]
    assert times.diff().drop_nulls().unique().to_list() == [timedelta(minutes=5)]
    assert ledger.records()[0].last == datetime(2022, 10, 30, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "log",
    [
        "time,kind,account\n1667091000,lookup,a\n1667090400,lookup,a\n1667089500,lookup,a\n",
        (
            "#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status\n"
            "2022-10-30 00:50:00 GET /x a 10.0.0.1 200\n2022-10-30 00:40:00 GET /x a 10.0.0.1 200\n"
            "2022-10-30 00:25:00 GET /x a 10.0.0.1 200\n"
        ),
    ],
    ids=["epochs", "UTC"],
)
def test_no_clock_is_put_back_for_epochs_and_utc(tmp_path, log):
    (tmp_path / "log").write_text(log)
    options = IntakeOptions(zone=PARIS, now=datetime(2022, 11, 1, tzinfo=UTC))
    events = pl.concat(take_in([str(tmp_path / "log")], options, TokenKey(bytes(32)), Ledger()))
    assert events["time"].dt.to_string("%H:%M").to_list() == ["00:50", "00:40", "00:25"]


def test_a_mapping_with_a_zone_of_its_own_has_its_own_night(tmp_path):
    (tmp_path / "m.yml").write_text(
        "container: csv\ntime: {field: t, zone: America/New_York}\ncolumns: {account: a}\nkind: {constant: lookup}\n"
        "outcome: {constant: success}\n"
    )
    (tmp_path / "log").write_text("t,a\n2022-11-06 01:30:00,x\n2022-11-06 01:05:00,x\n")
    options = IntakeOptions(zone=PARIS, now=datetime(2022, 12, 1, tzinfo=UTC), format_name=str(tmp_path / "m.yml"))
    events = pl.concat(take_in([str(tmp_path / "log")], options, TokenKey(bytes(32)), Ledger()))
    assert events["time"].dt.to_string("%H:%M").to_list() == ["05:30", "06:05"]
