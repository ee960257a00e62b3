"""Local time as data: the night an event belongs to, office hours, holidays."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.errors import SettingsError
from tocsin.settings_fixed import OPEN_FROM, OPEN_UNTIL

DayClass = Literal["working", "saturday", "closed"]
DAY_CLASSES: tuple[DayClass, ...] = ("working", "saturday", "closed")

QUARTER = 15 * 60 * 1_000_000
"""Microseconds of a quarter of an hour: clocks of all zones differ by a multiple of it."""


def start_of_night(text: str) -> timedelta:
    """Parse `night_starts` ("HH:MM"), the local time at which a night's calendar day begins."""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"night_starts is {text!r}", hint="write it as HH:MM, for example 06:00") from None
    return timedelta(hours=at.hour, minutes=at.minute)


def local(zone: str) -> pl.Expr:
    """Give `time` as the wall clock of a zone, naive."""
    return pl.col("time").dt.convert_time_zone(zone).dt.replace_time_zone(None)


def with_night(events: pl.DataFrame, zone: str, starts: timedelta) -> pl.DataFrame:
    """Add `night` (Date): the calendar day in the portal's zone, from `starts`."""
    return events.with_columns(night=(local(zone) - starts).dt.date())


def with_local_time(events: pl.DataFrame, zone: str, holidays: Sequence[date]) -> pl.DataFrame:
    """Add local_hour (0-23), local_weekday (1 Monday to 7), holiday and open_hours, for rules; `time` is never null.

    They are worked out once for each quarter of an hour: but for an Antarctic station no zone has changed its clock
    within one since 2011, when Newfoundland and Palestine last did so a minute after midnight.
    """
    if events.is_empty():
        return _on_the_clock(events, zone, holidays)
    quarters = events["time"].to_physical() // QUARTER
    first, last = int(quarters.to_numpy().min()), int(quarters.to_numpy().max())
    begins = pl.DataFrame({"time": pl.int_range(first, last + 1, eager=True) * QUARTER})
    told = _on_the_clock(begins.cast({"time": events.schema["time"]}), zone, holidays).drop("time")
    return events.drop(told.columns, strict=False).hstack(told[(quarters - first).cast(pl.UInt32)])


def _on_the_clock(events: pl.DataFrame, zone: str, holidays: Sequence[date]) -> pl.DataFrame:
    clock = local(zone)
    return events.with_columns(
        local_hour=clock.dt.hour(),
        local_weekday=clock.dt.weekday(),
        holiday=clock.dt.date().is_in(list(holidays)),
    ).with_columns(
        open_hours=(pl.col("local_weekday") < 7)
        & ~pl.col("holiday")
        & pl.col("local_hour").is_between(OPEN_FROM, OPEN_UNTIL - 1)
    )


def day_class(night: date, holidays: frozenset[date]) -> DayClass:
    """Say whether practices work that day."""
    if night in holidays or night.isoweekday() == 7:
        return "closed"
    return "saturday" if night.isoweekday() == 6 else "working"


def holidays_between(code: str, first: date, last: date) -> frozenset[date]:
    """List the holidays of a country or of a part of it (`FR`, `FR-57`): whole years around the nights."""
    import holidays  # noqa: PLC0415 costs 0.15 s, only scans and overlays need it

    country, _dash, part = code.partition("-")
    try:
        calendar = holidays.country_holidays(country, subdiv=part or None, years=range(first.year, last.year + 1))
    except NotImplementedError:
        raise SettingsError(f"no holiday calendar is called {code!r}", hint="use a code such as FR or FR-57") from None
    return frozenset(calendar.keys())


def complete_nights(hours: pl.DataFrame, holidays: frozenset[date]) -> tuple[list[date], date | None]:
    """Tell complete nights from a partial trailing one.

    `hours` has night and hour, a row for each hour that holds an event. The trailing night is partial when it covers
    less than half of the hours that earlier nights of its class of day (else all) cover at the median: a Sunday is
    not measured by Mondays.
    """
    covered = hours.unique().group_by("night").len("hours").sort("night")
    nights: list[date] = covered["night"].to_list()
    by_class: dict[DayClass, list[int]] = {}
    for night, count in covered.head(-1).iter_rows():
        by_class.setdefault(day_class(night, holidays), []).append(count)
    earlier = by_class.get(day_class(nights[-1], holidays)) or [
        count for counts in by_class.values() for count in counts
    ]
    if earlier and covered["hours"][-1] * 2 < median(earlier):
        return nights[:-1], nights[-1]
    return nights, None


def end_of_night(night: date, zone: str, starts: timedelta) -> datetime:
    """Give the moment a night is over."""
    naive = datetime.combine(night + timedelta(days=1), time.min) + starts
    return naive.replace(tzinfo=ZoneInfo(zone))


def as_utc(moment: datetime) -> str:
    """Write a UTC time as reports have it: ISO 8601 to the second with a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
