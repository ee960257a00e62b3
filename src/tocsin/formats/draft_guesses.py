"""Guesses which field of a sample is which column, by its name and by what it holds."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import polars as pl

from tocsin.formats.convert import fold
from tocsin.formats.draft_sample import Field
from tocsin.formats.draft_words import NAMES, OF_ITS_PARENT, kind_of, outcome_of
from tocsin.formats.mapping_parts import EPOCH, USUAL, TimePattern
from tocsin.formats.patterned_times import read_patterns
from tocsin.formats.times import EARLIEST, LEEWAY
from tocsin.words import _

MOST_WORDS: Final = 60
"""A field with more different values says neither what was done nor how it ended."""

_EXACT, _TOKEN, _PART = 4, 3, 1
_LOOKED_AT: Final = 2_000
_PATTERNS: Final = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%y %H:%M:%S", "%d/%m/%y %H:%M", "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %Hh%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d %b %Y %H:%M:%S",
    "%d-%b-%y %H:%M:%S", "%b %d %H:%M:%S", "%Y%m%d %H%M%S", USUAL,
)  # fmt: skip
_DATE: Final = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}|\d{8}")
_CLOCK: Final = re.compile(r"\d{1,2}[:h]\d{2}(?:[:m]\d{2}(?:[.,]\d+)?s?)?")
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+:[0-9A-Fa-f.:]*")
_NIR: Final = re.compile(r"[1-478]\d{4}(?:\d\d|2[ABab])\d{6}(?:\d\d)?")
_SEPARATE: Final = re.compile(r"[\s.\-]")
_BROWSER: Final = re.compile(r"(?:Mozilla|Opera)/\d|(?:curl|python-requests|okhttp|Java)/\d")
_PRODUCT: Final = re.compile(r"[A-Za-z][\w.-]*(?:/| v)\d")
"""Practice software between browsers: a product and its version (RFC 9110, section 10.1.5)."""
_WHOLE: Final = re.compile(r"\d{1,18}")
_HOLDS: Final[Mapping[str, Callable[[str], object]]] = {
    "ip": _IP.fullmatch,
    "user_agent": _BROWSER.match,
    "rows": _WHOLE.fullmatch,
    "bytes": _WHOLE.fullmatch,
}
"""Columns whose values show what they are."""
_TELLING: Final = ("ip", "user_agent")
"""Columns that are known by their values alone."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing guessed: the fields, whether it is certain, and why."""

    fields: tuple[str, ...]
    sure: bool
    why: str


@dataclass(frozen=True, slots=True)
class TimeGuess:
    """Where the time is and how it is written; `with_offset` where no zone is needed."""

    guess: Guess
    pattern: str
    pattern_sure: bool
    pattern_why: str
    with_offset: bool


def guess_columns(fields: Sequence[Field], time: TimeGuess | None) -> dict[str, Guess]:
    """Assign fields to columns, each field once; kind and outcome among them."""
    left = [field for field in fields if time is None or field.name not in time.guess.fields]
    found: dict[str, Guess] = {}
    for column in NAMES:
        if column == "time":
            continue
        best = max(left, key=lambda field: _score(column, field), default=None)
        if best is None or _score(column, best) < _TOKEN:
            continue
        found[column] = _guess(column, best)
        left.remove(best)
    if "account" not in found and "person" in found:
        # The only name of who acted is the account, whatever it looks like.
        found["account"] = replace(found.pop("person"), sure=False)
    return found


def guess_time(fields: Sequence[Field], zone: str, now: datetime) -> TimeGuess | None:
    """Find the field whose values read as times, or a date and a clock in two fields."""
    candidates = [field for field in fields if _are_times(field.values, zone, now)]
    joined = _date_and_clock(fields, zone, now)
    best = max(candidates, key=lambda field: (_named("time", field), len(field.values)), default=None)
    if best is None or (joined and _named("time", best) < _TOKEN):
        return joined
    named = _named("time", best) > 0
    why = _("its values are times and its name says so") if named else _("its values are times")
    guess = Guess((best.name,), named or len(candidates) == 1, why)
    return _time_guess(guess, best.values, zone, now)


def patient_kind(values: Sequence[str]) -> tuple[str, bool, str]:
    """Say what people's identifiers are (nir, number, opaque), whether that is certain, and why."""
    bare = [_SEPARATE.sub("", value) for value in values]
    nirs, numbers = (sum(regex.fullmatch(value) is not None for value in bare) for regex in (_NIR, _WHOLE))
    if nirs * 2 > len(bare):
        why = _("{n} of {all} look like a social security number").format(n=nirs, all=len(bare))
        return "nir", nirs * 10 > len(bare) * 9, why
    if numbers * 2 > len(bare):
        why = _("they are numbers: number if they are given one after the other, opaque if not")
        return "number", False, why
    return "opaque", True, _("they are no plain numbers")


def _guess(column: str, field: Field) -> Guess:
    named = _named(column, field)
    if column in _HOLDS:
        return Guess((field.name,), named >= _PART, _("its values look so"))
    if column in {"kind", "outcome"}:
        words = _share(field, kind_of if column == "kind" else outcome_of)
        why = _("{n} different values").format(n=len(field.distinct))
        return Guess((field.name,), named >= _TOKEN and words > 0.5, why)
    why = _("the name says so") if named == _EXACT else _("the name holds such a word")
    return Guess((field.name,), named == _EXACT or (column in {"patient", "account"} and named >= _TOKEN), why)


