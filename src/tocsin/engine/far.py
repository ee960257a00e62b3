"""Rules that look back over several nights: asked only of the accounts that can fulfil them.

A chain of steps needs all of them. Who lacks one on every night that the chain looks back over is left out before
anything is counted, and a step such as a change of credentials, told by two narrow columns, leaves few. Of these, some
were at no new place, or read nobody new.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from operator import and_, or_

import polars as pl

from tocsin.engine.memory import COLUMNS
from tocsin.past import last_seen
from tocsin.rules.comparisons import PROFILE
from tocsin.rules.correlation import look
from tocsin.rules.detection import matches
from tocsin.rules.reach import leaves_of, novel_columns
from tocsin.rules.rule import Correlation, Detection, Rule, RuleSet, counted_as
from tocsin.schema import STORED

NARROW = 3
"""Columns that are read of all events of several nights, to find the accounts of which more is read."""

Prepared = Callable[[pl.DataFrame], pl.DataFrame]
"""Adds the columns of the past and local time to events."""


def far_columns(rules: RuleSet) -> list[str]:
    """List the stored columns that these rules, and what tells them the past, need of events."""
    return list(dict.fromkeys((*rules.columns("account"), *COLUMNS, *PROFILE)))


def able_columns(rules: RuleSet) -> list[str]:
    """List the stored columns that say whether an account is able to fulfil these rules (`able`)."""
    told = {column for leaf in _leaves(rules).values() for column in replace(leaf, novel=None).columns}
    return list(dict.fromkeys(("account", "time", *sorted(told & set(STORED)), *asked_of(rules))))


def asked_of(rules: RuleSet) -> list[str]:
    """List the stored columns whose values these rules ask to be new."""
    return [counted_as(column, list(STORED)) for column in novel_columns(rules)]


def able_accounts(read: Callable[[Sequence[str]], Iterable[pl.DataFrame]], rules: RuleSet) -> pl.Series | None:
    """Name the accounts that fulfil the rarest step of a rule that few columns tell; None where some rule has no such.

    `read` gives events with the columns that it is asked for; the first portion says what is rare.
    """
    narrow = [_narrow_steps(rule, rules) for rule in _chosen(rules)]
    if not all(narrow):
        return None
    sample = next(iter(read(_columns_of(step for steps in narrow for step in steps))), None)
    if sample is None:
        return pl.Series("account", [], pl.String)
    rarest = [min(steps, key=lambda step: _fulfil(sample, step).sum()) for steps in narrow]
    found = [
        part.filter(pl.any_horizontal(_fulfil(part, step) for step in rarest))["account"].unique()
        for part in read(_columns_of(rarest))
    ]
    return pl.concat(found).unique()


def _narrow_steps(rule: Correlation, rules: RuleSet) -> list[list[Detection]]:
    """List the detections of the steps of a chain that a few stored columns tell."""
    steps = [leaves_of(step, rules) for step in rule.rules] if _needs_all_steps(rule) else []
    told = [[replace(leaf, novel=None) for leaf in step] for step in steps]
    columns = [{column for leaf in step for column in leaf.columns} for step in told]
    return [step for step, asked in zip(told, columns, strict=True) if len(asked) <= NARROW and asked <= set(STORED)]


def _columns_of(steps: Iterable[Sequence[Detection]]) -> list[str]:
    return sorted({"account"}.union(*(leaf.columns for step in steps for leaf in step)))


def _fulfil(events: pl.DataFrame, step: Sequence[Detection]) -> pl.Series:
    return matches(events, step).select(pl.any_horizontal(pl.all())).to_series()


def look_far(parts: Iterable[pl.DataFrame], rules: RuleSet, prepared: Prepared) -> list[pl.DataFrame]:
    """Give the episodes of rules over buckets of events that reach back far enough; accounts are in one bucket."""
    return [look(prepared(events), rules, "account").episodes for events in parts if events.height]


def _chosen(rules: RuleSet) -> list[Correlation]:
    return [rule for rule in rules.correlations if rule.reports]


def _leaves(rules: RuleSet) -> Mapping[str, Detection]:
    return {leaf.name: leaf for rule in _chosen(rules) for leaf in leaves_of(rule.name, rules)}


def able(events: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Name the accounts that may fulfil one of the rules, as far as all their events tell by account.

    Gives `account` and, for each detection and each counting step, whether it may have some. What is new, and the local
    time, is asked later, of those who are left: here it would need more of their events.
    """
    leaves = _leaves(rules)
    asked = {leaf.name: replace(leaf, novel=None) for leaf in leaves.values()}
    asked = {name: leaf for name, leaf in asked.items() if leaf.columns <= set(STORED)}
    found = events.select("account", "time").hstack(matches(events, list(asked.values())))
    found = found.with_columns(pl.lit(value=True).alias(name) for name in leaves if name not in asked)
    has = found.group_by("account").agg(pl.col(list(leaves)).any())
    has = has.with_columns(_busy(found, step, rules).alias(step) for step in _counted(rules))
    return has.filter(_may(rules))


