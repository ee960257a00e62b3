"""Tells a moment in milliseconds from a social security number: both may be thirteen digits.

Web pages write the moment of a request into addresses and session names (`?_=1773825010123`); read as a number of a
person that would be a man of 1977. It is taken for a moment only where the line itself was written within a day of it
and its month is none of the twelve: whoever has such a number was registered without a month of birth.
"""

from typing import Final

import polars as pl

_MOMENT: Final = r"(^|[^0-9])(1[0-9]{12})($|[^0-9])"
_DAY_MS: Final = 86_400_000
_MONTHS: Final = (1, 12)


def without_moments(texts: pl.Series, times: pl.Series) -> pl.Series:
    """Give texts with the first moment near their line's time written as a letter, which is part of no number."""
    rows = pl.DataFrame({"text": texts, "time": times, "digits": texts.str.extract(_MOMENT, 2)})
    number = pl.col("digits").cast(pl.Int64)
    near = (number - pl.col("time").dt.timestamp("ms")).abs() <= _DAY_MS
    month = number // 10**8 % 100
    is_moment = (near & ~month.is_between(*_MONTHS)).fill_null(value=False)
    hidden = pl.col("text").str.replace(_MOMENT, "${1}t${3}")
    return rows.select(pl.when(is_moment).then(hidden).otherwise("text").alias(texts.name)).to_series()
