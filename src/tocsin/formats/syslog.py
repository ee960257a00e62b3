"""The header that syslog puts before a message (RFC 3164 or 5424), and times as devices write them there."""

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HEADER = re.compile(
    r"\ufeff?(?:<\d{1,3}>)?(?:1 )?\s*"
    r"((?:[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?)|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)"
)
_NAMED = re.compile(
    r"(?:([A-Z][a-z]{2}) {1,2}(\d{1,2})|(\d{1,2}) ([A-Z][a-z]{2}))(?: (\d{4}))?"
    r" (\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(?: (\S+))?"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?")
_ZONES = {"Z": "Z", "UTC": "Z", "GMT": "Z", "CET": "+01:00", "CEST": "+02:00", "WET": "+00:00", "WEST": "+01:00"}


def header_time(header: str) -> str | None:
    """Give the time that a syslog header begins with, as times.py reads it; None where it has none."""
    found = _HEADER.match(header)
    return readable(found[1]) if found else None


def readable(text: str) -> str:
    """Write `Jan 18 [2022] 11:07:53[.520] [zone]` (or day first) as times.py reads it; other texts stay as they are."""
    found = _NAMED.fullmatch(text.strip())
    if found is None:
        return text
    month, day, zone = found[1] or found[4], int(found[2] or found[3]), _zone(found[8])
    if month.lower() not in _MONTHS or zone is None:
        return text
    clock = f"{found[6]}{'.' + found[7] if found[7] else ''}{zone}"
    if found[5]:
        return f"{found[5]}-{_MONTHS.index(month.lower()) + 1:02}-{day:02}T{clock}"
    return f"{month} {day:>2} {clock}"


def _zone(name: str | None) -> str | None:
    if name is None:
        return ""
    offset = _OFFSET.fullmatch(name)
    if offset:
        return f"{offset[1]}{int(offset[2]):02}:{offset[3] or '00'}"
    return _ZONES.get(name)
