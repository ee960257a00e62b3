"""Apply what overlays set of a rule: thresholds become one expression over region, structure, profession and source."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from operator import and_

import polars as pl

from tocsin.rules.comparisons import PROFILE, SOURCE, SOURCE_NAME, Tuning
from tocsin.rules.rule import ON_VALUES, TEMPORAL, Correlation, Rule
from tocsin.rules.windows import COMPARISONS, hits_of

_LIMIT = "correlation.condition."
_TIMESPAN = "correlation.timespan"
_FACTOR = "tocsin.baseline.factor"


def profiles(events: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Say who the wanted accounts, or structures, are on their nights: the most frequent value of each column.

    `wanted` has the columns of a key and night; the answer has them, the PROFILE that they lack, and the source.
    """
    keys = wanted.columns
    told = [column for column in (*PROFILE, SOURCE_NAME) if column not in keys]
    missing = [pl.lit(None, pl.String).alias(column) for column in told if column not in events.columns]
    rows = events.select(*keys, *(column for column in told if column in events.columns)).join(
        wanted, on=keys, how="semi"
    )
    return rows.with_columns(missing).group_by(keys).agg(pl.col(told).drop_nulls().mode().min())


def covers(when: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    """Test PROFILE and SOURCE_NAME for an account that an overlay is for; one that names nobody is for everybody."""
    tests = [_is_one_of(column_of(key), values) for key, values in when.items()]
    return reduce(and_, tests) if tests else pl.lit(value=True)


def _is_one_of(column: str, values: tuple[str, ...]) -> pl.Expr:
    return pl.col(column).is_in(list(values)).fill_null(value=False)


def column_of(key: str) -> str:
    """Name the column that holds what an overlay tells accounts by."""
    return SOURCE_NAME if key == SOURCE else key


def spans(rule: Correlation) -> Iterator[Correlation]:
    """Give the rule once for each timespan that it has somewhere."""
    others = [tuning.value for tuning in rule.tunings if isinstance(tuning.value, timedelta)]
    for span in dict.fromkeys((rule.timespan, *others)):
        yield replace(rule, timespan=span)


def is_enabled(rule: Rule) -> pl.Expr:
    """Say of account-nights (PROFILE and night) whether a rule is switched on for them."""
    return _set([tuning for tuning in rule.tunings if tuning.key == "enabled"], pl.lit(value=True))


def without_disabled(episodes: pl.DataFrame, events: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Leave out the episodes of accounts for which an overlay switches the rule off."""
    off = [tuning for tuning in rule.tunings if tuning.key == "enabled"]
    if not off or episodes.is_empty():
        return episodes
    nights = profiles(events, episodes.select("account", "night").unique())
    known = nights.select("account", "night", _set(off, pl.lit(value=True)).alias("#enabled"))
    joined = episodes.join(known, on=["account", "night"], how="left", maintain_order="left")
    return joined.filter(pl.col("#enabled").fill_null(value=True)).drop("#enabled")


def _limits(nights: pl.DataFrame, key: str, rule: Correlation, standard: timedelta) -> pl.DataFrame:
    others = [tuning for tuning in rule.tunings if tuning.key == _TIMESPAN]
    return nights.select(
        key,
        "night",
        limit_of(rule).alias("#limit"),
        (_set(others, pl.lit(standard)) == pl.lit(rule.timespan)).alias("#mine"),
    )


def limit_of(rule: Correlation) -> pl.Expr:
    """Write the number that the windows of an account-night (PROFILE, night) are compared with."""
    limits = [tuning for tuning in rule.tunings if tuning.key.startswith(_LIMIT)]
    return _set(limits, pl.lit(rule.condition.value, pl.Float64))


def span_of(rule: Correlation) -> pl.Expr:
    """Write the timespan that holds for an account-night (PROFILE, night)."""
    return _set([tuning for tuning in rule.tunings if tuning.key == _TIMESPAN], pl.lit(rule.timespan))


def factor_of(rule: Correlation) -> pl.Expr:
    """Write the factor of the rule's one baseline that holds for an account-night (PROFILE, night)."""
    return _set([one for one in rule.tunings if one.key == _FACTOR], pl.lit(float(rule.baselines[0].factor)))


def limits_of(rule: Correlation) -> list[int | float]:
    """Give every number that the rule's windows are compared with somewhere, the standard one first."""
    values = [rule.condition.value, *(t.value for t in rule.tunings if t.key.startswith(_LIMIT))]
    return list(dict.fromkeys(value for value in values if isinstance(value, int | float)))


def tuned_hits(rows: pl.DataFrame, events: pl.DataFrame, rule: Correlation, standard: timedelta) -> pl.DataFrame:
    """Give the hits (rules.windows.hits_of) that the limits of each account allow, where its timespan is the rule's.

    `rows` are the events of the rule, `events` all of them; `standard` is the timespan where no overlay sets another.
    The lowest limit finds all hits, unless one limit does not contain the other: then each is tried.
    """
    nested = rule.condition.operator in ("gte", "gt") and rule.type not in (*ON_VALUES, *TEMPORAL)
    limits = limits_of(rule)
    parts = []
    for value in [min(limits)] if nested else limits:
        found = hits_of(rows, replace(rule, condition=replace(rule.condition, value=value)))
        instant = [*rule.group_by, "time"]
        nights = rows.join(found, on=instant, how="semi").group_by(instant).agg(pl.col("night").min())
        known = found.join(nights, on=instant)
        parts.append(allowed(known, events, rule, standard, None if nested else value).select(found.columns))
    return pl.concat(parts)


def allowed(
    found: pl.DataFrame, events: pl.DataFrame, rule: Correlation, standard: timedelta, tried: float | None = None
) -> pl.DataFrame:
    """Keep the hits (with their `night`) that the limit of their account allows, where its timespan is the rule's.

    `found` holds the hits of the lowest limit; or, with `tried`, those of this one, for the accounts that have it.
    """
    key = "account" if "account" in rule.group_by else "structure"
    limits = _limits(profiles(events, found.select(key, "night").unique()), key, rule, standard)
    known = found.join(limits, on=[key, "night"], how="left", maintain_order="left")
    limit = pl.col("#limit")
    fits = COMPARISONS[rule.condition.operator](pl.col("count"), limit) if tried is None else limit == float(tried)
    return known.filter(fits, pl.col("#mine")).select(found.columns)


def _set(tunings: list[Tuning], otherwise: pl.Expr) -> pl.Expr:
    """Write what is set as one expression; what has priority stands first in `tunings`."""
    value = otherwise
    for tuning in reversed(tunings):
        value = pl.when(_holds(tuning)).then(pl.lit(tuning.value)).otherwise(value)
    return value


def _holds(tuning: Tuning) -> pl.Expr:
    test = covers(tuning.when)
    return test if tuning.until is None else test & (pl.col("night") <= pl.lit(tuning.until))
