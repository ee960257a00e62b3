"""ATNA audit trails: DICOM and RFC 3881 audit messages, bare or in syslog (RFC 5424, framed by lines or octet counts).

A unit is an audit message, at the place where its frame starts. A message that names several patients is one row for
each, tied by `request`. A message without a participant that asked is rejected for having no account, unless the
settings take the address.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from tocsin.formats.ahead import ahead
from tocsin.formats.audit_frames import find_frames
from tocsin.formats.audit_message import COLUMNS, read_message
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish
from tocsin.formats.elements import Stretch
from tocsin.formats.lines import DAMAGED, HEAD_BYTES, Source, readable
from tocsin.formats.several import one_row_each
from tocsin.words import _

_BEGINS = re.compile(rb"<(?:[A-Za-z_][\w.\-]{0,40}:)?AuditMessage[\s>]")
_SURE: Final = 95
_SIZE: Final = 4 << 20
_ROWS: Final = {**dict.fromkeys(COLUMNS, pl.String()), "line": pl.UInt64(), "byte": pl.UInt64()}

_VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)


class Atna:
    """Audit messages of healthcare systems."""

    name = "atna"
    title = "ATNA audit messages (DICOM, RFC 3881): XML, bare or in syslog"
    gives = Gives(
        {
            "time": "EventDateTime",
            "offset_minutes": "the offset in EventDateTime",
            "kind": "EventTypeCode and EventID, else EventActionCode",
            "outcome": "EventOutcomeIndicator 0, 4, 8, 12, and what its description says: not found, denied",
            "account": "UserID of the participant with UserIsRequestor true, a human before a machine",
            "person": "UserName of that participant",
            "profession": "RoleIDCode of that participant",
            "ip": "NetworkAccessPointID of that participant, else of the machine that asked",
            "client": "UserID of the machine that asked",
            "service": "EventTypeCode: the transaction, else what it is called",
            "patient": "participant objects with the role of a patient, else the numbers in the query; a row for each",
            "request": "MSH-10 of the message that was audited",
            "purpose": "PurposeOfUse",
            "break_glass": "emergency override, or purpose BTG",
        },
        lacks="sessions, the structure of the account, user agent, rows and bytes of the answer",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for the tag."""
        if _BEGINS.search(head.text):
            return Likeness(_SURE, _("an audit message begins in the first lines"))
        return Likeness(0, _("no audit message begins in the first lines"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read messages however they are framed."""
        for found in ahead(_found(source, min(options.block_bytes, _SIZE))):
            rows = found.rows
            if options.account_from == "ip":
                rows = rows.with_columns(account=pl.coalesce("account", "ip"))
            yield one_row_each(finish(replace(found, rows=rows), _VOCABULARY, options))


def _found(source: Source, size: int) -> Iterator[Found]:
    held, enough = Stretch(b"", 1, 0), max(size, HEAD_BYTES)
    for piece in source.pieces():
        held = replace(held, text=held.text + piece)
        if len(held.text) >= enough:
            found, held = _read(held, last=False)
            enough = len(held.text) + size
            yield found
    found, held = _read(held, last=True)
    if source.damaged:
        found.rejects.append((*held.places([len(held.text)])[0], DAMAGED))
    yield found


def _read(held: Stretch, *, last: bool) -> tuple[Found, Stretch]:
    frames = find_frames(held.text, last=last)
    where = held.places([at for at, _reason in frames.rejects])
    rejects = [(*place, reason) for place, (_at, reason) in zip(where, frames.rejects, strict=True)]
    records, repaired = [], 0
    for place, (begin, end) in zip(held.places(frames.starts), frames.spans, strict=True):
        raw = held.text[begin:end]
        sound = readable(raw)
        repaired += sound != raw
        row = read_message(sound)
        if isinstance(row, str):
            rejects.append((*place, row))
        else:
            records.append((*(row[name] for name in COLUMNS), *place))
    rows = pl.DataFrame(records, schema=_ROWS, orient="row")
    return Found(rows, sorted(rejects), 0, repaired), held.after(frames.rest)
