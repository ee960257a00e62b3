"""Pooled runs: numbers next to each other that many accounts asked for, each of them a few."""

from collections.abc import Mapping

import polars as pl

from tocsin.features.feature import Work
from tocsin.schema import empty
from tocsin.settings_fixed import RUN_COVERAGE, RUN_NUMBERS, RUN_STEP, RUN_USUAL

ASKED: Mapping[str, pl.DataType] = {
    "who": pl.UInt32(),
    "night": pl.Date(),
    "block_id": pl.UInt64(),
    "number": pl.Int16(),
}
"""One row an account, night and number of a stranger that it asked for."""

RUNS: Mapping[str, pl.DataType] = {
    "account": pl.String(),
    "night": pl.Date(),
    "block": pl.UInt64(),
    "first": pl.Int16(),
    "numbers": pl.Int64(),
    "span": pl.Int64(),
    "usual": pl.Float64(),
    "tested": pl.Int64(),
    "asked": pl.Int64(),
    "strangers": pl.Int64(),
}
"""One row a run (`block`, its `first` number) and account that asked in it.

Of the run: different `numbers` asked for by anybody, and from the lowest to the highest (`span`); the `usual` share of
numbers asked for, and how many the night had in all (`tested`). Of the account: its numbers in the run (`asked`) and
all its `strangers` of the night.
"""


def strangers_asked(work: Work) -> pl.DataFrame:
    """Give the numbers that each account asked for a night and had never read before, found or not (ASKED)."""
    asked = work.asks.filter(pl.col("block_id").is_not_null())
    people = asked.select("who", "night", "person_id", "block_id", pl.col("patient_order").alias("number")).unique()
    known = work.reads.filter(~pl.col("is_new")).select("who", "night", "person_id")
    strangers = people.join(known, on=["who", "night", "person_id"], how="anti")
    return strangers.select(pl.col(name).cast(dtype) for name, dtype in ASKED.items()).unique()


def pooled_runs(asked: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
    """Find the runs of each night over all accounts (RUNS, sorted); `accounts` in the order of their code `who`."""
    nights = asked["night"].unique().sort()
    # Night by night: what is held besides is as large as one of them.
    found = [_of_night(asked.filter(pl.col("night") == night), accounts) for night in nights]
    return pl.concat([empty(RUNS), *found])


def _of_night(asked: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
    numbers = asked.select("block_id", "number").unique().sort("block_id", "number")
    block, number = pl.col("block_id"), pl.col("number")
    begins = ((block != block.shift()) | (number - number.shift() > RUN_STEP)).fill_null(value=True)
    numbers = numbers.with_columns(stretch=begins.cum_sum())
    runs = numbers.group_by("stretch", "block_id").agg(
        first=number.min(), numbers=pl.len().cast(pl.Int64), span=(number.max() - number.min() + 1).cast(pl.Int64)
    )
    runs = runs.filter((pl.col("numbers") >= RUN_NUMBERS) & (pl.col("numbers") >= RUN_COVERAGE * pl.col("span")))
    if runs.is_empty():
        return empty(RUNS)
    runs = _with_usual(runs, numbers).with_columns(tested=pl.lit(numbers.height, pl.Int64))
    within = numbers.join(runs, on=["stretch", "block_id"])
    mine = (
        asked.join(within, on=["block_id", "number"])
        .group_by("who", "stretch")
        .agg(
            pl.col("night", "block_id", "first", "numbers", "span", "usual", "tested").first(),
            asked=pl.len().cast(pl.Int64),
        )
    )
    strangers = asked.join(mine.select("who").unique(), on="who", how="semi").group_by("who").len("strangers")
    names = accounts.to_frame("account").with_row_index("who")
    told = mine.join(strangers, on="who").join(names, on="who").rename({"block_id": "block"})
    told = told.select(pl.col(name).cast(dtype) for name, dtype in RUNS.items())
    return told.sort("block", "first", "account")


def _with_usual(runs: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """Add the share of numbers that is usual, the larger of two; nothing of the runs themselves is counted.

    One is RUN_USUAL times how often, in the night's other blocks, the next number was asked for too. The other is what
    the rest of the same block reaches, with as many numbers more as a run needs, none of them asked for: of a few
    nothing is known. Numbers are shifted by block (intake.protect): where a block begins and ends is not known.
    """
    others = numbers.join(runs, on="block_id", how="anti")
    same, step = (pl.col(name) - pl.col(name).shift() for name in ("stretch", "number"))
    followed = others.select(((same == 0) & (step == 1)).sum()).item()
    extent = (pl.col("number").max() - pl.col("number").min() + 1).cast(pl.Int64)
    blocks = numbers.group_by("block_id").agg(all=pl.len().cast(pl.Int64), extent=extent)
    mine = runs.group_by("block_id").agg(pl.col("numbers").sum(), pl.col("span").sum())
    rest = (pl.col("all") - pl.col("numbers")) / (pl.col("extent") - pl.col("span") + RUN_NUMBERS)
    at_least = pl.lit(RUN_USUAL * (followed + 1) / (others.height + 1))
    usual = blocks.join(mine, on="block_id").select("block_id", usual=pl.max_horizontal(at_least, rest))
    return runs.join(usual, on="block_id")
