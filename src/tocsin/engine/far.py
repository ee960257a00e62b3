"""Rules that look back over several nights: asked only of the accounts that can fulfil them.

A chain of steps needs all of them. Who lacks one on every night that the chain looks back over is left out before
anything is counted, and a step such as a change of credentials leaves few.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_, or_

import polars as pl

from tocsin.engine.memory import COLUMNS
from tocsin.rules.comparisons import PROFILE
from tocsin.rules.correlation import look
from tocsin.rules.detection import matches
from tocsin.rules.reach import leaves_of
from tocsin.rules.rule import Correlation, RuleSet

Prepared = Callable[[pl.DataFrame], pl.DataFrame]
"""Adds the columns of the past and local time to events."""


def far_columns(rules: RuleSet) -> list[str]:
    """List the stored columns that these rules, and what tells them the past, need of events."""
    return list(dict.fromkeys((*rules.columns("account"), *COLUMNS, *PROFILE)))


def look_far(parts: Iterable[pl.DataFrame], rules: RuleSet, prepared: Prepared) -> list[pl.DataFrame]:
    """Give the episodes of rules over buckets of events that reach back far enough; accounts are in one bucket."""
    able = (_able(part, rules) for part in parts)
    return [look(prepared(events), rules, "account").episodes for events in able if events.height]


def _able(events: pl.DataFrame, rules: RuleSet) -> pl.DataFrame:
    """Leave out the accounts that cannot fulfil any of the rules, where that can be told by account."""
    chosen = [rule for rule in rules.correlations if rule.reports]
    if events.is_empty() or not all(_needs_all_steps(rule) for rule in chosen):
        return events
    # What is new is asked later, of those who are left: here it would need all their events.
    asked = {leaf.name: replace(leaf, novel=None) for rule in chosen for leaf in leaves_of(rule.name, rules)}
    found = events.select("account").hstack(matches(events, list(asked.values())))
    has = found.group_by("account").agg(pl.col(list(asked)).any())
    fulfilled = reduce(or_, (_all_steps(rule, rules) for rule in chosen))
    return events.join(has.filter(fulfilled).select("account"), on="account", how="semi")


def _needs_all_steps(rule: Correlation) -> bool:
    whole = rule.condition.operator == "gte" and rule.condition.value >= len(rule.rules)
    return rule.type == "temporal_ordered" and whole and rule.group_by == ("account",) and not rule.aliases


def _all_steps(rule: Correlation, rules: RuleSet) -> pl.Expr:
    steps: Sequence[pl.Expr] = [
        reduce(or_, (pl.col(leaf.name) for leaf in leaves_of(step, rules))) for step in rule.rules
    ]
    return reduce(and_, steps)
