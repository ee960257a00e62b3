"""What open and confirmed cases hold: nights whose events and logs are kept, however old."""

from collections.abc import Sequence
from datetime import date

from tocsin.cases.case import HOLDING, Case


def held_by(cases: Sequence[Case]) -> dict[date, list[str]]:
    """Give the nights of the windows of these cases, and which cases hold each."""
    held: dict[date, list[str]] = {}
    for case in cases:
        if case.status in HOLDING:
            first, last = case.window
            days = (date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1))
            for night in sorted({*days, *case.nights}):
                held.setdefault(night, []).append(case.id)
    return held
