"""Which nights' runs of numbers late events may have changed: a sequence dealt over accounts is seen in all of them."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from tocsin.features.work import READING
from tocsin.settings import Alerting
from tocsin.settings_fixed import RUN_STEP
from tocsin.store.lake import Lake

_NUMBER = ("block_id", "patient_order")


def nights_with_other_runs(held: Lake, late: Lake, nights: Sequence[date], rules: Alerting) -> list[date]:
    """Give the nights of which a late event asked for a number that may belong to a run that links accounts.

    `late` holds only the late events, `held` these and all others. A run lies among the numbers that anybody asked for,
    strangers or not: where these are too few so close together, or of too few accounts, there is none.
    """
    return [night for night in nights if _may_have_other_runs(held, late, night, rules)]


def _may_have_other_runs(held: Lake, late: Lake, night: date, rules: Alerting) -> bool:
    asked = pl.col("kind").is_in(list(READING)) & pl.col("block_id").is_not_null() & ~pl.col("automatic")
    new = late.where([night], asked, _NUMBER).unique()
    if new.is_empty():
        return False
    of_these = asked & pl.col("block_id").is_in(new["block_id"].unique().implode())
    rows = held.where([night], of_these, ("account", *_NUMBER)).unique().sort(_NUMBER)
    block, number = (pl.col(name) for name in _NUMBER)
    begins = ((block != block.shift()) | (number - number.shift() > RUN_STEP)).fill_null(value=True)
    rows = rows.with_columns(stretch=begins.cum_sum())
    close = rows.group_by("stretch").agg(
        numbers=number.n_unique(), accounts=pl.col("account").n_unique(), keys=pl.struct(_NUMBER).unique()
    )
    close = close.filter((pl.col("numbers") >= rules.run_numbers) & (pl.col("accounts") >= rules.dealt_accounts))
    return not close.select(pl.col("keys").explode().struct.unnest()).join(new, on=_NUMBER, how="semi").is_empty()
