"""The condition of a detection as a tree: tests on columns, joined by and, or and not."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field

from tocsin.errors import Place
from tocsin.rules.patterns import Pattern


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


@dataclass(frozen=True, slots=True)
class Leaf:
    """One test on one column; false where the column is null (but for IS_NULL)."""

    column: str
    operator: Operator
    value: Pattern | str | int | float | bool | None
    cased: bool = False
    place: Place = field(compare=False, default=Place(""))


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
