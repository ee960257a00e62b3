"""Reads columns of dates with clock times by arithmetic on their bytes, all texts of one length together.

A picture says how the first characters are written: Y year, M month, B letter of the month's English name, D day,
h hour, m minute, s second; anything else stands for itself. What may follow is the same for all: see ENDING.
"""

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

ENDING: Final = re.compile(r"(?:[.,](\d{1,9}))? ?(?:(Z|z|UTC)|([+-])(\d\d)(?::?(\d\d))?)?", re.ASCII)
LONGEST_ENDING: Final = len(".123456789 +00:00")
FIRST_YEAR, LAST_YEAR = 1000, 9990
"""Years that are surely four digits and that an offset does not push out of the calendar."""

_MOST_ENDINGS: Final = 16
"""So many offsets and forms among texts of one length are told apart; texts with others are not read here."""

_ROWS_AT_ONCE: Final = 64

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LIMITS: Final = {"Y": (FIRST_YEAR, LAST_YEAR), "M": (1, 12), "h": (0, 23), "m": (0, 59), "s": (0, 59)}
_MICROS_A_SECOND: Final = 1_000_000

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.uint32]
Small = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Clocks = tuple[Numbers, Numbers, Mask, Mask]
"""Local times in us, offsets in minutes, which texts were read and which have an offset (both perhaps one for all)."""

_MONTH_STARTS: Final[Numbers] = (
    np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64)
)
"""Days since 1970 on which each month begins, from January of the first year on, and of one month more."""


def read_clocks(texts: pl.Series, picture: str) -> pl.DataFrame:
    """Give `local` (Datetime in us without zone, null where not read) and `offset_minutes` (null where not written)."""
    local, offsets, read, written = _by_length(texts, picture)
    none = len(texts) > 0 and not written.any()
    minutes = pl.Series("offset_minutes", [None] if none else offsets.astype(np.int16), dtype=pl.Int16())
    if len(minutes) < len(texts):
        minutes = minutes.new_from_index(0, len(texts))
    found = pl.DataFrame([pl.Series("local", local).cast(pl.Datetime("us")), minutes])
    if read.all() and (none or written.all()):
        return found
    known = found.with_columns(read=read, written=np.broadcast_to(written, len(texts)))
    return known.select(pl.when("read").then("local"), pl.when("written").then("offset_minutes"))


def micros_of(digits: str | None) -> int:
    """Give the digits of a fraction as microseconds, the rest cut off."""
    return int((digits or "")[:6].ljust(6, "0"))


def offset_of(ending: re.Match[str]) -> int | None:
    """Give the minutes of an ENDING's offset."""
    if ending[2]:
        return 0
    if ending[4] is None:
        return None
    minutes = int(ending[4]) * 60 + int(ending[5] or 0)
    return -minutes if ending[3] == "-" else minutes


def _by_length(texts: pl.Series, picture: str) -> Clocks:
    lengths = texts.str.len_bytes().fill_null(0).to_numpy() if texts.has_nulls() else texts.str.len_bytes().to_numpy()
    possible = _lengths(lengths, len(picture))
    if len(possible) == 1 and (lengths == possible[0]).all():
        return _read(_characters(texts, possible[0]), len(texts), picture)
    count = len(texts)
    found: Clocks = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, bool), np.zeros(count, bool)
    for length in possible:
        rows = np.flatnonzero(lengths == length)
        for whole, part in zip(found, _read(_characters(texts.gather(rows), length), len(rows), picture), strict=True):
            whole[rows] = part
    return found


def _lengths(lengths: Lengths, shortest: int) -> list[int]:
    longest = shortest + LONGEST_ENDING
    counts = np.bincount(np.minimum(lengths, longest + 1), minlength=longest + 1)
    return [length for length in range(shortest, longest + 1) if counts[length]]


def _characters(texts: pl.Series, length: int) -> list[Bytes]:
    """Give an array for each character of texts of this length: along the texts, or one value where all share it.

    Lines of one hour share most of their date: that is neither copied nor reckoned with more than once.
    """
    matrix: Bytes = texts.cast(pl.Binary()).bin.reinterpret(dtype=pl.Array(pl.UInt8, length)).to_numpy()
    shared = ~_differs(matrix)
    return [matrix[:1, at] if shared[at] else np.ascontiguousarray(matrix[:, at]) for at in range(length)]


def _differs(matrix: Bytes) -> Mask:
    """In which columns rows differ; numpy compares wide rows faster, so many are taken for one."""
    count, width = matrix.shape
    whole = count - count % _ROWS_AT_ONCE
    many = matrix[:whole].reshape(-1, _ROWS_AT_ONCE * width) != np.tile(matrix[0], _ROWS_AT_ONCE)
    differs: Mask = many.any(axis=0).reshape(_ROWS_AT_ONCE, width).any(axis=0)
    differs |= (matrix[whole:] != matrix[0]).any(axis=0)
    return differs


