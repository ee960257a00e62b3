from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.formats.times import read_time, read_times

PARIS = "Europe/Paris"


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def both(*texts, zone=PARIS):
    """Read by column and one by one; they must agree."""
    table = read_times(pl.Series(texts, dtype=pl.String), zone)
    readings = [read_time(text, zone) if text is not None else (None, None) for text in texts]
    assert table.rows() == readings
    return readings


@pytest.mark.parametrize(
    ("text", "time", "offset"),
    [
        ("2022-03-14T10:00:00Z", utc(2022, 3, 14, 10), 0),
        ("2022-03-14T10:00:00+01:00", utc(2022, 3, 14, 9), 60),
        ("2022-03-14 10:00:00.123456789 -0330", utc(2022, 3, 14, 13, 30, 0, 123456), -210),
        ("2022-03-14T10:00:00,5+02", utc(2022, 3, 14, 8, 0, 0, 500_000), 120),
        ("2022-03-14 10:00:00 UTC", utc(2022, 3, 14, 10), 0),
        ("2022-03-14 10:00:00", utc(2022, 3, 14, 9), None),
        ("14/03/2022 10:00:00", utc(2022, 3, 14, 9), None),
        ("14/03/2022 10:00", utc(2022, 3, 14, 9), None),
        ("17/May/2015:10:05:03 +0000", utc(2015, 5, 17, 10, 5, 3), 0),
        ("20220314100000", utc(2022, 3, 14, 9), None),
        ("2022-03-14T10:00Z", utc(2022, 3, 14, 10), 0),
        ("2022-06-30T23:59:60Z", utc(2022, 7, 1), 0),
        ("1647252000", utc(2022, 3, 14, 10), None),
        ("1647252000.25", utc(2022, 3, 14, 10, 0, 0, 250_000), None),
        ("1647252000123", utc(2022, 3, 14, 10, 0, 0, 123_000), None),
        ("1647252000123.5", utc(2022, 3, 14, 10, 0, 0, 123_500), None),
        ("1647252000123456", utc(2022, 3, 14, 10, 0, 0, 123_456), None),
        ("1647252000123456789", utc(2022, 3, 14, 10, 0, 0, 123_456), None),
        ("  2022-03-14T10:00:00Z ", utc(2022, 3, 14, 10), 0),
    ],
)
def test_reads_the_times_that_logs_write(text, time, offset):
    assert both(text) == [(time, offset)]


@pytest.mark.parametrize(
    "text",
    ["", "-", "yesterday", "2022-02-30T10:00:00Z", "2022-13-14 10:00:00", "2022-03-14", "2022-03-14T25:00:00Z", "2022-03-14T10:00:00 CET",
     "0022-03-14 10:00:00 x", "9999999999999999999", "12345678", "31/02/2022 10:00:00", "17/Mai/2015:10:05:03 +0000",
     "9999-12-31T23:59:59-01:00", "0001-01-01 00:00"],
)  # fmt: skip
def test_leaves_what_is_no_time(text):
    assert both(text) == [(None, None)]


def test_takes_the_first_of_two_hours_in_autumn():
    assert both("2022-10-30 02:30:00") == [(utc(2022, 10, 30, 0, 30), None)]


def test_moves_a_time_in_the_spring_gap_forward():
    assert both("2022-03-27 02:30:00", "2022-03-27 03:30:00") == [(utc(2022, 3, 27, 1, 30), None)] * 2


def test_reads_a_column_of_mixed_forms():
    texts = ["2022-03-14T10:00:00Z", "14/03/2022 11:00:00", None, "x", "1647252000", "20220314110000"] * 2_000
    table = read_times(pl.Series(texts), PARIS)
    assert (
        table["time"].to_list()
        == [utc(2022, 3, 14, 10), utc(2022, 3, 14, 10), None, None, utc(2022, 3, 14, 10), utc(2022, 3, 14, 10)] * 2_000
    )


def test_reads_many_different_fractions():
    texts = [f"2022-03-14T10:00:00.{micros:06}+01:00" for micros in range(0, 900_000, 123)]
    times = read_times(pl.Series(texts), PARIS)["time"]
    assert times.dt.microsecond().to_list() == list(range(0, 900_000, 123))


