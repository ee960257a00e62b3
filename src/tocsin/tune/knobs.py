"""Knobs: what of a rule can be turned for some accounts, and the values worth trying."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from tocsin.errors import Place, SettingsError
from tocsin.located import did_you_mean
from tocsin.rules.attributes import parse_span
from tocsin.rules.comparisons import Tuning
from tocsin.rules.narrowing import is_factor
from tocsin.rules.overlay_file import FACTOR, TIMESPAN
from tocsin.rules.rule import FAMILIES, TEMPORAL, Correlation, Detection, RuleSet
from tocsin.rules.threshold import is_limit
from tocsin.settings import Settings
from tocsin.tune.scope import Scope
from tocsin.words import _

CAP = "cap"
"""The key of a family that can be turned."""

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
"""Seconds of the units that a timespan is written in."""

ABOVE_ALL = 1_000
"""The priority of a value that is tried: no overlay has more than 100."""

TRIED = Place("tried")
"""Where a value that is tried stands."""

LEFT_ALONE = ("outlier", "campaign")
"""Families without a cap of a region's own: the one decides nothing, the other is about several regions."""

FACTORS = (1, 1.1, 1.2, 1.3, 1.5, 1.75, 2, 2.5, 3, 4, 5)
"""Factors that are tried: how many times the usual a baseline asks for."""

STEPS = (25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300, 350, 400)
"""Values that are tried, in hundredths of today's."""


@dataclass(frozen=True, slots=True)
class Knob:
    """One number of one rule, or the cap of one family, with the values to try in ascending order."""

    name: str
    key: str
    values: tuple[float, ...]
    only: bool = False
    """Whether values between these are not to be tried: somebody named them."""

    @property
    def is_family(self) -> bool:
        """Say whether it is the cap of a family."""
        return self.key == CAP

    @property
    def is_factor(self) -> bool:
        """Say whether it is how many times the usual the baseline of a rule asks for."""
        return self.key == FACTOR

    @property
    def label(self) -> str:
        """What it is called where a value is named: by its rule or family, a factor apart from the threshold."""
        return f"{self.name}.factor" if self.is_factor else self.name

    @property
    def is_timespan(self) -> bool:
        """Say whether it is how long a window is; its values are seconds."""
        return self.key == TIMESPAN

    def between(self, one: float, other: float) -> float | None:
        """Give the value in the middle of two, as round as people write it; None where there is none to try."""
        if self.only or self.is_timespan:  # timespans are measured one by one
            return None
        whole = not (self.is_family or self.is_factor) and all(isinstance(value, int) for value in self.values)
        low, high = sorted((one, other))
        middle = (low + high) // 2 if whole else round((low + high) / 2, 2)
        return middle if low < middle < high else None

    def tuning(self, scope: Scope, value: float) -> Tuning:
        """Say of the rule what an overlay with this value would."""
        set_to = timedelta(seconds=value) if self.is_timespan else value
        return Tuning(scope.when, self.key, set_to, TRIED, "", None, ABOVE_ALL, self.said(value))

    def said(self, value: float) -> str:
        """Write a value as a rule does."""
        if not self.is_timespan:
            return f"{value:g}"
        unit = next(one for one in ("d", "h", "m", "s") if not value % UNITS[one])
        return f"{value / UNITS[unit]:g}{unit}"


def numbers(option: str, texts: Sequence[str], *, spans: bool = False) -> dict[str, float]:
    """Read NAME=VALUE, a timespan too where `spans` may be given; SettingsError where one is something else."""
    found: dict[str, float] = {}
    for text in texts:
        name, _sign, value = text.partition("=")
        span = parse_span(value) if spans else None
        try:
            number = span.total_seconds() if span else float(value)
        except ValueError:
            message = _("{option} {text!r} is no rule with a value").format(option=option, text=text)
            raise SettingsError(message, hint=_("write it as distinct_people_1h=120")) from None
        found[name] = int(number) if number.is_integer() else number
    return found


def threshold(rules: RuleSet, name: str, values: Sequence[float] = (), taken: float | None = None) -> Knob:
    """Give the threshold of a rule as a knob; SettingsError where the rule is unknown or has none of its own."""
    rule = rules.by_name.get(name)
    if rule is None:
        near = did_you_mean(name, [one.name for one in rules.rules if one.reports])
        raise SettingsError(
            _("no rule is called '{name}'").format(name=name), hint=near or _("`tocsin rules list` lists them")
        )
    why = _without_threshold(rule, rules)
    if why:
        raise SettingsError(
            _("the rule '{name}' has no threshold to tune: {why}").format(name=name, why=why),
            hint=_("an overlay can set its level, its score, or switch it off"),
        )
    assert isinstance(rule, Correlation)  # noqa: S101 a detection has no threshold
    tried = sorted(set(values) | {rule.condition.value} if values else around(rule.condition.value))
    if taken is not None:
        tried = sorted({*tried, taken})
    for value in tried:
        if not is_limit(value, rule.type) or value < 1:
            message = _("the rule '{name}' cannot have the value {value:g}").format(name=name, value=value)
            raise SettingsError(message, hint=_("write a whole number from 1"))
    return Knob(name, f"correlation.condition.{rule.condition.operator}", tuple(tried), only=bool(values))


