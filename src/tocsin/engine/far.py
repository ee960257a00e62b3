"""Rules that look back over several nights: asked only of the accounts that can fulfil them.

A chain of steps needs all of them. Who lacks one on every night that the chain looks back over is left out before
anything is counted, and a step such as a change of credentials, told by two narrow columns, leaves few.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from operator import and_, or_

import polars as pl

from tocsin.engine.memory import COLUMNS
from tocsin.rules.comparisons import PROFILE
from tocsin.rules.correlation import look
from tocsin.rules.detection import matches
from tocsin.rules.reach import leaves_of
from tocsin.rules.rule import Correlation, Detection, Rule, RuleSet
from tocsin.schema import STORED

NARROW = 3
"""Columns that are read of all events of several nights, to find the accounts of which more is read."""

Prepared = Callable[[pl.DataFrame], pl.DataFrame]
"""Adds the columns of the past and local time to events."""


def far_columns(rules: RuleSet) -> list[str]:
    """List the stored columns that these rules, and what tells them the past, need of events."""
    return list(dict.fromkeys((*rules.columns("account"), *COLUMNS, *PROFILE)))


def able_accounts(read: Callable[[Sequence[str]], Iterable[pl.DataFrame]], rules: RuleSet) -> pl.Series | None:
    """Name the accounts that fulfil the steps of a rule that few columns tell; None where some rule has no such step.

    `read` gives events with the columns that it is asked for.
    """
    steps = {rule.name: _narrow_steps(rule, rules) for rule in _chosen(rules)}
    if not all(steps.values()):
        return None
    leaves = {leaf.name: replace(leaf, novel=None) for some in steps.values() for step in some for leaf in step}
    columns = sorted({"account"}.union(*(leaf.columns for leaf in leaves.values())))
    shown = [
        part.select("account").hstack(matches(part, list(leaves.values()))).group_by("account").agg(pl.all().any())
        for part in read(columns)
    ]
    each = pl.concat(shown).group_by("account").agg(pl.all().any())
    fulfilled = (
        reduce(and_, (pl.any_horizontal(leaf.name for leaf in step) for step in some)) for some in steps.values()
    )
    return each.filter(reduce(or_, fulfilled))["account"]


def _narrow_steps(rule: Correlation, rules: RuleSet) -> list[list[Detection]]:
    """List the detections of the steps of a chain that a few stored columns tell."""
    steps = [leaves_of(step, rules) for step in rule.rules] if _needs_all_steps(rule) else []
    columns = [{column for leaf in step for column in leaf.columns} for step in steps]
    return [step for step, asked in zip(steps, columns, strict=True) if len(asked) <= NARROW and asked <= set(STORED)]


def look_far(parts: Iterable[pl.DataFrame], rules: RuleSet, prepared: Prepared) -> list[pl.DataFrame]:
    """Give the episodes of rules over buckets of events that reach back far enough; accounts are in one bucket."""
    return [look(prepared(events), rules, "account").episodes for events in parts if events.height]


def _chosen(rules: RuleSet) -> list[Correlation]:
    return [rule for rule in rules.correlations if rule.reports]


def able(events: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Leave out the accounts that cannot fulfil any of the rules, where that can be told by account."""
    chosen = _chosen(rules)
    if events.is_empty() or not all(_needs_all_steps(rule) for rule in chosen):
        return events
    # What is new, and the local time, is asked later, of those who are left: here it would need all their events.
    leaves = {leaf.name: leaf for rule in chosen for leaf in leaves_of(rule.name, rules)}
    asked = {name: replace(leaf, novel=None) for name, leaf in leaves.items() if leaf.columns <= set(STORED)}
    found = events.select("account", "time").hstack(matches(events, list(asked.values())))
    found = found.with_columns(pl.lit(value=True).alias(name) for name in leaves if name not in asked)
    has = found.group_by("account").agg(pl.col(list(leaves)).any())
    counted = {step for rule in chosen for step in rule.rules if _least(rules.by_name[step]) > 1}
    has = has.with_columns(_busy(found, step, rules).alias(step) for step in counted)
    fulfilled = reduce(or_, (_all_steps(rule, rules, counted) for rule in chosen))
    return events.join(has.filter(fulfilled).select("account"), on="account", how="semi")


def _needs_all_steps(rule: Correlation) -> bool:
    whole = rule.condition.operator == "gte" and rule.condition.value >= len(rule.rules)
    return rule.type == "temporal_ordered" and whole and rule.group_by == ("account",) and not rule.aliases


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
