"""Networks: since when each account uses which, and what tonight went through those still new to it.

What an account used in its first days is its home. A network that it did not use for three months is new again.

A second desk is a network of the last weeks through which strangers are read while the account works at its old
networks as much as ever: a move, a locum and a vaccination centre leave the old desk empty.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tocsin.settings import Desks

NETWORKS = {
    "account": pl.String(), "network": pl.String(), "first": pl.Date(), "last": pl.Date(), "carried": pl.Int32(),
}  # fmt: skip
"""When an account began to use a network, when it did last, and on how many nights most of its people went through."""

ELSEWHERE = {"people_elsewhere": "read", "strangers_elsewhere": "strangers", "answers_elsewhere": "sent"}
"""Carried features -> the column of the night's origins that they add up."""

DESKS = ("people_settled", "strangers_recent")
"""Carried features from which a second desk is told."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a night: networks (NETWORKS), who was seen since when (carried.SEEN), the learned nights."""

    networks: pl.DataFrame
    seen: pl.DataFrame
    past: pl.DataFrame | None = None


def with_elsewhere(
    tonight: pl.DataFrame, night: date, origins: pl.DataFrame, before: Known, rules: Desks
) -> pl.DataFrame:
    """Fill in what went through networks still new; `origins`: tonight's rows of measure.Measured."""
    used = origins.filter(pl.col("network").is_not_null()).join(
        before.networks.select("account", "network", "carried", began="first"), on=["account", "network"], how="left"
    )
    is_young = (pl.col("began") > night - timedelta(days=rules.new_days)).fill_null(value=True)
    of_late = pl.col("began") > night - timedelta(days=rules.recent_days)
    is_recent = (of_late & (pl.col("carried") < rules.carried_nights)).fill_null(value=True)
    sums = used.group_by("account").agg(
        *(pl.col(column).filter(is_young).sum().alias(name) for name, column in ELSEWHERE.items()),
        people_settled=pl.col("read").filter(~is_recent).sum(),
        strangers_recent=pl.col("strangers").filter(is_recent).sum(),
    )
    filled = (*ELSEWHERE, *DESKS)
    rows = tonight.drop(filled, strict=False).join(sums, on="account", how="left", maintain_order="left")
    return _beside_the_old_desk(rows.with_columns(pl.col(name).fill_null(0) for name in filled), before, rules)


def _beside_the_old_desk(rows: pl.DataFrame, before: Known, rules: Desks) -> pl.DataFrame:
    """Fill in `strangers_beside`: those beyond the usual, where the account works at its settled networks as ever."""
    past = before.past
    if past is None or not set(DESKS) <= set(past.columns):
        return rows.with_columns(strangers_beside=pl.lit(0, pl.Int64))
    grown = past.join(before.seen.select("account", since="first"), on="account").filter(
        pl.col("night") >= pl.col("since") + timedelta(days=rules.settling_days)
    )
    usual = grown.group_by("account").agg(
        desk=pl.col("people_settled").median(), strangers=pl.col("strangers_recent").median(), desk_nights=pl.len()
    )
    known = rows.join(usual, on="account", how="left", maintain_order="left")
    carries_on = (
        (pl.col("desk_nights") >= rules.desk_nights)
        & (pl.col("desk") >= rules.desk_people)
        & (pl.col("people_settled") >= rules.carries_on * pl.col("desk"))
    ).fill_null(value=False)
    beyond = (pl.col("strangers_recent") - rules.usual * pl.col("strangers")).floor().clip(0).cast(pl.Int64)
    beside = pl.when(carries_on).then(beyond).otherwise(0)
    return known.with_columns(strangers_beside=beside).drop("desk", "strangers", "desk_nights")


def learn_networks(
    origins: pl.DataFrame, night: date, networks: pl.DataFrame, seen: pl.DataFrame, rules: Desks
) -> pl.DataFrame:
    """Give the networks after tonight, sorted; `seen` (carried.SEEN) as it was before tonight."""
    settling = pl.col("since").fill_null(night) > night - timedelta(days=rules.settling_days)
    here = (
        origins.filter(pl.col("network").is_not_null())
        .group_by("account", "network")
        .agg(pl.col("read").sum())
        .join(seen.select("account", since="first"), on="account", how="left")
        .select(
            "account",
            "network",
            first=pl.when(settling).then(pl.lit(night - timedelta(days=rules.held_days))).otherwise(pl.lit(night)),
            last=pl.lit(night),
            carried=((pl.col("read") > 0) & (2 * pl.col("read") > pl.col("read").sum().over("account"))).cast(pl.Int32),
        )
    )
    held = networks.filter(pl.col("last") > night - timedelta(days=rules.held_days))
    both = (
        pl.concat([held, here])
        .group_by("account", "network")
        .agg(pl.col("first").min(), pl.col("last").max(), pl.col("carried").sum())
    )
    return both.sort("account", "network")
