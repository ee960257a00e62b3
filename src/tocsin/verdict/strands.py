"""Strands: where logs hold no session, address or browser, reads are parted by whom they read.

Nobody comes back to a stranger's list (docs/decisions/0092), and it is seldom of the owner's departments.
"""

from typing import Literal

import polars as pl

from tocsin.features.work import READING
from tocsin.settings import Sessions

Strand = Literal["returning", "near", "far"]
"""People read on several nights; others from departments that such people come from; the rest."""

STRAND = "strand"


def with_strand(events: pl.DataFrame, rules: Sessions) -> pl.DataFrame:
    """Add STRAND to events of accounts; null where the log says who it was, or names nobody."""
    anonymous = pl.all_horizontal(pl.col(name).is_null() for name in ("session", "ip", "user_agent"))
    named = anonymous & pl.col("person_id").is_not_null() & pl.col("kind").is_in(list(READING))
    if not events.select(anonymous.any()).item():
        return events.with_columns(pl.lit(None, pl.String).alias(STRAND))
    people = (
        events.filter(named)
        .group_by("account", "person_id")
        .agg(pl.col("patient_region").min(), returns=pl.col("night").n_unique() > 1)
    )
    back = people.filter("returns")
    every = back.group_by("account").agg(every=pl.len()).filter(pl.col("every") >= rules.strand_people)
    near = (
        back.group_by("account", "patient_region")
        .len()
        .join(every, on="account")
        .filter(pl.col("len") >= rules.foreign_share * pl.col("every"))
        .select("account", "patient_region", near=pl.lit(value=True))
    )
    parted = (
        people.join(every, on="account", how="left")
        .join(near, on=["account", "patient_region"], how="left", nulls_equal=True)
        .select("account", "person_id", _strand().alias(STRAND))
    )
    told = events.join(parted, on=["account", "person_id"], how="left", maintain_order="left")
    return told.with_columns(pl.when(named).then(STRAND).alias(STRAND))


def _strand() -> pl.Expr:
    is_near = pl.col("near").is_not_null() | pl.any_horizontal(pl.col("patient_region", "every").is_null())
    return pl.when("returns").then(pl.lit("returning")).when(is_near).then(pl.lit("near")).otherwise(pl.lit("far"))
