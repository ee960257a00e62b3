"""FHIR AuditEvents: one resource, a Bundle of them, or NDJSON; see audit_event.py for what is read of each.

A unit is a resource or an entry of a Bundle, however deep Bundles stand in each other. An event that names several
patients is one row for each, tied by `request`. An event without an agent that asked is rejected for having no account,
unless the settings take the address.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import polars as pl

from tocsin.formats.ahead import ahead
from tocsin.formats.audit_event import COLUMNS, read_event
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish
from tocsin.formats.elements import read_elements
from tocsin.formats.jsonlines import read_object, read_objects
from tocsin.formats.lines import Source
from tocsin.formats.paths import Table
from tocsin.formats.several import one_row_each
from tocsin.words import _, ngettext

NO_EVENT: Final = "not an AuditEvent"

_RESOURCE = "resourceType"
_SIMPLE = rb'(?:"[^"\\]*"|true|false|null|[0-9.]+|\{[^{}]*\}|\[[^\[\]{}]*\])'
_BEFORE = rb'\{(?:\s*"[^"\\]*"\s*:\s*' + _SIMPLE + rb"\s*,){0,20}?\s*"
_BUNDLE = re.compile(rb"(?:" + _BEFORE + rb'"resource"\s*:\s*)?' + _BEFORE + rb'"resourceType"\s*:\s*"Bundle"')
"""The beginning of a Bundle, with that of the entry where it stands in another Bundle."""
_ENTRIES = re.compile(rb'"entry"\s*:\s*\[|"resourceType"')
_NOT_LF = re.compile(rb"[^\n]")
_AUDIT_EVENT = re.compile(rb'"resourceType"\s*:\s*"AuditEvent"')
_SURE: Final = 95

_VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)


class Fhir:
    """AuditEvents of FHIR R4 and R5, IHE's basic audit log patterns among them."""

    name = "fhir"
    title = "FHIR AuditEvent R4 and R5: one resource, Bundle or NDJSON (IHE BALP too)"
    gives = Gives(
        {
            "time": "recorded",
            "offset_minutes": "the offset in recorded",
            "kind": "type and subtype (R5: category and code), else action",
            "outcome": "outcome 0, 4, 8, 12 (R5: its code), and what its description says: not found, denied",
            "account": "who of the agent with requestor true",
            "person": "altId of that agent",
            "profession": "role of that agent",
            "session": "policy of that agent, where it is the id of a token",
            "ip": "network of that agent, else of the client",
            "client": "who of the client: 110152 in a read, 110153 else",
            "service": "subtype (R5: code), with the type of resource",
            "patient": "entities with the role of a patient, else the numbers in the query; a row for each",
            "request": "X-Request-Id or MSH-10 where it is logged, else the id of the event",
            "purpose": "purposeOfUse or purposeOfEvent (R5: authorization)",
            "break_glass": "emergency override, or purpose BTG",
        },
        lacks="the structure of the account, user agent, rows and bytes of the answer",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for the type of resource."""
        found = len(_AUDIT_EVENT.findall(head.text))
        if found and head.text.lstrip()[:1] in {b"{", b"["}:
            told = ngettext(
                "{n} AuditEvent begins in the first lines", "{n} AuditEvents begin in the first lines", found
            )
            return Likeness(_SURE, told.format(n=found))
        return Likeness(0, _("no AuditEvent begins in the first lines"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read resources however they are wrapped."""
        for found in ahead(_found(source, options)):
            rows = found.rows
            if options.account_from == "ip":
                rows = rows.with_columns(account=pl.coalesce("account", "ip"))
            yield one_row_each(finish(replace(found, rows=rows), _VOCABULARY, options))


class _Resources:
    """What is wanted of each object (see jsonlines.Wanted); resources are walked one by one, none by polars."""

    def __init__(self) -> None:
        self.columns: tuple[str, ...] = (_RESOURCE, *COLUMNS)
        self.schema: dict[str, pl.DataType] = {}

    def table(self, read: pl.DataFrame, *, flat: bool) -> Table:
        raise NotImplementedError

    def record(self, found: Mapping[str, Any]) -> tuple[str | None, ...]:
        inner = found.get("resource")
        event = inner if _RESOURCE not in found and isinstance(inner, dict) else found
        if event.get(_RESOURCE) != "AuditEvent":
            return (None,) * len(self.columns)
        row = read_event(event)
        return ("AuditEvent", *(row[name] for name in COLUMNS))


def _found(source: Source, options: ReadOptions) -> Iterator[Found]:
    head = Head(source.head())
    first = read_object(head.lines[0]) if head.lines else None
    if isinstance(first, dict) and _BUNDLE.search(head.lines[0].encode()) is None:
        return read_objects(source, _Resources(), options.block_bytes, _without_strangers, careful=True)
    pieces = read_elements(source, _Resources(), options.block_bytes, careful=True, envelope=_without_bundles)
    return map(_without_strangers, pieces)


def _without_strangers(found: Found) -> Found:
    """Leave out resources of another type, each as a reject."""
    other = found.rows[_RESOURCE].is_null()
    strangers = [(*place, NO_EVENT) for place in found.rows.filter(other).select("line", "byte").iter_rows()]
    rows = found.rows.filter(~other).drop(_RESOURCE)
    return replace(found, rows=rows, rejects=sorted([*found.rejects, *strangers]))


def _without_bundles(text: bytes) -> bytes:
    """Write blanks over the beginning of each Bundle, up to its list of entries: its entries then stand alone."""
    if b'"Bundle"' not in text:
        return text
    parts, done, at = [], 0, 0
    while bundle := _BUNDLE.search(text, at):
        at = bundle.end()
        entries = _ENTRIES.search(text, at)
        if entries is None:
            break
        if entries[0].startswith(b'"entry"'):
            at = entries.end()
            parts += [text[done : bundle.start()], _NOT_LF.sub(b" ", text[bundle.start() : at])]
            done = at
    return b"".join([*parts, text[done:]])
