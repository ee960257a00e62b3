"""Stage one: from the events of a set of accounts to integers a night, with no knowledge of other accounts."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

import polars as pl

from tocsin.enrich.software import software_in
from tocsin.features.catalogue import account_nights
from tocsin.features.pooled import RUNS, pooled_runs, strangers_asked
from tocsin.features.work import prepare
from tocsin.rules.comparisons import SOURCE_NAME, told_by
from tocsin.rules.correlation import look
from tocsin.rules.nights import of_nights
from tocsin.rules.rule import COUNTED_AS, RuleSet
from tocsin.schema import EVENTS, empty

HOURS = tuple(f"hour_{hour:02}" for hour in range(24))
"""Columns of `totals` that count the events of each local hour."""

NEVER_NULL = ("time", "kind", "outcome", "account", "automatic", "source", "line", "byte")


@dataclass(frozen=True, slots=True)
class Measured:
    """What stage one gives, each frame sorted.

    `nights`: account, night, profession, structure, region, client (software; where the log does not say it, the
    one that the user agents name), the local hours in which somebody
    worked (`hours`, a bit each), first, last, events and the features; the name of the source too, where the events
    have it (rules.comparisons.SOURCE_NAME). `origins`: one row an account, night, address and browser. `episodes`:
    rule hits folded by account and night. `peaks`: the most a window of each baselined rule held in an account-night.
    `runs`: numbers next to each other that all accounts together asked for (features.pooled.RUNS).
    `totals`: per night and source, how many events and in how many of them each column is filled, and how many fell
    into each local hour.
    """

    nights: pl.DataFrame
    origins: pl.DataFrame
    episodes: pl.DataFrame
    peaks: pl.DataFrame
    totals: pl.DataFrame
    runs: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Part:
    """What one bucket gives: measured alone, and what is pooled over all (features.pooled.ASKED)."""

    measured: Measured
    asked: pl.DataFrame
    accounts: pl.Series
    """In the order of the codes in `asked`."""


def measure(
    events: pl.DataFrame, rules: RuleSet, repeat: timedelta, first: date = date.min, told: date = date.min
) -> Measured:
    """Measure the nights from `first` on: `events` (schema.STORED and local time) holds every event of all accounts.

    Those of earlier nights only serve windows that reach back; columns of the past (tocsin.past) may tell of nights
    before `told`.
    """
    return merge([measure_part(events, rules, repeat, first, told)])


def measure_part(
    events: pl.DataFrame, rules: RuleSet, repeat: timedelta, first: date = date.min, told: date = date.min
) -> Part:
    """Measure one bucket, as `measure` does: `events` holds every event of some accounts."""
    tonight = _from(first, events)
    events = going_on(events, "account", first)
    work, codes = prepare(events, repeat, first, told)
    counted = account_nights(work).join(codes, on="who").drop("who")
    rows = counted.join(_profiles(tonight), on=["account", "night"])
    origins = work.origins.join(codes, on="who").drop("who")
    seen = look(events, rules, "account", first)
    measured = Measured(
        nights=rows.sort("account", "night"),
        origins=_from(first, origins).sort("account", "night", "ip", "user_agent"),
        episodes=pl.concat([_from(first, seen.episodes), of_nights(rows, rules)]),
        peaks=_from(first, seen.peaks),
        totals=totals_of(tonight),
        runs=empty(RUNS),
    )
    return Part(measured, _from(first, strangers_asked(work)), codes["account"])


def going_on(events: pl.DataFrame, group: str, first: date) -> pl.DataFrame:
    """Leave out those of a grouping that did nothing from the first night on: what they did ends before it."""
    if first == date.min:
        return events
    tonight = events.filter(pl.col("night") >= first).select(group).unique()
    everybody = tonight.height == events[group].n_unique()
    return events if everybody else events.join(tonight, on=group, how="semi")


def _from(first: date, rows: pl.DataFrame) -> pl.DataFrame:
    is_new = rows["night"] >= first
    # Nothing is copied where these nights come first.
    return rows[: int(is_new.sum())] if is_new.is_sorted(descending=True) else rows.filter(is_new)


def merge(buckets: list[Part]) -> Measured:
    """Join the buckets: their accounts are disjoint, so rows are stacked, totals added, and runs pooled over all."""
    parts = [bucket.measured for bucket in buckets]
    totals = pl.concat([part.totals for part in parts])
    return Measured(
        nights=pl.concat([part.nights for part in parts]).sort("account", "night"),
        origins=pl.concat([part.origins for part in parts]).sort("account", "night", "ip", "user_agent"),
        episodes=pl.concat([part.episodes for part in parts]),
        peaks=pl.concat([part.peaks for part in parts]),
        totals=totals.group_by("source", "night").agg(pl.all().sum()).sort("source", "night"),
        runs=_pooled(buckets),
    )


def _pooled(buckets: list[Part]) -> pl.DataFrame:
    """Find runs over all buckets; codes of accounts begin where those of the bucket before end."""
    ends = accumulate((bucket.accounts.len() for bucket in buckets), initial=0)
    asked = [bucket.asked.with_columns(pl.col("who") + begin) for bucket, begin in zip(buckets, ends, strict=False)]
    return pooled_runs(pl.concat(asked), pl.concat([bucket.accounts for bucket in buckets]))


def _profiles(events: pl.DataFrame) -> pl.DataFrame:
    """Say who the account is that night: the smallest of the most frequent values, so that any order gives the same."""
    told = told_by(events.columns)
    # Most portals are one source: nobody pays for asking which one an account's events come from.
    alone = [name for name in told if name == SOURCE_NAME and events[name].n_unique() == 1]
    rows = events.group_by("account", "night").agg(
        pl.col(*(name for name in told if name not in alone), "client").drop_nulls().mode().min(),
        *(pl.col(name).first() for name in alone),
        hours=_bit_of(pl.col("local_hour").filter(~pl.col("automatic"))).bitwise_or().fill_null(0),
        first=pl.col("time").min(),
        last=pl.col("time").max(),
    )
    return rows.join(_software(events), on=["account", "night"], how="left").select(
        "account", "night", *told, pl.coalesce("client", "software").alias("client"), "hours", "first", "last"
    )


def _software(events: pl.DataFrame) -> pl.DataFrame:
    """Give the software that user agents name where the log does not say it (account, night, software)."""
    events = events.filter(pl.col("client").is_null())
    agents = events.select("user_agent").unique().with_columns(software=software_in("user_agent")).drop_nulls()
    named = events.select("account", "night", "user_agent").join(agents, on="user_agent")
    return named.group_by("account", "night").agg(pl.col("software").mode().min())


def _bit_of(hour: pl.Expr) -> pl.Expr:
    return (pl.lit(2, pl.Int64) ** hour.cast(pl.Int64)).cast(pl.Int64)


def totals_of(events: pl.DataFrame) -> pl.DataFrame:
    """Count events, filled columns and local hours by source and night."""
    # A token that was not read has the id that stands for it.
    optional = {name: name if name in events.columns else COUNTED_AS[name] for name in EVENTS if name not in NEVER_NULL}
    return (
        events.group_by("source", "night")
        .agg(
            pl.len().cast(pl.Int64).alias("events"),
            *(pl.col(column).count().cast(pl.Int64).alias(name) for name, column in optional.items()),
            *((pl.col("local_hour") == hour).sum().cast(pl.Int64).alias(name) for hour, name in enumerate(HOURS)),
        )
        .sort("source", "night")
    )
