from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tocsin.enrich import calendar
from tocsin.errors import SettingsError


def times(*moments):
    return pl.DataFrame({"time": list(moments)}, schema={"time": pl.Datetime("us", "UTC")})


def test_a_night_is_a_calendar_day_of_the_portal():
    rows = calendar.with_night(
        times(datetime(2022, 3, 14, 22, 59, tzinfo=UTC), datetime(2022, 3, 14, 23, 0, tzinfo=UTC)),
        "Europe/Paris",
        timedelta(0),
    )
    assert rows["night"].to_list() == [date(2022, 3, 14), date(2022, 3, 15)]


def test_a_night_may_start_later_than_midnight():
    starts = calendar.start_of_night("06:00")
    rows = calendar.with_night(
        times(datetime(2022, 3, 15, 4, 59, tzinfo=UTC), datetime(2022, 3, 15, 5, 0, tzinfo=UTC)), "Europe/Paris", starts
    )
    assert rows["night"].to_list() == [date(2022, 3, 14), date(2022, 3, 15)]


def test_a_night_of_the_clock_change_has_its_hour_less():
    hours = [datetime(2022, 3, 26, 23, 0, tzinfo=UTC) + timedelta(hours=h) for h in range(24)]
    nights = calendar.with_night(times(*hours), "Europe/Paris", timedelta(0))["night"].to_list()
    assert nights.count(date(2022, 3, 27)) == 23


def test_refuses_a_start_of_night_that_is_no_time():
    with pytest.raises(SettingsError, match="night_starts is '25h'"):
        calendar.start_of_night("25h")


def test_open_hours_leave_out_evenings_sundays_and_holidays():
    rows = calendar.with_local_time(
        times(
            datetime(2022, 3, 14, 9, tzinfo=UTC),
            datetime(2022, 3, 14, 20, tzinfo=UTC),
            datetime(2022, 3, 13, 9, tzinfo=UTC),
            datetime(2022, 5, 26, 9, tzinfo=UTC),
        ),
        "Europe/Paris",
        [date(2022, 5, 26)],
    )
    assert rows["open_hours"].to_list() == [True, False, False, False]
    assert rows["holiday"].to_list() == [False, False, False, True]
    assert rows["local_hour"].to_list() == [10, 21, 10, 11]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Kathmandu", "Pacific/Chatham"])
def test_local_time_is_that_of_the_clock_on_the_wall_in_every_zone(zone):
    begins = datetime(2022, 3, 26, 12, 0, 0, 1, tzinfo=UTC)
    moments = [begins + n * timedelta(minutes=7, seconds=13) for n in range(200)]
    moments += [begins - timedelta(microseconds=1), begins - timedelta(days=8_000)]
    clocks = [one.astimezone(ZoneInfo(zone)) for one in moments]
    rows = calendar.with_local_time(times(*moments), zone, [date(2022, 3, 27)])
    assert rows["local_hour"].to_list() == [clock.hour for clock in clocks]
    assert rows["local_weekday"].to_list() == [clock.isoweekday() for clock in clocks]
    assert rows["holiday"].to_list() == [clock.date() == date(2022, 3, 27) for clock in clocks]
    assert rows["time"].to_list() == moments


def test_knows_which_days_practices_work():
    holidays = calendar.holidays_between("FR", date(2022, 5, 1), date(2022, 5, 31))
    assert calendar.day_class(date(2022, 5, 26), holidays) == "closed"
    assert calendar.day_class(date(2022, 5, 27), holidays) == "working"
    assert calendar.day_class(date(2022, 5, 28), holidays) == "saturday"
    assert calendar.day_class(date(2022, 5, 29), holidays) == "closed"


def test_a_part_of_a_country_has_its_own_holidays():
    days = {code: calendar.holidays_between(code, date(2026, 1, 1), date(2026, 1, 1)) for code in ("FR", "FR-57")}
    assert days["FR-57"] - days["FR"] == {date(2026, 4, 3), date(2026, 12, 26)}


@pytest.mark.parametrize("code", ["XX", "FR-999"])
def test_refuses_a_country_or_part_without_a_calendar(code):
    with pytest.raises(SettingsError, match="no holiday calendar"):
        calendar.holidays_between(code, date(2022, 1, 1), date(2022, 1, 1))


def hours(*counts):
    rows = [
        (date(2022, 3, 1) + timedelta(days=d), datetime(2022, 3, 1, h)) for d, n in enumerate(counts) for h in range(n)
    ]
    return pl.DataFrame(rows, schema={"night": pl.Date, "hour": pl.Datetime}, orient="row")


def test_a_trailing_night_that_covers_less_than_half_is_partial():
    nights, partial = calendar.complete_nights(hours(12, 12, 5), frozenset())
    assert [n.day for n in nights] == [1, 2]
    assert partial == date(2022, 3, 3)


def test_a_trailing_night_that_covers_half_is_complete():
    nights, partial = calendar.complete_nights(hours(12, 12, 6), frozenset())
    assert len(nights) == 3
    assert partial is None


def test_a_single_night_is_complete_for_want_of_others():
    assert calendar.complete_nights(hours(3), frozenset()) == ([date(2022, 3, 1)], None)


def test_writes_times_in_utc():
    assert calendar.as_utc(datetime(2022, 3, 14, 8, tzinfo=UTC)) == "2022-03-14T08:00:00Z"


def test_a_quiet_sunday_is_measured_by_sundays():
    week = [12, 12, 12, 12, 8, 4]
    assert calendar.complete_nights(hours(*week, 12, *week[:5], 3), frozenset())[1] is None
    nights, partial = calendar.complete_nights(hours(*week, 12, *week[:5], 1), frozenset())
    assert partial == date(2022, 3, 13)
    assert len(nights) == 12


def test_knows_when_a_night_is_over():
    assert calendar.end_of_night(date(2022, 3, 14), "Europe/Paris", timedelta(hours=6)) == datetime(
        2022, 3, 15, 5, tzinfo=UTC
    )
