"""State of an account: how long nobody had used it."""

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
        words="days since the account was last used, or that the logs held never show it; kept for two weeks",
        sentence="is used of late, after {value} days without a trace of it in the logs",
    ),
)
