r"""ArcSight's Common Event Format: `CEF:0|vendor|product|version|id|name|severity|key=value`, bare or in syslog.

`\|` and `\\` are escapes in the header, `\=`, `\\`, `\n` and `\r` in values. The time is `rt`, else `end`, `start`, or
the syslog header's. The account is `suser`, else `duser`; `requestClientApplication` is the browser, `request` is read
by the table of addresses. A custom string (`cs1` with `cs1Label=patient`) counts under its label. Source: ArcSight's
CEF implementation standard.
"""

import re
from collections.abc import Iterator

from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.lines import Source
from tocsin.formats.messages import likeness, read_messages, record
from tocsin.formats.perline import Texts
from tocsin.formats.syslog import header_time, readable
from tocsin.words import _

NOT_CEF = "no CEF message"
SHORT_HEADER = "a CEF header of too few fields"

_START = re.compile(r"(?:^|(?<=[\s\ufeff\]:]))CEF:\s?\d{1,3}(?:\.\d)?\|")
_FIELD = re.compile(r"((?:[^|\\]|\\.?)*+)(?:\||$)")
_KEY = re.compile(r"(?:^|(?<=\s))([A-Za-z_][\w.\-]{0,99}(?:\[[\w.\-]{0,40}\])?)=")
_ESCAPED = re.compile(r"\\([|=\\nr])")
_LINE_ENDS = {"n": "\n", "r": "\r"}
_HEADER_FIELDS = 6
_KEYS = {
    "time": ("rt", "end", "start", "deviceCustomDate1", "syslog"),
    "account": ("suser", "suid"),
    "target": ("duser", "duid"),
    "structure": ("sntdom",),
    "ip": ("src", "c6a2", "sourceAddress"),
    "user_agent": ("requestClientApplication",),
    "client": ("sourceServiceName", "sproc"),
    "service": ("destinationServiceName",),
    "bytes": ("out",),
    "request": ("externalId",),
    "method": ("requestMethod",),
    "path": ("request",),
    "name": ("event name",),
    "action": ("act", "event id"),
    "category": ("cat", "categoryBehavior"),
    "said": ("outcome", "categoryOutcome"),
    "reason": ("reason",),
}


class Cef:
    """Messages in ArcSight's format."""

    name = "cef"
    title = "ArcSight Common Event Format (bare or in syslog)"
    gives = Gives(
        {
            "time": "`rt`, `end`, `start`, else the syslog header",
            "kind": "words of the event's name, `act`, id, `cat`; else `request` by the table of addresses",
            "outcome": "`outcome`, `categoryOutcome`, `reason`, else words of the name",
            "account": "`suser`, else `duser`; for credential changes `duser`",
            "person": "`suser` where another's credentials were changed",
            "profession": "a custom string labelled profession or role",
            "structure": "`sntdom`, or a custom string labelled structure",
            "region": "a custom string labelled region",
            "session": "a custom string labelled session",
            "ip": "`src`, `c6a2`",
            "user_agent": "`requestClientApplication`",
            "client": "`sourceServiceName`, or a custom string labelled client",
            "service": "`destinationServiceName`, else `request` by the table of addresses",
            "patient": "a custom string labelled patient, nir or ins; else `request`",
            "rows": "a custom number labelled rows",
            "bytes": "`out`",
            "request": "`externalId`",
            "purpose": "a custom string labelled purpose",
        },
        lacks="no words fixed for what people do; sessions and people read only in custom strings",
    )

    def likeness(self, head: Head) -> Likeness:
        """Count the first lines with a message."""
        return likeness(head, _START, _("{fitting} of the first {all} lines are CEF messages"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read messages, one a line."""
        return read_messages(source, _read_line, options)


def _read_line(line: str) -> Texts | str:
    start = _START.search(line)
    if start is None:
        return NOT_CEF
    fields: list[str] = []
    at = start.end()
    while len(fields) < _HEADER_FIELDS and at < len(line):
        found = _FIELD.match(line, at)
        assert found is not None  # noqa: S101 an empty field matches
        fields.append(_plain(found[1]))
        at = found.end()
    if len(fields) < _HEADER_FIELDS:
        return SHORT_HEADER
    values = _labelled(_extension(line[at:]))
    values |= {"event id": fields[3], "event name": fields[4]}
    time = header_time(line[: start.start()])
    values |= {"syslog": time} if time else {}
    for key in ("rt", "end", "start"):
        if key in values:
            values[key] = readable(values[key])
    return record(values, _KEYS)


def _extension(text: str) -> dict[str, str]:
    """Part `key=value with blanks key=value`; of a key that comes twice the first counts."""
    values: dict[str, str] = {}
    keys = list(_KEY.finditer(text))
    for place, key in enumerate(keys):
        end = keys[place + 1].start() if place + 1 < len(keys) else len(text)
        values.setdefault(key[1], _plain(text[key.end() : end].strip()))
    return values


def _labelled(values: dict[str, str]) -> dict[str, str]:
    """Name custom values by their labels; a key of the format keeps its meaning whatever a label says."""
    named = {
        label: values[key.removesuffix("Label")]
        for key, label in values.items()
        if key.endswith("Label") and key.removesuffix("Label") in values
    }
    return {**named, **values}


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: _LINE_ENDS.get(found[1], found[1]), text) if "\\" in text else text
