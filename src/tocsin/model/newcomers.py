"""Newcomers: how far tonight's people never read before lie above what is usual for the account, night for night.

Counts are compared as twice their square roots, whose spread does not grow with them (Anscombe, Biometrika 1948), and
less what the account's whole profession has more of tonight: an epidemic, the day after a holiday.
"""

import numpy as np
import polars as pl

from tocsin.model.factors import NOBODY
from tocsin.model.nights import Past
from tocsin.model.usual import picked, settled
from tocsin.settings import MoreStrangers


def with_newcomers(tonight: pl.DataFrame, past: Past | None, seen: pl.DataFrame, rules: MoreStrangers) -> pl.DataFrame:
    """Fill in `newcomers_above` (hundredths of the account's own spread) and `newcomers_usual` (people).

    `past`: the learned nights held, `seen` (carried.SEEN). Accounts with too few nights have none.
    """
    rows = tonight.drop("newcomers_above", "newcomers_usual", strict=False)
    if past is None or "new_people" not in past.schema:
        zero = pl.lit(0, pl.Int64)
        return rows.with_columns(newcomers_above=zero, newcomers_usual=zero)
    known = rows.select("profession", "new_people").with_columns(_usual(past, rows["account"], seen, rules))
    above = (_root(pl.col("new_people")) - pl.col("middle")) / pl.max_horizontal("spread", pl.lit(rules.least_spread))
    told = known.select(
        above=pl.when(pl.col("held") >= rules.own_nights).then(above.fill_nan(None)),
        group=pl.col("profession").fill_null(NOBODY),
        middle="middle",
    )
    common = pl.col("above").median().over("group").clip(0)
    many = pl.col("above").count().over("group") >= rules.peers
    alone = pl.col("above") - pl.when(many).then(common).otherwise(0)
    return rows.with_columns(
        told.select(
            newcomers_above=(100 * alone.clip(0, rules.most_spreads)).round().fill_null(0).cast(pl.Int64),
            newcomers_usual=((pl.col("middle") / 2) ** 2 - 0.375).clip(0).round().fill_null(0).cast(pl.Int64),
        )
    )


def _usual(past: Past, accounts: pl.Series, seen: pl.DataFrame, rules: MoreStrangers) -> list[pl.Series]:
    """Give `middle` and `spread` of the roots of the nights held, and how many tell it (`held`)."""
    counted = settled(past, seen, rules.settling_days)
    middle, spread, held = (np.full(past.names.len(), np.nan) for _kind in range(3))
    for block in past.blocks():
        people, told = past.table("new_people", block)
        told &= counted(block)
        held[block] = count = np.count_nonzero(told, axis=0)
        root = 2 * np.sqrt(people + 0.375)
        with np.errstate(divide="ignore", invalid="ignore"):
            middle[block] = mean = np.where(told, root, 0).sum(axis=0) / count
            spread[block] = np.sqrt(np.where(told, (root - mean) ** 2, 0).sum(axis=0) / (count - 1))
    places = past.places(accounts)
    return [
        picked(middle, places).alias("middle"),
        picked(spread, places).alias("spread"),
        picked(held, places).alias("held"),
    ]


def _root(count: pl.Expr) -> pl.Expr:
    return 2 * (count + 0.375).sqrt()
