"""Finds bytes in a block a small stretch at a time, so that masks stay in the processor's cache.

A mask as long as the block would be memory that the system has to hand out anew for each: that costs more than to look.
Eight answers are packed into one byte, so that what numpy searches for hits is an eighth of the block.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Characters = npt.NDArray[np.uint8]

_STRETCH = 1 << 20
"""A multiple of eight."""
_LF, _QUOTE = 10, 34
_LOWEST: Characters = np.array([0, *((bits & -bits).bit_length() - 1 for bits in range(1, 256))], np.uint8)
"""The place of the lowest bit of a byte."""


def places(text: bytes, byte: int) -> Positions:
    """Give the positions of a byte."""
    return _places(text, byte)[0]


def feeds_and_quotes(text: bytes) -> tuple[Positions, Positions]:
    """Give the positions of line feeds and of quotes, while each stretch is in the cache."""
    feeds, quotes = _places(text, _LF, _QUOTE)
    return feeds, quotes


def stretches(text: bytes, further: int) -> Iterator[tuple[int, Characters]]:
    """Give where each stretch begins, and its bytes with so many of the next one."""
    characters = np.frombuffer(text, np.uint8)
    for at in range(0, len(characters), _STRETCH):
        yield at, characters[at : at + _STRETCH + further]


def _places(text: bytes, *sought: int) -> list[Positions]:
    """Give the positions of each of these bytes."""
    mask = np.empty(min(_STRETCH, len(text)), np.bool_)
    bits = np.empty((len(sought), -(-len(text) // 8)), np.uint8)
    for at, characters in stretches(text, 0):
        for packed, byte in zip(bits, sought, strict=True):
            hits = np.equal(characters, byte, out=mask[: len(characters)])
            eights = np.packbits(hits, bitorder="little")
            packed[at // 8 : at // 8 + len(eights)] = eights
    return [_hits(packed) for packed in bits]


def _hits(bits: Characters) -> Positions:
    """Give the positions of the bits that are set."""
    at = np.flatnonzero(bits != 0)
    left = bits[at]
    at *= 8
    found = [at + _LOWEST[left]]
    # Hits closer than a byte of bits are few: what is left of a byte is looked at again.
    while (left := left & (left - np.uint8(1))).any():
        more = np.flatnonzero(left)
        at, left = at[more], left[more]
        found.append(at + _LOWEST[left])
    if len(found) == 1:
        return found[0]
    together = np.concatenate(found)
    together.sort(kind="stable")
    return together
