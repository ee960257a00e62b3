"""Which day a line is of that only says the time, below a `#Date:` that may be of the day before.

IIS names its files by the local day if asked to, and writes UTC: the clock then passes midnight inside a file, with
no new `#Date:`. A clock that goes back by more than half a day has passed midnight; one that then jumps ahead by
nearly a day belongs to a request of the day before, written late.
"""

from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

_BACK: Final = -12 * 3600
_LATE: Final = 24 * 3600 - 1800


class Midnights:
    """Dates the lines of a log, block after block in the order of the log."""

    def __init__(self) -> None:
        self._directed: str | None = None
        self._clock: int | None = None
        self._days = 0

    def dated(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Fill `date` (yyyy-mm-dd) where it is null.

        Args:
            rows: `date`, `clock` (hh:mm:ss) and `directed` (what `#Date:` said, None before it) as text, by line.
        """
        undated = rows["date"].is_null()
        lines = rows.filter(undated).select(
            "directed", clock=_seconds(pl.col("clock")), began=_seconds(pl.col("directed").str.slice(11))
        )
        if not lines.height:
            return rows
        days = self._days_of(lines)
        date = lines.select(
            pl.coalesce(
                pl.col("directed").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).dt.offset_by(
                    pl.lit(pl.Series(days)).cast(pl.String()) + "d"
                ).dt.to_string("%Y-%m-%d"),
                "directed",
            )
        ).to_series()  # fmt: skip
        filled = rows["date"].to_frame().with_columns(place=undated.cast(pl.Int64).cum_sum() - 1)
        dates = filled.select(pl.when(undated).then(date.gather(filled["place"].clip(0))).otherwise("date"))
        return rows.with_columns(date=dates.to_series())

    def _days_of(self, lines: pl.DataFrame) -> np.ndarray:
        """Say how many midnights the clock passed since the `#Date:` of each line."""
        new = lines["directed"].ne_missing(lines["directed"].shift(1)).to_numpy().copy()
        new[0] = lines["directed"][0] != self._directed
        before = lines["clock"].forward_fill().shift(1, fill_value=self._clock)
        leaps = (
            lines["clock"] - pl.select(pl.when(pl.Series(new)).then(lines["began"]).otherwise(before)).to_series()
        ).fill_null(0)
        steps = (leaps < _BACK).cast(pl.Int8) - (leaps > _LATE).cast(pl.Int8)
        days = np.zeros(lines.height, np.int64)
        passed = self._days
        places = [0, *np.flatnonzero(new | (steps != 0).to_numpy()), lines.height]
        for place, following in pairwise(places):
            if place < following:
                passed = max(0, (0 if new[place] else passed) + int(steps[int(place)]))
                days[place:following] = passed
        self._directed, self._days = lines["directed"][-1], passed
        self._clock = lines["clock"].forward_fill()[-1]
        return days


def _seconds(clock: pl.Expr) -> pl.Expr:
    part = clock.str.extract_groups(r"^\s*(\d{1,2}):(\d\d):(\d\d)").struct
    one, two, three = (part.field(name).cast(pl.Int32) for name in ("1", "2", "3"))
    return one * 3600 + two * 60 + three
