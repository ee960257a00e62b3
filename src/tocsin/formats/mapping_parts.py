"""What a mapping says: where the text of each column comes from, and how times are written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Container = Literal["csv", "ndjson", "regex"]

EPOCH, USUAL = "epoch", "usual"
"""Words that stand for a time pattern: a number of s, ms, us or ns since 1970; any form that times.py knows."""


def column_of(field: str) -> str:
    """Name the column that holds a field: no field can then be taken for the place of a line."""
    return f"field {field}"


@dataclass(frozen=True, slots=True)
class Words:
    """A table of values: what the log says -> what it means; `otherwise` for what is not listed (None: kept as it is).

    Case and blanks around a value do not count; `*` stands for any characters.
    """

    meanings: Mapping[str, str]
    otherwise: str | None = None

    def meaning(self, text: str | None) -> str | None:
        """Give the meaning of a value that is listed; None where it is not."""
        word = (text or "").strip().lower()
        if word in self.meanings:
            return self.meanings[word]
        return next((meaning for pattern, meaning in self.meanings.items() if _fits(pattern, word)), None)


@dataclass(frozen=True, slots=True)
class Value:
    """Where a column's text comes from: the first of these fields that is filled (or all, joined by a blank)."""

    fields: tuple[str, ...] = ()
    joined: bool = False
    constant: str | None = None
    extract: str | None = None
    """A regular expression; its first group is the value."""
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class TimePattern:
    """One way times are written, and the zone of those without offset (None: the zone of the mapping)."""

    text: str
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole mapping; `columns` are named as in the schema, time, kind and outcome stand apart."""

    name: str
    path: str
    time: Value
    patterns: tuple[TimePattern, ...]
    columns: Mapping[str, Value]
    kind: Value
    outcome: Value | None = None
    container: Container = "csv"
    separator: str = ","
    header: tuple[str, ...] = ()
    """Names of the fields of a CSV without a header line."""
    pattern: str = ""
    """The regular expression of a line; its named groups are the fields."""
    zone: str | None = None
    windows_1252: bool = False
    missing: tuple[str, ...] = ()
    patient_kind: str | None = None
    account_is_ip: bool = False
    kind_is_sure: bool = field(default=False)
    """Kinds that are not listed are meant so (`otherwise` names one), and are not counted as unknown."""

    @property
    def needed(self) -> tuple[tuple[str, ...], ...]:
        """Fields without which nothing can be read: of time, kind and account, one at least of each tuple."""
        account = self.columns.get("account") if not self.account_is_ip else None
        needed = [value for value in (self.time, self.kind, account) if value and value.fields]
        each = ([(name,) for name in value.fields] if value.joined else [value.fields] for value in needed)
        return tuple(dict.fromkeys(names for group in each for names in group))

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that is read, each once."""
        values = [self.time, self.kind, *self.columns.values(), *([self.outcome] if self.outcome else [])]
        return tuple(dict.fromkeys(name for value in values for name in value.fields))


def _fits(pattern: str, word: str) -> bool:
    if "*" not in pattern:
        return False
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), word, re.DOTALL) is not None
