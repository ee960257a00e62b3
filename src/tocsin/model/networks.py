"""Networks: since when each account uses which, and what tonight went through those still new to it.

What an account used in its first days is its home. A network that it did not use for three months is new again.
"""

from datetime import date, timedelta

import polars as pl

from tocsin.settings import Desks

NETWORKS = {"account": pl.String(), "network": pl.String(), "first": pl.Date(), "last": pl.Date()}
"""When an account began to use a network, and when it did last."""

ELSEWHERE = {"people_elsewhere": "read", "strangers_elsewhere": "strangers", "answers_elsewhere": "sent"}
"""Carried features -> the column of the night's origins that they add up."""


def with_elsewhere(
    tonight: pl.DataFrame, night: date, origins: pl.DataFrame, networks: pl.DataFrame, rules: Desks
) -> pl.DataFrame:
    """Fill in what went through networks still new; `origins`: tonight's rows of measure.Measured."""
    used = origins.filter(pl.col("network").is_not_null()).join(
        networks.select("account", "network", began="first"), on=["account", "network"], how="left"
    )
    is_young = (pl.col("began") > night - timedelta(days=rules.new_days)).fill_null(value=True)
    sums = used.group_by("account").agg(
        pl.col(column).filter(is_young).sum().alias(name) for name, column in ELSEWHERE.items()
    )
    rows = tonight.drop(ELSEWHERE, strict=False).join(sums, on="account", how="left", maintain_order="left")
    return rows.with_columns(pl.col(name).fill_null(0) for name in ELSEWHERE)


def learn_networks(
    origins: pl.DataFrame | None, night: date, networks: pl.DataFrame, seen: pl.DataFrame, rules: Desks
) -> pl.DataFrame:
    """Give the networks after tonight, sorted; `seen` (carried.SEEN) as it was before tonight."""
    if origins is None:
        return networks
    settling = pl.col("since").fill_null(night) > night - timedelta(days=rules.settling_days)
    here = (
        origins.filter(pl.col("network").is_not_null())
        .select("account", "network")
        .unique()
        .join(seen.select("account", since="first"), on="account", how="left")
        .select(
            "account",
            "network",
            first=pl.when(settling).then(pl.lit(night - timedelta(days=rules.held_days))).otherwise(pl.lit(night)),
            last=pl.lit(night),
        )
    )
    held = networks.filter(pl.col("last") > night - timedelta(days=rules.held_days))
    both = pl.concat([held, here]).group_by("account", "network").agg(pl.col("first").min(), pl.col("last").max())
    return both.sort("account", "network")