def test_reads_many_different_endings_that_are_no_fractions():
    texts = [f"2022-03-14T10:00:00x{number}" for number in range(5_000)]
    assert read_times(pl.Series(texts), PARIS)["time"].null_count() == 5_000


def test_reads_a_column_of_nothing():
    assert read_times(pl.Series([None, None], dtype=pl.String), PARIS).height == 2
    assert read_times(pl.Series([], dtype=pl.String), PARIS).height == 0


MOMENTS = st.datetimes(datetime(2000, 1, 2), datetime(2099, 1, 1))
OFFSETS = st.integers(-14 * 60, 14 * 60)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(MOMENTS, OFFSETS), min_size=1, max_size=5))
def test_a_written_time_comes_back(moments):
    aware = [moment.replace(tzinfo=timezone(timedelta(minutes=offset))) for moment, offset in moments]
    expected = [(moment.astimezone(UTC), offset) for moment, (_, offset) in zip(aware, moments, strict=True)]
    assert both(*(moment.isoformat() for moment in aware)) == expected
    seconds = [
        (moment.replace(microsecond=0).astimezone(UTC), offset)
        for moment, (_, offset) in zip(aware, moments, strict=True)
    ]
    assert both(*(moment.strftime("%d/%b/%Y:%H:%M:%S %z") for moment in aware)) == seconds
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    micros = [(moment - epoch) // timedelta(microseconds=1) for moment in aware]
    assert both(*(f"{value:016}" for value in micros)) == [(time, None) for time, _ in expected]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(MOMENTS, min_size=1, max_size=5),
    st.sampled_from([PARIS, "America/Martinique", "Pacific/Noumea", "Australia/Lord_Howe"]),
)
def test_local_times_are_placed_alike_by_column_and_one_by_one(moments, zone):
    both(*(moment.replace(microsecond=0).isoformat() for moment in moments), zone=zone)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("0123456789-/:T .,+Z MarMay", max_size=28), max_size=4))
def test_odd_texts_are_read_alike_by_column_and_one_by_one(texts):
    both(*texts)


NEW_YEAR = datetime(2022, 1, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "now", "time"),
    [
        ("Jan  2 10:00:00", NEW_YEAR, utc(2022, 1, 2, 9)),
        ("Jan  2 10:00:00", NEW_YEAR - timedelta(days=1), utc(2022, 1, 2, 9)),
        ("Jan  4 10:00:00", NEW_YEAR, utc(2021, 1, 4, 9)),
        ("Dec 31 23:59:59", NEW_YEAR, utc(2021, 12, 31, 22, 59, 59)),
        ("Feb 29 10:00:00", NEW_YEAR, utc(2020, 2, 29, 9)),
        ("Dec 31 23:59:59.25 +0000", NEW_YEAR, utc(2021, 12, 31, 23, 59, 59, 250_000)),
        ("Dec 32 23:59:59", NEW_YEAR, None),
        ("Dec 31 23:59:59 x", NEW_YEAR, None),
    ],
)
def test_now_decides_the_year_that_syslog_leaves_out(text, now, time):
    assert read_times(pl.Series([text, text]), PARIS, now)["time"].to_list() == [time, time]
    assert both(text) == [(None, None)]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1.647252e9", utc(2022, 3, 14, 10)),
        ("1.647252000123E12", utc(2022, 3, 14, 10, 0, 0, 123_000)),
        ("1.647252000123456789e+18", utc(2022, 3, 14, 10, 0, 0, 123_456)),
        ("0", utc(1970, 1, 1)),
        ("2022/03/14 10:00:00", utc(2022, 3, 14, 9)),
        ("14-03-2022 10:00:00", utc(2022, 3, 14, 9)),
        ("14.03.2022 10:00:00.5", utc(2022, 3, 14, 9, 0, 0, 500_000)),
        ("Mar 14 2022 10:00:00", utc(2022, 3, 14, 9)),
        ("14 Mar 2022 10:00:00 +0200", utc(2022, 3, 14, 8)),
    ],
)
def test_reads_rarer_times(text, time):
    assert both(text)[0][0] == time
    assert both(*["2022-03-14T10:00:00Z"] * 3, text)[3][0] == time
