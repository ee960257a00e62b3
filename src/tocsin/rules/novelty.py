"""Keep the events whose value is new to the account (`novel`, docs/decisions/0010)."""

from datetime import timedelta

import numpy as np
import polars as pl

from tocsin.features.work import is_shown
from tocsin.past import PERSON, SINCE, last_seen
from tocsin.rules.bucket import Axis, Bucket, Flags, Integers
from tocsin.rules.comparisons import Novel
from tocsin.rules.rule import counted_as
from tocsin.schema import Outcome

STAYS_NEW = 1
"""Nights that a value is new for after the first one: who comes at 23:50 goes on after midnight."""

_NEVER = 2**62
_COUNTS = (Outcome.SUCCESS, Outcome.UNKNOWN)


def is_novel(bucket: Bucket, novel: Novel, asked: Flags) -> Flags:
    """Say which of the asked events have a value that is new to their account.

    The bucket holds all events of the accounts on the nights held, in any order; what came before stands in columns of
    the past (tocsin.past).
    """
    events = bucket.events
    axis = bucket.axis(("account",))
    is_old = _begun(axis, events) <= axis.times - novel.min_history // timedelta(microseconds=1)
    wanted = asked[axis.rows] & is_old
    answer = np.zeros(axis.rows.size, np.bool_)
    for column in novel.any_of:
        name = counted_as(column, events.columns)
        if name in events.columns and wanted.any():
            answer |= _is_new(axis, name, wanted & ~answer, novel.over, events)
    on_rows = np.zeros(events.height, np.bool_)
    on_rows[axis.rows[answer]] = True
    return on_rows


def makes_known(column: str) -> pl.Expr:
    """Tell the events after which a value is known: a person once shown, anything else once something worked."""
    return is_shown() if column in {PERSON, "patient"} else pl.col("outcome").is_in(_COUNTS)


def _is_new(axis: Axis, column: str, wanted: Flags, over: int, events: pl.DataFrame) -> Flags:
    """Say of the wanted rows whether their value is not null and was not seen from `over` nights to two nights ago."""
    values = axis.values((column,))
    order = values.in_order
    codes, numbers = axis.codes[order], values.numbers[order]
    nights = events["night"].cast(pl.Int64).to_numpy()[axis.rows]
    first_night, last_night = int(nights.min(initial=_NEVER)), int(nights.max(initial=-_NEVER))
    width = last_night - first_night + over + STAYS_NEW + 2
    opens = (codes[1:] != codes[:-1]) | (numbers[1:] != numbers[:-1])
    # A pair of account and value, and the night within it, as one number: ascending along this order.
    bases = np.append(0, np.cumsum(opens, dtype=np.int64))[: order.size] * width
    asked = np.flatnonzero(wanted[order])
    seen = _seen(events, column)
    teaching = slice(None) if seen is None else np.flatnonzero(seen[axis.rows][order])
    keys = (bases + nights[order] - first_night)[teaching]
    tonight = nights[order[asked]]
    start, end = (
        np.searchsorted(keys, bases[asked] + np.maximum(tonight - back - first_night, 0)) for back in (over, STAYS_NEW)
    )
    is_known = end > start
    if last_seen(column) in events.columns:
        before = events[last_seen(column)].cast(pl.Int64).fill_null(-_NEVER).to_numpy()[axis.rows[order[asked]]]
        is_known |= (before >= tonight - over) & (before < tonight - STAYS_NEW)
    answer = np.zeros(axis.rows.size, np.bool_)
    answer[order[asked[~is_known]]] = True
    return answer


def _begun(axis: Axis, events: pl.DataFrame) -> Integers:
    """Give when the account of each row was first seen, also on nights that are not among the events."""
    if SINCE not in events.columns:
        return axis.begun
    before: Integers = events[SINCE].to_physical().fill_null(_NEVER).to_numpy()[axis.rows]
    return np.minimum(axis.begun, before)


def _seen(events: pl.DataFrame, column: str) -> Flags | None:
    if not {"outcome", "kind"} <= set(events.columns):
        return None
    seen: Flags = events.select(makes_known(column).alias("seen"))["seen"].to_numpy()
    return seen
