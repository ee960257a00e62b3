"""The events of a correlation: what its rules match, grouped and named as it counts them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from tocsin.rules.ratio import with_share
from tocsin.rules.rule import ON_VALUES, TEMPORAL, Correlation, Detection, counted_as
from tocsin.rules.tuning import tuned_hits
from tocsin.rules.windows import hits_of


@dataclass(frozen=True, slots=True)
class Matched:
    """Events with what each detection says of them (a Boolean column each, named as the rule)."""

    events: pl.DataFrame
    found: pl.DataFrame
    rules: Mapping[str, Detection | Correlation]

    def lacks(self, rule: Correlation) -> bool:
        """Say whether the log lacks a column that the rule, or one below it, groups by."""
        grouped = {column for step in rule.rules for column in rule.grouping(step)}
        below = (self.rules[step] for step in rule.rules)
        return not grouped <= set(self.events.columns) or any(
            self.lacks(step) for step in below if isinstance(step, Correlation)
        )


def step_column(place: int) -> str:
    """Name the Boolean column that says whether an event is one of the step at this place."""
    return f"#step{place}"


def events_of(matched: Matched, rule: Correlation) -> pl.DataFrame:
    """Give the events that a correlation counts: time, night, account, its groups and fields, one row an event.

    Temporal correlations have a column for each step too (step_column). A field that the log lacks is null.
    """
    is_plain = not rule.aliases and all(isinstance(matched.rules[step], Detection) for step in rule.rules)
    if is_plain:
        rows = _projected(matched.events, rule, rule.rules[0])
        if rule.type in TEMPORAL:
            rows = rows.with_columns(
                matched.found[step].alias(step_column(place)) for place, step in enumerate(rule.rules)
            )
        return rows.filter(matched.found.select(pl.any_horizontal(rule.rules)).to_series())
    parts = [_events_of_step(matched, rule, place) for place in range(len(rule.rules))]
    rows = pl.concat(parts)
    # Where windows ask what there is, and not how often, an event may stand there twice.
    return _once(rows) if rule.type in ("event_count", *ON_VALUES) else rows.drop("#event")


def _events_of_step(matched: Matched, rule: Correlation, place: int) -> pl.DataFrame:
    name = rule.rules[place]
    step = matched.rules[name]
    if isinstance(step, Detection):
        events = matched.events.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("#event"))
        rows = _projected(events, rule, name, "#event").filter(matched.found[name])
    else:
        below = events_of(matched, step)
        found = with_night(hits(matched, step, below), below, step)
        # The hits of different steps are different events: each has a number of its own, below those of the log.
        number = pl.int_range(pl.len(), dtype=pl.Int64) * len(rule.rules)
        found = found.with_columns((-1 - place - number).alias("#event"))
        if "account" not in found.columns:
            found = found.with_columns(account=pl.lit(None, pl.String))
        rows = _projected(found, rule, name, "#event")
    steps = (pl.lit(other == place).alias(step_column(other)) for other in range(len(rule.rules)))
    return rows.with_columns(steps) if rule.type in TEMPORAL else rows


def hits(matched: Matched, rule: Correlation, rows: pl.DataFrame) -> pl.DataFrame:
    """Give the hits of a correlation whose events are `rows` (rules.windows.hits_of), less those its ratio refuses."""
    standard = matched.rules[rule.name].timespan or rule.timespan
    found = tuned_hits(rows, matched.events, rule, standard) if rule.tunings else hits_of(rows, rule)
    if rule.ratio is None or found.is_empty():
        return found
    of = matched.rules[rule.ratio.of]
    base = of if isinstance(of, Correlation) else replace(rule, rules=(of.name,), aliases={}, ratio=None)
    whole = events_of(matched, base)
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
