"""Keep the events whose value is new to the account (`novel`, docs/decisions/0010)."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tocsin.features.windows import sorted_once
from tocsin.rules.comparisons import Novel
from tocsin.rules.rule import counted_as
from tocsin.schema import Outcome

STAYS_NEW = timedelta(days=1)
"""How long a value is new after it was first seen."""

Integers = npt.NDArray[np.int64]

_COUNTS = (Outcome.SUCCESS, Outcome.UNKNOWN)


def is_novel(events: pl.DataFrame, novel: Novel, asked: pl.Series) -> pl.Series:
    """Say which of the asked events (a Boolean each) have a value that is new to their account.

    `events` are all events of the accounts, in any order.
    """
    times = events["time"].to_physical().to_numpy()
    accounts = _numbered(events.select("account"))
    since = pl.DataFrame({"account": accounts, "time": times}).select(pl.col("time").min().over("account"))
    places = np.flatnonzero(asked.to_numpy() & (since.to_series().to_numpy() <= times - _ticks(novel.min_history)))
    answer = np.zeros(events.height, dtype=np.bool_)
    seen = events["outcome"].is_in(_COUNTS).to_numpy() if "outcome" in events.columns else np.ones_like(answer)
    for column in novel.any_of:
        name = counted_as(column, events.columns)
        if name in events.columns and places.size:
            held = events[name].is_not_null().to_numpy()
            pairs = _numbered(pl.DataFrame({"account": accounts, "value": events[name]}))
            wanted = places[held[places]]
            answer[wanted] |= ~_is_known(pairs, times, np.flatnonzero(held & seen), wanted, _ticks(novel.over))
    return pl.Series(answer)


def _is_known(pairs: Integers, times: Integers, seen: Integers, wanted: Integers, over: int) -> npt.NDArray[np.bool_]:
    """Say of the wanted events whether their pair was seen between `over` and a day before."""
    if not seen.size:
        return np.zeros(wanted.size, dtype=np.bool_)
    axis = sorted_once(times[seen])
    keys = np.sort(pairs[seen] * (axis.size + 1) + np.searchsorted(axis, times[seen]))
    bases = pairs[wanted] * (axis.size + 1)
    first, end = (
        np.searchsorted(keys, bases + np.searchsorted(axis, times[wanted] - back)) for back in (over, _ticks(STAYS_NEW))
    )
    return end > first


def _numbered(rows: pl.DataFrame) -> Integers:
    """Give each different row a number."""
    numbers = rows.unique().with_row_index("#number")
    joined = rows.join(numbers, on=rows.columns, how="left", nulls_equal=True, maintain_order="left")
    return joined["#number"].cast(pl.Int64).to_numpy()


def _ticks(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
