"""Reads one record of separated values at a time, strictly: the careful twin of polars' CSV reader."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

MAX_RECORD_LINES = 1_000
MAX_RECORD_CHARACTERS = 64 << 10

UNCLOSED = "quote never closed"
AFTER_QUOTE = "text after a closing quote"


@dataclass(frozen=True, slots=True)
class Record:
    """A record read: its fields, or the reason why not; and over how many lines it ran."""

    fields: tuple[str, ...]
    lines: int
    reason: str | None = None


def read_record(line_at: Callable[[int], str | None], separator: str, columns: int) -> Record | None:
    """Read the record that starts at line 0 of `line_at` (which gives None past the last line known).

    A quoted field may run over lines, but only if the record then has the right number of columns: else an unclosed
    quote costs its first line alone. None means that more lines are needed to decide.
    """
    text = line_at(0) or ""
    fields = split(text, separator)
    lines = 1
    while fields == UNCLOSED:
        following = line_at(lines)
        if lines == MAX_RECORD_LINES or len(text) > MAX_RECORD_CHARACTERS:
            break
        if following is None:
            return None
        text = f"{text}\n{following}"
        lines += 1
        if '"' in following:
            fields = split(text, separator)
    if isinstance(fields, str):
        return Record((), 1, UNCLOSED if lines > 1 else fields)
    if len(fields) == columns:
        return Record(fields, lines)
    return Record((), 1, UNCLOSED if lines > 1 else f"{len(fields)} columns instead of {columns}")


def split(text: str, separator: str) -> tuple[str, ...] | str:
    """Split a record into fields; gives the reason as one string where it cannot be split.

    A field that begins with a quote ends with one, doubled quotes stand for one; a quote elsewhere is plain text.
    """
    if '"' not in text:
        return tuple(text.split(separator))
    pattern = _field(separator)
    fields, at = [], 0
    while True:
        found = pattern.match(text, at)
        if found is None:  # a quote opens here and never closes
            return UNCLOSED
        quoted, plain = found.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        at = found.end()
        if at == len(text):
            return tuple(fields)
        if text[at] != separator:
            return AFTER_QUOTE
        at += 1


@cache
def _field(separator: str) -> re.Pattern[str]:
    return re.compile(rf'"((?:[^"]|"")*+)"|((?!"){_but(separator)}*)')


def _but(separator: str) -> str:
    return f"[^{re.escape(separator)}]"
