"""Turns lines that fit a regular expression into columns of text: its named groups are the fields.

The expression is polars' (linear in time, without look-around) and must fit from the beginning of a line; a line that
it does not fit is rejected, so that text inside a field cannot pass for a line.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from tocsin.formats.convert import Found
from tocsin.formats.lines import TOO_LONG, Source
from tocsin.formats.mapping_parts import column_of
from tocsin.formats.seek import Mask
from tocsin.formats.units import Units, units

NO_FIT = "the line does not fit the pattern"

_WHOLE = "whole_line__"


def read_matches(source: Source, pattern: str, size: int, *, careful: bool) -> Iterator[Found]:
    """Read an input block by block; every named group is a field (see column_of), with line and byte."""
    regex = f"^(?P<{_WHOLE}>(?:{pattern}))"
    for block in source.blocks(size):
        if block.fault:
            yield Found(_fields(pl.Series([], dtype=pl.String()), regex), [(block.line, block.byte, block.fault)])
        else:
            yield _read(units(block), regex, careful=careful)


def _read(lines: Units, regex: str, *, careful: bool) -> Found:
    wanted = ~lines.ignored & ~lines.too_long
    texts = _one_by_one(lines, wanted) if careful else _all(lines, wanted)
    fields = _fields(texts, regex).with_columns(lines.places(wanted))
    fits = fields[column_of(_WHOLE)].is_not_null()
    rejects = [(*place, NO_FIT) for place in fields.filter(~fits).select("line", "byte").iter_rows()]
    long = lines.too_long & ~lines.ignored
    rejects += [(*place, TOO_LONG) for place in zip(*(map(int, each) for each in lines.places(long)), strict=True)]
    return Found(fields.filter(fits), sorted(rejects), int(lines.ignored.sum()), lines.repaired)


def _all(lines: Units, wanted: Mask) -> pl.Series:
    text = lines.kept(wanted)
    if not text:
        return pl.Series([], dtype=pl.String())
    parts = pl.Series([text.removesuffix(b"\n")]).cast(pl.String()).str.split("\n").explode()
    return parts.str.strip_suffix("\r")


def _one_by_one(lines: Units, wanted: Mask) -> pl.Series:
    return pl.Series([lines.line(int(index)) for index in np.flatnonzero(wanted)], dtype=pl.String())


def _fields(texts: pl.Series, regex: str) -> pl.DataFrame:
    return texts.str.extract_groups(regex).struct.unnest().rename(column_of)
