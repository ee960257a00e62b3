"""A night's actions in order of time, with everything a line may say; and the sheets that writers make of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import polars as pl

from tocsin.simulate.nir import text, text_with_key


@dataclass(frozen=True, slots=True)
class Page:
    """One night. `actions` has ACTIONS with names instead of numbers, plus epoch (ms) and offset (minutes)."""

    day: date
    actions: pl.DataFrame
    seed: int = 0
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of a night. `rows` are the places in the page of its lines."""

    name: str
    table: pl.DataFrame
    rows: pl.Series
    layout: Literal["csv", "semicolons", "ndjson", "lines"]

    @property
    def header_lines(self) -> int:
        """Say how many lines stand before the first event."""
        return 1 if self.layout in {"csv", "semicolons"} else 0


Writer = Callable[[Page], list[Sheet]]


def every_row(page: Page) -> pl.Series:
    """Give all places of a page."""
    return pl.Series(np.arange(page.actions.height), dtype=pl.UInt32)


def wall_clock() -> pl.Expr:
    """Give the local time of an action, naive."""
    return pl.from_epoch(pl.col("epoch") + pl.col("offset").cast(pl.Int64) * 60_000, time_unit="ms")


def zone(pattern: str = "{sign}{hours:02d}:{minutes:02d}") -> pl.Expr:
    """Write the UTC offset; Europe/Paris has two."""
    summer = pattern.format(sign="+", hours=2, minutes=0)
    winter = pattern.format(sign="+", hours=1, minutes=0)
    return pl.when(pl.col("offset") == 120).then(pl.lit(summer)).otherwise(pl.lit(winter))


def stamp() -> pl.Expr:
    """Write an action's time in ISO 8601 with milliseconds and offset."""
    return pl.concat_str(wall_clock().dt.to_string("%Y-%m-%dT%H:%M:%S%.3f"), zone())


def patient_as_typed() -> pl.Expr:
    """Write the number asked for with thirteen or fifteen characters, as the account's software does."""
    short = text(pl.col("nir"))
    return pl.when(pl.col("long_identifier")).then(text_with_key(pl.col("nir"), pl.col("key"))).otherwise(short)
