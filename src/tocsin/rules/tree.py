"""The condition of a detection as a tree: tests on columns, joined by and, or and not."""

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tocsin.errors import Place
from tocsin.rules.fields import KEYWORD_FIELDS
from tocsin.rules.patterns import Pattern
from tocsin.rules.several import Several

ANY_FIELD = ""
"""The column of a keyword: it is searched for in every text of the event."""


class Operator(enum.Enum):
    """How a leaf tests its column."""

    MATCHES = "matches"
    REGEX = "re"
    CIDR = "cidr"
    EQUALS = "equals"
    LESS = "lt"
    AT_MOST = "lte"
    MORE = "gt"
    AT_LEAST = "gte"
    IS_NULL = "null"
    REFERS = "fieldref"
    ONE_OF = "one of"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another column whose text must be there: as the whole, at the start, at the end, or (both) anywhere."""

    column: str
    at_start: bool = False
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test on one column; false where the column is null (but for IS_NULL)."""

    column: str
    operator: Operator
    value: Pattern | Reference | Several | str | int | float | bool | None
    cased: bool = False
    place: Place = field(compare=False, default=Place(""))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the test reads."""
        own = KEYWORD_FIELDS if self.column == ANY_FIELD else (self.column,)
        return (*own, self.value.column) if isinstance(self.value, Reference) else own


@dataclass(frozen=True, slots=True)
class All:
    """True where every part is."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True where at least one part is."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """True where the part is false: exact, as no part is ever unknown."""

    part: "Condition"


Condition = Leaf | All | AnyOf | Not


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Walk the tests of a condition."""
    match condition:
        case Leaf():
            yield condition
        case Not(part):
            yield from leaves(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)


def spread(leaf: Leaf) -> tuple[Leaf, ...]:
    """Turn a keyword into the same test on every text column; any other test stays as it is."""
    if leaf.column != ANY_FIELD:
        return (leaf,)
    return tuple(replace(leaf, column=column) for column in leaf.columns)


def changed(condition: Condition, change: Callable[[Leaf], Condition]) -> Condition:
    """Put something else in the place of each test."""
    match condition:
        case Leaf():
            return change(condition)
        case Not(part):
            return Not(changed(part, change))
        case All(parts):
            return All(tuple(changed(part, change) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(changed(part, change) for part in parts))
