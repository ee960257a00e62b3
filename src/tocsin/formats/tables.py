"""Logs that are tables with a header line: finds the header and reads the rows below it under the schema's names."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import polars as pl

from tocsin.formats.base import Head, ReadOptions
from tocsin.formats.convert import Found
from tocsin.formats.lines import Source
from tocsin.formats.quoted import read_record, split
from tocsin.formats.separated import Layout, Rows, read_rows

Made = TypeVar("Made")

SEPARATORS = (",", ";", "\t")
MAX_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a table: its separator, its fields, and which of them are columns of the schema."""

    separator: str
    fields: tuple[str, ...]
    names: dict[str, int]
    """Column of the schema -> place of the field."""

    def missing(self, needed: Sequence[str]) -> tuple[str, ...]:
        """Which of these columns the table has not."""
        return tuple(name for name in needed if name not in self.names)


def find_header(head: Head, name_of: Callable[[str], str | None]) -> Header | None:
    """Read the first line as the header that gives the most columns; None where it names none."""
    if not head.lines:
        return None
    headers = [_header(head.lines[0], separator, name_of) for separator in SEPARATORS]
    best = max(headers, key=lambda header: len(header.names))
    return best if best.names else None


def read_table(source: Source, header: Header, options: ReadOptions, then: Callable[[Found], Made]) -> Iterator[Made]:
    """Read the rows below the header, and give what `then` makes of each stretch; it is asked in several threads.

    Wherever the header comes again, its line is ignored.
    """
    width = len(header.fields)
    layout = Layout(
        separator=header.separator,
        columns=tuple(f"field {place}" for place in range(width)),
        record=partial(read_record, separator=header.separator, columns=width),
        careful=options.careful,
    )

    def found(rows: Rows) -> Made:
        frame, headers = _without_headers(rows, header)
        columns = [frame[f"field {place}"].alias(name) for name, place in header.names.items()]
        named = pl.DataFrame([*columns, frame["line"], frame["byte"]])
        return then(Found(named, rows.rejects, rows.ignored + headers, rows.repaired))

    return read_rows(source, layout, options.block_bytes, found)


def _header(line: str, separator: str, name_of: Callable[[str], str | None]) -> Header:
    fields = split(line, separator)
    if isinstance(fields, str) or len(fields) > MAX_COLUMNS:
        return Header(separator, (), {})
    names: dict[str, int] = {}
    for place, field in enumerate(fields):
        name = name_of(field.strip())
        if name is not None:
            names.setdefault(name, place)
    return Header(separator, fields, names)


def _without_headers(rows: Rows, header: Header) -> tuple[pl.DataFrame, int]:
    place = next(iter(header.names.values()))
    candidate = rows.frame[f"field {place}"] == header.fields[place]
    if not candidate.any():
        return rows.frame, 0
    same = pl.all_horizontal(pl.col(f"field {at}").fill_null("") == text for at, text in enumerate(header.fields))
    headers = rows.frame.filter(candidate).filter(same)["line"]
    return rows.frame.filter(~rows.frame["line"].is_in(headers.implode())) if len(headers) else rows.frame, len(headers)
