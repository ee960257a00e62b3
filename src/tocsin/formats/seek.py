"""Finds bytes in a block a small stretch at a time, so that masks stay in the processor's cache.

A mask as long as the block would be memory that the system has to hand out anew for each: that costs more than to look.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Characters = npt.NDArray[np.uint8]

_STRETCH = 256 << 10
_LF, _QUOTE = 10, 34


def places(text: bytes, byte: int) -> Positions:
    """Give the positions of a byte."""
    found = [np.flatnonzero(characters == byte) + at for at, characters in stretches(text, 0)]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def feeds_and_quotes(text: bytes) -> tuple[Positions, Positions]:
    """Give the positions of line feeds and of quotes, in one search for both."""
    found = [np.flatnonzero((part == _LF) | (part == _QUOTE)) + at for at, part in stretches(text, 0)]
    both = np.concatenate(found) if found else np.empty(0, np.int64)
    is_feed = np.frombuffer(text, np.uint8)[both] == _LF
    return both[is_feed], both[~is_feed]


def stretches(text: bytes, further: int) -> Iterator[tuple[int, Characters]]:
    """Give where each stretch begins, and its bytes with so many of the next one."""
    characters = np.frombuffer(text, np.uint8)
    for at in range(0, len(characters), _STRETCH):
        yield at, characters[at : at + _STRETCH + further]
