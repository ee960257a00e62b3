"""Rules about whole nights: detections that ask for features of the catalogue (docs/decisions/0020)."""

from datetime import timedelta

import polars as pl

from tocsin.features.catalogue import account_nights
from tocsin.features.work import prepare
from tocsin.rules.comparisons import told_by
from tocsin.rules.correlation import EPISODES, OF_ACCOUNTS, as_episodes
from tocsin.rules.detection import matches
from tocsin.rules.rule import Detection, RuleSet
from tocsin.rules.tuning import without_disabled
from tocsin.schema import empty


def of_nights(nights: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Give the EPISODES of the rules about nights: one an account-night that matches, from its first to its last event.

    `nights` has a row an account and night: account, night, who it is (told_by), first, last and the features. The
    peak is the value of the first feature that the rule names.
    """
    chosen = [rule for rule in rules.detections if rule.reports and rule.features]
    found = matches(nights, chosen)
    parts = [without_disabled(_matched(nights.filter(found[rule.name]), rule), nights, rule) for rule in chosen]
    return pl.concat([empty(EPISODES), *parts]).sort("rule", "account", "night")


def _matched(nights: pl.DataFrame, rule: Detection) -> pl.DataFrame:
    peak, once = pl.col(rule.features[0]), pl.lit(1, pl.Int64)
    return as_episodes(nights, rule, **OF_ACCOUNTS, peak=peak, hits=once)


def nights_of(events: pl.DataFrame, repeat: timedelta) -> pl.DataFrame:
    """Measure the nights that `of_nights` asks, for few events."""
    work, codes = prepare(events, repeat)
    told = events.group_by("account", "night").agg(
        pl.col(told_by(events.columns)).drop_nulls().mode().min(), first=pl.col("time").min(), last=pl.col("time").max()
    )
    return account_nights(work).join(codes, on="who").drop("who").join(told, on=["account", "night"])
