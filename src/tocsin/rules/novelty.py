"""Keep the events whose value is new to the account (`novel`, docs/decisions/0010)."""

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from tocsin.features.work import is_shown
from tocsin.past import PERSON, SINCE, last_seen
from tocsin.rules.comparisons import Novel
from tocsin.rules.rule import counted_as
from tocsin.schema import Outcome

STAYS_NEW = 1
"""Nights that a value is new for after the first one: who comes at 23:50 goes on after midnight."""

Integers = npt.NDArray[np.int64]

_NEVER = 2**62
_COUNTS = (Outcome.SUCCESS, Outcome.UNKNOWN)


def is_novel(events: pl.DataFrame, novel: Novel, asked: pl.Series) -> pl.Series:
    """Say which of the asked events (a Boolean each) have a value that is new to their account.

    `events` are all events of the accounts on the nights held, in any order; what came before stands in columns of
    the past (tocsin.past).
    """
    times = events["time"].to_physical().to_numpy()
    nights = events["night"].cast(pl.Int64).to_numpy()
    accounts = _numbered(events.select("account"))
    since = pl.DataFrame({"account": accounts, "time": times}).select(pl.col("time").min().over("account"))
    began = np.minimum(since.to_series().to_numpy(), _began_before(events))
    ticks = novel.min_history // timedelta(microseconds=1)
    places = np.flatnonzero(asked.to_numpy() & (began <= times - ticks))
    answer = np.zeros(events.height, dtype=np.bool_)
    for column in novel.any_of:
        name = counted_as(column, events.columns)
        if name in events.columns and places.size:
            held = events[name].is_not_null().to_numpy()
            pairs = _numbered(pl.DataFrame({"account": accounts, "value": events[name]}))
            wanted = places[held[places]]
            seen = np.flatnonzero(held & _seen(events, name))
            is_known = _is_known(pairs, nights, seen, wanted, novel.over)
            if last_seen(name) in events.columns:
                before = events[last_seen(name)].cast(pl.Int64).fill_null(-_NEVER).to_numpy()[wanted]
                is_known |= (before >= nights[wanted] - novel.over) & (before < nights[wanted] - STAYS_NEW)
            answer[wanted] |= ~is_known
    return pl.Series(answer)


def _began_before(events: pl.DataFrame) -> Integers | np.int64:
    """Give when the accounts were first seen on nights that are not among the events."""
    if SINCE not in events.columns:
        return np.int64(_NEVER)
    began: Integers = events[SINCE].to_physical().fill_null(_NEVER).to_numpy()
    return began


def makes_known(column: str) -> pl.Expr:
    """Tell the events after which a value is known: a person once shown, anything else once something worked."""
    return is_shown() if column in {PERSON, "patient"} else pl.col("outcome").is_in(_COUNTS)


def _seen(events: pl.DataFrame, name: str) -> npt.NDArray[np.bool_]:
    if not {"outcome", "kind"} <= set(events.columns):
        return np.ones(events.height, dtype=np.bool_)
    seen: npt.NDArray[np.bool_] = events.select(makes_known(name).alias("seen"))["seen"].to_numpy()
    return seen


def _is_known(pairs: Integers, nights: Integers, seen: Integers, wanted: Integers, over: int) -> npt.NDArray[np.bool_]:
    """Say of the wanted events whether their pair was seen at most `over` nights ago, and before last night."""
    if not seen.size:
        return np.zeros(wanted.size, dtype=np.bool_)
    first, last = int(nights.min()), int(nights.max())
    width = last - first + over + STAYS_NEW + 2
    keys = pl.Series(pairs[seen] * width + nights[seen] - first, dtype=pl.Int64).unique().sort().to_numpy()
    bases = pairs[wanted] * width + nights[wanted] - first
    lowest = pairs[wanted] * width
    start, end = (np.searchsorted(keys, np.maximum(bases - back, lowest)) for back in (over, STAYS_NEW))
    known: npt.NDArray[np.bool_] = end > start
    return known


def _numbered(rows: pl.DataFrame) -> Integers:
    """Give each different row a number."""
    numbers = rows.unique().with_row_index("#number")
    joined = rows.join(numbers, on=rows.columns, how="left", nulls_equal=True, maintain_order="left")
    return joined["#number"].cast(pl.Int64).to_numpy()
