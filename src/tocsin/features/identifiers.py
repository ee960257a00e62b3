"""Identifiers: numbers tried one after another leave holes, neighbours and order."""

import polars as pl

from tocsin.features.feature import Feature, Work
from tocsin.schema import Outcome

NEAR = 2
"""Order numbers this close in one block are neighbours (born the same month in the same town, registered together)."""

CROWD = 3
"""People of one block (same sex, year, month and town) from which the block is crowded."""


def asks(work: Work) -> pl.DataFrame:
    """Give one row a request that named a person, whatever came back."""
    return work.asks


def asked_people(work: Work) -> pl.DataFrame:
    """Give one row a person asked for that night, with whether the block is crowded and a neighbour was asked too."""
    people = (
        work.asks.filter(pl.col("block_id").is_not_null())
        .select("who", "night", "block_id", "patient_order")
        .unique()
        .sort("who", "night", "block_id", "patient_order")
    )
    block = ("who", "night", "block_id")
    before = pl.col("patient_order") - pl.col("patient_order").shift().over(block)
    after = pl.col("patient_order").shift(-1).over(block) - pl.col("patient_order")
    return people.with_columns(
        in_crowd=pl.len().over(block) >= CROWD,
        has_neighbour=(before <= NEAR).fill_null(value=False) | (after <= NEAR).fill_null(value=False),
    )


def steps(work: Work) -> pl.DataFrame:
    """Give one row a request, with whether it is one to three numbers above the one before in its block.

    Steps are told inside a block, so that a sequence is seen through other work in between, and sorted by number
    where times tie, so that the order of lines does not matter.
    """
    rows = work.asks.filter(pl.col("block_id").is_not_null()).select(
        "who", "night", "block_id", "time", "patient_order"
    )
    rows = rows.sort("who", "night", "block_id", "time", "patient_order")
    up = pl.col("patient_order") - pl.col("patient_order").shift().over("who", "night", "block_id")
    return rows.with_columns(is_step=up.is_between(1, NEAR + 1).fill_null(value=False))


FEATURES = (
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
        value=pl.col("patient_valid").not_().sum(),
        of="asked",
        needs=("patient_valid",),
        words="share of numbers that cannot exist",
        sentence="{share} of the numbers it asked for cannot exist, usually {usual}",
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
