"""Works ahead: what an iterator gives next is made by threads while the caller is busy with this one.

It pays because polars, hashing, unpacking and most of numpy let other threads run.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Made = TypeVar("Made")

_SIDE_BY_SIDE = 2
"""Things that are made of others at the same time: each more is a block and its rows in memory."""


def ahead(made: Iterator[Made]) -> Iterator[Made]:
    """Give the same things in the same order; what `made` raises is raised where it would have been."""
    nothing = object()
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, made, nothing)
        while (thing := coming.result()) is not nothing:
            coming = thread.submit(next, made, nothing)
            yield thing  # type: ignore[misc]  # all but `nothing` comes from `made`


def side_by_side(things: Iterator[Thing], make: Callable[[Thing], Made]) -> Iterator[tuple[Thing, Future[Made]]]:
    """Give each thing, in order, with what is being made of it; a few of them are made at the same time.

    What `make` raises is raised where the result is asked for. Who needs no result does not ask.
    """
    waiting: deque[tuple[Thing, Future[Made]]] = deque()
    threads = ThreadPoolExecutor(_SIDE_BY_SIDE)
    try:
        for thing in things:
            waiting.append((thing, threads.submit(make, thing)))
            if len(waiting) > _SIDE_BY_SIDE:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        threads.shutdown(cancel_futures=True)
