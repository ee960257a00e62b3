"""The header that syslog puts before a message (RFC 3164 or 5424), and times as devices write them there.

RFC 3164 writes no year: it is the one that puts the time last before tomorrow, as of now.
"""

import re
from datetime import UTC, datetime, timedelta

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_HEADER = re.compile(
    r"\ufeff?(?:<\d{1,3}>)?(?:1 )?\s*"
    r"((?:[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?)|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*)"
)
_NAMED = re.compile(
    r"(?:([A-Z][a-z]{2}) {1,2}(\d{1,2})|(\d{1,2}) ([A-Z][a-z]{2}))(?: (\d{4}))?"
    r" (\d\d:\d\d:\d\d)([.,]\d{1,9})?(?: (\S+))?"
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?")
_ZONES = {"Z": "Z", "UTC": "Z", "GMT": "Z", "CET": "+01:00", "CEST": "+02:00", "WET": "+00:00", "WEST": "+01:00"}
_LEEWAY = timedelta(days=1)


def header_time(header: str, now: datetime) -> str | None:
    """Give the time that a syslog header begins with, as ISO text; None where it has none."""
    found = _HEADER.match(header)
    return readable(found[1], now) if found else None


def readable(text: str, now: datetime) -> str:
    """Write `Jan 18 [2022] 11:07:53[.520] [zone]` (or day first) as ISO text; other texts stay as they are."""
    found = _NAMED.fullmatch(text.strip())
    if found is None:
        return text
    month = _MONTHS.get((found[1] or found[4]).lower())
    zone = _zone(found[8])
    if month is None or zone is None:
        return text
    day = int(found[2] or found[3])
    year = int(found[5]) if found[5] else _year(month, day, now)
    return f"{year:04}-{month:02}-{day:02}T{found[6]}{(found[7] or '').replace(',', '.')}{zone}"


def _zone(name: str | None) -> str | None:
    if name is None:
        return ""
    offset = _OFFSET.fullmatch(name)
    if offset:
        return f"{offset[1]}{int(offset[2]):02}:{offset[3] or '00'}"
    return _ZONES.get(name)


def _year(month: int, day: int, now: datetime) -> int:
    """Give the last year in which this day is not after tomorrow."""
    latest = now.astimezone(UTC) + _LEEWAY
    return latest.year if (month, day) <= (latest.month, latest.day) else latest.year - 1
