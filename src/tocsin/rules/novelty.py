"""Keep the events whose value is new to the account (`novel`, docs/decisions/0010)."""

from datetime import timedelta

import numpy as np

from tocsin.rules.bucket import Axis, Bucket, Flags, Integers
from tocsin.rules.comparisons import Novel
from tocsin.rules.rule import counted_as
from tocsin.schema import Outcome

STAYS_NEW = timedelta(days=1)
"""How long a value is new after it was first seen."""

_COUNTS = (Outcome.SUCCESS, Outcome.UNKNOWN)


def is_novel(bucket: Bucket, novel: Novel, asked: Flags) -> Flags:
    """Say which of the asked events have a value that is new to their account.

    The bucket holds all events of the accounts, in any order.
    """
    events = bucket.events
    axis = bucket.axis(("account",))
    is_old = axis.begun <= axis.times - _ticks(novel.min_history)
    wanted = asked[axis.rows] & is_old
    seen = events["outcome"].is_in(_COUNTS).to_numpy()[axis.rows] if "outcome" in events.columns else None
    answer = np.zeros(axis.rows.size, np.bool_)
    for column in novel.any_of:
        name = counted_as(column, events.columns)
        if name in events.columns and wanted.any():
            answer |= _is_new(axis, name, wanted & ~answer, seen, _ticks(novel.over))
    on_rows = np.zeros(events.height, np.bool_)
    on_rows[axis.rows[answer]] = True
    return on_rows


def _is_new(axis: Axis, column: str, wanted: Flags, seen: Flags | None, over: int) -> Flags:
    """Say of the wanted rows whether their value is not null and was not seen between `over` and a day before."""
    values = axis.values((column,))
    order = values.in_order
    codes, numbers = axis.codes[order], values.numbers[order]
    opens = (codes[1:] != codes[:-1]) | (numbers[1:] != numbers[:-1])
    # A pair of account and value, and the time within it, as one number: ascending along this order.
    bases = np.append(0, np.cumsum(opens, dtype=np.int64))[: order.size] * (axis.instants.size + 1)
    asked = np.flatnonzero(wanted[order])
    teaching = slice(None) if seen is None else np.flatnonzero(seen[order])
    keys = (bases + axis.instant_of[order])[teaching]
    instants = axis.instant_of[order[asked]]
    first, end = (
        np.searchsorted(keys, bases[asked] + _earlier(axis, back)[instants]) for back in (over, _ticks(STAYS_NEW))
    )
    answer = np.zeros(axis.rows.size, np.bool_)
    answer[order[asked[end <= first]]] = True
    return answer


def _earlier(axis: Axis, back: int) -> Integers:
    """Give for each instant the number of the first one not before that time less `back`."""
    return np.searchsorted(axis.instants, axis.instants - back)


def _ticks(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