def timespan(rules: RuleSet, name: str, texts: Sequence[str]) -> Knob:
    """Give the timespan of a rule as a knob; SettingsError where the rule is unknown, or is the same everywhere."""
    told = threshold(rules, name)
    rule = rules.by_name[told.name]
    assert isinstance(rule, Correlation)  # noqa: S101 it has a threshold
    if rule.baselines:
        raise SettingsError(
            _("the rule '{name}' has a baseline: its timespan is the same everywhere").format(name=name),
            hint=_("tune its threshold"),
        )
    found = {text: parse_span(text) for text in texts}
    for text, span in found.items():
        if span is None:
            raise SettingsError(_("'{text}' is no timespan").format(text=text), hint=_("write it as 30m, 2h or 1d"))
    seconds = {span.total_seconds() for span in (rule.timespan, *found.values()) if span is not None}
    return Knob(name, TIMESPAN, tuple(sorted(seconds)))


def factor(rules: RuleSet, name: str, values: Sequence[float] = (), taken: float | None = None) -> Knob:
    """Give the factor of a rule's baseline as a knob; SettingsError where the rule is unknown, or has no baseline."""
    rule = rules.by_name[threshold(rules, name).name]
    assert isinstance(rule, Correlation)  # noqa: S101 it has a threshold
    if len(rule.baselines) != 1:
        raise SettingsError(
            _("the rule '{name}' has no factor to tune: it compares with {n} baselines").format(
                name=name, n=len(rule.baselines)
            ),
            hint=_("tune its threshold"),
        )
    today = float(rule.baselines[0].factor)
    found = {*(values or FACTORS), today, *([] if taken is None else [taken])}
    for value in found:
        if not is_factor(value):
            message = _("the rule '{name}' cannot have the factor {value:g}").format(name=name, value=value)
            raise SettingsError(message, hint=_("write a number above 0"))
    return Knob(name, FACTOR, tuple(sorted(found)), only=bool(values))


def caps(settings: Settings, taken: Mapping[str, float] | None = None) -> list[Knob]:
    """Give the caps of the families as knobs: whole points, from what the settings allow down to nothing.

    `taken` are values that are tried besides, where the settings allow them.
    """
    also = taken or {}
    return [
        Knob(
            family, CAP, tuple(sorted({*range(int(cap) + 1), *(v for v in (also.get(family),) if v and 0 < v <= cap)}))
        )
        for family, cap in settings.families.caps.items()
        if family in FAMILIES and family not in LEFT_ALONE
    ]


def of_rules(rules: RuleSet, taken: Mapping[str, float] | None = None) -> list[Knob]:
    """Give threshold and factor of every rule that rings and has them; `taken` are values that are tried besides."""
    return [
        knob
        for rule in rules.correlations
        if rule.reports and not _without_threshold(rule, rules)
        for knob in of_rule(rules, rule.name, taken)
    ]


def of_rule(rules: RuleSet, name: str, taken: Mapping[str, float] | None = None) -> list[Knob]:
    """Give the threshold of a rule and, where it has one baseline, its factor; raises as `threshold` does."""
    also = taken or {}
    found = [threshold(rules, name, (), also.get(name))]
    rule = rules.by_name[name]
    if isinstance(rule, Correlation) and len(rule.baselines) == 1:
        found.append(factor(rules, name, (), also.get(f"{name}.factor")))
    return found


def _without_threshold(rule: Detection | Correlation, rules: RuleSet) -> str:
    """Say why the threshold of a rule cannot be tuned for some accounts; empty where it can."""
    if isinstance(rule, Detection):
        return _("it rings for whatever matches")
    if rule.type in TEMPORAL:
        return _("it asks for certain rules within a time, not for a number")
    if "account" not in rule.group_by:
        return _("it is grouped by {groups}, which are of no one region").format(groups=", ".join(rule.group_by))
    if not rule.reports:
        return _("it does not ring by itself")
    above = [other.name for other in rules.correlations if rule.name in rules.steps(other.name)]
    if above:
        return _("the rule '{name}' is built on it").format(name=above[0])
    return ""


def around(value: float) -> set[float]:
    """Give values around one, whole where it is, down to a quarter and up to four times as much."""
    if isinstance(value, float):
        return {round(value * step / 100, 6) for step in STEPS}
    return {max(1, _rounded(value * step / 100)) for step in STEPS if value * step >= 50} | {value}


def _rounded(value: float) -> int:
    """Round to two digits, so that people can say it."""
    digits = max(0, len(str(int(value))) - 2)
    return int(round(value, -digits))


def is_nested(rule: Correlation) -> bool:
    """Say whether every hit of a higher threshold is one of a lower: then values are read off the peaks."""
    return rule.condition.operator in ("gte", "gt") and rule.type in ("event_count", "value_count", "value_sum")
