"""The sweep behind sliding windows, on plain numbers: rows of all groups laid out in time order on one axis.

Groups lie more than a span apart on the axis, so that no window and no life of a value reaches into the next group.
A value lives from each of its times to that time + span; lives that touch are merged. What a window holds is how many
lives have begun until its end, less those that ended before its start: two counts along sorted numbers, O(n log n) for
the sort, however many different values a window holds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int64 | np.uint64]
Flags = npt.NDArray[np.bool_]
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd number near 2^64 divided by the golden ratio (Knuth): close values get different upper bits."""


@dataclass(frozen=True, slots=True)
class Held:
    """What windows hold: the last row of each instant, and the count of the window that ends there."""

    rows: Integers
    counts: Integers


def events_held(places: Integers, ticks: int) -> Held:
    """Count the rows of each window; `places` are sorted."""
    last = np.flatnonzero(_is_last(places))
    return Held(last, last + 1 - np.searchsorted(places, places[last] - ticks))


def values_held(places: Integers, ticks: int, values: Numbers, by_value: Integers) -> Held:
    """Count the different values of each window; `places` are sorted.

    `by_value` lists the rows that have a value, those of one value together and in the order of their places.
    """
    last = np.flatnonzero(_is_last(places))
    at, kinds = places[by_value], values[by_value]
    parted = (kinds[1:] != kinds[:-1]) | (np.diff(at) > ticks)
    begins, ends = np.zeros(places.size, np.bool_), np.zeros(places.size, np.bool_)
    begins[by_value[np.append(True, parted)[: at.size]]] = True
    ends[by_value[np.append(parted, True)[: at.size]]] = True
    begun = np.cumsum(begins, dtype=np.int64)[last]
    return Held(last, begun - np.searchsorted(places[ends], places[last] - ticks))


def in_order_of_values(values: Numbers, has_value: Flags | None = None) -> Integers:
    """List the rows that have a value, those of one value together, otherwise in their order."""
    bits = np.uint64(max(1, int(values.size).bit_length()))
    rows = np.arange(values.size, dtype=np.uint64)
    # One sort of plain numbers, twice as fast as a stable sort: the upper bits of the value, spread, then the row.
    spread = (values.astype(np.uint64) * _SPREAD) >> bits << bits
    order = (pl.Series(spread | rows).sort().to_numpy() & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    sorted_values, sorted_spread = values[order], spread[order]
    mixed = (sorted_spread[1:] == sorted_spread[:-1]) & (sorted_values[1:] != sorted_values[:-1])
    if mixed.any():  # different values that agree in these bits
        order = np.argsort(values, kind="stable")
    return order if has_value is None else order[has_value[order]]


def worth_counting(places: Integers, ticks: int, at_least: int, counts: Flags | None = None) -> Flags:
    """Tell the rows of which some window may hold `at_least` rows that count (all of them if `counts` is None).

    A window touches its own clock bucket of width span and the one before, and different values are at most rows. A
    window that loses only some of its rows here was below `at_least` and stays so.
    """
    bucket = places // ticks
    opens = np.append(True, bucket[1:] != bucket[:-1])[: places.size]
    first = np.flatnonzero(opens)
    size = np.add.reduceat(np.ones(places.size, np.int64) if counts is None else counts.astype(np.int64), first)
    neighbours = np.diff(bucket[first]) == 1
    reaches = size + np.append(0, size[:-1] * neighbours) >= at_least
    kept = reaches | np.append(reaches[1:] & neighbours, False)
    return np.repeat(kept, np.diff(np.append(first, places.size)))


def _is_last(places: Integers) -> Flags:
    """Tell the last row of each instant."""
    return np.append(places[1:] != places[:-1], True)[: places.size]
