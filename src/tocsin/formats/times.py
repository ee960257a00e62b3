"""Reads the times of logs: ISO, French and web server dates, and epochs in s, ms, us or ns.

A time without offset is local time of the portal's zone. In the hour that comes twice (autumn) it is the first one; in
the hour that does not exist (spring) the clock had not been put forward yet, so 02:30 is read as 03:30.
Fractions are cut to microseconds.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.schema import TIME

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(hours=24)
"""A time before the earliest or further ahead of now than this is a broken clock, not an event."""

_SHAPES = (
    ("%Y-%m-%dT%H:%M:%S", 19, re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)),
    ("%Y-%m-%d %H:%M:%S", 19, re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)),
    ("%d/%m/%Y %H:%M:%S", 19, re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", re.ASCII)),
    ("%d/%b/%Y:%H:%M:%S", 20, re.compile(r"\d\d/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d", re.ASCII)),
)
_RARE = (
    ("%Y%m%d%H%M%S", 14, re.compile(r"20\d{12}", re.ASCII)),
    ("%d/%m/%Y %H:%M", 16, re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d", re.ASCII)),
)
"""Form of the first characters, how many they are, and what they look like (strptime alone is more lenient)."""

_FRACTION = r"^[.,]([0-9]{1,9})"
_REST = re.compile(r"(?:[.,](\d{1,9}))? ?(?:(Z|z|UTC)|([+-])(\d\d)(?::?(\d\d))?)?", re.ASCII)
_EPOCH = r"^([0-9]{9,13}|[0-9]{15,19})(?:\.([0-9]{1,9}))?$"
_EPOCH_UNITS = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))
"""An epoch below the first number counts seconds, milliseconds, microseconds (the microseconds in one), else ns."""

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_EPOCH = 2**63 - 1
_YEARS = (1000, 9990)
"""Years that are surely four digits and that an offset does not push out of the calendar."""

_LEAP = ":60"
_FEW = 2_000

_TIMES = {"time": TIME, "offset_minutes": pl.Int16()}

Reading = tuple[datetime | None, int | None]


def read_times(texts: pl.Series, zone: str) -> pl.DataFrame:
    """Read a column of times as `time` (UTC, null where unreadable) and `offset_minutes` (null where not written)."""
    texts = texts.alias("text")
    found = pl.DataFrame(schema=_TIMES).clear(len(texts))
    missing = texts.is_not_null()
    for tried, read_shape in enumerate(_likely_first(texts)):
        if tried and missing.sum() <= _FEW:
            break
        new = read_shape(texts, zone)
        # A row belongs to the first shape that reads it.
        unread = pl.col("time").is_null()
        found = found.select(pl.when(unread).then(new[name]).otherwise(name).alias(name) for name in _TIMES)
        missing = texts.is_not_null() & found["time"].is_null()
    return _read_rest(texts, found, missing, zone) if missing.any() else found


def read_time(text: str, zone: str) -> Reading:
    """Read one time; the twin of `read_times`, which also knows rarer forms."""
    text = text.strip()
    epoch = re.match(_EPOCH, text)
    if epoch:
        return _from_epoch(int(epoch[1]), epoch[2] or ""), None
    for form, width, looks in (*_SHAPES, *_RARE):
        rest = _REST.fullmatch(text, width) if looks.match(text) else None
        if rest:
            return _from_parts(text[:width], form, rest, zone)
    return _from_iso(text, zone)


def _likely_first(texts: pl.Series) -> Iterator[Callable[[pl.Series, str], pl.DataFrame]]:
    """Give the vectorised shapes, beginning with those that the first texts have."""
    sample = texts.drop_nulls().head(3).to_list()
    epochs = [_read_epochs] if any(re.match(_EPOCH, text) for text in sample) else []
    shapes = sorted(_SHAPES, key=lambda shape: -sum(bool(shape[2].match(text)) for text in sample))
    yield from epochs
    for form, width, _looks in shapes:
        yield partial(_read_shape, form=form, width=width)
    if not epochs:
        yield _read_epochs


def _read_shape(texts: pl.Series, zone: str, form: str, width: int) -> pl.DataFrame:
    head = texts.str.slice(0, width)
    local = head.str.to_datetime(form, time_unit="us", strict=False)
    if local.null_count() == len(local):
        return pl.DataFrame(schema=_TIMES).clear(len(texts))
    rest = _read_suffixes(texts.str.slice(width))
    # strptime takes shorter years and days too; those are left to the careful twin.
    strict = (head.str.len_bytes() == width) & local.dt.year().is_between(*_YEARS)
    parsed = rest.with_columns(local=local, fits=rest["fits"] & strict)
    parsed = parsed.with_columns(
        pl.when("fits").then(pl.col("local") + pl.duration(microseconds="micros")).alias("local"),
        pl.when("fits").then("offset_minutes").alias("offset_minutes"),
    )
    return parsed.with_columns(time=_utc(parsed, zone)).select("time", "offset_minutes")


def _utc(parsed: pl.DataFrame, zone: str) -> pl.Series:
    """Give the instants of local times with or without an offset."""
    written = pl.col("local") - pl.duration(minutes="offset_minutes")
    shifted = parsed.select(written.dt.replace_time_zone("UTC")).to_series()
    naive = parsed["local"].is_not_null() & parsed["offset_minutes"].is_null()
    if not naive.any():
        return shifted
    placed = parsed["local"].dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    placed = placed.dt.convert_time_zone("UTC")
    gap = parsed["local"].filter(naive & placed.is_null()).unique()
    if len(gap):
        moved = pl.Series([_in_zone(local, zone) for local in gap], dtype=TIME)
        placed = placed.fill_null(parsed["local"].replace_strict(gap, moved, default=None, return_dtype=TIME))
    return shifted.fill_null(placed)


def _read_suffixes(rest: pl.Series) -> pl.DataFrame:
    """Read what follows the seconds: `micros`, `offset_minutes` (null if none) and whether it `fits` at all."""
    distinct = rest.unique()
    if len(distinct) > _FEW:
        tails = _read_suffixes(rest.str.replace(_FRACTION, "")) if rest.str.contains(_FRACTION).any() else None
        if tails is not None:
            digits = rest.str.extract(_FRACTION).fill_null("").str.slice(0, 6).str.pad_end(6, "0")
            return tails.with_columns(micros=pl.col("micros") + digits.cast(pl.Int64))
    read = [_REST.fullmatch(text) if text is not None else None for text in distinct]
    known = pl.DataFrame(
        {
            "rest": distinct,
            "micros": pl.Series([_micros(found[1]) if found else 0 for found in read], dtype=pl.Int64),
            "offset_minutes": pl.Series([_offset(found) if found else None for found in read], dtype=pl.Int16),
            "fits": pl.Series([found is not None for found in read], dtype=pl.Boolean),
        }
    )
    if len(known) == 1:
        return pl.select(
            pl.repeat(known[name].item(), len(rest), dtype=known[name].dtype).alias(name) for name in known.columns[1:]
        )
    every = rest.alias("rest").to_frame()
    return every.join(known, on="rest", how="left", nulls_equal=True, maintain_order="left").drop("rest")


def _read_epochs(texts: pl.Series, zone: str) -> pl.DataFrame:  # noqa: ARG001 an epoch needs no zone
    parts = texts.to_frame("text").select(
        whole=pl.col("text").str.extract(_EPOCH, 1).cast(pl.Int64, strict=False),
        digits=pl.col("text").str.extract(_EPOCH, 2).fill_null("").str.pad_end(9, "0"),
    )
    whole, fraction = pl.col("whole"), pl.col("digits").str.slice(0, 6).cast(pl.Int64)
    micros = whole // 1_000
    for below, each in reversed(_EPOCH_UNITS):
        micros = pl.when(whole < below).then(whole * each + fraction * each // 1_000_000).otherwise(micros)
    return parts.select(
        time=micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), offset_minutes=pl.lit(None, pl.Int16())
    )


def _read_rest(texts: pl.Series, found: pl.DataFrame, missing: pl.Series, zone: str) -> pl.DataFrame:
    """Read one by one, each once, what no vectorised shape read."""
    distinct = texts.filter(missing).unique()
    read = [read_time(text, zone) for text in distinct]
    known = pl.DataFrame(
        {"text": distinct, "late": [time for time, _ in read], "late_offset": [offset for _, offset in read]},
        schema={"text": pl.String(), "late": TIME, "late_offset": pl.Int16()},
    )
    both = found.with_columns(texts.alias("text")).join(known, on="text", how="left", maintain_order="left")
    return both.select(
        time=pl.col("time").fill_null(pl.col("late")),
        offset_minutes=pl.when(pl.col("time").is_null()).then("late_offset").otherwise("offset_minutes"),
    )


def _from_parts(text: str, form: str, rest: re.Match[str], zone: str) -> Reading:
    leap = text.endswith(_LEAP)
    try:
        local = datetime.strptime(text.removesuffix(_LEAP) + ":59" if leap else text, form)  # noqa: DTZ007 see rest
    except ValueError:
        return None, None
    return _shifted(local + timedelta(seconds=leap, microseconds=_micros(rest[1])), _offset(rest), zone)


def _from_iso(text: str, zone: str) -> Reading:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None, None
    if len(text) <= len("2022-03-14"):
        return None, None
    offset = time.utcoffset()
    minutes = None if offset is None else int(offset.total_seconds() // 60)
    return _shifted(time.replace(tzinfo=None), minutes, zone)


def _from_epoch(whole: int, digits: str) -> datetime | None:
    if whole > _MAX_EPOCH:
        return None
    fraction = int(digits.ljust(9, "0")[:6])
    for below, each in _EPOCH_UNITS:
        if whole < below:
            return _UNIX + timedelta(microseconds=whole * each + fraction * each // 1_000_000)
    return _UNIX + timedelta(microseconds=whole // 1_000)


def _micros(digits: str | None) -> int:
    return int((digits or "")[:6].ljust(6, "0"))


def _offset(rest: re.Match[str]) -> int | None:
    if rest[2]:
        return 0
    if rest[4] is None:
        return None
    minutes = int(rest[4]) * 60 + int(rest[5] or 0)
    return -minutes if rest[3] == "-" else minutes


def _shifted(local: datetime, minutes: int | None, zone: str) -> Reading:
    if not _YEARS[0] <= local.year <= _YEARS[1]:
        return None, None
    if minutes is None:
        return _in_zone(local, zone), None
    return (local - timedelta(minutes=minutes)).replace(tzinfo=UTC), minutes


def _in_zone(local: datetime, zone: str) -> datetime:
    """Place a local time; fold 0 is the first of two hours and, in a gap, the offset from before the jump (PEP 495)."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
