"""The user's own format: a mapping file says how the fields of a CSV, NDJSON or other text become columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from tocsin.errors import MappingError
from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, as_found, finish, fold
from tocsin.formats.jsonlines import read_objects
from tocsin.formats.lines import Source
from tocsin.formats.mapped import columns_of, not_listed
from tocsin.formats.mapping_file import read_mapping
from tocsin.formats.mapping_parts import Plan, Value, column_of
from tocsin.formats.matched import read_matches
from tocsin.formats.paths import Paths
from tocsin.formats.patterned_times import read_patterns
from tocsin.formats.quoted import split
from tocsin.formats.tables import Header, read_table
from tocsin.located import did_you_mean
from tocsin.words import _

SUFFIXES = (".yml", ".yaml")

_HEADER_LINES = 20
"""A header may have so many lines above it: titles and blank lines of an export."""

_WANTED = ("outcome", "session", "ip", "user_agent", "service", "patient", "profession", "structure", "region")
"""What a log should say about an event, besides time, kind and account."""

_VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)
"""The mapping has turned words into names already."""


class Mapped:
    """A format made of a mapping."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.name = plan.name
        self.title = _("a format described in {path}").format(path=plan.path)
        self.gives = _gives(plan)

    def likeness(self, head: Head) -> Likeness:  # noqa: ARG002 the protocol asks
        """Never a guess: a mapping is only used when it is asked for."""
        return Likeness(0, _("a mapping is used when it is named"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a whole log; raises MappingError where the log lacks the fields of time, kind or account."""
        plan = self.plan
        times_of = partial(_times, plan=plan, options=options)
        by_ip = plan.account_is_ip or options.account_from == "ip"
        for found in ahead(_found(plan, source, options)):
            rows = columns_of(found.rows, plan, account_is_ip=by_ip)
            repaired = 0 if plan.windows_1252 else found.repaired
            batch = finish(replace(found, rows=rows, repaired=repaired), _VOCABULARY, options, times_of)
            unknown = 0 if plan.kind_is_sure else batch.unknown_kinds
            zone = batch.zone if batch.zone == "UTC" else plan.zone or batch.zone
            yield replace(batch, unknown_kinds=unknown, patient_kind=plan.patient_kind, zone=zone)

    def unlisted(self, source: Source, options: ReadOptions) -> Iterator[tuple[str, Mapping[str, int]]]:
        """Count the values of kind and outcome that the mapping does not list."""
        for found in _found(self.plan, source, options):
            for column, value in (("kind", self.plan.kind), ("outcome", self.plan.outcome)):
                if value and value.words:
                    yield column, not_listed(found.rows, self.plan, value)


def mapped(name: str) -> Mapped | None:
    """Read the mapping behind `--format`; None where this is no name of a file. Raises MappingError."""
    path = Path(name)
    if path.suffix in SUFFIXES or path.is_file():
        return Mapped(read_mapping(path))
    return None


def header_of(plan: Plan, head: Head, path: str) -> Header:
    """Find the header of a CSV, or make it of the mapping's names; raises MappingError where fields are missing."""
    if plan.header:
        return _header(plan, plan.header)
    candidates = [_header(plan, _split(line, plan.separator)) for line in head.lines[:_HEADER_LINES]]
    best = max(candidates, key=lambda header: len(header.names), default=_header(plan, ()))
    missing = [names for names in plan.needed if not any(column_of(name) in best.names for name in names)]
    if missing:
        shown = best.fields if best.names else (candidates[0].fields if candidates else ())
        raise _lacks(plan, path, missing[0][0], shown)
    return best


def _times(texts: pl.Series, plan: Plan, options: ReadOptions) -> pl.DataFrame:
    read = read_patterns(texts, plan.patterns, plan.zone or options.zone, options.now)
    # An offset that has a field of its own is meant, not the one in a time that is written as UTC.
    return read.with_columns(offset_minutes=pl.lit(None, pl.Int16())) if "offset_minutes" in plan.columns else read


def _found(plan: Plan, source: Source, options: ReadOptions) -> Iterator[Found]:
    match plan.container:
        case "csv":
            header = header_of(plan, Head(source.head()), source.name)
            return read_table(source, header, options, as_found)
        case "ndjson":
            paths = Paths({column_of(field): field for field in plan.fields})
            return read_objects(source, paths, options.block_bytes, as_found, careful=options.careful)
        case "regex":
            return read_matches(source, plan.pattern, options.block_bytes, careful=options.careful)


def _header(plan: Plan, fields: Sequence[str]) -> Header:
    """Give the place of each field that the mapping reads; case and accents count only where two would be the same."""
    exact = {name: place for place, name in reversed(list(enumerate(field.strip() for field in fields)))}
    alike = {fold(name): place for name, place in reversed(exact.items())}
    places = {name: exact.get(name, alike.get(fold(name))) for name in plan.fields if fold(name) or name in exact}
    found = {column_of(name): place for name, place in places.items() if place is not None}
    return Header(plan.separator, tuple(fields), found)


def _gives(plan: Plan) -> Gives:
    """List the columns with the fields they come from."""
    values = {"time": plan.time, "kind": plan.kind, "outcome": plan.outcome, **plan.columns}
    fields = {name: _said(value) for name, value in values.items() if value}
    if plan.account_is_ip:
        fields["account"] = ", ".join(filter(None, [fields.get("account"), _("the address where there is none")]))
    return Gives(fields, ", ".join(name for name in _WANTED if name not in fields))


def _said(value: Value) -> str:
    if value.constant is not None:
        return _("always {value}").format(value=value.constant)
    return (" " if value.joined else ", ").join(f"`{name}`" for name in value.fields)


def _split(line: str, separator: str) -> tuple[str, ...]:
    fields = split(line, separator)
    return (line,) if isinstance(fields, str) else fields


def _lacks(plan: Plan, path: str, field: str, fields: Sequence[str]) -> MappingError:
    shown = ", ".join(text for field in fields if (text := field.strip()))
    return MappingError(
        _("{path} has no field '{field}', which {mapping} reads").format(path=path, field=field, mapping=plan.path),
        hint=did_you_mean(field, fields) or _("the first line has: {fields}").format(fields=shown[:300] or "-"),
    )
