"""Which keys the JSON objects of a log have, so that polars looks for no others.

A key that is missing costs as much as one that is there, and most logs have half of those that are wanted.
The first object of a block says which keys to look for; the block's own bytes prove that no other key has a value.
Where they do not, the block is read with every key that is wanted.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from tocsin.formats.seek import stretches

_QUOTE, _COLON, _BLANK, _NULL, _OBJECT, _LIST = (ord(character) for character in '": n{[')
_BYTES = 256
_MOST_MISSES = 3


class Present:
    """Remembers over the blocks of a log whether looking for the keys of the first object was worth it."""

    def __init__(self) -> None:
        """Begin with hope."""
        self._misses = 0

    def read(self, text: bytes, schema: Mapping[str, pl.DataType], rows: int) -> pl.DataFrame | None:
        """Read so many objects, one a line, as text; None where they may have more than these keys, or polars refuses.

        Counted are the keys with a value other than null, here and in what polars read. As many are there as here:
        then none is missing. It is not tried again where that failed before.
        """
        if self._misses >= _MOST_MISSES:
            return None
        said = said_keys(text)
        if said is not None:
            try:
                frame = pl.read_ndjson(text, schema=schema)
            except pl.exceptions.PolarsError:
                self._misses += 1
                return None
            if frame.height == rows and frame.height * frame.width - sum(frame.null_count().row(0)) == said:
                return frame
        self._misses += 1
        return None


def said_keys(text: bytes) -> int | None:
    """Count the keys that say something, or more, in flat objects one a line; None where they may not be flat.

    If no quote stands before a blank, `":` stands behind each key. Elsewhere it may stand in a text: then it counts as
    a key too many, or as none. Nothing but null begins with an n.
    """
    found = 0
    for _at, characters in stretches(text, 3):
        here, after = characters[:-3], characters[1:-2]
        quoted = here == _QUOTE
        if (quoted & (after <= _BLANK)).any():
            return None
        behind = np.flatnonzero(quoted & (after == _COLON)) + 2
        begins = np.bincount(characters[behind], minlength=_BYTES)
        if begins[_BLANK]:
            begins += np.bincount(characters[behind + 1][characters[behind] == _BLANK], minlength=_BYTES)
        if begins[_OBJECT] or begins[_LIST]:
            return None
        found += len(behind) - int(begins[_NULL])
    return found
