"""Accounts for a file that is no log: nothing in it, or a stray among logs."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from tocsin.formats.base import FOUND_REJECTS, READ_EVENTS, Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.lines import Source
from tocsin.formats.units import units
from tocsin.schema import empty
from tocsin.words import _

NOT_RECOGNISED = "format not recognised"


class Stray:
    """Reads any file without understanding it: blank lines and comments are ignored, others rejected."""

    name = "unknown"
    title = "a file in no known format"
    gives = Gives({}, "everything: its lines are only counted")

    def likeness(self, head: Head) -> Likeness:  # noqa: ARG002 the protocol asks
        """Never a guess."""
        return Likeness(0, _("it is what is left"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:  # noqa: ARG002 nothing is converted
        """Reject every line that says anything."""
        for block in source.blocks():
            if block.fault:
                yield _batch([block.line], [block.byte], block.fault, 0)
            else:
                lines = units(block)
                said = ~lines.ignored
                ignored = int(np.count_nonzero(lines.ignored))
                yield _batch(lines.numbers[said], lines.offsets[said], NOT_RECOGNISED, ignored)


def _batch(numbers: object, offsets: object, reason: str, ignored: int) -> Batch:
    rejects = pl.DataFrame({"line": numbers, "byte": offsets}).with_columns(reason=pl.lit(reason))
    rejects = rejects.select(pl.col(name).cast(dtype) for name, dtype in FOUND_REJECTS.items())
    return Batch(empty(READ_EVENTS), rejects, lines=rejects.height + ignored, ignored=ignored)
