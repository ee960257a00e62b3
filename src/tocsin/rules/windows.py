"""Look at the sliding windows of a correlation: what each holds, and whether that is a hit."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import cast

import numpy as np
import numpy.typing as npt
import polars as pl

from tocsin.features.window_steps import ordered_over_time, steps_over_time
from tocsin.features.window_values import Statistic, values_over_time
from tocsin.features.windows import count_over_time, distinct_over_time
from tocsin.rules.rule import ON_VALUES, TEMPORAL, Correlation, counted_as
from tocsin.rules.tree import All, AnyOf, Condition, Leaf, Not

COMPARISONS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "gte": pl.Expr.ge,
    "gt": pl.Expr.gt,
    "lte": pl.Expr.le,
    "lt": pl.Expr.lt,
    "eq": pl.Expr.eq,
    "neq": pl.Expr.ne,
}
"""How the operators of a condition compare."""
_MOST = 2**63 - 1


def hits_of(rows: pl.DataFrame, rule: Correlation) -> pl.DataFrame:
    """Give the instants whose window fulfils the rule: its groups, `time` and `count` (Int64, what the window holds).

    `rows` are the events of the rule (rules.steps.events_of). A sum, mean, median or percentile is rounded in `count`,
    and compared exactly.
    """
    wanted = rule.condition
    if rule.type in ON_VALUES:
        # A number with decimals means what is written, not the nearest binary fraction.
        limit = Fraction(str(wanted.value))
        own = pl.col("top") * pl.lit(limit.denominator, pl.Int128)
        bound = pl.col("bottom").cast(pl.Int128) * pl.lit(limit.numerator, pl.Int128)
        return _values(rows, rule).filter(COMPARISONS[wanted.operator](own, bound)).drop("top", "bottom")
    seen = counts(rows, rule, at_least=floor_of(wanted.operator, wanted.value))
    if rule.expression is not None:
        return seen.filter("#fulfilled").drop("#fulfilled")
    return seen.filter(COMPARISONS[wanted.operator](pl.col("count"), pl.lit(wanted.value)))


def floor_of(operator: str, limit: float) -> int:
    """Give the least count that fulfils a comparison: windows below are never looked at."""
    return max(0, int({"gte": limit, "gt": limit + 1, "eq": limit}.get(operator, 0)))


def fulfils(counts: npt.NDArray[np.int64], operator: str, limit: float) -> npt.NDArray[np.bool_]:
    """Compare counts with a limit."""
    return pl.select(COMPARISONS[operator](pl.lit(pl.Series(counts)), pl.lit(limit))).to_series().to_numpy()


def counts(rows: pl.DataFrame, rule: Correlation, at_least: int = 0) -> pl.DataFrame:
    """Say what each window holds: groups, time, count; windows below `at_least` may be left out."""
    if rule.type in TEMPORAL:
        return _temporal(rows, rule)
    if rule.type in ON_VALUES:
        return _values(rows, rule).drop("top", "bottom")
    fields = [counted_as(field, rows.columns) for field in rule.condition.fields]
    if not fields:
        return count_over_time(rows, rule.group_by, rule.timespan, at_least)
    return distinct_over_time(rows, rule.group_by, fields, rule.timespan, at_least)


def _values(rows: pl.DataFrame, rule: Correlation) -> pl.DataFrame:
    (field,) = rule.condition.fields
    if not rows.schema[field].is_integer():  # the log lacks it
        rows = rows.with_columns(pl.lit(None, pl.Int64).alias(field))
    statistic = cast("Statistic", rule.type.removeprefix("value_"))
    found = values_over_time(rows, rule.group_by, field, rule.timespan, statistic, rule.condition.percentile or 0)
    half = pl.col("bottom").cast(pl.Int128)
    rounded = (2 * pl.col("top") + half).floordiv(2 * half).clip(-_MOST, _MOST).cast(pl.Int64)
    return found.with_columns(count=rounded)


def _temporal(rows: pl.DataFrame, rule: Correlation) -> pl.DataFrame:
    steps = [f"#step{place}" for place in range(len(rule.rules))]
    if rule.type == "temporal_ordered":
        return ordered_over_time(rows, rule.group_by, steps, rule.timespan)
    seen = steps_over_time(rows, rule.group_by, steps, rule.timespan)
    shown = pl.sum_horizontal(pl.col(step).cast(pl.Int64) for step in steps).alias("count")
    kept = [*rule.group_by, "time", shown]
    if rule.expression is not None:
        named = {name: pl.col(step) for name, step in zip(rule.rules, steps, strict=True)}
        kept.append(_fulfilled(rule.expression, named).alias("#fulfilled"))
    return seen.select(kept)


def _fulfilled(condition: Condition, steps: Mapping[str, pl.Expr]) -> pl.Expr:
    match condition:
        case Leaf(name):
            return steps[name]
        case Not(part):
            return ~_fulfilled(part, steps)
        case All(parts):
            return pl.all_horizontal(_fulfilled(part, steps) for part in parts)
        case AnyOf(parts):
            return pl.any_horizontal(_fulfilled(part, steps) for part in parts)
