"""Rule hits of a night as the judge and the report need them: one row a rule, account and night."""

from dataclasses import replace

import polars as pl

from tocsin.rules.comparisons import PROFILE
from tocsin.rules.rule import RuleSet

HITS = {
    "account": pl.String(),
    "night": pl.Date(),
    "rule": pl.String(),
    "title": pl.String(),
    "family": pl.String(),
    "level": pl.String(),
    "score": pl.Int64(),
    "hard": pl.Boolean(),
    "headline": pl.String(),
    "first": pl.Datetime("us", "UTC"),
    "last": pl.Datetime("us", "UTC"),
    "peak": pl.Int64(),
    "usual": pl.Float64(),
    "against": pl.String(),
    "limit": pl.Float64(),
    "unit": pl.String(),
    "runbook": pl.List(pl.String()),
}


def hits_of_rules(episodes: pl.DataFrame, rules: RuleSet, active: pl.DataFrame | None = None) -> pl.DataFrame:
    """Join episodes with what their rules say; several episodes of a night become one row with the highest peak.

    `active` tells who the accounts are (account, night and PROFILE), for what overlays set by region.
    """
    rows: list[dict[str, object]] = []
    folded = (
        episodes.filter(pl.col("account").is_not_null())
        .group_by("account", "night", "rule")
        .agg(
            pl.col("first").min(),
            pl.col("last").max(),
            pl.col("peak").max(),
            pl.col("usual").max(),
            pl.col("against").drop_nulls().min(),
        )
        .sort("account", "night", "rule")
    )
    if active is not None:
        folded = folded.join(active, on=["account", "night"], how="left", maintain_order="left")
    for hit in folded.iter_rows(named=True):
        rule = rules.by_name[hit["rule"]]
        told = rule.tuned({column: hit.pop(column, None) for column in PROFILE}, hit["night"])
        if not told.enabled:
            continue
        said = replace(rule, written_timespan=told.written_timespan)
        rows.append(
            {
                **hit,
                "title": rule.title,
                "family": rule.family,
                "level": told.level,
                "score": told.score,
                "hard": told.level == "critical",
                "headline": said.explained(hit["peak"], hit["account"], hit["usual"]),
                "limit": rule.limit if told.limit is None else told.limit,
                "unit": rule.unit,
                "runbook": list(rule.runbook),
            }
        )
    return pl.DataFrame(rows, schema=HITS)
