"""Newcomers: how far tonight's people never read before lie above what is usual for the account, night for night.

Counts are compared as twice their square roots, whose spread does not grow with them (Anscombe, Biometrika 1948), and
less what the account's whole profession has more of tonight: an epidemic, the day after a holiday.
"""

from datetime import timedelta

import polars as pl

from tocsin.model.baseline import NOBODY
from tocsin.settings import MoreStrangers

MOST = 8.0
"""Spreads above the usual of which more says nothing more."""


def with_newcomers(
    tonight: pl.DataFrame, past: pl.DataFrame | None, seen: pl.DataFrame, rules: MoreStrangers
) -> pl.DataFrame:
    """Fill in `newcomers_above` (hundredths of the account's own spread) and `newcomers_usual` (people).

    `past`: the learned nights held, `seen` (carried.SEEN). Accounts with too few nights have none.
    """
    rows = tonight.drop("newcomers_above", "newcomers_usual", strict=False)
    if past is None or "new_people" not in past.columns:
        zero = pl.lit(0, pl.Int64)
        return rows.with_columns(newcomers_above=zero, newcomers_usual=zero)
    held = past.select("account", "night", "new_people")
    grown = held.join(seen.select("account", since="first"), on="account").filter(
        pl.col("night") >= pl.col("since") + timedelta(days=rules.settling_days)
    )
    usual = grown.group_by("account").agg(
        middle=_root(pl.col("new_people")).mean(),
        spread=_root(pl.col("new_people")).std(),
        held=pl.col("new_people").count(),
    )
    known = rows.select("account", "profession", "new_people").join(
        usual, on="account", how="left", maintain_order="left"
    )
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
            newcomers_above=(100 * alone.clip(0, MOST)).round().fill_null(0).cast(pl.Int64),
            newcomers_usual=((pl.col("middle") / 2) ** 2 - 0.375).clip(0).round().fill_null(0).cast(pl.Int64),
        )
    )


def _root(count: pl.Expr) -> pl.Expr:
    return 2 * (count + 0.375).sqrt()
