"""Reads the times of logs: ISO, French and web server dates, and epochs in s, ms, us or ns.

A time without offset is local time of the portal's zone. In the hour that comes twice (autumn) it is the first one,
until the order of the lines says otherwise (folds.py); in the hour that does not exist (spring) the clock had not been
put forward yet, so 02:30 is read as 03:30. A time without year (syslog) is the last one before now. Fractions are cut
to microseconds.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.formats.clocks import ENDING, FIRST_YEAR, LAST_YEAR, micros_of, offset_of, read_clocks
from tocsin.schema import TIME

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LEEWAY = timedelta(hours=24)
"""A time before the earliest or further ahead of now than this is a broken clock, not an event."""

_SHAPES = (
    ("%Y-%m-%dT%H:%M:%S", "YYYY-MM-DDThh:mm:ss", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)),
    ("%Y-%m-%d %H:%M:%S", "YYYY-MM-DD hh:mm:ss", re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)),
    ("%d/%m/%Y %H:%M:%S", "DD/MM/YYYY hh:mm:ss", re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", re.ASCII)),
    ("%d/%b/%Y:%H:%M:%S", "DD/BBB/YYYY:hh:mm:ss", re.compile(r"\d\d/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d", re.ASCII)),
)
_RARE = (
    ("%Y%m%d%H%M%S", "YYYYMMDDhhmmss", re.compile(r"20\d{12}", re.ASCII)),
    ("%d/%m/%Y %H:%M", "DD/MM/YYYY hh:mm", re.compile(r"\d\d/\d\d/\d{4} \d\d:\d\d", re.ASCII)),
    ("%Y/%m/%d %H:%M:%S", "YYYY/MM/DD hh:mm:ss", re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", re.ASCII)),
    ("%d-%m-%Y %H:%M:%S", "DD-MM-YYYY hh:mm:ss", re.compile(r"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d", re.ASCII)),
    ("%d.%m.%Y %H:%M:%S", "DD.MM.YYYY hh:mm:ss", re.compile(r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d", re.ASCII)),
    ("%b %d %Y %H:%M:%S", "BBB DD YYYY hh:mm:ss", re.compile(r"[A-Za-z]{3} \d\d \d{4} \d\d:\d\d:\d\d", re.ASCII)),
    ("%d %b %Y %H:%M:%S", "DD BBB YYYY hh:mm:ss", re.compile(r"\d\d [A-Za-z]{3} \d{4} \d\d:\d\d:\d\d", re.ASCII)),
)
"""Form of the first characters, their picture (see clocks.py), and what they look like (strptime is more lenient)."""

_EPOCH = r"^([0-9]{9,13}|[0-9]{15,19})(?:\.([0-9]{1,9}))?$"
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]{1,18})?[eE]\+?(9|1[0-8])", re.ASCII)
_NEVER = re.compile(r"0(?:\.0+)?", re.ASCII)
"""What a program writes that has no time: the first moment of 1970, said to be undated."""
_YEARLESS = re.compile(r"([A-Za-z]{3}) ([ 0-9]?[0-9]) (\d\d:\d\d:\d\d)(?=[., ]|$)", re.ASCII)
"""RFC 3164, section 4.1.2."""
_LEAP_CYCLE = 8
"""The 29th of February comes back within so many years (1896 and 1904 were leap years, 1900 was none)."""
_EPOCH_UNITS = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))
"""An epoch below the first number counts seconds, milliseconds, microseconds (the microseconds in one), else ns."""

_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_MICROS_A_MINUTE = 60_000_000
_MAX_EPOCH = 2**63 - 1
_LEAP = ":60"
_FEW = 2_000

_TIMES = {"time": TIME, "offset_minutes": pl.Int16()}

Reading = tuple[datetime | None, int | None]


def read_times(texts: pl.Series, zone: str, now: datetime | None = None) -> pl.DataFrame:
    """Read a column of times as `time` (UTC, null where unreadable) and `offset_minutes` (null where not written).

    A time without year is readable only where `now` is told.
    """
    texts = texts.alias("text")
    shapes = _likely_first(texts)
    found = next(shapes)(texts, zone)
    for read_shape in shapes:
        if found["time"].null_count() - texts.null_count() <= _FEW:
            break
        new = read_shape(texts, zone)
        # A row belongs to the first shape that reads it.
        unread = pl.col("time").is_null()
        found = found.select(pl.when(unread).then(new[name]).otherwise(name).alias(name) for name in _TIMES)
    if found["time"].null_count() == texts.null_count():
        return found
    return _read_rest(texts, found, texts.is_not_null() & found["time"].is_null(), zone, now)


def read_time(text: str, zone: str, now: datetime | None = None) -> Reading:
    """Read one time; the twin of `read_times`, which also knows rarer forms."""
    text = text.strip()
    if _SCIENTIFIC.fullmatch(text):
        text = f"{Decimal(text):f}"
    epoch = re.match(_EPOCH, text)
    if epoch:
        return _from_epoch(int(epoch[1]), epoch[2] or ""), None
    if _NEVER.fullmatch(text):
        return _UNIX, None
    yearless = _YEARLESS.match(text) if now else None
    if yearless and now:
        return _from_yearless(yearless, text, zone, now)
    for form, picture, looks in (*_SHAPES, *_RARE):
        rest = ENDING.fullmatch(text, len(picture)) if looks.match(text) else None
        if rest:
            return _from_parts(text[: len(picture)], form, rest, zone)
    return _from_iso(text, zone)


def are_epochs(texts: pl.Series) -> bool:
    """Say whether times count seconds since 1970 (by the first of them): no clock that is put back."""
    first = texts.head(_FEW).drop_nulls().head(1)
    return bool(len(first)) and re.match(_EPOCH, first[0].strip()) is not None


def _likely_first(texts: pl.Series) -> Iterator[Callable[[pl.Series, str], pl.DataFrame]]:
    """Give the vectorised shapes, beginning with those that the first texts have."""
    sample = (texts.drop_nulls() if texts.has_nulls() else texts).head(3).to_list()
    epochs = [_read_epochs] if any(re.match(_EPOCH, text) for text in sample) else []
    shapes = sorted(_SHAPES, key=lambda shape: -sum(bool(shape[2].match(text)) for text in sample))
    yield from epochs
    for _form, picture, _looks in shapes:
        yield partial(_read_shape, picture=picture)
    if not epochs:
        yield _read_epochs


def _read_shape(texts: pl.Series, zone: str, picture: str) -> pl.DataFrame:
    read = read_clocks(texts, picture)
    if read["local"].null_count() == len(read):
        return pl.DataFrame(schema=_TIMES).clear(len(texts))
    return pl.DataFrame([instants(read, zone).alias("time"), read["offset_minutes"]])


def instants(parsed: pl.DataFrame, zone: str) -> pl.Series:
    """Give the instants of local times with or without an offset."""
    if not (parsed["local"].has_nulls() or parsed["offset_minutes"].has_nulls()):
        local, minutes = parsed["local"].to_physical(), parsed["offset_minutes"]
        same = len(minutes) > 0 and (minutes == minutes[0]).all()
        shift = minutes[0] if same else minutes.cast(pl.Int64())
        return (local - shift * _MICROS_A_MINUTE).cast(TIME)
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


def _read_rest(
    texts: pl.Series, found: pl.DataFrame, missing: pl.Series, zone: str, now: datetime | None
) -> pl.DataFrame:
    """Read one by one, each once, what no vectorised shape read."""
    distinct = texts.filter(missing).unique()
    read = [read_time(text, zone, now) for text in distinct]
    known = pl.DataFrame(
        {"text": distinct, "late": [time for time, _ in read], "late_offset": [offset for _, offset in read]},
        schema={"text": pl.String(), "late": TIME, "late_offset": pl.Int16()},
    )
    both = found.with_columns(texts.alias("text")).join(known, on="text", how="left", maintain_order="left")
    return both.select(
        time=pl.col("time").fill_null(pl.col("late")),
        offset_minutes=pl.when(pl.col("time").is_null()).then("late_offset").otherwise("offset_minutes"),
    )


def _from_yearless(found: re.Match[str], text: str, zone: str, now: datetime) -> Reading:
    """Take the last year in which that day is no later than tomorrow: lines of December are read in January."""
    rest = text[found.end() :]
    latest = now + LEEWAY
    for year in range(latest.year, latest.year - _LEAP_CYCLE - 1, -1):
        time, offset = read_time(f"{found[1]} {int(found[2]):02} {year} {found[3]}{rest}", zone)
        if time is not None and time <= latest:
            return time, offset
    return None, None


def _from_parts(text: str, form: str, rest: re.Match[str], zone: str) -> Reading:
    leap = text.endswith(_LEAP)
    try:
        local = datetime.strptime(text.removesuffix(_LEAP) + ":59" if leap else text, form)  # noqa: DTZ007 see rest
    except ValueError:
        return None, None
    return _shifted(local + timedelta(seconds=leap, microseconds=micros_of(rest[1])), offset_of(rest), zone)


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


def _shifted(local: datetime, minutes: int | None, zone: str) -> Reading:
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        return None, None
    if minutes is None:
        return _in_zone(local, zone), None
    return (local - timedelta(minutes=minutes)).replace(tzinfo=UTC), minutes


def _in_zone(local: datetime, zone: str) -> datetime:
    """Place a local time; fold 0 is the first of two hours and, in a gap, the offset from before the jump (PEP 495)."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
