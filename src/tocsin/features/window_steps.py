"""Which kinds of events a group shows in the sliding window that ends at each of its instants, and in which order.

Windows are those of features.windows: closed intervals [t - span, t], events of equal time are one instant.
"""

from collections.abc import Sequence
from datetime import timedelta

import polars as pl


def steps_over_time(events: pl.DataFrame, group: Sequence[str], steps: Sequence[str], span: timedelta) -> pl.DataFrame:
    """Say which steps happened in [t - span, t], for each instant t of a group.

    `steps` name Boolean columns without nulls. Returns the columns of `group`, `time` and the steps, sorted.
    """
    latest = (pl.when(step).then("time").forward_fill().over(group).alias(step) for step in steps)
    seen = (((pl.col("time") - pl.col(step)) <= span).fill_null(value=False).alias(step) for step in steps)
    return _instants(events, group, steps).with_columns(latest).with_columns(seen)


def ordered_over_time(
    events: pl.DataFrame, group: Sequence[str], steps: Sequence[str], span: timedelta
) -> pl.DataFrame:
    """Say how many of the steps, from the first, happened in their order in [t - span, t], for each instant t.

    Order within one instant is unknown, so a step may share the instant, and the event, of the one before. Returns the
    columns of `group`, `time` and `count` (Int64), sorted.
    """
    reached = _instants(events, group, steps).with_columns(pl.col("time").alias("#begun"))
    for step in steps:  # "#begun": when the latest series that has come so far began
        reached = reached.with_columns(
            pl.when(step).then("#begun").forward_fill().over(group).alias("#begun")
        ).with_columns(((pl.col("time") - pl.col("#begun")) <= span).fill_null(value=False).alias(step))
    return reached.select(
        *group, "time", pl.sum_horizontal(pl.col(step).cast(pl.Int64) for step in steps).alias("count")
    )


def _instants(events: pl.DataFrame, group: Sequence[str], steps: Sequence[str]) -> pl.DataFrame:
    return events.drop_nulls(list(group)).group_by(*group, "time").agg(pl.col(steps).any()).sort(*group, "time")
