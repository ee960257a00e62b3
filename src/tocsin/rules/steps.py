"""The events of a correlation: what its rules match, grouped and named as it counts them; and its hits."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import reduce
from operator import or_

import numpy as np
import polars as pl

from tocsin.rules.bucket import Axis, Flags, Integers, only_in
from tocsin.rules.matched import Matched, is_plain, lowest_floor
from tocsin.rules.ratio import with_share
from tocsin.rules.rule import ON_VALUES, TEMPORAL, Correlation, Detection, counted_as
from tocsin.rules.tuning import allowed, limits_of, tuned_hits
from tocsin.rules.windows import fulfils, hits_of


def step_column(place: int) -> str:
    """Name the Boolean column that says whether an event is one of the step at this place."""
    return f"#step{place}"


def events_of(matched: Matched, rule: Correlation, only: Flags | None = None) -> pl.DataFrame:
    """Give the events that a correlation counts: time, night, account, its groups and fields, one row an event.

    Temporal correlations have a column for each step too (step_column). A field that the log lacks is null. With `only`
    some of the events of the bucket, where the rule is plain.
    """
    if is_plain(rule, matched.rules):
        flags = matched.any_of(rule.rules, only)
        chosen = np.flatnonzero(flags if only is None else flags & only)
        rows = _projected(matched.events, rule, rule.rules[0])[chosen]
        if rule.type in TEMPORAL:
            rows = rows.with_columns(
                pl.Series(step_column(place), matched.flags(step, only)[chosen])
                for place, step in enumerate(rule.rules)
            )
        return rows
    parts = [_events_of_step(matched, rule, place) for place in range(len(rule.rules))]
    rows = pl.concat(parts)
    # Where windows ask what there is, and not how often, an event may stand there twice.
    return _once(rows) if rule.type in ("event_count", *ON_VALUES) else rows.drop("#event")


def _events_of_step(matched: Matched, rule: Correlation, place: int) -> pl.DataFrame:
    name = rule.rules[place]
    step = matched.rules[name]
    if isinstance(step, Detection):
        events = matched.events.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("#event"))
        rows = _projected(events, rule, name, "#event")[np.flatnonzero(matched.flags(name))]
    else:
        found, _rows = hits(matched, step)
        # The hits of different steps are different events: each has a number of its own, below those of the log.
        number = pl.int_range(pl.len(), dtype=pl.Int64) * len(rule.rules)
        found = found.with_columns((-1 - place - number).alias("#event"))
        if "account" not in found.columns:
            found = found.with_columns(account=pl.lit(None, pl.String))
        rows = _projected(found, rule, name, "#event")
    steps = (pl.lit(other == place).alias(step_column(other)) for other in range(len(rule.rules)))
    return rows.with_columns(steps) if rule.type in TEMPORAL else rows


@dataclass(frozen=True, slots=True)
class Swept:
    """What the windows of a plain count hold: the last row of each on the axis, the counts, all rows counted."""

    axis: Axis
    kept: Integers
    rows: Integers
    counts: Integers

    def named(self, events: pl.DataFrame, chosen: Flags) -> pl.DataFrame:
        """Give the windows with the columns of the group, time, count and night."""
        places = self.rows[chosen]
        told = events.select("time", "night")[self.axis.rows[places]]
        return self.axis.groups[self.axis.codes[places]].hstack(
            told.select("time", pl.Series("count", self.counts[chosen], pl.Int64), "night")
        )

    def highest(self, events: pl.DataFrame, begins: int) -> pl.DataFrame:
        """Give the most that a window held which ended from a moment on: account, night, peak."""
        since = self.axis.times[self.rows] >= begins
        rows, counts = self.rows[since], self.counts[since]
        codes, nights = self.axis.codes[rows], events["night"].to_physical().to_numpy()[self.axis.rows[rows]]
        # Rows are in the order of groups and time, and so nights stand together.
        opens = np.flatnonzero(np.append(np.True_, (np.diff(codes) != 0) | (np.diff(nights) != 0))[: rows.size])
        peaks = np.maximum.reduceat(counts, opens) if opens.size else counts
        told = pl.DataFrame({"night": nights[opens], "peak": peaks}, schema={"night": pl.Int32, "peak": pl.Int64})
        named = self.axis.groups[codes[opens]].hstack(told.with_columns(pl.col("night").cast(pl.Date)))
        return named.group_by("account", "night").agg(pl.col("peak").max())


def swept(matched: Matched, rule: Correlation, at_least: int) -> Swept | None:
    """Count what the windows of a rule hold, those below `at_least` left out; None where it is no plain count."""
    ticks = rule.timespan // timedelta(microseconds=1)
    axis = matched.bucket.axis(rule.group_by) if is_plain(rule, matched.rules) else None
    if axis is None or rule.type not in ("event_count", "value_count") or not axis.fits(ticks):
        return None
    standard = reduce(or_, (matched.standard(step) for step in rule.rules))
    kept = axis.promising(axis.where(standard), ticks, at_least)
    if matched.asks_what_is_new(rule):
        within = np.zeros(matched.events.height, np.bool_)
        within[axis.rows[kept]] = True
        kept = kept[matched.any_of(rule.rules, None if at_least <= 1 else within)[axis.rows[kept]]]
    fields = tuple(counted_as(field, matched.events.columns) for field in rule.condition.fields)
    held = axis.held(kept, fields, ticks)
    enough = held.counts >= at_least
    return Swept(axis, kept, kept[held.rows[enough]], held.counts[enough])


def hits(matched: Matched, rule: Correlation, windows: Swept | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the hits of a correlation, less those its ratio refuses, and its events in the groups that have some.

    Hits: the columns of the group, `time`, `count` (Int64, what the window holds) and `night`.
    """
    can_sweep = not rule.tunings or (rule.condition.operator in ("gte", "gt"))
    if windows is None and can_sweep:
        windows = swept(matched, rule, lowest_floor(rule))
    standard = matched.rules[rule.name].timespan or rule.timespan
    if windows is None or not can_sweep:
        rows = events_of(matched, rule)
        found = tuned_hits(rows, matched.events, rule, standard) if rule.tunings else hits_of(rows, rule)
        found = with_night(found, rows, rule)
    else:
        found = windows.named(matched.events, fulfils(windows.counts, rule.condition.operator, min(limits_of(rule))))
        rows = _of_groups(matched, rule, windows, found)
        if rule.tunings and not found.is_empty():
            found = allowed(found, matched.events, rule, standard)
    return (found, rows) if rule.ratio is None or found.is_empty() else (_shared(matched, rule, found), rows)


