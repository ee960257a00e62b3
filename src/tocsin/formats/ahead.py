"""Works one step ahead: what an iterator gives next is made by a thread while the caller is busy with this one.

It pays because polars, hashing, unpacking and most of numpy let other threads run.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def ahead(made: Iterator[Made]) -> Iterator[Made]:
    """Give the same things in the same order; what `made` raises is raised where it would have been."""
    nothing = object()
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, made, nothing)
        while (thing := coming.result()) is not nothing:
            coming = thread.submit(next, made, nothing)
            yield thing  # type: ignore[misc]  # all but `nothing` comes from `made`
