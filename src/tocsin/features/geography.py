"""Geography: the departments that the people read tonight come from, for the judge to compare with the usual ones.

Stage one only keeps the largest departments of the night, as numbers; which of them are unusual for the account is told
by the nights before (model/places.py).
"""

import polars as pl
import polars_hash as plh

from tocsin.features.feature import Feature, Work
from tocsin.settings_fixed import PLACES

CODES = 2**24
"""Departments and office codes become numbers below this, the same on every machine."""


def by_department(work: Work) -> pl.DataFrame:
    """Give one row a department of the night: how many people, and its place from the largest (ties by code)."""
    code: pl.Expr = plh.col("patient_region").nchash.wyhash()
    return (
        work.reads.filter(pl.col("opens_night") & pl.col("patient_region").is_not_null())
        .group_by("who", "night", "patient_region")
        .agg(people=pl.len().cast(pl.Int64))
        .with_columns(code=(code % CODES).cast(pl.Int64))
        .sort(["who", "night", "people", "code"], descending=[False, False, True, False])
        .with_columns(place=pl.int_range(pl.len()).over("who", "night"))
    )


def _packed(place: int) -> Feature:
    """Keep a department and its people in one number: code x 2^32 + people."""
    mine = pl.col("place") == place
    return Feature(
        name=f"place_{place + 1}",
        unit="code and people",
        family="geography",
        table=by_department,
        value=(pl.col("code") * 2**32 + pl.col("people")).filter(mine).sum(),
        needs=("patient", "patient_region"),
        judged=False,
        words=f"department number {place + 1} of the night and its people, packed",
        sentence="",
    )


FEATURES = (
    Feature(
        name="placed_people",
        unit="people",
        family="geography",
        table=by_department,
        value=pl.col("people").sum(),
        needs=("patient", "patient_region"),
        judged=False,
        words="people whose department is known",
        sentence="",
    ),
    *(_packed(place) for place in range(PLACES)),
    Feature(
        name="far_people",
        unit="of the people",
        family="geography",
        table=by_department,
        value=pl.lit(0),
        carried=True,
        of="placed_people",
        needs=("patient", "patient_region"),
        words="share of people from departments the account seldom reads",
        sentence="{share} of its people come from departments it seldom reads, usually {usual}",
    ),
)
