"""Reads logs whose lines are parsed one by one by hand, because no column of them stands in a fixed place."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import polars as pl

from tocsin.formats.convert import Found
from tocsin.formats.lines import TOO_LONG, Source
from tocsin.formats.units import units

MAX_LINE_BYTES = 64 << 10
"""No event of these formats is longer; it bounds what a line made to be slow can cost."""

Texts = tuple[str | None, ...]


class Ignored:
    """Stands for a line that is no event and is not meant to be one."""


IGNORED = Ignored()

ReadLine = Callable[[str], Texts | str | Ignored]
"""Gives the columns of a line, the reason why it has none, or that it is to be ignored."""


def read_by_line(source: Source, columns: Sequence[str], read_line: ReadLine, size: int) -> Iterator[Found]:
    """Read every line that is neither blank nor a comment, in order."""
    schema = {**dict.fromkeys(columns, pl.String()), "line": pl.UInt64(), "byte": pl.UInt64()}
    for block in source.blocks(size):
        if block.fault:
            yield Found(pl.DataFrame(schema=schema), [(block.line, block.byte, block.fault)])
            continue
        lines = units(block)
        records: list[tuple[str | int | None, ...]] = []
        rejects: list[tuple[int, int, str]] = []
        ignored = int(lines.ignored.sum())
        for index in map(int, np.flatnonzero(~lines.ignored)):
            place = (int(lines.numbers[index]), int(lines.offsets[index]))
            long = lines.ends[index] - lines.starts[index] > MAX_LINE_BYTES
            read = TOO_LONG if long else read_line(lines.line(index))
            if isinstance(read, str):
                rejects.append((*place, read))
            elif isinstance(read, Ignored):
                ignored += 1
            else:
                records.append((*read, *place))
        yield Found(pl.DataFrame(records, schema=schema, orient="row"), rejects, ignored, lines.repaired)
