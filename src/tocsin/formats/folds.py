"""Tells the two hours of an autumn night apart where a log writes local time: by the order of its lines.

02:30 comes twice when clocks are put back. A log is written in the order of time, so the hour's second pass begins
where the clock of the log falls back. Readers take every such time for the first pass; here the second is moved. A log
that is not in order of time (sorted by account, say) tells nothing: there the first pass stays.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import polars as pl

JITTER = timedelta(minutes=10)
"""Lines of one log may stand so much out of order: long answers are logged at their end, servers differ."""

_DAY = timedelta(days=1)


class Folds:
    """Reads the batches of one input one after the other and remembers how far its clock has come."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._high: datetime | None = None
        self._in_order = True
        self._second: datetime | None = None
        """End of the first pass of the hour whose second pass has begun."""

    def placed(self, events: pl.DataFrame, zone: str | None = None) -> pl.DataFrame:
        """Give the events of the next batch, in the order of their lines, with the second pass an hour later.

        Args:
            events: time, offset_minutes.
            zone: of times without offset, where it is not the portal's; UTC (epochs too) has no such hour.
        """
        if events.is_empty() or not self._in_order:
            return events
        first, last = events.select(first=pl.col("time").min(), last=pl.col("time").max()).row(0)
        for start, end in _folds(zone or self._zone, first.year, last.year):
            if first < end and last >= start:
                events = self._with_second_pass(events, start, end)
        self._remember(events["time"])
        return events

    def _with_second_pass(self, events: pl.DataFrame, start: datetime, end: datetime) -> pl.DataFrame:
        """Move what stands behind the place where the clock falls back within this hour."""
        times = events["time"]
        naive = events["offset_minutes"].is_null()
        inside = naive & (times >= start) & (times < end)
        begins = 0
        if self._second != end:
            fallen = self._fallen(times)
            if not fallen.any():
                return events
            begins = fallen.arg_max() or 0
            high = self._highs(times)[begins]
            if not inside[begins] or not start <= high < end:
                return events
            self._second = end
        back = end - start
        behind = inside & (pl.int_range(len(times), eager=True) >= begins)
        # Stragglers of the first pass: late in the hour, while the second pass has only just begun.
        late = behind & (times >= end - JITTER)
        reached = self._highs((times + back).zip_with(behind & ~late, times)).shift(1, fill_value=self._high or start)
        moved = behind & ~(late & (reached < end + JITTER))
        return events.with_columns((times + back).zip_with(moved, times).alias("time"))

    def _highs(self, times: pl.Series) -> pl.Series:
        """Give the latest time up to each line, those of earlier batches included."""
        highs = times.cum_max()
        return highs if self._high is None else highs.clip(lower_bound=self._high)

    def _fallen(self, times: pl.Series) -> pl.Series:
        return times < self._highs(times) - JITTER

    def _remember(self, times: pl.Series) -> None:
        self._in_order = not self._fallen(times).any()
        self._high = self._highs(times)[-1]


@lru_cache(64)
def _folds(zone: str, first: int, last: int) -> tuple[tuple[datetime, datetime], ...]:
    """Give the first passes of the hours that come twice in these years (UTC): from where to where."""
    at = datetime(first, 1, 1, tzinfo=UTC) - _DAY
    found = []
    while at.year <= last:
        back = _offset(zone, at) - _offset(zone, at + _DAY)
        if back > timedelta(0):
            end = _change(zone, at)
            found.append((end - back, end))
        at += _DAY
    return tuple(found)


def _change(zone: str, day: datetime) -> datetime:
    """Find the minute of a day (from this time on) at which the offset changes."""
    low, high = day, day + _DAY
    before = _offset(zone, day)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    rounded = high.replace(second=0, microsecond=0)
    return rounded if _offset(zone, rounded) != before else rounded + timedelta(minutes=1)


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