def _score(column: str, field: Field) -> int:
    """How much a field looks like a column; below _TOKEN it does not."""
    named = _named(column, field)
    if column in _HOLDS:
        telling = _TOKEN if column in _TELLING else 0
        return named + telling if _holds(column, field) else 0
    if column in {"kind", "outcome"}:
        share = _share(field, kind_of if column == "kind" else outcome_of)
        return named + round(_TOKEN * share) if 0 < len(field.distinct) <= MOST_WORDS else 0
    if column == "patient" and field.values and patient_kind(field.values)[:2] == ("nir", True):
        return named + _TOKEN
    return 0 if column == "person" and named < _EXACT else named


def _holds(column: str, field: Field) -> bool:
    """Say whether nine in ten values look like what the column holds."""
    looked_at = field.values[:_LOOKED_AT]
    fitting = sum(_HOLDS[column](value) is not None for value in looked_at)
    if column == "user_agent" and fitting:
        fitting = sum(_BROWSER.match(value) is not None or _PRODUCT.match(value) is not None for value in looked_at)
    return bool(looked_at) and fitting * 10 >= len(looked_at) * 9


def _named(column: str, field: Field) -> int:
    """How much the name of a field says that it is a column; a path also by what its last part belongs to."""
    above, _dot, last = field.name.rpartition(".")
    named = _by_name(column, fold(last))
    if above and fold(last) in OF_ITS_PARENT:
        parent = re.sub(r"\[.*", "", above.rsplit(".", 1)[-1])
        named = max(named, min(_TOKEN, _by_name(column, fold(parent))))
    return named


def _by_name(column: str, folded: str) -> int:
    tokens = folded.split("_")
    words = NAMES[column]
    if folded in words:
        return _EXACT
    if any(_within(word.split("_"), tokens) for word in words):
        return _TOKEN
    return _PART if any(len(word) > 3 and word in folded for word in words) else 0


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    return any(list(part) == list(whole[at : at + len(part)]) for at in range(len(whole)))


def _share(field: Field, meaning: Callable[[str], str | None]) -> float:
    """Which share of the different values is a word that is known."""
    distinct = [fold(value) for value in field.distinct]
    return sum(meaning(word) is not None for word in distinct) / len(distinct) if distinct else 0.0


def _date_and_clock(fields: Sequence[Field], zone: str, now: datetime) -> TimeGuess | None:
    dates = [field for field in fields if field.values and all(map(_DATE.fullmatch, field.values[:_LOOKED_AT]))]
    clocks = [field for field in fields if field.values and all(map(_CLOCK.fullmatch, field.values[:_LOOKED_AT]))]
    if not dates or not clocks:
        return None
    day, clock = dates[0], clocks[0]
    texts = [f"{first} {second}" for first, second in zip(day.values, clock.values, strict=False)]
    if _read_best(texts, zone, now) is None:
        return None
    sure = len(dates) == len(clocks) == 1
    return _time_guess(Guess((day.name, clock.name), sure, _("a date and a time of day")), texts, zone, now)


def _time_guess(guess: Guess, values: Sequence[str], zone: str, now: datetime) -> TimeGuess:
    best = _read_best(values, zone, now)
    assert best is not None  # noqa: S101 the caller has looked
    pattern, read = best
    looked_at = values[:_LOOKED_AT]
    pattern_why = _("reads {n} of {all} values").format(n=read, all=len(looked_at))
    is_sure = read == len(looked_at)
    if pattern.startswith("%d/%m") and not any(int(text[:2]) > 12 for text in looked_at if text[:2].isdigit()):
        is_sure = False
        pattern_why += _(", but no day is above 12: day and month may be the other way round")
    offsets = _read(looked_at, pattern, zone, now)["offset_minutes"]
    with_offset = pattern == EPOCH or not offsets.has_nulls() or bool(re.match(r"\d{9,}$", looked_at[0]))
    return TimeGuess(guess, pattern, is_sure, pattern_why, with_offset)


def _are_times(values: Sequence[str], zone: str, now: datetime) -> bool:
    best = _read_best(values, zone, now) if values else None
    return best is not None and best[1] * 2 > len(values[:_LOOKED_AT])


def _read_best(values: Sequence[str], zone: str, now: datetime) -> tuple[str, int] | None:
    """Give the pattern that reads most of the values, and how many."""
    looked_at = values[:_LOOKED_AT]
    patterns = (USUAL,) if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d|\d{9}", looked_at[0]) else _PATTERNS
    counts = [(_dated(_read(looked_at, each, zone, now)["time"], now), each) for each in patterns]
    count, pattern = max(counts, key=lambda each: each[0])
    return (pattern, count) if count else None


def _dated(times: pl.Series, now: datetime) -> int:
    """Count the times that an event could have: a number that reads as a day of 1970 is none."""
    return int(((times >= EARLIEST) & (times <= now.astimezone(UTC) + LEEWAY)).sum())


def _read(values: Sequence[str], pattern: str, zone: str, now: datetime) -> pl.DataFrame:
    return read_patterns(pl.Series(values, dtype=pl.String()), (TimePattern(pattern),), zone, now)
