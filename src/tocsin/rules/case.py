"""A test inside a rule, once read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.errors import Place


@dataclass(frozen=True, slots=True)
class CaseEvents:
    """Events of a test inside a rule: `repeat` copies, `every` apart; texts may hold {i}, the number of the copy."""

    repeat: int
    every: timedelta
    time: datetime
    values: tuple[tuple[str, str | int | bool], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A test inside a rule: events, and for whom the rule must then ring (nobody: an empty tuple)."""

    name: str
    place: Place
    events: tuple[CaseEvents, ...]
    group: str = "account"
    expected: tuple[str, ...] = ()
