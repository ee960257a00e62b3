"""Networks: since when each account uses which, and what tonight went through those still new to it.

What an account used in its first days is its home. A network that it did not use for three months is new again.
"""

from datetime import date, timedelta

import polars as pl

NETWORKS = {"account": pl.String(), "network": pl.String(), "first": pl.Date(), "last": pl.Date()}
"""When an account began to use a network, and when it did last."""

YOUNG = timedelta(days=14)
"""A network counts as new for two weeks: an intruder comes back, and one who starts slowly must not be at home on his
second night."""

SETTLING = timedelta(days=5)
"""Days of an account in which its networks are its own: one working week."""

HELD = timedelta(days=90)

ELSEWHERE = {"people_elsewhere": "read", "strangers_elsewhere": "strangers", "answers_elsewhere": "sent"}
"""Carried features -> the column of the night's origins that they add up."""


def with_elsewhere(tonight: pl.DataFrame, night: date, origins: pl.DataFrame, networks: pl.DataFrame) -> pl.DataFrame:
    """Fill in what went through networks still new; `origins`: tonight's rows of measure.Measured."""
    known = networks.filter(pl.col("first") <= night - YOUNG).select("account", "network")
    young = origins.filter(pl.col("network").is_not_null()).join(known, on=["account", "network"], how="anti")
    sums = young.group_by("account").agg(pl.col(column).sum().alias(name) for name, column in ELSEWHERE.items())
    rows = tonight.drop(ELSEWHERE, strict=False).join(sums, on="account", how="left", maintain_order="left")
    return rows.with_columns(pl.col(name).fill_null(0) for name in ELSEWHERE)


def learn_networks(origins: pl.DataFrame, night: date, networks: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Give the networks after tonight, sorted; `seen` (carried.SEEN) as it was before tonight."""
    settling = pl.col("since").fill_null(night) > night - SETTLING
    here = (
        origins.filter(pl.col("network").is_not_null())
        .select("account", "network")
        .unique()
        .join(seen.select("account", since="first"), on="account", how="left")
        .select(
            "account",
            "network",
            first=pl.when(settling).then(pl.lit(night - YOUNG)).otherwise(pl.lit(night)),
            last=pl.lit(night),
        )
    )
    held = networks.filter(pl.col("last") > night - HELD)
    both = pl.concat([held, here]).group_by("account", "network").agg(pl.col("first").min(), pl.col("last").max())
    return both.sort("account", "network")
