import gzip
import io
from datetime import UTC, date, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading_logs import read
from tocsin.errors import InputError
from tocsin.formats import by_name
from tocsin.formats import parquet as parquet_reader
from tocsin.formats.base import Head
from tocsin.formats.detect import detect
from tocsin.formats.lines import Source
from tocsin.formats.native import NEEDED, _name_of
from tocsin.formats.parquet import read_parquet

TIME = datetime(2022, 3, 14, 9, tzinfo=UTC)


def parquet(columns, **options):
    file = io.BytesIO()
    pl.DataFrame(columns, strict=False).write_parquet(file, **options)
    return file.getvalue()


def events(count=3, **more):
    times = [TIME + timedelta(seconds=second) for second in range(count)]
    return {"time": times, "kind": ["lookup"] * count, "account": [f"A{place}" for place in range(count)], **more}


def test_reads_rows_numbered_from_one():
    reading = read(parquet(events(patient=["1850578006084", None, ""], rows=[1, None, 3])))
    assert reading.column("account") == ["A0", "A1", "A2"]
    assert reading.column("line") == [1, 2, 3]
    assert reading.column("patient") == ["1850578006084", None, None]
    assert reading.column("rows") == [1, None, 3]
    assert (reading.lines, reading.ignored, reading.rejects) == (3, 0, [])


def test_is_recognised_by_its_first_bytes():
    guess = detect(Head(parquet(events())[: 64 << 10]))
    assert (guess.format, guess.likeness.why) == (by_name("native"), "it is a Parquet file")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TIME, TIME),
        (TIME.astimezone(timezone(timedelta(hours=5))), TIME),
        (datetime(2022, 3, 14, 10), TIME),
        (datetime(2022, 3, 14, 10, 0, 0, 123456), TIME.replace(microsecond=123456)),
        (1647248400, TIME),
        (1647248400.5, TIME.replace(microsecond=500000)),
        ("2022-03-14T10:00:00+01:00", TIME),
        (date(2022, 3, 14), datetime(2022, 3, 13, 23, tzinfo=UTC)),
    ],
)
def test_reads_times_as_instants_local_times_epochs_and_text(value, expected):
    assert read(parquet(events(1) | {"time": [value]})).column("time") == [expected]


def test_an_offset_in_a_column_of_its_own_stays():
    reading = read(parquet(events(2, offset_minutes=[60, None])))
    assert reading.column("offset_minutes") == [60, None]


def test_rejects_rows_without_time_or_account():
    log = events(3) | {"account": ["A", None, " "]}
    log["time"][0] = None
    assert read(parquet(log)).rejects == [(1, 0, "no time"), (2, 0, "no account"), (3, 0, "no account")]


@pytest.mark.parametrize("missing", NEEDED)
def test_names_the_column_that_is_missing(missing):
    columns = events()
    del columns[missing]
    with pytest.raises(InputError, match=f"it has no column '{missing}'"):
        read(parquet(columns))


def test_names_a_needed_column_that_holds_no_values_and_leaves_others_out():
    with pytest.raises(InputError, match=r"its column 'account' holds List\(String\), not values"):
        read(parquet(events(1) | {"account": [["A", "B"]]}))
    reading = read(parquet(events(1, session=[["a"]], Service=["droits"], colour=["x"])))
    assert reading.events.select("session", "service").row(0) == (None, "droits")


def test_reads_bytes_as_text():
    reading = read(parquet(events(3, user_agent=[b"Ren\xe9e", b"Ren\xc3\xa9e", None], session=[b"1", b"2", b"3"])))
    assert reading.column("user_agent") == ["Renée", "Renée", None]
    assert (reading.column("session"), reading.repaired) == (["1", "2", "3"], 1)


def test_reads_a_packed_file():
    assert read(gzip.compress(parquet(events()))).column("account") == ["A0", "A1", "A2"]


@pytest.mark.parametrize("broken", [lambda data: data[:-40], lambda data: data[:400], lambda data: b"PAR1"])
def test_a_file_cut_short_is_refused_by_name(broken):
    with pytest.raises(InputError, match="log is a damaged Parquet file"):
        read(broken(parquet(events(200))))


def test_rows_of_a_damaged_part_are_rejected_and_those_before_are_read():
    data = bytearray(parquet(events(4_000), row_group_size=1_000, compression="zstd", statistics=False))
    packed = [at for at in range(len(data)) if data[at : at + 4] == b"\x28\xb5\x2f\xfd"]
    data[packed[len(packed) // 2] + 4] ^= 0xFF
    found = list(read_parquet(Source("log", io.BytesIO(bytes(data))), _name_of, NEEDED, rows=1_000))
    assert [each.rows.height for each in found[:-1]] == [1_000] * (len(found) - 1)
    assert 1 < len(found) < 4
    assert {reason for _row, _byte, reason in found[-1].rejects} == {"the Parquet file is damaged here"}
    assert found[-1].rejects[0][0] == sum(each.rows.height for each in found) + 1


def test_a_table_of_contents_that_promises_more_rows_than_there_are_ends_the_reading(monkeypatch):
    opened = parquet_reader._opened
    monkeypatch.setattr(parquet_reader, "_opened", lambda path, name: (opened(path, name)[0], 10**15))
    found = list(read_parquet(Source("log", io.BytesIO(parquet(events(30)))), _name_of, NEEDED, rows=10))
    assert [each.rows.height for each in found] == [10, 10, 10, 0]
    assert {reason for _row, _byte, reason in found[-1].rejects} == {"the Parquet file is damaged here"}


@settings(max_examples=60, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 30), st.binary(max_size=4)), min_size=1, max_size=4
    ),
    from_end=st.booleans(),
)
def test_mutated_files_are_accounted_for_or_refused(changes, from_end):
    data = parquet(events(300), row_group_size=100)
    for at, cut, new in changes:
        place = max(4, len(data) - 1 - at % 900 if from_end else at % len(data))
        data = data[:place] + new + data[place + cut :]
    try:
        assert read(data).adds_up
    except InputError as refused:
        assert "log" in refused.message  # noqa: PT017 either is right
