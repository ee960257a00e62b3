"""Rule hits of a night as the judge and the report need them: one row a rule, account and night."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from tocsin.rules.baselined import Watched
from tocsin.rules.comparisons import PROFILE, SOURCE, SOURCE_NAME
from tocsin.rules.rule import Correlation, Rule, RuleSet
from tocsin.schema import empty
from tocsin.words import _, ngettext

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
    "rests": pl.Int64(),
    "limit": pl.Float64(),
    "unit": pl.String(),
    "runbook": pl.List(pl.String()),
}


HitsOn = Callable[[date, pl.DataFrame], pl.DataFrame]
"""Gives the HITS of a night where these earlier account-nights (account, night) were judged suspicious."""

_REMEMBERED = timedelta(days=366)
"""The longest time that a baseline may look back."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Rule hits night by night: what is usual depends on which of the nights before were judged suspicious."""

    watched: Watched

    def on(self, night: date, suspicious: pl.DataFrame) -> pl.DataFrame:
        """Give the hits of a night (HITS); `suspicious` are earlier account-nights, which teach nothing."""
        unusual = self.watched.unusual_on(night, suspicious)
        return hits_of_rules(unusual, self.watched.rules, self.watched.active)


def nobody() -> pl.DataFrame:
    """Give suspicious account-nights (account, night): none."""
    return empty({"account": pl.String(), "night": pl.Date()})


def with_tonight(suspicious: pl.DataFrame, night: date, accounts: Sequence[str]) -> pl.DataFrame:
    """Add the suspicious accounts of a night, and forget those that no baseline looks back to any more."""
    tonight = pl.DataFrame({"account": accounts}, schema={"account": pl.String}).with_columns(night=pl.lit(night))
    return pl.concat([suspicious.filter(pl.col("night") >= night - _REMEMBERED), tonight])


def hits_of_rules(episodes: pl.DataFrame, rules: RuleSet, active: pl.DataFrame | None = None) -> pl.DataFrame:
    """Join episodes with what their rules say; several episodes of a night become one row with the highest peak.

    `active` tells who the accounts are (account, night and rules.comparisons.told_by), for what overlays set of them.
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
            pl.col("against", "rests", "peers").drop_nulls().first(),
        )
        .sort("account", "night", "rule")
    )
    if active is not None:
        folded = folded.join(active, on=["account", "night"], how="left", maintain_order="left")
    for hit in folded.iter_rows(named=True):
        rule = rules.by_name[hit["rule"]]
        profile = {SOURCE: hit.pop(SOURCE_NAME, None), **{column: hit.pop(column, None) for column in PROFILE}}
        told = rule.tuned(profile, hit["night"])
        if not told.enabled:
            continue
        said = replace(rule, written_timespan=told.written_timespan)
        limit = rule.limit if told.limit is None else told.limit
        beside = _beside(rule, limit, hit["against"], hit["rests"], hit.pop("peers"))
        rows.append(
            {
                **hit,
                "title": rule.title,
                "family": rule.family,
                "level": told.level,
                "score": told.score,
                "hard": told.level == "critical",
                "headline": said.explained(hit["peak"], hit["account"], hit["usual"]) + beside,
                "limit": limit,
                "unit": rule.unit,
                "runbook": list(rule.runbook),
            }
        )
    return pl.DataFrame(rows, schema=HITS)


def _beside(rule: Rule, limit: float | None, against: str | None, rests: int | None, peers: str | None) -> str:
    """Say whose nights a usual value rests on, or the fixed limit of a rule that compares with no usual value."""
    if "{baseline}" not in rule.explain:
        counts = isinstance(rule, Correlation) and rule.unit != "rules"
        is_count = counts and "{count}" in rule.explain and limit is not None
        return " (" + _("the rule rings from {limit:,g}").format(limit=limit) + ")" if is_count else ""
    if against is None or rests is None:
        return ""
    if against == "self":
        return " (" + ngettext("its own {n} night", "its own {n} nights", rests).format(n=rests) + ")"
    if peers:
        text = ngettext("{n} other account of {group}", "{n} other accounts of {group}", rests)
        return " (" + text.format(n=rests, group=peers) + ")"
    return " (" + ngettext("{n} other account", "{n} other accounts", rests).format(n=rests) + ")"
