"""Apply what overlays set of a rule: thresholds become one expression over region, structure and profession."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from operator import and_

import polars as pl

from tocsin.rules.comparisons import PROFILE, Tuning
from tocsin.rules.rule import ON_VALUES, TEMPORAL, Correlation, Rule
from tocsin.rules.windows import COMPARISONS, hits_of

_LIMIT = "correlation.condition."
_TIMESPAN = "correlation.timespan"


def profiles(events: pl.DataFrame) -> pl.DataFrame:
    """Say who each account is on each night: account, night and its most frequent profession, structure and region."""
    missing = [pl.lit(None, pl.String).alias(column) for column in PROFILE if column not in events.columns]
    rows = events.with_columns(missing).group_by("account", "night")
    return rows.agg(pl.col(PROFILE).drop_nulls().mode().min())


def spans(rule: Correlation) -> Iterator[Correlation]:
    """Give the rule once for each timespan that it has somewhere."""
    others = [tuning.value for tuning in rule.tunings if isinstance(tuning.value, timedelta)]
    for span in dict.fromkeys((rule.timespan, *others)):
        yield replace(rule, timespan=span)


def tuned_hits(rows: pl.DataFrame, nights: pl.DataFrame, rule: Correlation, standard: timedelta) -> pl.DataFrame:
    """Give the hits (rules.windows.hits_of) that the limits of each account allow, where its timespan is the rule's.

    `rows` have a night; `nights` are profiles; `standard` is the timespan where no overlay sets another.
    """
    key = ["account"] if "account" in rule.group_by else ["structure"]
    limits = _limits(nights, key, rule, standard)
    parts = [_kept(rows, limits, tried) for tried in _tries(rule)]
    return pl.concat(parts)


def without_disabled(episodes: pl.DataFrame, nights: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Leave out the episodes of accounts for which an overlay switches the rule off."""
    off = [tuning for tuning in rule.tunings if tuning.key == "enabled"]
    if not off:
        return episodes
    known = nights.select("account", "night", _set(off, pl.lit(value=True)).alias("#enabled"))
    joined = episodes.join(known, on=["account", "night"], how="left", maintain_order="left")
    return joined.filter(pl.col("#enabled").fill_null(value=True)).drop("#enabled")


def _limits(nights: pl.DataFrame, key: list[str], rule: Correlation, standard: timedelta) -> pl.DataFrame:
    limits = [tuning for tuning in rule.tunings if tuning.key.startswith(_LIMIT)]
    others = [tuning for tuning in rule.tunings if tuning.key == _TIMESPAN]
    return nights.select(
        *key,
        "night",
        _set(limits, pl.lit(rule.condition.value, pl.Float64)).alias("#limit"),
        (_set(others, pl.lit(standard)) == pl.lit(rule.timespan)).alias("#mine"),
    ).unique()


def _tries(rule: Correlation) -> Iterator[tuple[Correlation, bool]]:
    """Give the rule with the lowest of its limits, or, where one limit does not contain the other, with each."""
    values = [rule.condition.value, *(t.value for t in rule.tunings if t.key.startswith(_LIMIT))]
    numbers = [value for value in values if isinstance(value, int | float)]
    if rule.condition.operator in ("gte", "gt") and rule.type not in (*ON_VALUES, *TEMPORAL):
        yield _limited(rule, min(numbers)), False
        return
    for value in dict.fromkeys(numbers):
        yield _limited(rule, value), True


def _limited(rule: Correlation, value: float) -> Correlation:
    return replace(rule, condition=replace(rule.condition, value=value))


def _kept(rows: pl.DataFrame, limits: pl.DataFrame, tried: tuple[Correlation, bool]) -> pl.DataFrame:
    rule, is_alone = tried
    found = hits_of(rows, rule)
    key = [column for column in limits.columns if not column.startswith("#") and column != "night"]
    instant = [*rule.group_by, "time"]
    nights = rows.join(found, on=instant, how="semi").group_by(instant).agg(pl.col("night").min())
    known = found.join(nights, on=instant).join(limits, on=[*key, "night"], how="left")
    limit = pl.col("#limit").fill_null(float(rule.condition.value))
    fits = (
        limit == float(rule.condition.value)
        if is_alone
        else COMPARISONS[rule.condition.operator](pl.col("count"), limit)
    )
    return known.filter(fits, pl.col("#mine").fill_null(value=True)).select(found.columns)


def _set(tunings: list[Tuning], otherwise: pl.Expr) -> pl.Expr:
    """Write what is set as one expression; what has priority stands first in `tunings`."""
    value = otherwise
    for tuning in reversed(tunings):
        value = pl.when(_holds(tuning)).then(pl.lit(tuning.value)).otherwise(value)
    return value


def _holds(tuning: Tuning) -> pl.Expr:
    tests = [pl.col(column).is_in(list(values)).fill_null(value=False) for column, values in tuning.when.items()]
    if tuning.until is not None:
        tests.append(pl.col("night") <= pl.lit(tuning.until))
    return reduce(and_, tests)
