"""Hits of any value, read off one measured pass (docs/decisions/0110)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction

import polars as pl

from tocsin.rules.comparisons import Tuning, told_by
from tocsin.rules.overlay import Overlays, tuned
from tocsin.rules.rule import Correlation, RuleSet
from tocsin.rules.tuning import covers, limit_of
from tocsin.rules.windows import COMPARISONS
from tocsin.tune.knobs import Knob, is_nested
from tocsin.tune.scope import Scope
from tocsin.tune.turned import Turned

HITS = {"account": pl.String(), "night": pl.Date(), "peak": pl.Int64(), "usual": pl.Float64()}
"""The account-nights for which a rule rang, with the most that a window held and what a baseline compared it with."""


def measured_with(rules: RuleSet, overlays: Overlays, scope: Scope, knobs: Iterable[Knob]) -> RuleSet:
    """Give the rules that one pass measures: today's, with the lowest value of each knob for the scope.

    What cannot be read off is measured beside them, as a rule of another name for each value.
    """
    lowest: dict[str, Tuning] = {}
    others: list[Correlation] = []
    today = tuned(rules, overlays)
    for knob in (one for one in knobs if not (one.is_family or one.is_factor)):
        rule = today.by_name[knob.name]
        assert isinstance(rule, Correlation)  # noqa: S101 only correlations have knobs
        if is_nested(rule) and not knob.is_timespan:
            lowest[knob.name] = knob.tuning(scope, knob.values[0])
        else:
            others += [_beside(rule, knob, value) for value in knob.values]
    wide = tuned(rules, Turned(lowest, when=scope.when).above(overlays))
    return replace(wide, correlations=(*wide.correlations, *others))


def _beside(rule: Correlation, knob: Knob, value: float) -> Correlation:
    """Give a rule with another value for everybody, under a name of its own."""
    if knob.is_timespan:
        kept = tuple(one for one in rule.tunings if one.key != knob.key)
        return replace(rule, name=_named(knob, value), timespan=timedelta(seconds=value), tunings=kept)
    limit = replace(rule.condition, value=value)
    kept = tuple(one for one in rule.tunings if not one.key.startswith("correlation.condition."))
    return replace(rule, name=_named(knob, value), condition=limit, tunings=kept)


def _named(knob: Knob, value: float) -> str:
    return f"{knob.name}@{knob.key}={value:g}"


@dataclass(frozen=True, slots=True)
class Hits:
    """The episodes of one pass (`measured_with`), from which those of each value are read off."""

    measured: pl.DataFrame
    active: pl.DataFrame
    """An account and night a row: account, night and PROFILE."""
    rules: RuleSet
    overlays: Overlays
    scope: Scope
    knobs: Sequence[Knob]
    today: RuleSet
    """The rules as they are for everybody."""
    _mine: dict[str, pl.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    @property
    def rules_of(self) -> list[Knob]:
        """The thresholds and timespans."""
        return [knob for knob in self.knobs if not (knob.is_family or knob.is_factor)]

    def episodes(self, windows: Mapping[str, Tuning]) -> pl.DataFrame:
        """Give the episodes (correlation.EPISODES) of all rules, with these thresholds or timespans for the scope."""
        names = {knob.name for knob in self.rules_of}
        known = self.measured.filter(
            ~pl.col("rule").is_in(sorted(names)), ~pl.col("rule").str.contains("@", literal=True)
        )
        return pl.concat([known, *(self._of(knob, windows.get(knob.name)) for knob in self.rules_of)])

    def of_rules(self, turned: Turned) -> pl.DataFrame:
        """Give the episodes of the rules of which something is turned."""
        mine = [self._of(knob, turned.windows.get(knob.name)) for knob in self.rules_of if knob.name in turned.rules]
        as_they_are = turned.rules - {knob.name for knob in self.rules_of}
        return pl.concat([self.measured.filter(pl.col("rule").is_in(sorted(as_they_are))), *mine])

    def kept(self, turned: Turned) -> tuple[tuple[str, int | str], ...]:
        """Tell values apart by the hits that they leave: equal answers mean equal hits."""
        found: list[tuple[str, int | str]] = [
            (name, f"{one.value} {sorted(one.when.items())}") for name, one in turned.factors.items()
        ]
        for knob in self.rules_of:
            if knob.name in turned.windows:
                rows = self._rung(knob, turned.windows[knob.name])
                found.append((knob.name, hash(rows.hash_rows(seed=1).to_numpy().tobytes())))
        return tuple(sorted(found, key=str))

    def changes_on(self, turned: Turned) -> date | None:
        """Give the first night on which these values may have other hits than today's; None where there is none."""
        nights: list[date] = []
        for knob in self.rules_of:
            if knob.name in turned.windows:
                new, old = self._rung(knob, turned.windows[knob.name]), self._rung(knob, None)
                keys = ["account", "night", "peak"]
                both = pl.concat([new.join(old, on=keys, how="anti"), old.join(new, on=keys, how="anti")])
                nights += both["night"].to_list()
        for name, tuning in turned.factors.items():
            if not self._is_todays(name, tuning):
                rows = self.of_rules(Turned(turned.windows, {name: tuning})).filter(pl.col("rule") == name)
                known = rows.join(self.active, on=["account", "night"], how="left")
                nights += known.filter(covers(tuning.when))["night"].to_list()
        return min(nights, default=None)

    def _is_todays(self, name: str, tuning: Tuning) -> bool:
        """Say whether everybody has this factor already."""
        rule = self.today.by_name[name]
        assert isinstance(rule, Correlation)  # noqa: S101 only correlations have knobs
        if any(one.key == tuning.key for one in rule.tunings):
            return False
        return rule.baselines[0].factor == Fraction(str(tuning.value))

    def _rung(self, knob: Knob, tuning: Tuning | None) -> pl.DataFrame:
        rows = self._of(knob, tuning).drop_nulls("account").group_by("account", "night").agg(pl.col("peak").max())
        return rows.sort("night", "account")

    def peaks_of(self, knob: Knob) -> pl.DataFrame:
        """Give the fullest window of every account-night that reaches the lowest value, and who it is."""
        rows = self._with_profile(knob.name).drop_nulls("account")
        return (
            rows.group_by("account", "night", *told_by(rows.columns)).agg(pl.col("peak").max()).sort("night", "account")
        )

    def _of(self, knob: Knob, tuning: Tuning | None) -> pl.DataFrame:
        """Give the episodes of a rule, as it is or with a value for the scope."""
        rule = self.today.by_name[knob.name]
        assert isinstance(rule, Correlation)  # noqa: S101 only correlations have knobs
        own = self._with_profile(knob.name)
        if knob.is_timespan or not is_nested(rule):
            if tuning is None:
                return own.select(self.measured.columns)
            inside = covers(tuning.when)
            set_to = tuning.value
            value = set_to.total_seconds() if isinstance(set_to, timedelta) else float(str(set_to))
            other = self._with_profile(_named(knob, value)).with_columns(rule=pl.lit(knob.name))
            return pl.concat([own.filter(~inside), other.filter(inside)]).select(self.measured.columns)
        if tuning is not None:
            rule = replace(rule, tunings=(tuning, *rule.tunings))
        reached = COMPARISONS[rule.condition.operator](pl.col("peak"), limit_of(rule))
        return own.filter(reached).select(self.measured.columns)

    def _with_profile(self, name: str) -> pl.DataFrame:
        if name not in self._mine:
            rows = self.measured.filter(pl.col("rule") == name)
            self._mine[name] = rows.join(self.active, on=["account", "night"], how="left", maintain_order="left")
        return self._mine[name]
