"""Finds whole JSON objects in a text by its braces; a string ends with its line at the latest, as JSON asks.

What swallows others because it never ends is given up where the next object begins: on a line of its own that starts
like this one, else after `},{`.
"""

import re
from dataclasses import dataclass

import numpy as np

from tocsin.formats.seek import Mask, Positions

Span = tuple[int, int]

_LF, _QUOTE, _OPEN, _CLOSE = 10, 34, 123, 125
_ESCAPE = re.compile(rb"\\[^\n]")
_NEXT = re.compile(rb"\}\s*,\s*(?=\{)")
_TRIES = 16
"""So many objects that never end are told apart in one text without line ends."""


@dataclass(frozen=True, slots=True)
class Objects:
    """Whole objects (begin and end), those given up (to where the next begins), and where the last one is open."""

    whole: list[Span]
    given_up: list[Span]
    opened: int | None


def find_objects(text: bytes, at: int) -> Objects:
    """Find objects from position `at` on, which is in none; nothing is given up."""
    return _found(_Braces(text, at), np.empty(0, np.int64))


def find_beside_broken(text: bytes, opened: int) -> Objects:
    """Find objects from `opened` on, where one begins that never ends; the last one that is open stays so."""
    braces = _Braces(text, opened)
    indent = text[text.rfind(b"\n", 0, opened) + 1 : opened]
    if not indent.strip():
        alike = re.compile(rb"\n" + re.escape(indent) + rb"\{")
        return _found(braces, np.array([found.end() - 1 for found in alike.finditer(text, opened)], np.int64))
    edges: list[int] = []
    found = _found(braces, np.empty(0, np.int64))
    for _ in range(_TRIES):
        edge = None if found.opened is None else _NEXT.search(text, found.opened)
        if edge is None:
            break
        edges.append(edge.end())
        found = _found(braces, np.array(edges, np.int64))
    return found


class _Braces:
    """The braces outside strings."""

    def __init__(self, text: bytes, at: int) -> None:
        plain = _ESCAPE.sub(b"  ", text[at:]) if b"\\" in text else text[at:]
        characters = np.frombuffer(plain, np.uint8)
        places = np.flatnonzero((characters == _OPEN) | (characters == _CLOSE))
        quotes = np.flatnonzero(characters == _QUOTE)
        starts = np.append(0, np.flatnonzero(characters == _LF) + 1)
        line = starts[np.searchsorted(starts, places, "right") - 1]
        before = np.searchsorted(quotes, places) - np.searchsorted(quotes, line)
        places = places[before % 2 == 0]
        self.opens: Mask = characters[places] == _OPEN
        self.places: Positions = places + at


def _found(braces: _Braces, edges: Positions) -> Objects:
    """Pair the outermost braces; nothing goes over an edge, which is where an object begins."""
    places, opens = braces.places, braces.opens
    if not len(places):
        return Objects([], [], None)
    part = np.searchsorted(edges, places, "right")
    first = np.append(True, part[1:] != part[:-1])
    # Every part lies far below the one before: the lowest depth so far is then that of the part.
    sunk = np.cumsum(np.where(opens, 1, -1)) - part * (2 * len(places) + 2)
    ground = (sunk - np.where(opens, 1, -1))[first]
    lowest = np.minimum(np.minimum.accumulate(sunk), ground[np.cumsum(first) - 1])
    depth = sunk - lowest
    before = np.append(0, depth[:-1])
    begins = opens & (depth == 1)
    outer = begins | (~opens & (depth == 0) & (before == 1))
    places, begins, part = places[outer], begins[outer], part[outer]
    closed = begins & np.append(~begins[1:], False)
    whole = list(zip(places[closed].tolist(), (places[np.flatnonzero(closed) + 1] + 1).tolist(), strict=True))
    broken = np.flatnonzero(begins & ~closed)
    opened = int(places[broken[-1]]) if len(broken) and part[broken[-1]] == len(edges) else None
    given_up = [(int(places[at]), int(edges[part[at]])) for at in broken if part[at] < len(edges)]
    return Objects(whole, given_up, opened)
