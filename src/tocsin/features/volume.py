"""Volume: how many people, answers and bytes an account took in a night, and how fast at its fastest."""

from datetime import timedelta

import polars as pl

from tocsin.features.feature import Feature, Work
from tocsin.features.windows import distinct_over_time
from tocsin.features.work import is_unnamed
from tocsin.settings_fixed import FASTEST, REACHED


def reads(work: Work) -> pl.DataFrame:
    """Give one row a read of a person."""
    return work.reads


def unnamed(work: Work) -> pl.DataFrame:
    """Give one row an event that names no single person, or is an export.

    What was sent about a person by name grows with the people, and those are counted already.
    """
    return work.events.filter(is_unnamed())


def fastest_ten_minutes(work: Work) -> pl.DataFrame:
    """Count the different people in the ten minutes before each read."""
    return _peaks(work, FASTEST)


def fastest_hour(work: Work) -> pl.DataFrame:
    """Count the different people in the hour before each read, over midnight too."""
    return _peaks(work, REACHED)


def _peaks(work: Work, span: timedelta) -> pl.DataFrame:
    """Give who, night and count at each read; the night is the one of the read that ends the window."""
    people = work.reads.select("who", "time", "person_id")
    counts = distinct_over_time(people, ["who"], "person_id", span)
    nights = work.reads.select("who", "time", "night").unique()
    return counts.join(nights, on=["who", "time"])


FEATURES = (
    Feature(
        name="people",
        unit="people",
        family="volume",
        table=reads,
        value=pl.col("opens_night").sum(),
        needs=("patient",),
        words="different people read",
        sentence="read {value} different people, usually {usual}",
    ),
    Feature(
        name="consultations",
        unit="reads",
        family="volume",
        table=reads,
        value=(~pl.col("is_repeat")).sum(),
        needs=("patient",),
        words="reads, repeats of one consultation left out",
        sentence="made {value} reads, usually {usual}",
    ),
    Feature(
        name="people_10m",
        unit="people in 10 minutes",
        family="volume",
        table=fastest_ten_minutes,
        value=pl.col("count").max(),
        needs=("patient",),
        words="different people in the fastest ten minutes",
        sentence="read {value} people in its fastest ten minutes, usually {usual}",
    ),
    Feature(
        name="fastest_at",
        unit="minutes",
        family="volume",
        table=fastest_ten_minutes,
        value=pl.col("time").filter(pl.col("count") == pl.col("count").max()).min().dt.epoch("s") // 60,
        needs=("patient",),
        judged=False,
        words="when the fastest ten minutes ended, in minutes since 1970",
        sentence="",
    ),
    Feature(
        name="people_1h",
        unit="people in an hour",
        family="volume",
        table=fastest_hour,
        value=pl.col("count").max(),
        needs=("patient",),
        words="different people in the fastest hour",
        sentence="read {value} people in its fastest hour, usually {usual}",
    ),
    Feature(
        name="answers",
        unit="rows",
        family="volume",
        table=unnamed,
        value=pl.max_horizontal("rows", "subjects").sum(),
        needs=("rows",),
        words="rows or people returned by searches, lists and exports",
        sentence="was sent {value} rows, usually {usual}",
    ),
    Feature(
        name="bytes_kb",
        unit="kB",
        family="volume",
        table=unnamed,
        value=pl.col("bytes").sum() // 1000,
        needs=("bytes",),
        words="kilobytes returned by answers that name no single person",
        sentence="was sent {value} kB in answers that name no single person, usually {usual}",
    ),
)
