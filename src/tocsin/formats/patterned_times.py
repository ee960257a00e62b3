"""Reads times that are written as a mapping's patterns say (`%d/%m/%Y %H:%M:%S`), the first pattern that fits deciding.

The letters are those of strptime. A pattern of four-digit years and padded numbers is read by clocks.py, which also
takes a fraction and an offset behind it; any other by polars. A pattern without a year (syslog) means the last
such day that is not ahead of now.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import polars as pl

from tocsin.formats.clocks import read_clocks
from tocsin.formats.mapping_parts import EPOCH, USUAL, TimePattern
from tocsin.formats.times import LEEWAY, instants, read_times
from tocsin.schema import TIME

_PICTURE: Final = {"%Y": "Y" * 4, "%m": "MM", "%b": "BBB", "%d": "DD", "%H": "hh", "%M": "mm", "%S": "ss"}
_MEANT: Final = "YMBDhms%"
"""Letters that a picture cannot hold as themselves."""
_ENDING: Final = re.compile(r"(?:[.,]%f)?(?: ?%z| ?UTC|Z)?$")
_OFFSET: Final = r"([+-])(\d\d):?(\d\d)"
_TRIED: Final = datetime(2022, 11, 28, 10, 17, 56, tzinfo=UTC)
"""A time whose parts cannot be mistaken for each other."""

_NOTHING: Final = {"time": TIME, "offset_minutes": pl.Int16()}


def read_patterns(texts: pl.Series, patterns: Sequence[TimePattern], zone: str, now: datetime) -> pl.DataFrame:
    """Read a column as `time` (UTC, null where no pattern fits) and `offset_minutes` (null where not written)."""
    found = pl.DataFrame(schema=_NOTHING).clear(len(texts))
    texts = texts.str.strip_chars()
    for pattern in patterns:
        left = texts.is_not_null() & found["time"].is_null()
        if not left.any():
            break
        whole = bool(left.all())
        read = _read(texts if whole else texts.filter(left), pattern.text, pattern.zone or zone, now)
        found = read if whole else _filled(found, read, left)
    return found


def reads(pattern: str) -> bool:
    """Say whether a pattern, written out for a known time, gives that time back."""
    if pattern in {EPOCH, USUAL}:
        return True
    try:
        text = _TRIED.strftime(pattern)
        read = _read(pl.Series([text]), pattern, "UTC", _TRIED)
    except (ValueError, pl.exceptions.PolarsError):
        return False
    at = read["time"].item()
    return at is not None and at.replace(second=0) == _TRIED.replace(second=0)


def _filled(found: pl.DataFrame, read: pl.DataFrame, left: pl.Series) -> pl.DataFrame:
    rows = left.arg_true()
    return found.select(found[name].scatter(rows, read[name]) for name in _NOTHING)


def _read(texts: pl.Series, pattern: str, zone: str, now: datetime) -> pl.DataFrame:
    if pattern in {EPOCH, USUAL}:
        return read_times(texts, zone, now)
    if "%Y" not in pattern and "%y" not in pattern:
        return _without_year(texts, pattern, zone, now)
    picture = _picture(pattern)
    if picture is None:
        return _by_polars(texts, pattern, zone)
    clocks = read_clocks(texts, picture)
    found = clocks.select(instants(clocks, zone).alias("time"), "offset_minutes")
    left = texts.is_not_null() & found["time"].is_null()
    return _filled(found, _by_polars(texts.filter(left), pattern, zone), left) if left.any() else found


def _picture(pattern: str) -> str | None:
    """Write a pattern as a picture of clocks.py; None where that cannot be."""
    body = _ENDING.sub("", pattern)
    parts = re.split(r"(%.)", body)
    if "%Y" not in parts or any(part not in _PICTURE for part in parts[1::2]):
        return None
    if any(letter in _MEANT for part in parts[::2] for letter in part):
        return None
    return "".join(_PICTURE.get(part, part) for part in parts)


def _by_polars(texts: pl.Series, pattern: str, zone: str) -> pl.DataFrame:
    form = re.sub(r"\.%f", "%.f", pattern)
    read = texts.str.to_datetime(form, strict=False, time_unit="us")
    if "%z" in form:
        return pl.DataFrame({"time": read.dt.convert_time_zone("UTC").cast(TIME), "offset_minutes": _offsets(texts)})
    universal = re.search(r"(?:Z|UTC)$", form) is not None
    minutes = pl.Series([0 if universal else None], dtype=pl.Int16()).new_from_index(0, len(read))
    local = pl.DataFrame({"local": read, "offset_minutes": minutes})
    return local.select(instants(local, zone).alias("time"), "offset_minutes")


def _offsets(texts: pl.Series) -> pl.Series:
    parts = texts.str.extract_groups(_OFFSET + "$").struct.unnest()
    hours, minutes = (pl.col(name).cast(pl.Int16(), strict=False) for name in ("2", "3"))
    sign = pl.when(pl.col("1") == "-").then(-1).otherwise(1).cast(pl.Int16())
    return parts.select(sign * (hours * 60 + minutes)).to_series()


def _without_year(texts: pl.Series, pattern: str, zone: str, now: datetime) -> pl.DataFrame:
    this, last = (
        _by_polars(pl.Series(texts.to_frame("text").select(pl.lit(f"{year} ") + pl.col("text")).to_series()),
                   f"%Y {pattern}", zone)
        for year in (now.year, now.year - 1)
    )  # fmt: skip
    ahead = (this["time"] > now.astimezone(UTC) + LEEWAY).fill_null(value=True)
    return this.select(pl.when(~ahead).then(name).otherwise(last[name]).alias(name) for name in _NOTHING)
