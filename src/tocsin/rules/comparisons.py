"""What rules compare: a window with a threshold, a peak with the nights before, a count with another's."""

from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

from tocsin.errors import Place

PROFILE = ("profession", "structure", "region")
"""Columns by which peers can be told."""


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
    over: timedelta
    min_history: timedelta
