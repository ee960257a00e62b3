"""The measure stage on one machine: bucket after bucket, so that memory holds one bucket and the small rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Protocol

import polars as pl

from tocsin.engine.memory import Remembered
from tocsin.engine.overlap import PLACE, once
from tocsin.enrich.source_name import source_names
from tocsin.measure import Measured, Part, going_on, measure_part, merge
from tocsin.rules.comparisons import SOURCE_NAME
from tocsin.rules.correlation import episodes
from tocsin.rules.overlay_file import Calendar
from tocsin.rules.regional_time import with_regional_time
from tocsin.rules.rule import RuleSet
from tocsin.settings_portal import SourceName

NARROWER = 4
"""How many times as many events of the few columns of another grouping are held at once."""


class Buckets(Protocol):
    """Events by bucket: a spool, or nights of a lake."""

    def bucket(self, index: int, buckets: int, by: str = "account") -> pl.DataFrame:
        """Give all events of one bucket of a grouping, in any order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What every bucket is measured with."""

    rules: RuleSet
    zone: str
    holidays: Sequence[date]
    repeat: timedelta
    overlapping: Sequence[str]
    buckets: int
    calendars: Sequence[Calendar] = ()
    """Zones and holidays of regions that have their own."""
    sources: Sequence[SourceName] | None = None
    """What the settings call sources, where the name of each event's is asked for; None where it is not."""
    past: Remembered | None = None
    """What nights before the events showed; None where the events are all there is."""
    first: date = date.min
    """First night to measure: events of earlier ones only serve the windows that reach back."""
    only: Mapping[str, pl.Series] | None = None
    """The accounts, addresses and so on that are measured, by grouping; None where all are."""

    def chosen(self, events: pl.DataFrame, group: str) -> pl.DataFrame:
        """Keep the events of those that are measured in a grouping."""
        return events if self.only is None else events.filter(pl.col(group).is_in(self.only[group].implode()))

    def going_on(self, events: pl.DataFrame, group: str) -> pl.DataFrame:
        """Leave out those of a grouping that did nothing from the first night on."""
        return going_on(events, group, self.first)

    def with_local_time(self, events: pl.DataFrame) -> pl.DataFrame:
        """Add the local time of each event's region, and the name of its source where that is asked for."""
        if self.sources is not None:
            events = events.with_columns(source_names(events["source"], self.sources).alias(SOURCE_NAME))
        return with_regional_time(events, self.zone, self.holidays, self.calendars)


@dataclass(frozen=True, slots=True)
class Run:
    """The measured rows of all buckets and, per source, how many events other files already had."""

    measured: Measured
    duplicates: dict[str, int]


def run(spool: Buckets, plan: Plan, progress: Callable[[int, int], None]) -> Run:
    """Measure every bucket of every view; `progress` hears buckets done and in all."""
    groups = [group for group in plan.rules.groups if group != "account"]
    fewer = -(-plan.buckets // NARROWER)
    total = plan.buckets + fewer * len(groups)
    parts: list[Part] = []
    dropped: list[pl.DataFrame] = []
    for index in range(plan.buckets):
        events, duplicates = once(plan.chosen(spool.bucket(index, plan.buckets), "account"), plan.overlapping)
        dropped.append(duplicates)
        is_last = index + 1 == plan.buckets
        if events.height or (is_last and not parts):
            told = plan.past.told(events) if plan.past else events
            known = plan.past.before if plan.past else date.min
            parts.append(measure_part(plan.with_local_time(told), plan.rules, plan.repeat, plan.first, known))
        progress(index + 1, total)
    measured = merge(parts)
    hits = [measured.episodes]
    repeats = pl.concat(dropped)
    for place, group in enumerate(groups):
        for index in range(fewer):
            events = plan.going_on(plan.chosen(spool.bucket(index, fewer, group), group), group)
            events = events.join(repeats, on=PLACE, how="anti") if repeats.height else events
            if events.height:
                found = episodes(plan.with_local_time(events), plan.rules, group, plan.first)
                hits.append(found.filter(pl.col("night") >= plan.first))
            progress(plan.buckets + place * fewer + index + 1, total)
    counted = repeats.group_by("source").agg(duplicates=pl.len())
    return Run(replace(measured, episodes=pl.concat(hits)), dict(counted.iter_rows()))