def with_news(has: pl.DataFrame, told: pl.DataFrame, rules: RuleSet, last: date) -> pl.Series:
    """Name the accounts among those able that may fulfil one of the rules up to the night `last`.

    `told`: the account and the values that it used, each pair once, with the nights before the events (tocsin.past).
    """
    for leaf in _leaves(rules).values():
        if leaf.novel:
            columns = [counted_as(column, told.columns) for column in leaf.novel.any_of]
            oldest = last - timedelta(days=leaf.novel.over)
            is_new = (
                pl.col(column).is_not_null() & ~(pl.col(last_seen(column)) >= oldest).fill_null(value=False)
                for column in columns
            )
            news = told.filter(pl.any_horizontal(*is_new))["account"].unique()
            has = has.with_columns(pl.col(leaf.name) & pl.col("account").is_in(news.implode()))
    return has.filter(_may(rules))["account"]


def _needs_all_steps(rule: Correlation) -> bool:
    whole = rule.condition.operator == "gte" and rule.condition.value >= len(rule.rules)
    return rule.type == "temporal_ordered" and whole and rule.group_by == ("account",) and not rule.aliases


def _counted(rules: RuleSet) -> set[str]:
    return {step for rule in _chosen(rules) for step in rule.rules if _least(rules.by_name[step]) > 1}


def _may(rules: RuleSet) -> pl.Expr:
    """Tell the accounts that may have all steps of a rule, where all are needed."""
    chosen, counted = _chosen(rules), _counted(rules)
    if not all(_needs_all_steps(rule) for rule in chosen):
        return pl.lit(value=True)
    return reduce(or_, (_all_steps(rule, rules, counted) for rule in chosen))


def _all_steps(rule: Correlation, rules: RuleSet, counted: Collection[str]) -> pl.Expr:
    steps = [pl.col(step) if step in counted else _any_leaf(step, rules) for step in rule.rules]
    return reduce(and_, steps)


def _any_leaf(step: str, rules: RuleSet) -> pl.Expr:
    return reduce(or_, (pl.col(leaf.name) for leaf in leaves_of(step, rules)))


def _least(step: Rule) -> int:
    """Give how many events a window of a step must hold at least; 1 where that cannot be told."""
    if not isinstance(step, Correlation) or step.type not in {"event_count", "value_count"}:
        return 1
    plain = step.group_by == ("account",) and not (step.aliases or step.tunings or step.baselines)
    more = {"gte": 0, "gt": 1}.get(step.condition.operator)
    return int(step.condition.value) + more if plain and more is not None else 1


def _busy(found: pl.DataFrame, name: str, rules: RuleSet) -> pl.Expr:
    """Tell the accounts that may have a full window of a counting step.

    It lies in two spans of the clock, and one of them holds at least half of it.
    """
    step = rules.by_name[name]
    assert isinstance(step, Correlation)  # noqa: S101 only those are counted
    span = pl.col("time").to_physical() // (step.timespan // timedelta(microseconds=1))
    spans = found.filter(_any_leaf(name, rules)).group_by("account", span.alias("span")).len()
    enough = spans.filter(2 * pl.col("len") >= _least(step))["account"].unique()
    return pl.col("account").is_in(enough.implode())
