"""Prepare the events of a bucket once: account codes, reads of people, requests, origins."""

from datetime import timedelta

import polars as pl

from tocsin.features.feature import Work
from tocsin.schema import Kind, Outcome

READING = (Kind.LOOKUP, Kind.SEARCH, Kind.LIST, Kind.EXPORT)
"""Kinds of event that show a person's record."""

SHOWN = (Outcome.SUCCESS, Outcome.UNKNOWN)
"""Outcomes that may have shown it; an unknown one counts, the intruder gets no discount for poor logs."""

COLUMNS = (
    "time", "night", "kind", "outcome", "account", "ip", "network", "network_type", "user_agent", "person_id",
    "block_id", "patient_order", "patient_valid", "subjects", "rows", "bytes", "automatic",
)  # fmt: skip
"""Event columns that the features read."""


def prepare(events: pl.DataFrame, repeat: timedelta) -> tuple[Work, pl.DataFrame]:
    """Prepare a bucket; also gives the table of codes: who (UInt32), account (sorted)."""
    codes = events.select("account").unique().sort("account").with_row_index("who")
    coded = events.select(COLUMNS).join(codes, on="account").drop("account")
    reads = _reads(coded, repeat)
    return Work(events=coded, reads=reads, asks=_asks(coded), origins=_origins(coded, reads)), codes


def is_shown() -> pl.Expr:
    """Tell the events that may have shown records."""
    return pl.col("kind").is_in(list(READING)) & pl.col("outcome").is_in(list(SHOWN))


def is_read() -> pl.Expr:
    """Tell the events that may have shown one person's record."""
    return is_shown() & pl.col("person_id").is_not_null()


def _reads(events: pl.DataFrame, repeat: timedelta) -> pl.DataFrame:
    rows = events.filter(is_read()).select("who", "person_id", "time", "night", "network", "network_type", "automatic")
    rows = rows.sort("who", "person_id", "time")
    same = (pl.col("who") == pl.col("who").shift()) & (pl.col("person_id") == pl.col("person_id").shift())
    same = same.fill_null(value=False)
    return rows.with_columns(
        is_new=~same,
        is_repeat=same & (((pl.col("time") - pl.col("time").shift()) <= repeat) | pl.col("automatic")),
        opens_night=~same | (pl.col("night") != pl.col("night").shift()),
    )


def _asks(events: pl.DataFrame) -> pl.DataFrame:
    asked = pl.col("kind").is_in(list(READING)) & pl.col("person_id").is_not_null() & ~pl.col("automatic")
    return events.filter(asked).select(
        "who", "night", "time", "outcome", "person_id", "block_id", "patient_order", "patient_valid"
    )


def _origins(events: pl.DataFrame, reads: pl.DataFrame) -> pl.DataFrame:
    """One row an account, night, address and browser; new when the account never used it on an earlier night."""
    seen = (
        events.filter(pl.col("ip").is_not_null())
        .group_by("who", "night", "ip", "network", "network_type", "user_agent")
        .agg(events=pl.len(), first=pl.col("time").min(), last=pl.col("time").max())
    )
    people = reads.filter("opens_night").group_by("who", "night").len("people")
    return (
        seen.join(people, on=["who", "night"], how="left")
        .with_columns(
            is_new_ip=pl.col("night") == pl.col("night").min().over("who", "ip"),
            is_new_network=pl.col("night") == pl.col("night").min().over("who", "network"),
            is_new_browser=pl.col("night") == pl.col("night").min().over("who", "user_agent"),
        )
        .sort("who", "night", "ip", "user_agent", nulls_last=True)
    )
