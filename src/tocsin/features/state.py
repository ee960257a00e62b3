"""State of an account: how long nobody had used it, how long it was not there, and its age."""

import polars as pl

from tocsin.features.feature import Feature, Work


def events(work: Work) -> pl.DataFrame:
    """Give one row an event."""
    return work.events


FEATURES = (
    Feature(
        name="days_away",
        unit="days",
        family="state",
        table=events,
        value=pl.lit(0),
        carried=True,
        needs=("account",),
        words="days since the account was last used; a long absence is kept for two weeks",
        sentence="is used of late, after {value} days without a trace of it in the logs; {age}",
    ),
    Feature(
        name="days_unseen",
        unit="days",
        family="state",
        table=events,
        value=pl.lit(0),
        carried=True,
        needs=("account",),
        words="days of logs held before the account first appears in them; kept for two weeks",
        sentence="is new in the logs, which go back {value} days before without showing it; {age}",
    ),
    Feature(
        name="account_age",
        unit="days",
        family="state",
        table=events,
        value=pl.lit(0),
        carried=True,
        needs=("account",),
        judged=False,
        words="days since the account was first seen in the logs held",
        sentence="",
    ),
)
