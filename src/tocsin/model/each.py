"""Work side by side: numpy lets another thread work while it counts, and no feature asks for another's figures."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import polars as pl
from numpy.typing import NDArray

from tocsin.model.surprise import Floats

Feature = TypeVar("Feature")
Part = TypeVar("Part")
Made = TypeVar("Made")
Second = TypeVar("Second", bound=NDArray[Any])

FEW = 200_000
"""Account-nights up to which starting threads costs more than it brings."""

ACCOUNTS = 20_000
"""Accounts of a night up to which it costs more, where only these are looked at."""

MOST = 2
"""Threads at most: each holds figures of its own, and Python's own steps wait for each other."""


def each(
    work: Callable[[Feature], tuple[Floats, Second]], features: Iterable[Feature], rows: int
) -> list[tuple[Floats, Second]]:
    """Give the two figures that a function makes of each feature, in order; `rows`: account-nights that it looks at."""
    # What stays is copied out of a thread's memory, which is given back only where nothing of it is left.
    return [(one.copy(), other.copy()) for one, other in side_by_side(work, features, together=rows > FEW)]


def side_by_side(work: Callable[[Part], Made], parts: Iterable[Part], *, together: bool) -> Iterator[Made]:
    """Give what a function makes of each part, in order; two at a time where it pays."""
    threads = min(MOST, pl.thread_pool_size())
    if not together or threads == 1:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, parts)
