"""When rules rang for accounts: one thing that the certainty of an exposed person rests on."""

from collections.abc import Collection, Iterable

import polars as pl

from tocsin.results import Night

SPANS = {"account": pl.String(), "first": pl.Datetime("us", "UTC"), "last": pl.Datetime("us", "UTC")}
"""From when to when, by account; spans of an account do not overlap."""


def rung(nights: Iterable[Night], accounts: Collection[str]) -> pl.DataFrame:
    """Give the SPANS in which rules rang for these accounts, as the lists of these nights say."""
    rows = [
        (suspect.account, finding.first, finding.last)
        for night in nights
        for suspect in night.suspects
        if suspect.account in accounts
        for finding in suspect.findings
        if finding.detector.startswith("rule.")
    ]
    spans = pl.DataFrame(rows, schema=SPANS, orient="row").sort("account", "first")
    reached = pl.col("last").cum_max().shift().over("account")
    run = (reached.is_null() | (pl.col("first") > reached)).cum_sum().alias("run")
    merged = spans.group_by("account", run, maintain_order=True).agg(pl.col("first").min(), pl.col("last").max())
    return merged.drop("run")


def people_rung(reads: pl.DataFrame, spans: pl.DataFrame) -> pl.Series:
    """List the people (person_id) who were read while a rule rang."""
    named = reads.filter(pl.col("person_id").is_not_null() & pl.col("certainty").is_not_null()).sort("time")
    both = named.select("account", "time", "person_id").join_asof(
        spans.rename({"first": "began"}).sort("began"),
        left_on="time",
        right_on="began",
        by="account",
        check_sortedness=False,
    )
    return both.filter(pl.col("time") <= pl.col("last"))["person_id"].unique()