def _of_groups(matched: Matched, rule: Correlation, windows: Swept, found: pl.DataFrame) -> pl.DataFrame:
    axis = windows.axis
    chosen = only_in(axis.codes, axis.codes_of(found), axis.groups.height)[windows.kept]
    return _projected(matched.events, rule, rule.rules[0])[np.sort(axis.rows[windows.kept[chosen]])]


def _shared(matched: Matched, rule: Correlation, found: pl.DataFrame) -> pl.DataFrame:
    """Keep the hits that are the share of another rule's count that the ratio asks for."""
    assert rule.ratio is not None  # noqa: S101 asked before
    of = matched.rules[rule.ratio.of]
    base = of if isinstance(of, Correlation) else replace(rule, rules=(of.name,), aliases={}, ratio=None)
    axis = matched.bucket.axis(rule.group_by)
    only = np.zeros(matched.events.height, np.bool_)
    only[axis.rows[only_in(axis.codes, axis.codes_of(found), axis.groups.height)]] = True
    whole = events_of(matched, base, only)
    fields = [counted_as(field, whole.columns) for field in base.condition.fields]
    return with_share(found, whole.select(*rule.group_by, "time", *fields), rule, rule.ratio)


def with_night(hits: pl.DataFrame, rows: pl.DataFrame, rule: Correlation) -> pl.DataFrame:
    """Add the night of each hit: that of the events at its instant."""
    instant = [*rule.group_by, "time"]
    nights = rows.join(hits, on=instant, how="semi").group_by(instant).agg(pl.col("night").min())
    return hits.join(nights, on=instant)


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Join the rows of one event that several steps match in the same group."""
    steps = [column for column in rows.columns if column.startswith(step_column(0)[:-1])]
    keys = [column for column in rows.columns if column not in steps]
    return rows.group_by(keys).agg(pl.col(steps).any()).drop("#event")


def _projected(events: pl.DataFrame, rule: Correlation, step: str, *others: str) -> pl.DataFrame:
    """Keep the columns that the rule counts by, its groups under their names in the rule."""
    fields = [counted_as(field, events.columns) for field in rule.condition.fields]
    columns = {name: pl.col(name) for name in ("time", "night", "account", *others)}
    columns |= {
        name: pl.col(column).alias(name) for name, column in zip(rule.group_by, rule.grouping(step), strict=True)
    }
    columns |= {
        name: pl.col(name) if name in events.columns else pl.lit(None, pl.String).alias(name) for name in fields
    }
    return events.select(columns.values())
