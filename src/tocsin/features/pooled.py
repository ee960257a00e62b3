"""Pooled runs: numbers next to each other that many accounts asked for, each of them a few."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from tocsin.features.feature import Work
from tocsin.schema import empty
from tocsin.settings_fixed import RUN_COVERAGE, RUN_NUMBERS, RUN_STEP, RUN_USUAL

SHARD_ROWS = 1_000_000
"""Rows of a night among which runs are looked for at once: whole blocks, about 100 MB."""

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


@dataclass(frozen=True, slots=True)
class _Found:
    """What some blocks of a night hold.

    `runs`: block, first, numbers, span, and what the `rest` of the block reaches. `tested`: numbers in all. `others`:
    those in blocks without a run. `followed`: those of them of which the next number was asked for too.
    """

    runs: pl.DataFrame
    tested: int
    others: int
    followed: int


def pooled_runs(asked: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
    """Find the runs of each night over all accounts (RUNS, sorted); `accounts` in the order of their code `who`."""
    nights = asked["night"].unique().sort()
    found = [_of_night(asked.filter(pl.col("night") == night), accounts) for night in nights]
    return pl.concat([empty(RUNS), *found])


def _of_night(asked: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
    shards = -(-asked.height // SHARD_ROWS)
    found = [_found_in(asked.filter(pl.col("block_id") % shards == shard)) for shard in range(shards)]
    # In some towns more people are read than in others.
    usual = RUN_USUAL * (sum(one.followed for one in found) + 1) / (sum(one.others for one in found) + 1)
    runs = pl.concat([one.runs for one in found]).with_columns(
        usual=pl.max_horizontal(pl.lit(usual), "rest"), tested=pl.lit(sum(one.tested for one in found), pl.Int64)
    )
    if runs.is_empty():
        return empty(RUNS)
    is_within = pl.col("number").is_between(pl.col("first"), pl.col("first") + pl.col("span") - 1)
    mine = (
        asked.join(runs, on="block_id")
        .filter(is_within)
        .group_by("who", "night", "block_id", "first", "numbers", "span", "usual", "tested")
        .agg(asked=pl.len())
    )
    strangers = asked.join(mine.select("who").unique(), on="who", how="semi").group_by("who").len("strangers")
    names = accounts.to_frame("account").with_row_index("who")
    told = mine.join(strangers, on="who").join(names, on="who").rename({"block_id": "block"})
    told = told.select(pl.col(name).cast(dtype) for name, dtype in RUNS.items())
    return told.sort("block", "first", "account")


def _found_in(asked: pl.DataFrame) -> _Found:
    """Find the runs of whole blocks, and how close other numbers lie.

    With the rest of a run's block so many numbers more are counted as a run needs, none of them asked for: of a few
    nothing is known. Numbers are shifted by block (intake.protect), so that where a block begins and ends is not known.
    """
    block, number = pl.col("block_id"), pl.col("number")
    numbers = asked.select("block_id", "number").unique().sort("block_id", "number")
    begins = ((block != block.shift()) | (number - number.shift() > RUN_STEP)).fill_null(value=True)
    numbers = numbers.with_columns(stretch=begins.cum_sum())
    span = (number.max() - number.min() + 1).cast(pl.Int64)
    runs = numbers.group_by("stretch", "block_id").agg(first=number.min(), numbers=pl.len().cast(pl.Int64), span=span)
    runs = runs.filter((pl.col("numbers") >= RUN_NUMBERS) & (pl.col("numbers") >= RUN_COVERAGE * pl.col("span")))
    others = numbers.join(runs, on="block_id", how="anti", maintain_order="left")
    same, step = (pl.col(name) - pl.col(name).shift() for name in ("stretch", "number"))
    followed = others.select(((same == 0) & (step == 1)).sum()).item()
    whole = numbers.join(runs, on="block_id", how="semi")
    blocks = whole.group_by("block_id").agg(all=pl.len().cast(pl.Int64), extent=span)
    mine = runs.group_by("block_id").agg(in_runs=pl.col("numbers").sum(), spanned=pl.col("span").sum())
    rest = (pl.col("all") - pl.col("in_runs")) / (pl.col("extent") - pl.col("spanned") + RUN_NUMBERS)
    rests = blocks.join(mine, on="block_id").select("block_id", rest=rest)
    runs = runs.join(rests, on="block_id").select("block_id", "first", "numbers", "span", "rest")
    return _Found(runs, numbers.height, others.height, followed)
