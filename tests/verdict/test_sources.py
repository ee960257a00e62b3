from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from tocsin.enrich.source_name import name_of
from tocsin.measure import HOURS
from tocsin.results import BudgetUse, Gap, InputRecord, Night
from tocsin.settings import Portal, Settings, SourceName
from tocsin.verdict.degraded import with_sources
from tocsin.verdict.sources import WATCHED, by_source, troubles, with_usual

MONDAY = date(2022, 3, 7)
SETTINGS = Settings()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/var/log/portal/portal-2026-03-07.csv", "portal/portal"),
        ("/var/log/portal/portal-2026-03-07.csv.gz", "portal/portal"),
        ("logs/2026/03/07/portal.csv", "logs/portal"),
        ("logs/2026-03/portal_20260307T0415.ndjson.zst", "logs/portal"),
        ("portal-07-03-2026.csv", "portal"),
        ("./portal.csv", "portal"),
        ("web1/access.log.2.gz", "web1/access"),
        ("web2/access.log", "web2/access"),
        ("access.log-20260307", "access"),
        ("u_ex260307.log", "u_ex"),
        ("part-00017.csv", "part"),
        ("logs/portal-[nir 0a1b2c3d].csv", "logs/portal"),
        ("2026-03-07", "2026-03-07"),
        ("-", "-"),
    ],
)
def test_a_source_keeps_its_name_though_files_change_theirs(path, name):
    assert name_of(path) == name


def test_patterns_of_the_settings_name_sources():
    named = (SourceName("brest|quimper", "west"), SourceName(r"\d", "rest"))
    assert [name_of(path, named) for path in ("brest-1.csv", "quimper.csv", "paris-1.csv", "lyon.csv")] == [
        "west", "west", "rest", "lyon",
    ]  # fmt: skip


def row(night, source="web1/a.csv", events=1_000, hours=range(8, 18), **filled):
    each = events // max(1, len(hours))
    return {
        "source": source, "night": night, "events": events,
        **{name: filled.get(name, 0) for name in WATCHED},
        **{name: each if hour in hours else 0 for hour, name in enumerate(HOURS)},
    }  # fmt: skip


def working_days(count, start=MONDAY):
    days = (start + timedelta(days=day) for day in range(count * 2))
    return [day for day in days if day.isoweekday() < 6][:count]


def weeks(*tonight, nights=10, night=None, **usual):
    """Ten working days of one source, and a night after them."""
    days = working_days(nights)
    return pl.DataFrame([*(row(day, **usual) for day in days), *tonight])


TONIGHT = working_days(11)[-1]


def found(frame, night=TONIGHT, holidays=frozenset(), settings=SETTINGS):
    return troubles(frame, night, holidays, settings)


def test_a_calm_night_has_no_trouble():
    assert found(weeks(row(TONIGHT, patient=900, ip=1_000), patient=900, ip=1_000)) == []
    assert found(weeks(row(TONIGHT, events=400))) == []


def test_a_source_of_which_nothing_comes_is_silent():
    [trouble] = found(weeks(row(TONIGHT, "web2/a.csv")))
    assert (trouble.source, trouble.silent, trouble.usual_events) == ("web1/a.csv", True, 1_000)
    assert found(weeks(row(TONIGHT, events=19)))[0].silent
    assert not found(weeks(row(TONIGHT, events=20), hours=()))


def test_the_settings_say_when_a_source_is_silent():
    strict = replace(SETTINGS, missing_logs=replace(SETTINGS.missing_logs, silent=0.5, looked_back=7, least_nights=3))
    assert found(weeks(row(TONIGHT, events=400)), settings=strict)[0].silent
    few = replace(SETTINGS, missing_logs=replace(SETTINGS.missing_logs, least_events=2_000))
    assert found(weeks(row(TONIGHT, "web2/a.csv")), settings=few) == []


def test_a_source_that_is_often_silent_or_says_little_is_not_missed():
    rows = [row(day) for day in working_days(10)[::2]] + [row(day, "web2/a.csv") for day in working_days(11)]
    assert found(pl.DataFrame(rows)) == []
    assert found(weeks(row(TONIGHT, "web2/a.csv"), events=9)) == []


def test_too_few_nights_teach_nothing():
    assert found(weeks(row(working_days(5)[-1], "web2/a.csv"), nights=4), working_days(5)[-1]) == []


