"""Rule hits of a night as the judge and the report need them: one row a rule, account and night."""

import polars as pl

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


def hits_of_rules(episodes: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Join episodes with what their rules say; several episodes of a night become one row with the highest peak."""
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
    for hit in folded.iter_rows(named=True):
        rule = rules.by_name[hit["rule"]]
        rows.append(
            {
                **hit,
                "title": rule.title,
                "family": rule.family,
                "level": rule.level,
                "score": rule.score,
                "hard": rule.level == "critical",
                "headline": rule.explained(hit["peak"], hit["account"], hit["usual"]),
                "limit": rule.limit,
                "unit": rule.unit,
                "runbook": list(rule.runbook),
            }
        )
    return pl.DataFrame(rows, schema=HITS)
