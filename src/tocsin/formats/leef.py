"""QRadar's Log Event Extended Format: `LEEF:2.0|vendor|product|version|id|^|key=value^key=value`, bare or in syslog.

Attributes are parted by tabs, in 2.0 by the character that the header names (`^` or `0x5E`; none named means tab). The
time is `devTime`, in `devTimeFormat` where given, else the syslog header's; the account `usrName`; `url` is read by the
table of addresses. Source: IBM's LEEF guide.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache

from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.lines import Source
from tocsin.formats.messages import likeness, read_messages, record
from tocsin.formats.perline import Texts
from tocsin.formats.syslog import header_time, readable
from tocsin.words import _

NOT_LEEF = "no LEEF message"
SHORT_HEADER = "a LEEF header of too few fields"

_START = re.compile(r"(?:^|(?<=[\s\ufeff\]:]))LEEF:\s?(\d)(?:\.\d)?\|")
_HEADER_FIELDS = 4
_HEX = re.compile(r"0?x([0-9a-fA-F]{2,4})")
_BLANK_KEY = re.compile(r"\s+(?=[A-Za-z_][\w.\-]{0,99}=)")
_ESCAPED = re.compile(r"\\([=\\|])")
_KEYS = {
    "time": ("devTime", "syslog"),
    "account": ("usrName", "accountName"),
    "target": ("targetUser", "dstUsrName"),
    "profession": ("role",),
    "ip": ("src", "identSrc"),
    "user_agent": ("userAgent",),
    "service": ("resource", "service"),
    "bytes": ("dstBytes", "totalBytes"),
    "method": ("method", "requestMethod"),
    "path": ("url",),
    "name": ("event id",),
    "action": ("action", "eventName", "name"),
    "category": ("cat",),
    "said": ("outcome", "result", "status"),
    "reason": ("reason",),
}
_JAVA = (
    ("yyyy", "%Y"), ("yy", "%y"), ("MMM", "%b"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("hh", "%I"), ("mm", "%M"),
    ("ss", "%S"), ("SSS", "%f"), ("a", "%p"), ("XXX", "%z"), ("Z", "%z"), ("X", "%z"), ("z", "%Z"),
)  # fmt: skip
_JAVA_TOKEN = re.compile(r"'([^']*)'|yyyy|yy|MMM|MM|dd|HH|hh|mm|ss|SSS|XXX|[aZXz]|(.)", re.DOTALL)


class Leef:
    """Messages in QRadar's format."""

    name = "leef"
    title = "QRadar Log Event Extended Format 1.0 and 2.0 (bare or in syslog)"
    gives = Gives(
        {
            "time": "`devTime` (in `devTimeFormat`), else the syslog header",
            "kind": "words of the event's id, `action`, `cat`; else `url` by the table of addresses",
            "outcome": "`outcome`, `result`, `status`, `reason`, else words of the id",
            "account": "`usrName`, else `accountName`; for credential changes `targetUser`",
            "person": "`usrName` where another's credentials were changed",
            "profession": "`role`, `profession`",
            "structure": "`structure`, `organization`",
            "region": "`region`",
            "session": "`session`, `sessionId`",
            "ip": "`src`, `identSrc`",
            "user_agent": "`userAgent`",
            "client": "`client`, `application`",
            "service": "`resource`, `service`, else `url` by the table of addresses",
            "patient": "`patient`, `nir`, `ins`; else `url`",
            "rows": "`rows`",
            "bytes": "`dstBytes`, `totalBytes`",
            "purpose": "`purpose`",
        },
        lacks="no words fixed for what people do; sessions and people read only in attributes of the portal's own",
    )

    def likeness(self, head: Head) -> Likeness:
        """Count the first lines with a message."""
        return likeness(head, _START, _("{fitting} of the first {all} lines are LEEF messages"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read messages, one a line."""
        return read_messages(source, _read_line, options)


def _read_line(line: str) -> Texts | str:
    start = _START.search(line)
    if start is None:
        return NOT_LEEF
    *fields, rest = line[start.end() :].split("|", _HEADER_FIELDS)
    if len(fields) < _HEADER_FIELDS:
        return SHORT_HEADER
    separator = "\t"
    if start[1] != "1":
        separator, rest = _separator(rest)
    values = _attributes(rest, separator)
    values |= {"event id": fields[3]}
    time = header_time(line[: start.start()])
    values |= {"syslog": time} if time else {}
    if "devTime" in values:
        values["devTime"] = _device_time(values)
    return record(values, _KEYS)


def _separator(rest: str) -> tuple[str, str]:
    """Read the field of 2.0 that names the separator; it may be empty or missing."""
    if rest.startswith("||"):
        return "|", rest[2:]
    named, bar, attributes = rest.partition("|")
    if not bar or len(named) > len("0x0009") or (len(named) > 1 and not _HEX.fullmatch(named)):
        return "\t", rest
    found = _HEX.fullmatch(named)
    return (chr(int(found[1], 16)) if found else named or "\t"), attributes


def _attributes(text: str, separator: str) -> dict[str, str]:
    """Part the attributes; of a key that comes twice the first counts. Blanks part them where tabs were lost."""
    parts = text.split(separator)
    if len(parts) == 1 and separator == "\t":
        parts = _BLANK_KEY.split(text)
    values: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if equals:
            values.setdefault(key.strip(), _ESCAPED.sub(r"\1", value.strip()))
    return values


def _device_time(values: Mapping[str, str]) -> str:
    form = values.get("devTimeFormat")
    if form:
        try:
            return datetime.strptime(values["devTime"], _python_form(form)).isoformat()  # noqa: DTZ007 the format says
        except (ValueError, re.error):  # a part asked for twice is no pattern either
            return values["devTime"]
    return readable(values["devTime"])


@cache
def _python_form(form: str) -> str:
    """Write a pattern of Java's SimpleDateFormat for strptime."""
    known = dict(_JAVA)

    def one(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1].replace("%", "%%")
        return known.get(found[0], found[0].replace("%", "%%"))

    return _JAVA_TOKEN.sub(one, form)
