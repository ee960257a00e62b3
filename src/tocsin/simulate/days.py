"""The simulated nights: dates, public holidays by department, and the portal's wall clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray

from tocsin.simulate.departments import DEPARTMENTS

PORTAL_ZONE = ZoneInfo("Europe/Paris")
_HOUR_MS = 3_600_000

# Departments with holidays of their own, and what the library calls them.
_OWN_HOLIDAYS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "976": "976",
}


@dataclass(frozen=True, slots=True)
class Days:
    """The nights in order. `closed[department, night]` is true on a public holiday there."""

    dates: tuple[date, ...]
    closed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.dates)

    def weekdays(self) -> NDArray[np.int64]:
        """Give Monday 0 to Sunday 6 for each night."""
        return np.array([day.weekday() for day in self.dates], np.int64)

    def month_ends(self) -> list[int]:
        """List the nights that are the last of their month."""
        return [night for night, day in enumerate(self.dates) if (day + timedelta(days=1)).day == 1]


def days(start: date, nights: int) -> Days:
    """Lay out nights from a date on."""
    dates = tuple(start + timedelta(days=night) for night in range(nights))
    return Days(dates, _closed(dates))


def _closed(dates: Sequence[date]) -> NDArray[np.bool_]:
    years = sorted({day.year for day in dates})
    everywhere = holidays.country_holidays("FR", years=years)
    closed = np.zeros((len(DEPARTMENTS.codes), len(dates)), np.bool_)
    closed[:, :] = [day in everywhere for day in dates]
    for code, part in _OWN_HOLIDAYS.items():
        local = holidays.country_holidays("FR", subdiv=part, years=years)
        closed[DEPARTMENTS.index(code), :] = [day in local for day in dates]
    return closed


def utc_milliseconds(day: date, wall: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Turn milliseconds on the wall clock since midnight into UTC epoch milliseconds and offsets in minutes.

    When clocks go forward the missing hour is read as the one after; when they go back the doubled hour is the first.
    """
    midnight = datetime(day.year, day.month, day.day, tzinfo=PORTAL_ZONE)
    before = _minutes(midnight)
    after = _minutes(midnight + timedelta(hours=23, minutes=59))
    epoch = int(midnight.astimezone(UTC).timestamp()) * 1000
    changed = wall >= (3 if after != before else 25) * _HOUR_MS
    elapsed = np.where(changed, wall - (after - before) * 60_000, wall)
    return epoch + elapsed, np.where(epoch + elapsed >= _change(epoch, before, after), after, before)


def _minutes(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def _change(epoch: int, before: int, after: int) -> int:
    """Say when the offset changes: at one o'clock UTC everywhere in the Union (directive 2000/84/EC)."""
    if before == after:
        return epoch + 48 * _HOUR_MS
    return epoch + before * 60_000 + _HOUR_MS