def test_a_sunday_is_compared_with_sundays():
    days = [MONDAY + timedelta(days=day) for day in range(21)]
    rows = [row(day, events=1_000 if day.isoweekday() < 7 else 0) for day in days if day.isoweekday() < 7]
    sundays = [row(day, "duty.csv") for day in days if day.isoweekday() == 7]
    sunday = MONDAY + timedelta(days=20)
    assert found(pl.DataFrame(rows + sundays), sunday) == []
    [trouble] = found(pl.DataFrame([*rows, *sundays[:-1], row(sunday, "web9.csv")]), sunday)
    assert trouble.source == "duty.csv"


def test_a_first_sunday_is_like_no_working_day():
    rows = [row(MONDAY + timedelta(days=day), person=900) for day in range(6)]
    assert found(pl.DataFrame([*rows, row(MONDAY + timedelta(days=6))]), MONDAY + timedelta(days=6)) == []


def test_columns_that_are_filled_no_more_have_fallen_from_use():
    [trouble] = found(weeks(row(TONIGHT, ip=1_000, patient=0, rows=80), ip=1_000, patient=900, rows=900))
    assert trouble.columns == (("patient", 0.0, 0.9), ("rows", 0.08, 0.9))


def test_a_column_that_is_rarely_filled_may_be_empty():
    assert found(weeks(row(TONIGHT), purpose=19)) == []
    assert found(weeks(row(TONIGHT), purpose=20)) != []


def test_hours_that_are_missing_are_gaps():
    [trouble] = found(weeks(row(TONIGHT, hours=[8, 9, 12, 13, 14, 15, 17])))
    hour = datetime(TONIGHT.year, TONIGHT.month, TONIGHT.day, tzinfo=UTC)
    assert trouble.gaps == (
        Gap("web1/a.csv", hour + timedelta(hours=9), hour + timedelta(hours=11)),
        Gap("web1/a.csv", hour + timedelta(hours=15), hour + timedelta(hours=16)),
    )


def test_a_gap_over_midnight_of_a_night_that_starts_in_the_evening_is_one():
    settings = replace(SETTINGS, portal=Portal(night_starts="20:00"))
    [trouble] = found(weeks(row(TONIGHT, hours=[20, 21, 22, 3]), hours=[20, 21, 22, 23, 0, 1, 2, 3]), settings=settings)
    [gap] = trouble.gaps
    assert (gap.first.hour, gap.last.hour, (gap.last - gap.first).seconds // 3600) == (22, 2, 4)
    assert gap.first.date() == TONIGHT


def test_the_hour_that_the_clock_leaves_out_is_no_gap():
    days = [date(2022, 2, 20) + timedelta(days=7 * week) for week in range(5)] + [
        date(2022, 3, day) for day in range(1, 9)
    ]
    rows = [row(day, hours=range(24)) for day in days]
    spring = date(2022, 3, 27)
    whole = [hour for hour in range(24) if hour != 2]
    assert found(pl.DataFrame([*rows, row(spring, hours=whole)]), spring) == []
    assert found(pl.DataFrame([*rows, row(spring, hours=[hour for hour in whole if hour != 3])]), spring) != []


def test_files_of_one_source_are_added_up():
    frame = pl.DataFrame(
        [row(MONDAY, "a/x-1.csv.gz", events=3), row(MONDAY, "a/x-20220307.csv", events=4), row(MONDAY, "b/x.csv")]
    )
    named = (SourceName("^a/", "a"),)
    assert by_source(frame, named).select("source", "night", "events").rows() == [
        ("a", MONDAY, 7),
        ("b/x", MONDAY, 1_000),
    ]


def test_says_of_each_input_what_its_source_usually_fills():
    frame = weeks(row(TONIGHT, "web1/a", patient=0), source="web1/a", patient=900)
    at = datetime.combine(TONIGHT, datetime.min.time(), UTC) + timedelta(hours=9)
    record = InputRecord("web1/a-20220321.csv", "", "native", 1, 1, 0, 0, 0, at, at, {"patient": 0.0})
    nothing = replace(record, path="web1/other.csv")
    empty = replace(record, first=None)
    told = with_usual([record, nothing, empty], frame, SETTINGS)
    assert told[0].usual["patient"] == 0.9
    assert (told[1].usual, told[2].usual) == ({}, {})


def test_a_hundred_silent_servers_do_not_fill_the_page():
    budget = BudgetUse(3, 0, 0, 0, None, 0, None, None, {})
    calm = Night(TONIGHT, 1, 1, (), (), 10, budget, (), ())
    names = [f"web{number}/a.csv" for number in range(9)]
    rows = [row(day, name) for day in working_days(10) for name in names]
    night = with_sources(calm, pl.DataFrame([*rows, row(TONIGHT, "new.csv")]), frozenset(), SETTINGS)
    assert night.degraded[0] == "the source web0/a.csv is silent: usually 1,000 events a night"
    assert night.degraded[5:] == ("4 more sources lack something",)
