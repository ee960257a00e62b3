"""Identifiers: numbers tried one after another leave holes, neighbours and order."""

import polars as pl

from tocsin.features.feature import Feature, Work
from tocsin.schema import Outcome
from tocsin.settings_fixed import BLOCKS, CROWD, IN_ORDER, NEIGHBOURS


def asks(work: Work) -> pl.DataFrame:
    """Give one row a request that named a person, whatever came back."""
    return work.asks


def asked_people(work: Work) -> pl.DataFrame:
    """Give one row a person asked for that night, with whether the block is crowded and a neighbour was asked too."""
    rows = _in_blocks(work, "patient_order")
    people = rows.filter((pl.col("run") != pl.col("run").shift()).fill_null(value=True) | (pl.col("up") > 0))
    run, order = pl.col("run"), pl.col("patient_order")
    before = (run == run.shift()) & (order - order.shift() <= NEIGHBOURS)
    after = (run == run.shift(-1)) & (order.shift(-1) - order <= NEIGHBOURS)
    # A block (same sex, year, month and town) is crowded from three people on: sorted, that is seen two rows away.
    crowded = (run == run.shift(2)) | ((run == run.shift()) & (run == run.shift(-1))) | (run == run.shift(-2))
    return people.select(
        "who",
        "night",
        in_crowd=crowded.fill_null(value=False),
        has_neighbour=before.fill_null(value=False) | after.fill_null(value=False),
    )


def steps(work: Work) -> pl.DataFrame:
    """Give one row a request, with whether it is one to three numbers above the one before in its block.

    Steps are told inside a block, so that a sequence is seen through other work in between, and sorted by number
    where times tie, so that the order of lines does not matter.
    """
    rows = _in_blocks(work, "time", "patient_order")
    return rows.select("who", "night", is_step=pl.col("up").is_between(1, IN_ORDER).fill_null(value=False))


def by_block(work: Work) -> pl.DataFrame:
    """Give one row a block of the night with three numbers or more: its code, the numbers asked for, its place."""
    keys = ["who", "night", "block_id"]
    return (
        work.asks.filter(pl.col("block_id").is_not_null())
        .group_by(keys)
        .agg(numbers=pl.col("patient_order").n_unique().cast(pl.Int64), first=pl.col("time").min())
        .filter(pl.col("numbers") >= CROWD)
        .with_columns(code=(pl.col("block_id") % 2**31).cast(pl.Int64))
        .sort(["who", "night", "numbers", "first", "code"], descending=[False, False, True, False, False])
        .with_columns(place=pl.int_range(pl.len()).over("who", "night"))
    )


def _kept(place: int) -> Feature:
    """Keep one of the largest blocks, for the judge to find a run of numbers that is dealt over accounts."""
    return Feature(
        name=f"block_{place + 1}",
        unit="code and numbers",
        family="identifiers",
        table=by_block,
        value=(pl.col("code") * 2**32 + pl.col("numbers")).filter(pl.col("place") == place).sum(),
        needs=("patient_block",),
        judged=False,
        words=f"block number {place + 1} of the night and how many of its numbers were asked for, packed",
        sentence="",
    )


def _in_blocks(work: Work, *order: str) -> pl.DataFrame:
    """Sort requests inside (account, night, block); `run` numbers the blocks, `up` is the step from the row before."""
    keys = ("who", "night", "block_id")
    rows = work.asks.filter(pl.col("block_id").is_not_null()).select(*keys, "patient_order", "time").sort(*keys, *order)
    fresh = pl.any_horizontal((pl.col(key) != pl.col(key).shift()) for key in keys).fill_null(value=True)
    up = pl.when(~fresh).then(pl.col("patient_order") - pl.col("patient_order").shift())
    return rows.select("who", "night", "patient_order", run=fresh.cum_sum(), up=up)


FEATURES = (
    *(_kept(place) for place in range(BLOCKS)),
    Feature(
        name="asked",
        unit="requests",
        family="identifiers",
        table=asks,
        value=pl.len(),
        needs=("patient",),
        judged=False,
        words="requests that named a person",
        sentence="",
    ),
    Feature(
        name="not_found",
        unit="of the requests",
        family="identifiers",
        table=asks,
        value=(pl.col("outcome") == Outcome.NOT_FOUND).sum(),
        of="asked",
        needs=("patient",),
        words="share of numbers that do not exist",
        sentence="{share} of the numbers it asked for do not exist, usually {usual}",
    ),
    Feature(
        name="implausible",
        unit="of the requests",
        family="identifiers",
        table=asks,
        value=(pl.col("patient_valid").not_() & (pl.col("outcome") != Outcome.SUCCESS)).sum(),
        of="asked",
        needs=("patient_valid",),
        words="share of numbers that cannot exist and were not found",
        sentence="{share} of the numbers it asked for cannot exist and were not found, usually {usual}",
    ),
    Feature(
        name="asked_people",
        unit="people",
        family="identifiers",
        table=asked_people,
        value=pl.len(),
        needs=("patient_block",),
        judged=False,
        words="different people asked for",
        sentence="",
    ),
    Feature(
        name="same_block",
        unit="of the people",
        family="identifiers",
        table=asked_people,
        value=pl.col("in_crowd").sum(),
        of="asked_people",
        needs=("patient_block",),
        words="share of people whose numbers begin like two others'",
        sentence="{share} of its people share the first ten digits with others, usually {usual}",
    ),
    Feature(
        name="neighbours",
        unit="of the people",
        family="identifiers",
        table=asked_people,
        value=pl.col("has_neighbour").sum(),
        of="asked_people",
        needs=("patient_block",),
        words="share of people whose number is next to another's",
        sentence="{share} of its people have numbers next to each other, usually {usual}",
    ),
    Feature(
        name="in_sequence",
        unit="of the requests",
        family="identifiers",
        table=steps,
        value=pl.col("is_step").sum(),
        of="asked",
        needs=("patient_block",),
        words="share of requests that count upwards",
        sentence="{share} of its requests count upwards number by number, usually {usual}",
    ),
)
