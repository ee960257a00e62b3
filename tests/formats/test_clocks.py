from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.formats.clocks import read_clocks
from tocsin.formats.times import read_time

ISO = "YYYY-MM-DDThh:mm:ss"


def clocks(*texts, picture=ISO):
    return read_clocks(pl.Series(texts, dtype=pl.String), picture).rows()


def test_reads_texts_of_several_lengths_offsets_and_none_in_one_column():
    assert clocks(
        "2022-03-14T10:00:00Z", None, "2022-03-14T10:00:00.5+01:00", "2022-03-14T10:00:00.5-03:30", "2022-03-14T10:00:00", "soon"
    ) == [
        (datetime(2022, 3, 14, 10), 0),
        (None, None),
        (datetime(2022, 3, 14, 10, 0, 0, 500_000), 60),
        (datetime(2022, 3, 14, 10, 0, 0, 500_000), -210),
        (datetime(2022, 3, 14, 10), None),
        (None, None),
    ]  # fmt: skip


def test_knows_the_calendar():
    assert clocks("2024-02-29T00:00:00", "2023-02-29T00:00:00", "2100-02-29T00:00:00", "2022-04-31T00:00:00") == [
        (datetime(2024, 2, 29), None),
        (None, None),
        (None, None),
        (None, None),
    ]
    assert (
        clocks("2022-01-00T00:00:00", "2022-00-01T00:00:00", "2022-13-01T00:00:00", "9991-01-01T00:00:00")
        == [(None, None)] * 4
    )
    assert clocks("9990-12-31T23:59:59", "1000-01-01T00:00:00") == [(datetime(9990, 12, 31, 23, 59, 59), None), (datetime(1000, 1, 1), None)]  # fmt: skip


def test_leaves_a_letter_among_digits():
    assert clocks("2022-03-14T1O:00:00", "2022-03-14T10:00:00.5a3Z", "2022/03/14T10:00:00") == [(None, None)] * 3


def test_reads_the_name_of_a_month_in_any_case():
    assert clocks("17/mAy/2015:10:05:03 +0000", "17/Mai/2015:10:05:03 +0000", picture="DD/BBB/YYYY:hh:mm:ss") == [
        (datetime(2015, 5, 17, 10, 5, 3), 0),
        (None, None),
    ]


def test_leaves_the_texts_beyond_many_different_endings():
    texts = [f"2022-03-14T10:00:00+{hour:02}:{minute:02}" for hour in range(10) for minute in (0, 30)]
    read = [offset for _, offset in clocks(*texts)]
    assert read[:16] == [60 * hour + minute for hour in range(8) for minute in (0, 30)]
    assert read[16:] == [None] * 4


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.from_regex(r"2[0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,9})?(Z|[+-][01][0-9]:?[0-5][0-9])", fullmatch=True), max_size=6)
)  # fmt: skip
def test_never_reads_what_the_careful_twin_reads_otherwise(texts):
    for text, (local, offset) in zip(texts, clocks(*texts), strict=True):
        time, written = read_time(text, "UTC")
        if local is not None:
            assert (time.replace(tzinfo=None) - local).total_seconds() == -60 * offset
            assert written == offset
        elif time is not None:
            assert text[17:19] == "60"  # a leap second is left to the twin


@pytest.mark.parametrize("odd", [0, 1, 63, 64, 127, 128, 129])
def test_one_time_unlike_all_others_is_read_as_it_is_written(odd):
    texts = ["2022-03-14T10:00:00.250+01:00"] * 130
    texts[odd] = "2023-11-29T21:47:56.871-03:30"
    usual, other = (
        (datetime(2022, 3, 14, 10, 0, 0, 250_000), 60),
        (datetime(2023, 11, 29, 21, 47, 56, 871_000), -210),
    )
    assert clocks(*texts) == [other if at == odd else usual for at in range(130)]
