"""Stretches of work: the events of an account cut by session, network and device, each with what it looked like."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.engine.overlap import once
from tocsin.enrich.calendar import local
from tocsin.features.work import READING, is_read, is_shown
from tocsin.schema import Outcome
from tocsin.settings import Settings
from tocsin.settings_fixed import IN_ORDER
from tocsin.verdict.strands import Strand, with_strand

COLUMNS = (
    "account", "night", "time", "kind", "outcome", "person", "session", "ip", "network", "network_type", "user_agent",
    "service", "patient", "person_id", "block_id", "patient_order", "patient_region", "subjects", "rows", "source",
    "line", "byte",
)  # fmt: skip
"""Event columns that are needed to tell sessions apart and to count whom they showed."""

APART = ("session", "place", "user_agent", "strand")
"""What tells the work of one account apart."""

Ids = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Work of one account under one session, network and device.

    `asked` counts requests that named a person, `people` the different ones shown, `gap_seconds` is the middle wait
    between two people (null below two); `steps` and `missing` are the requests for the next number and for numbers
    that do not exist. `hours` and `regions` count the people asked for by (weekend, local hour) and by department.
    """

    at: int
    label: str
    account: str
    night: date
    first: datetime
    last: datetime
    session: str | None
    ip: str | None
    network: str | None
    network_type: str | None
    device: str | None
    lookups: int
    asked: int
    people: int
    gap_seconds: float | None
    steps: int
    missing: int
    ids: Ids
    hours: Mapping[tuple[bool, int], int]
    regions: Mapping[str, int]
    at_once: tuple[str, ...]
    """Other networks on which the same session id was at work at the same time."""
    strand: Strand | None = None
    """Whom it read, where the log does not say who asked."""


