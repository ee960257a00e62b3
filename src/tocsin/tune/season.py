"""Seasons: a family that rings on a few nights in a row and hardly on the others, as a region full of tourists does."""

from dataclasses import dataclass
from datetime import date

from tocsin.tune.outcome import Outcome

LEAST_ALERTS = 6
"""Fewer alerts come together by chance."""

MOST_OF = 0.75
"""A season holds this share of the family's alerts, in at most half of the nights."""


@dataclass(frozen=True, slots=True)
class Season:
    """Nights with `alerts` of the `of` alerts that a family was the strongest evidence of."""

    family: str
    first: date
    last: date
    alerts: int
    of: int
    goes_on: bool
    """Whether it holds the last night that was replayed."""


def season_of(outcome: Outcome, family: str) -> Season | None:
    """Find the shortest run of nights that holds most of a family's alerts; None where they come all the time."""
    counts = [night.loudest.get(family, 0) for night in outcome.nights]
    total = sum(counts)
    if total < LEAST_ALERTS:
        return None
    runs = (
        (end - start, -sum(counts[start:end]), start)
        for start in range(len(counts))
        for end in range(start + 1, len(counts) + 1)
        if sum(counts[start:end]) >= MOST_OF * total
    )
    length, found, start = min(runs)
    if 2 * length > len(counts):
        return None
    first, last = (outcome.nights[at].night for at in (start, start + length - 1))
    return Season(family, first, last, -found, total, goes_on=last == outcome.nights[-1].night)
