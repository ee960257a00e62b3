"""One source over many nights: whether it fell silent, lost hours or lost a column, compared with its earlier nights.

Everything is known from plain rows per source and night (`measure.Measured.totals`): events, in how many of them each
column is filled, and how many fell into each hour of the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.enrich.calendar import day_class, start_of_night
from tocsin.enrich.source_name import name_of, source_names
from tocsin.measure import HOURS
from tocsin.results import Gap, InputRecord
from tocsin.schema import RAW_EVENTS
from tocsin.settings import MissingLogs, Portal, Settings, SourceName

WATCHED: Final = tuple(
    name for name in RAW_EVENTS if name not in {"time", "kind", "outcome", "account", "line", "byte"}
)
"""Columns whose filling is compared: those that come from the log, and may be missing."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The nights that a source's night is compared with, as rows of totals."""

    nights: tuple[date, ...]
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a source lacks: nothing of it came, hours of it, or columns (name, share filled tonight, usual share)."""

    source: str
    usual_events: int
    silent: bool = False
    gaps: tuple[Gap, ...] = ()
    columns: tuple[tuple[str, float, float], ...] = ()


def by_source(totals: pl.DataFrame, named: Sequence[SourceName]) -> pl.DataFrame:
    """Add up the rows of the files of each source and night."""
    joined = totals.with_columns(source_names(totals["source"], named))
    return joined.group_by("source", "night").agg(pl.all().sum()).sort("source", "night")


def troubles(sources: pl.DataFrame, night: date, holidays: frozenset[date], settings: Settings) -> list[Trouble]:
    """Compare each source's night (rows of `by_source`) with its earlier nights; only the troubled ones, by name."""
    usual = _usual(sources, night, holidays, settings.missing_logs)
    if usual is None:
        return []
    tonight = sources.filter(pl.col("night") == night)
    found = []
    for source in usual.rows["source"].unique().sort():
        before = usual.rows.filter(pl.col("source") == source)
        now = tonight.filter(pl.col("source") == source)
        trouble = _trouble(source, now, before, usual, night, settings)
        found += [trouble] if trouble else []
    return found


def with_usual(records: Sequence[InputRecord], sources: pl.DataFrame, settings: Settings) -> tuple[InputRecord, ...]:
    """Say for each input in what share of the events of its source's earlier nights each column was filled."""
    zone, starts = ZoneInfo(settings.portal.zone), start_of_night(settings.portal.night_starts)
    back = timedelta(days=settings.missing_logs.looked_back)

    def usual(record: InputRecord) -> InputRecord:
        if record.first is None:
            return record
        night = (record.first.astimezone(zone).replace(tzinfo=None) - starts).date()
        recent = pl.col("night").is_between(night - back, night, closed="left")
        mine = pl.col("source") == name_of(record.path, settings.sources)
        return replace(record, usual=_shares(sources.filter(mine & recent)))

    return tuple(map(usual, records))


def _shares(rows: pl.DataFrame) -> dict[str, float]:
    events = int(rows["events"].sum())
    return {name: int(rows[name].sum()) / events for name in WATCHED if name in rows} if events else {}


def _usual(sources: pl.DataFrame, night: date, holidays: frozenset[date], rules: MissingLogs) -> Usual | None:
    """Give the nights like this one before it, else all nights before it; None where they are too few.

    A first Sunday is like no night: other software works on it, and fills in other columns.
    """
    first = night - timedelta(days=rules.looked_back)
    nights = [each for each in sources["night"].unique().sort() if first <= each < night]
    alike = [each for each in nights if day_class(each, holidays) == day_class(night, holidays)]
    chosen = alike if len(alike) >= rules.least_nights or day_class(night, holidays) != "working" else nights
    if len(nights) < rules.least_nights or len(chosen) < 2:
        return None
    return Usual(tuple(chosen), sources.filter(pl.col("night").is_in(chosen)))


def _trouble(
    source: str, now: pl.DataFrame, before: pl.DataFrame, usual: Usual, night: date, settings: Settings
) -> Trouble | None:
    nights, rules = len(usual.nights), settings.missing_logs
    counts = [*before["events"], *[0] * (nights - before.height)]
    typical = int(sorted(counts)[nights // 2])
    events = int(now["events"].sum())
    if before.height < rules.always * nights or typical < rules.least_events:
        return None
    if events < rules.silent * typical:
        return Trouble(source, typical, silent=True)
    gaps = tuple(_gaps(source, now, before, nights, night, settings))
    columns = tuple(_fallen(now, before, events, rules))
    return Trouble(source, typical, gaps=gaps, columns=columns) if gaps or columns else None


def _fallen(now: pl.DataFrame, before: pl.DataFrame, events: int, rules: MissingLogs) -> list[tuple[str, float, float]]:
    held = int(before["events"].sum())
    found = []
    for name in WATCHED:
        if name in before and name in now:
            usual, share = int(before[name].sum()) / held, int(now[name].sum()) / events
            if usual * events >= rules.least_filled and share < rules.fallen * usual:
                found.append((name, share, usual))
    return found


def _gaps(
    source: str, now: pl.DataFrame, before: pl.DataFrame, nights: int, night: date, settings: Settings
) -> list[Gap]:
    """Find the hours in which nothing came though something always does, runs of them as one."""
    portal, rules = settings.portal, settings.missing_logs
    missing = [
        hour
        for hour, name in enumerate(HOURS)
        if name in now and _is_missing(now[name], before[name], nights, rules) and _exists(night, hour, portal)
    ]
    runs: list[list[int]] = []
    for hour in _in_order(missing, portal):
        if runs and (runs[-1][-1] + 1) % 24 == hour:
            runs[-1].append(hour)
        else:
            runs.append([hour])
    return [Gap(source, _moment(night, run[0], portal), _moment(night, run[-1], portal) + _HOUR) for run in runs]


_HOUR: Final = timedelta(hours=1)


def _is_missing(now: pl.Series, before: pl.Series, nights: int, rules: MissingLogs) -> bool:
    if int(now.sum()):
        return False
    counts = sorted([*map(int, before), *[0] * (nights - len(before))])
    always = sum(count > 0 for count in counts) >= rules.always * nights
    return always and counts[nights // 2] >= rules.least_events


def _exists(night: date, hour: int, portal: Portal) -> bool:
    """Say whether the clock shows this hour that night: when it is put forward, one is left out."""
    return _moment(night, hour, portal).astimezone(ZoneInfo(portal.zone)).hour == hour


def _starts(portal: Portal) -> int:
    return int(portal.night_starts.partition(":")[0])


def _in_order(hours: Sequence[int], portal: Portal) -> list[int]:
    """Order hours as the night has them: where nights start at 06:00, 05 comes last."""
    return sorted(hours, key=lambda hour: (hour - _starts(portal)) % 24)


def _moment(night: date, hour: int, portal: Portal) -> datetime:
    day = night + timedelta(days=1) if hour < _starts(portal) else night
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(portal.zone)).astimezone(ZoneInfo("UTC"))
