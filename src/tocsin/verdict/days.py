"""What a day is where a region has holidays of its own: Good Friday is closed in Moselle, and only there."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from tocsin.enrich.calendar import DayClass, day_class, holidays_between
from tocsin.rules.overlay import Overlays
from tocsin.rules.tuning import covers


def days_elsewhere(
    when: tuple[date, DayClass], overlays: Overlays, holidays: frozenset[date]
) -> Sequence[tuple[pl.Expr, DayClass]]:
    """Give the class of the day for the accounts of each calendar that overlays set, what has priority first.

    `holidays` are the portal's, `when` says what the day is by them. Nothing is given where it is that for everybody.
    """
    night, portals = when
    days = [
        (covers(one.when), day_class(night, holidays_between(one.holidays, night, night) if one.holidays else holidays))
        for one in overlays.calendars
    ]
    return days if any(day != portals for _, day in days) else ()
