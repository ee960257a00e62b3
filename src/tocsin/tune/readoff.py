"""Hits of any value, read off one measured pass (docs/decisions/0110)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from tocsin.rules.comparisons import Tuning, told_by
from tocsin.rules.overlay import Overlays, tuned
from tocsin.rules.rule import Correlation, RuleSet
from tocsin.rules.tuning import covers, limit_of
from tocsin.rules.windows import COMPARISONS
from tocsin.tune.knobs import Knob, is_nested, tried
from tocsin.tune.scope import Scope

HITS = {"account": pl.String(), "night": pl.Date(), "peak": pl.Int64()}
"""The account-nights for which a rule rang, with the most that a window held."""


def measured_with(rules: RuleSet, overlays: Overlays, scope: Scope, knobs: Iterable[Knob]) -> RuleSet:
    """Give the rules that one pass measures: today's, with the lowest value of each knob for the scope.

    What cannot be read off is measured beside them, as a rule of another name for each value.
    """
    lowest: dict[str, Tuning] = {}
    others: list[Correlation] = []
    today = tuned(rules, overlays)
    for knob in (one for one in knobs if not one.is_family):
        rule = today.by_name[knob.name]
        assert isinstance(rule, Correlation)  # noqa: S101 only correlations have knobs
        if is_nested(rule) and not knob.is_timespan:
            lowest[knob.name] = knob.tuning(scope, knob.values[0])
        else:
            others += [_beside(rule, knob, value) for value in knob.values]
    wide = tuned(rules, tried(overlays, scope, lowest, {}))
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
        """The knobs of rules."""
        return [knob for knob in self.knobs if not knob.is_family]

    def episodes(self, tunings: Mapping[str, Tuning]) -> pl.DataFrame:
        """Give the episodes (correlation.EPISODES) of all rules, with these values for the scope."""
        names = {knob.name for knob in self.rules_of}
        known = self.measured.filter(
            ~pl.col("rule").is_in(sorted(names)), ~pl.col("rule").str.contains("@", literal=True)
        )
        return pl.concat([known, *(self._of(knob, tunings.get(knob.name)) for knob in self.rules_of)])

    def of_rules(self, tunings: Mapping[str, Tuning]) -> pl.DataFrame:
        """Give the episodes of the rules that these values are of."""
        mine = [self._of(knob, tunings[knob.name]) for knob in self.rules_of if knob.name in tunings]
        return pl.concat([self.measured.clear(), *mine])

    def kept(self, tunings: Mapping[str, Tuning]) -> tuple[tuple[str, int], ...]:
        """Tell values apart by the hits that they leave: equal answers mean equal hits."""
        found = []
        for knob in self.rules_of:
            if knob.name in tunings:
                rows = self._rung(knob, tunings[knob.name])
                found.append((knob.name, hash(rows.hash_rows(seed=1).to_numpy().tobytes())))
        return tuple(found)

    def changes_on(self, tunings: Mapping[str, Tuning]) -> date | None:
        """Give the first night on which these values have other hits than today's; None where there is none."""
        nights: list[date] = []
        for knob in self.rules_of:
            if knob.name in tunings:
                new, old = self._rung(knob, tunings[knob.name]), self._rung(knob, None)
                keys = ["account", "night", "peak"]
                both = pl.concat([new.join(old, on=keys, how="anti"), old.join(new, on=keys, how="anti")])
                nights += both["night"].to_list()
        return min(nights, default=None)

    def _rung(self, knob: Knob, tuning: Tuning | None) -> pl.DataFrame:
        rows = self._of(knob, tuning).drop_nulls("account").group_by("account", "night").agg(pl.col("peak").max())
        return rows.sort("night", "account")

    def peaks_of(self, knob: Knob) -> pl.DataFrame:
        """Give the fullest window of every account-night that reaches the lowest value: HITS, and who it is."""
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
            inside = covers(self.scope.when)
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
