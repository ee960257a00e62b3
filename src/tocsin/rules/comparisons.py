"""What rules compare: a window with a threshold, a peak with the nights before, a count with another's."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tocsin.errors import Place

PROFILE = ("profession", "structure", "region")
"""Columns by which peers can be told."""
SOURCE = "source"
SOURCE_NAME = "source_name"
"""The column of events and nights that holds the name of the source; it is there where the source is asked for."""
OVERLAID_BY = (*PROFILE, SOURCE)
"""What an overlay tells accounts by (docs/decisions/0022)."""


def told_by(columns: Collection[str]) -> tuple[str, ...]:
    """Name the columns that say who an account is: PROFILE, and SOURCE_NAME where it is there."""
    return (*PROFILE, SOURCE_NAME) if SOURCE_NAME in columns else PROFILE


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a window must hold: a comparison of its count, of events or of the different values of `fields`.

    The correlations of ON_VALUES compare what the values of the field come to.
    """

    operator: str
    """One of gte, gt, lte, lt, eq, neq."""
    value: int | float
    fields: tuple[str, ...] = ()
    percentile: int | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """A comparison of tonight's peak with the nights before (docs/decisions/0010)."""

    against: str
    statistic: str
    nights: int
    factor: Fraction
    by: tuple[str, ...]
    min_history: int
    min_peers: int
    otherwise: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """The share that a window's count must have in another rule's."""

    of: str
    operator: str
    share: Fraction
    place: Place = field(compare=False, default=Place(""))


@dataclass(frozen=True, slots=True)
class Novel:
    """Columns of which one must be new to the account."""

    any_of: tuple[str, ...]
    over: int
    """Nights."""
    min_history: timedelta


@dataclass(frozen=True, slots=True)
class Tuning:
    """What an overlay sets of a rule, for the accounts of a region, structure or profession."""

    when: Mapping[str, tuple[str, ...]]
    key: str
    value: int | float | str | bool | timedelta
    place: Place
    reason: str
    until: date | None = None
    """The last night it holds for."""
    priority: int = 0
    written: str = ""

    def holds(self, profile: Mapping[str, str | None], night: date) -> bool:
        """Say whether it holds for an account on a night."""
        return (self.until is None or night <= self.until) and all(
            profile.get(column) in values for column, values in self.when.items()
        )