def _read(characters: list[Bytes], count: int, picture: str) -> Clocks:
    seconds, sound = _seconds(characters, count, picture)
    micros, offsets, ended, written = _endings(characters[len(picture) :], sound)
    return seconds * _MICROS_A_SECOND + micros, offsets, ended, written


def _seconds(characters: list[Bytes], count: int, picture: str) -> tuple[Numbers, Mask]:
    """Give seconds since 1970 as if the clock were UTC, and which texts are written so and exist in the calendar."""
    fields: dict[str, Small] = {meaning: np.zeros(1, np.int32) for meaning in "YMBDhms"}
    sound = np.ones(count, np.bool_)
    for character, meaning in zip(characters, picture, strict=False):
        if meaning == "B":
            fields["B"] = fields["B"] * 256 + (character | np.uint8(32))
        elif meaning in fields:
            digit = character - np.uint8(ord("0"))  # below zero wraps around to more than nine
            _keep(sound, digit <= 9)
            fields[meaning] = fields[meaning] * 10 + digit
        else:
            _keep(sound, character == ord(meaning))
    if "B" in picture:
        fields["M"] = _named_month(fields["B"])
    for meaning, (least, most) in _LIMITS.items():
        _keep(sound, (fields[meaning] >= least) & (fields[meaning] <= most))
    month, real = (fields["Y"] - FIRST_YEAR) * 12 + fields["M"] - 1, fields["M"] > 0
    month = np.where(real & (month >= 0) & (month < len(_MONTH_STARTS) - 1), month, 0)
    days: Numbers = _MONTH_STARTS[month] + fields["D"] - 1
    _keep(sound, (fields["D"] >= 1) & (days < _MONTH_STARTS[month + 1]))
    clock = (fields["h"] * 60 + fields["m"]) * 60 + fields["s"]
    return np.broadcast_to(days * 86_400 + clock.astype(np.int64), count), sound


def _named_month(letters: Small) -> Small:
    """Give the number of a month from its three small letters, 0 for no month."""
    months = np.zeros(len(letters), np.int32)
    for number, name in enumerate(_MONTHS, start=1):
        months[letters == int.from_bytes(name.encode())] = number
    return months


def _endings(rest: list[Bytes], sound: Mask) -> tuple[Small, Numbers, Mask, Mask]:
    """Read what follows the seconds; offsets and whether they are written have one value where all texts share it."""
    ending, micros, alike = _ending(rest, sound)
    if ending and alike.all():
        offset = offset_of(ending)
        return micros, np.array([offset or 0]), alike, np.array([offset is not None])
    return _several_endings(rest, sound)


def _several_endings(rest: list[Bytes], sound: Mask) -> tuple[Small, Numbers, Mask, Mask]:
    """Read texts that end as one already seen but for the digits together with it."""
    micros, offsets = np.zeros(len(sound), np.int32), np.zeros(len(sound), np.int64)
    read, written = np.zeros(len(sound), np.bool_), np.zeros(len(sound), np.bool_)
    left = sound.copy()
    for _ in range(_MOST_ENDINGS):
        if not left.any():
            break
        ending, fraction, alike = _ending(rest, left)
        if ending:
            offset = offset_of(ending)
            micros[alike], offsets[alike] = fraction[alike], offset or 0
            read |= alike
            written |= alike & (offset is not None)
        left &= ~alike
    return micros, offsets, read, written


def _ending(rest: list[Bytes], left: Mask) -> tuple[re.Match[str] | None, Small, Mask]:
    """Give the ending of the first text that is left, the fractions of all, and which of those left end so."""
    first = int(left.argmax())
    ending = ENDING.fullmatch("".join(chr(row[first % len(row)]) for row in rest))
    digits = len(ending[1] or "") if ending else 0
    fraction, alike = _fraction(rest[1 : digits + 1], len(left))
    alike &= left
    for place in (0, *range(digits + 1, len(rest))) if len(rest) else ():
        _keep(alike, rest[place] == rest[place][first % len(rest[place])])
    return ending, fraction, alike


def _fraction(digits: list[Bytes], count: int) -> tuple[Small, Mask]:
    """Give digits after the point as microseconds, and which of them are digits."""
    micros, sound = np.zeros(count, np.int32), np.ones(count, np.bool_)
    for place, character in enumerate(digits):
        digit = character - np.uint8(ord("0"))
        _keep(sound, digit <= 9)
        if place < 6:
            micros += digit * np.int32(10 ** (5 - place))
    return micros, sound


def _keep(rows: Mask, holds: Mask) -> None:
    """Keep the rows for which this holds; one value that all share is not spread over them."""
    if len(holds) > 1:
        rows &= holds
    elif not holds.all():
        rows[:] = False
