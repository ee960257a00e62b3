"""A second desk: a network through which only strangers are read, while the account works elsewhere as much as ever.

Every desk of a professional sees people who come back, in the share that is usual for the account; an intruder's list
has hardly any. A move, a locum and a vaccination centre leave the old desk empty; a box or a telephone that changes its
address brings the people of the practice along (docs/decisions/0076-a-desk-of-strangers.md). Long lists sent to where
hardly anybody is read are not learned as usual (docs/decisions/0014-lists-sent-elsewhere.md).
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.nights import Past
from tocsin.model.usual import middle, settled
from tocsin.settings import Desks


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a night: networks (networks.NETWORKS), who was seen since when (carried.SEEN), the past."""

    networks: pl.DataFrame
    seen: pl.DataFrame
    past: Past | None = None
    growing: pl.DataFrame | None = None
    """Sums of the nights before that are above zero (drift.SUMS): what they grew from is not the usual."""


DESKS = ("people_desk", "strangers_apart", "lists_apart")
"""Carried features from which a second desk is told."""

BEYOND = ("strangers_beside", "lists_beyond")
"""Carried features: what a second desk has beyond the usual."""


def with_desks(tonight: pl.DataFrame, night: date, origins: pl.DataFrame, before: Known, rules: Desks) -> pl.DataFrame:
    """Fill in DESKS and BEYOND; `origins`: tonight's rows of measure.Measured."""
    past = before.past
    rows = tonight.drop(*DESKS, *BEYOND, strict=False)
    if past is None or "new_people" not in past.schema:
        return rows.with_columns(pl.lit(0, pl.Int64).alias(name) for name in (*DESKS, *BEYOND))
    usual = _usual(past, before, rules)
    rows = rows.join(
        _apart(origins, usual, _old(night, before.networks, rules), rules),
        on="account",
        how="left",
        maintain_order="left",
    )
    rows = rows.with_columns(pl.col(name).fill_null(0) for name in DESKS)
    known = rows.join(usual, on="account", how="left", maintain_order="left")
    carries_on = (
        (pl.col("desk_nights") >= rules.desk_nights)
        & (pl.col("desk") >= rules.desk_people)
        & (pl.col("people_desk") >= rules.carries_on * pl.col("desk"))
    ).fill_null(value=False)
    beyond, lists = (
        (pl.col(told) - rules.usual * pl.col(usually).fill_null(0)).floor().clip(0).cast(pl.Int64)
        for told, usually in (("strangers_apart", "strangers"), ("lists_apart", "lists"))
    )
    # Strangers at a desk of their own while the owner is away say nothing, for nor against: the sum keeps still.
    beside = pl.when(carries_on).then(beyond).otherwise(pl.when(beyond > 0).then(None).otherwise(0))
    return known.with_columns(strangers_beside=beside, lists_beyond=lists).drop(set(usual.columns) - {"account"})


def learnable(rows: pl.DataFrame, rules: Desks) -> NDArray[np.float64]:
    """Give the share of its answers that each account may teach as usual: what it took to desks, or always takes."""
    if not {"lists_beyond", "answers"} <= set(rows.columns):
        return np.ones(rows.height)
    beyond, sent = (rows[name].fill_null(0).to_numpy() for name in ("lists_beyond", "answers"))
    share = np.divide(beyond, sent, out=np.zeros(rows.height), where=sent > 0)
    return np.where(beyond > rules.lists, 1 - np.minimum(share, 1), 1.0)


def _usual(past: Past, before: Known, rules: Desks) -> pl.DataFrame:
    """Give what is usual at the desk of each account that has a night to tell it by."""
    counted = settled(past, before.seen, rules.settling_days, before.growing)
    nights, people, strangers = (np.zeros(past.names.len(), np.int64) for _kind in range(3))
    for block in past.blocks():
        here = counted(block)
        nights[block] = np.count_nonzero(here, axis=0)
        people[block] = np.where(here, past.table("people", block)[0], 0).sum(axis=0)
        strangers[block] = np.where(here, past.table("new_people", block)[0], 0).sum(axis=0)
    usual = pl.DataFrame(
        {
            "account": past.names,
            "familiar": (1 - pl.Series(strangers) / pl.Series(people)).fill_nan(0),
            "desk": pl.Series(middle(past, "people_desk", counted)).fill_nan(None),
            "strangers": pl.Series(middle(past, "strangers_apart", counted)).fill_nan(None),
            "lists": pl.Series(middle(past, "lists_apart", counted)).fill_nan(None),
            "desk_nights": nights,
        }
    )
    return usual.filter(pl.col("desk_nights") > 0)


def _old(night: date, networks: pl.DataFrame, rules: Desks) -> pl.DataFrame:
    """Give the networks that accounts have used for long enough to be their own."""
    return networks.filter(pl.col("first") <= night - timedelta(days=rules.recent_days)).select(
        "account", "network", old=pl.lit(value=True)
    )


def _apart(origins: pl.DataFrame, usual: pl.DataFrame, old: pl.DataFrame, rules: Desks) -> pl.DataFrame:
    """Add up the strangers of networks without familiar people, and everybody of the other networks.

    What was sent counts as apart where hardly anybody was read, too: then nobody can tell whose network it is.

    Where too few familiar people are to be expected to tell, a network is apart that the account began to use of late.
    """
    networks = (
        origins.filter(pl.col("network").is_not_null())
        .group_by("account", "network")
        .agg(pl.col("read", "strangers", "sent").sum())
        .join(usual.select("account", "familiar", "desk"), on="account")
        .join(old, on=["account", "network"], how="left")
    )
    expected = pl.col("familiar") * pl.col("read")
    few = pl.col("read") - pl.col("strangers") <= rules.familiar_share * expected
    tells = pl.when(few).then(expected).otherwise(0).sum().over("account") >= rules.familiar_people
    apart = few & (tells | pl.col("old").is_null())
    # Told before they are grouped: inside of the groups each account would be looked at alone, which takes for ever.
    told = networks.with_columns(apart=apart).select(
        "account",
        people_desk=pl.when(~pl.col("apart")).then("read").otherwise(0),
        strangers_apart=pl.when("apart").then("strangers").otherwise(0),
        lists_apart=pl.when(pl.col("apart") | (pl.col("read") < rules.busy * pl.col("desk"))).then("sent").otherwise(0),
    )
    return told.group_by("account").agg(pl.col(*DESKS).sum().cast(pl.Int64))
