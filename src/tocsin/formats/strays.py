"""Accounts for a file that is no log: nothing in it, or a stray among logs."""

import re
from collections.abc import Iterator

import numpy as np
import polars as pl

from tocsin.errors import InputError
from tocsin.formats.base import FOUND_REJECTS, READ_EVENTS, Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.lines import Source
from tocsin.formats.parquet import MAGIC
from tocsin.formats.units import units
from tocsin.schema import empty
from tocsin.words import _

NOT_RECOGNISED = "format not recognised"


_CLOCK = re.compile(
    r"(?<![0-9])[0-2]?[0-9][:hH][0-5][0-9](?![0-9])|(?<![0-9])(?:1[0-9]{9}(?:[0-9]{3}){0,3}|20[0-9]{12})(?![0-9])"
)
"""What any way of writing a moment has: a clock time, or a long number of seconds or digits of a date."""
_PARTS = ("{", "[", "<", "}", "]")
"""JSON and XML may run over lines: a line of theirs says nothing about the whole."""
_LOOKED_AT = 200
_NOT_TEXT = "\ufffd"


def plainly_no_log(head: Head) -> str | None:
    """Say why a file in no known format is surely no log; None where it may be one, whose lines are then rejected.

    Every line of a log says when. A file of which fewer than one line in ten holds a time is none.
    """
    lines = head.lines[:_LOOKED_AT]
    if any(_NOT_TEXT in line for line in lines[:_LOOKED_AT]) and not any(map(_CLOCK.search, lines)):
        return _("it is no text")
    if lines and lines[0].lstrip().startswith(_PARTS):
        return None
    timed = sum(_CLOCK.search(line) is not None for line in lines)
    return None if 10 * timed >= len(lines) else _("hardly any line of it says when, as a log does")


class Stray:
    """Reads any file without understanding it: blank lines and comments are ignored, others rejected for `reason`.

    What has no lines (an archive that cannot be unpacked, Parquet) is one unit.
    """

    name = "unknown"
    title = "a file in no known format"
    gives = Gives({}, "everything: its lines are only counted")

    def __init__(self, reason: str = "") -> None:
        self.reason = reason or NOT_RECOGNISED

    def likeness(self, head: Head) -> Likeness:  # noqa: ARG002 the protocol asks
        """Never a guess."""
        return Likeness(0, _("it is what is left"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:  # noqa: ARG002 nothing is converted
        """Reject every line that says anything."""
        try:
            whole = source.head().startswith(MAGIC)
        except InputError:
            whole = True
        if whole:
            yield _batch([1], [0], self.reason, 0)
            return
        for block in source.blocks():
            if block.fault:
                yield _batch([block.line], [block.byte], block.fault, 0)
            else:
                lines = units(block)
                said = ~lines.ignored
                ignored = int(np.count_nonzero(lines.ignored))
                yield _batch(lines.numbers[said], lines.offsets[said], self.reason, ignored)


def _batch(numbers: object, offsets: object, reason: str, ignored: int) -> Batch:
    rejects = pl.DataFrame({"line": numbers, "byte": offsets}).with_columns(reason=pl.lit(reason))
    rejects = rejects.select(pl.col(name).cast(dtype) for name, dtype in FOUND_REJECTS.items())
    return Batch(empty(READ_EVENTS), rejects, lines=rejects.height + ignored, ignored=ignored)
