"""The past as columns: what an event's account did on nights that are not among the events.

Whoever measures only some nights adds these columns to the events; where they are missing, the events are all there
is. A value is remembered for a year after the account last used it.
"""

from datetime import date, timedelta

import polars as pl

from tocsin.settings_fixed import REMEMBERED, STAYS_NEW

SINCE = "past:since"
"""When the account was first seen at all."""

LEFT = "past:left"
"""Column that says which events tell nothing of what is known to the account: somebody else used it then."""

PERSON = "person_id"
ORIGINS = ("ip", "network", "user_agent")
COUNTRY = "country"


def last_night(column: str) -> str:
    """Name the column (Date) that says when the account last read this person, or came from this origin."""
    return f"past:{column}"


def last_seen(column: str) -> str:
    """Name the column (Date) that says when the account last did something that succeeded with this value (rules)."""
    return f"past:seen:{column}"


def known_before(night: date, told: date) -> date:
    """Give the night before which a value was used that is not new to a rule on `night`.

    The past tells of nights before `told`; the later ones are among the events.
    """
    return min(night - timedelta(days=STAYS_NEW), told)


def is_new(night: pl.Expr, previous: pl.Expr) -> pl.Expr:
    """Say whether a value used on `night`, and before it on the night `previous` (null: never), is new."""
    return previous.is_null() | ((night - previous).dt.total_days() > REMEMBERED)
