"""Local time by region: the zone and the holidays of an account's region, where an overlay has its own."""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import and_

import polars as pl

from tocsin.enrich.calendar import holidays_between, with_local_time
from tocsin.rules.overlay_file import Calendar
from tocsin.rules.tuning import column_of


def with_regional_time(
    events: pl.DataFrame, zone: str, holidays: Sequence[date], calendars: Sequence[Calendar]
) -> pl.DataFrame:
    """Add local_hour, local_weekday, holiday and open_hours as enrich.calendar does, each row in its region's.

    The first calendar that an event's region, structure, profession and source fit counts; the portal's for all others.
    Rows keep their order.
    """
    if not calendars or events.is_empty():
        return with_local_time(events, zone, holidays)
    which = pl.lit(-1)
    for number, calendar in reversed(list(enumerate(calendars))):
        which = pl.when(_covers(calendar, events)).then(pl.lit(number)).otherwise(which)
    rows = events.with_row_index("#row").with_columns(which.alias("#calendar"))
    parts = []
    for (number,), own in rows.group_by("#calendar"):
        own_zone, days = zone, holidays
        if int(str(number)) >= 0:
            fitting = calendars[int(str(number))]
            own_zone, nights = fitting.zone or zone, own["night"].sort()
            days = sorted(holidays_between(fitting.holidays, nights[0], nights[-1])) if fitting.holidays else holidays
        parts.append(with_local_time(own, own_zone, days))
    return pl.concat(parts).sort("#row").drop("#row", "#calendar")


def _covers(calendar: Calendar, events: pl.DataFrame) -> pl.Expr:
    tests = [
        pl.col(column).is_in(list(values)).fill_null(value=False) if column in events.columns else pl.lit(value=False)
        for column, values in ((column_of(key), values) for key, values in calendar.when.items())
    ]
    return reduce(and_, tests)
