"""What the numbers of a group come to in the sliding window that ends at each of its instants.

Windows are those of features.windows: closed intervals [t - span, t], events of equal time are one instant. Answers are
exact fractions: sums have 128 bits, means and medians are never divided out. Order statistics come from a wavelet
matrix (Claude, Navarro and Ordonez, "The wavelet matrix", 2015): the k-th smallest of any run of rows in O(log n), for
all windows at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from tocsin.features.windows import sorted_once

Statistic = Literal["sum", "avg", "median", "percentile"]
Integers = npt.NDArray[np.int64]

_MICROSECOND = timedelta(microseconds=1)


def values_over_time(
    events: pl.DataFrame,
    group: Sequence[str],
    value: str,
    span: timedelta,
    statistic: Statistic,
    percentile: int = 50,
) -> pl.DataFrame:
    """Work out a statistic of `value` (integers) in [t - span, t] for each instant t of a group.

    Returns the columns of `group`, `time`, `top` (Int128) and `bottom` (Int64): the answer is their fraction. Nulls
    are no values, yet their rows are instants; windows without values are left out. A percentile is the nearest rank:
    the smallest value that at least so many in a hundred of the window's values do not exceed.
    """
    events = events.drop_nulls(list(group))
    groups = events.select(group).unique().sort(group).with_row_index("#group")
    rows = events.join(groups, on=list(group)).select(
        pl.col("#group").cast(pl.Int64), pl.col("time").to_physical().alias("#time"), pl.col(value).alias("#value")
    )
    rows = rows.sort("#group", "#time")
    windows = _windows(rows, span // _MICROSECOND)
    values = rows["#value"].drop_nulls()
    top, bottom = _fractions(values, windows, statistic, percentile)
    named = groups.select(group)[rows["#group"].gather(windows.instants)]
    times = rows["#time"].gather(windows.instants).cast(pl.Datetime("us")).alias("time")
    times = times.dt.replace_time_zone("UTC").cast(events.schema["time"])
    return named.hstack([times, top.alias("top"), pl.Series("bottom", bottom)])


@dataclass(frozen=True, slots=True)
class _Windows:
    """Windows with a value: the row of their instant, and the run [first, end) of values that they hold."""

    instants: Integers
    first: Integers
    end: Integers


def _windows(rows: pl.DataFrame, ticks: int) -> _Windows:
    group, time = rows["#group"].to_numpy(), rows["#time"].to_numpy()
    times = sorted_once(time)
    keys = group * times.size + np.searchsorted(times, time)
    instants = np.flatnonzero(np.append(keys[1:] != keys[:-1], True)[: keys.size])
    opened = group[instants] * times.size + np.searchsorted(times, time[instants] - ticks)
    before = np.append(0, np.cumsum(rows["#value"].is_not_null().to_numpy(), dtype=np.int64))
    first, end = before[np.searchsorted(keys, opened)], before[instants + 1]
    held = end > first
    return _Windows(instants[held], first[held], end[held])


def _fractions(
    values: pl.Series, windows: _Windows, statistic: Statistic, percentile: int
) -> tuple[pl.Series, Integers]:
    count = windows.end - windows.first
    match statistic:
        case "sum" | "avg":
            running = pl.concat([pl.Series([0], dtype=pl.Int128), values.cast(pl.Int128).cum_sum()])
            total = running.gather(windows.end) - running.gather(windows.first)
            return total, count if statistic == "avg" else np.ones_like(count)
        case "median":
            low, high = (_smallest(values, windows, place) for place in ((count - 1) // 2, count // 2))
            return low + high, np.full_like(count, 2)
        case "percentile":
            rank = np.maximum(-(-percentile * count // 100), 1)
            return _smallest(values, windows, rank - 1), np.ones_like(count)


def _smallest(values: pl.Series, windows: _Windows, place: Integers) -> pl.Series:
    """Give the value at a place (from 0) of each window's values in ascending order."""
    different = values.unique().sort().cast(pl.Int128)
    codes = (values.rank("dense").cast(pl.Int64) - 1).to_numpy()
    first, end, place = windows.first, windows.end, place.copy()
    found = np.zeros_like(place)
    for bit in reversed(range(max(different.len() - 1, 0).bit_length())):
        is_high = (codes >> bit) & 1
        lows = np.append(0, np.cumsum(1 - is_high, dtype=np.int64))
        first_low, end_low = lows[first], lows[end]
        below = end_low - first_low
        goes_high = place >= below
        found |= goes_high.astype(np.int64) << bit
        place -= np.where(goes_high, below, 0)
        first = np.where(goes_high, lows[-1] + first - first_low, first_low)
        end = np.where(goes_high, lows[-1] + end - end_low, end_low)
        codes = np.concatenate((codes[is_high == 0], codes[is_high == 1]))
    return different.gather(found)
