"""Keep the events whose value is new to the account (`novel`, docs/decisions/0010)."""

from datetime import timedelta

import numpy as np
import polars as pl

from tocsin.features.work import is_shown
from tocsin.past import LEFT, PERSON, SINCE, last_seen
from tocsin.rules.bucket import Axis, Bucket, Flags, Integers
from tocsin.rules.comparisons import Novel
from tocsin.rules.rule import counted_as
from tocsin.schema import Outcome
from tocsin.settings_fixed import STAYS_NEW

_NEVER = 2**62
_COUNTS = (Outcome.SUCCESS, Outcome.UNKNOWN)


def is_novel(bucket: Bucket, novel: Novel, asked: Flags) -> Flags:
    """Say which of the asked events have a value that is new to their account.

    The bucket holds all events of the accounts on the nights held, in any order; what came before stands in columns of
    the past (tocsin.past).
    """
    events = bucket.events
    axis = bucket.axis(("account",))
    nights = events["night"].cast(pl.Int64).to_numpy()[axis.rows]
    ticks = novel.min_history // timedelta(microseconds=1)
    wanted = asked[axis.rows] & (np.minimum(axis.begun, _began_before(axis, events)) <= axis.times - ticks)
    answer = np.zeros(axis.rows.size, np.bool_)
    for column in novel.any_of:
        name = counted_as(column, events.columns)
        if name in events.columns and wanted.any():
            answer |= _is_new(axis, events, name, wanted & ~answer, nights, novel.over)
    on_rows = np.zeros(events.height, np.bool_)
    on_rows[axis.rows[answer]] = True
    return on_rows


def nights_before(bucket: Bucket, history: timedelta) -> pl.DataFrame:
    """List the account-nights (account, night) that began before so much was known of the account."""
    axis = bucket.axis(("account",))
    began = np.minimum(axis.begun, _began_before(axis, bucket.events))
    is_early = began > axis.times - history // timedelta(microseconds=1)
    return bucket.events.select("account", "night")[axis.rows[is_early]].unique()


def makes_known(column: str) -> pl.Expr:
    """Tell the events after which a value is known: a person once shown, anything else once something worked."""
    return is_shown() if column in {PERSON, "patient"} else pl.col("outcome").is_in(_COUNTS)


def _began_before(axis: Axis, events: pl.DataFrame) -> Integers | np.int64:
    """Give when the accounts were first seen on nights that are not among the events."""
    if SINCE not in events.columns:
        return np.int64(_NEVER)
    began: Integers = events[SINCE].to_physical().fill_null(_NEVER).to_numpy()[axis.rows]
    return began


def _is_new(axis: Axis, events: pl.DataFrame, column: str, wanted: Flags, nights: Integers, over: int) -> Flags:
    """Say of the wanted rows whether their value was not seen at most `over` nights ago and before last night."""
    order = axis.values((column,)).in_order
    asked = np.flatnonzero(wanted[order])
    first, last = int(nights.min()), int(nights.max())
    width = last - first + 1
    # Account, value and night as one number, ascending along this order, for every event that makes a value known.
    bases = _pairs(axis, column)[order] * width
    keys = (bases + nights[order] - first)[_seen(axis, events, column)[order]]
    keys.sort(kind="stable")
    tonight = nights[order[asked]] - first
    start, end = (np.searchsorted(keys, bases[asked] + np.maximum(tonight - back, 0)) for back in (over, STAYS_NEW))
    is_known = end > start
    if last_seen(column) in events.columns:
        before = events[last_seen(column)].cast(pl.Int64).fill_null(-_NEVER).to_numpy()[axis.rows[order[asked]]]
        is_known |= (before >= nights[order[asked]] - over) & (before < nights[order[asked]] - STAYS_NEW)
    answer = np.zeros(axis.rows.size, np.bool_)
    answer[order[asked[~is_known]]] = True
    return answer


def _pairs(axis: Axis, column: str) -> Integers:
    """Give a number to each pair of account and value, ascending in the order of the values."""
    values = axis.values((column,))
    codes, numbers = axis.codes[values.in_order], values.numbers[values.in_order]
    opens = (codes[1:] != codes[:-1]) | (numbers[1:] != numbers[:-1])
    pairs = np.zeros(axis.rows.size, np.int64)
    pairs[values.in_order] = np.append(0, np.cumsum(opens, dtype=np.int64))[: codes.size]
    return pairs


def _seen(axis: Axis, events: pl.DataFrame, column: str) -> Flags:
    """Tell the events that make their value known."""
    tests = [~pl.col(LEFT)] if LEFT in events.columns else []
    if {"outcome", "kind"} <= set(events.columns):
        tests.append(makes_known(column))
    if not tests:
        return np.ones(axis.rows.size, np.bool_)
    seen: Flags = events.select(pl.all_horizontal(tests).alias("seen"))["seen"].to_numpy()[axis.rows]
    return seen