def with_stretch(events: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Add the number of the stretch of each event, in the order of account and time.

    A session id is cut where its address or device changes, and after hours of silence; without one, the address and
    the browser stand in its place and a shorter silence ends it; without any of them, strands are told apart.
    """
    events, _twice = once(events, events["source"].unique().sort().to_list())
    has_id = pl.col("session").is_not_null()
    keyed = (
        with_strand(events, settings.sessions)
        .with_columns(
            # An IPv6 line renews its addresses all day, an IPv4 one does not.
            place=pl.when(has_id & pl.col("ip").str.contains(":", literal=True)).then("network").otherwise("ip"),
            most=pl.when(has_id)
            .then(timedelta(hours=settings.sessions.silence_hours))
            .otherwise(timedelta(minutes=settings.reading.session_gap_minutes)),
        )
        .sort("account", *APART, "time")
    )
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in ("account", *APART))
    cut = (~same | (pl.col("time").diff() > pl.col("most"))).fill_null(value=True)
    numbered = keyed.with_columns(run=cut.cum_sum())
    order = (
        numbered.group_by("run")
        .agg(pl.col("account", *APART).first(), pl.col("time").min())
        .sort("account", "time", *APART)
        .with_row_index("stretch")
        .select("run", "stretch")
    )
    return numbered.join(order, on="run").drop("run", "place", "most")


def stretches(events: pl.DataFrame, zone: str) -> list[Stretch]:
    """Describe every stretch of numbered events, in the order of account and time."""
    asks = _asks(events, zone)
    rows = _basics(events).join(_measures(asks), on="stretch", how="left").sort("stretch")
    people = _lists(events.filter(is_read()).select("stretch", "person_id").unique(), "person_id")
    hours = _counts(asks, "weekend", "hour")
    regions = _counts(asks.filter(pl.col("patient_region").is_not_null()), "patient_region")
    others = _at_once(rows)
    made: list[Stretch] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows.iter_rows(named=True):
        # Whom it read is told too: later nights bring people back, and what a person said must not pass to others.
        name = row["session"] or "/".join(filter(None, (row["night"].isoformat(), row["strand"])))
        seen[row["account"], name] = nth = seen.get((row["account"], name), 0) + 1
        at = row.pop("stretch")
        ids = people.get(at, np.zeros(0, np.uint64))
        made.append(
            Stretch(
                **_whole(row),
                at=at,
                label=name if row["session"] and nth == 1 else f"{name}/{nth}",
                people=len(ids),
                ids=ids,
                hours={(bool(weekend), int(hour)): n for (weekend, hour), n in hours.get(at, {}).items()},
                regions={str(region): n for (region,), n in regions.get(at, {}).items()},
                at_once=others.get(at, ()),
            )
        )
    return made


def _whole(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **{name: row[name] or 0 for name in ("asked", "steps", "missing")}}


def _asks(events: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Give the requests that named a person, in order of stretch and time, with local hour and step in the block."""
    clock = local(zone)
    rows = events.filter(pl.col("kind").is_in(list(READING)) & pl.col("person_id").is_not_null())
    # Where times tie, numbers and keyed ids decide: the order of lines and files must not matter.
    rows = rows.sort("stretch", "block_id", "time", "patient_order")
    step = pl.col("patient_order") - pl.col("patient_order").shift().over("stretch", "block_id")
    return (
        rows.with_columns(step=step)
        .sort("stretch", "time", "person_id", "patient_order")
        .with_columns(
            hour=clock.dt.hour(),
            weekend=clock.dt.weekday() >= 6,
            is_step=(pl.col("block_id").is_not_null() & pl.col("step").is_between(1, IN_ORDER)).fill_null(value=False),
            moves=(pl.col("person_id") != pl.col("person_id").shift().over("stretch")).fill_null(value=False),
            gap=(pl.col("time") - pl.col("time").shift().over("stretch")).dt.total_milliseconds() / 1_000,
        )
    )


def _basics(events: pl.DataFrame) -> pl.DataFrame:
    return events.group_by("stretch").agg(
        pl.col("account", "session", "network", "strand").first(),
        pl.col("night").min(),
        ip=pl.col("ip").drop_nulls().min(),
        network_type=pl.col("network_type").cast(pl.String).drop_nulls().min(),
        device=pl.col("user_agent").first(),
        first=pl.col("time").min(),
        last=pl.col("time").max(),
        lookups=is_shown().sum().cast(pl.Int64),
    )


def _measures(asks: pl.DataFrame) -> pl.DataFrame:
    return asks.group_by("stretch").agg(
        asked=pl.len().cast(pl.Int64),
        gap_seconds=pl.col("gap").filter("moves").median().round(1),
        steps=pl.col("is_step").sum().cast(pl.Int64),
        missing=(pl.col("outcome") == Outcome.NOT_FOUND).sum().cast(pl.Int64),
    )


def _lists(rows: pl.DataFrame, column: str) -> dict[int, Ids]:
    grouped = rows.sort("stretch", column).group_by("stretch", maintain_order=True).agg(column)
    return {at: values.to_numpy() for at, values in zip(grouped["stretch"], grouped[column], strict=True)}


def _counts(asks: pl.DataFrame, *columns: str) -> dict[int, dict[tuple[Any, ...], int]]:
    counted: dict[int, dict[tuple[Any, ...], int]] = {}
    for at, *key, n in asks.group_by("stretch", *columns).agg(n=pl.col("person_id").n_unique()).iter_rows():
        counted.setdefault(at, {})[tuple(key)] = n
    return counted


def _at_once(rows: pl.DataFrame) -> dict[int, tuple[str, ...]]:
    """Find session ids at work on two networks at the same time: nobody is in two places."""
    named = rows.filter(pl.col("session").is_not_null() & pl.col("network").is_not_null())
    pairs = named.join(named, on=["account", "session"], suffix="_other").filter(
        (pl.col("network") != pl.col("network_other"))
        & (pl.col("first") < pl.col("last_other"))
        & (pl.col("first_other") < pl.col("last"))
    )
    found = pairs.group_by("stretch").agg(pl.col("network_other").unique().sort())
    return {at: tuple(networks) for at, networks in found.iter_rows()}
