"""Read one overlay: for whom it is, and what it sets of which rule, with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from tocsin.enrich.calendar import holidays_between
from tocsin.errors import Place, SettingsError
from tocsin.located import Node, did_you_mean
from tocsin.rules.attributes import (
    parse_span,
    read_choice,
    read_number,
    read_text,
    read_whole,
    refuse_unknown_keys,
    required,
)
from tocsin.rules.case import Case
from tocsin.rules.cases import read_cases
from tocsin.rules.comparisons import OVERLAID_BY, Tuning
from tocsin.rules.lint import Faults
from tocsin.rules.load import Doubtful
from tocsin.rules.narrowing import is_factor
from tocsin.rules.rule import FAMILIES, LEVELS, Correlation, Detection, RuleSet
from tocsin.rules.threshold import is_limit
from tocsin.words import _

_KEYS = ("when", "priority", "budget", "families", "rules", "calendar", "tests")
_ABOUT = ("reason", "until", "kept")
_LIMIT = "correlation.condition."
TIMESPAN = "correlation.timespan"
SCORE = "tocsin.score"
FACTOR = "tocsin.baseline.factor"
"""Of a rule with one baseline: of several it would not say which."""

Profile = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class FamilyTuning:
    """A cap on the points of an evidence family."""

    family: str
    cap: float
    """Points."""
    reason: str
    until: date | None
    place: Place


@dataclass(frozen=True, slots=True)
class Calendar:
    """The zone and the holidays of some accounts; holidays are named as the library does, `FR` or `FR-57`."""

    when: Mapping[str, tuple[str, ...]]
    zone: str | None
    holidays: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Overlay:
    """One document of an overlay file."""

    title: str
    place: Place
    when: Mapping[str, tuple[str, ...]]
    tunings: tuple[tuple[str, Tuning], ...]
    families: tuple[FamilyTuning, ...]
    calendar: Calendar | None
    budget: int | None
    tests: tuple[tuple[str, Case], ...]
    priority: int = 0
    budget_place: Place | None = None

    def covers(self, profile: Profile) -> bool:
        """Say whether an account is one that the overlay is for."""
        return all(profile.get(column) in values for column, values in self.when.items())


def read_overlay(node: Node, rules: RuleSet, faults: Faults, doubtful: Doubtful) -> Overlay | None:
    """Read an overlay over these rules; notes all its faults, but what hangs on a doubtful rule."""
    if not node.is_mapping or "overlay" not in node:
        faults.add("E070", node.place, _("a file of overlays holds mappings with 'title' and 'overlay'"))
        return None
    refuse_unknown_keys(node, ("title", "description", "author", "date", "modified", "overlay"), faults)
    title = read_text(node, "title", faults, longest=256) if required(node, "title", faults) else ""
    inner = node["overlay"]
    if not inner.is_mapping:
        faults.add("E070", inner.place, _("overlay is a mapping"))
        return None
    refuse_unknown_keys(inner, _KEYS, faults)
    when = _read_when(inner, faults)
    priority = read_whole(inner, "priority", -100, 100, faults) or 0
    named = inner.get("rules")
    if named is not None and not named.is_mapping:
        faults.add("E070", named.place, _("rules is a mapping of names of rules"))
    overrides = list(named.items()) if named is not None else []
    return Overlay(
        title=title,
        place=node.place,
        when=when,
        tunings=tuple(
            (name, tuning)
            for name, place, value in overrides
            for tuning in _read_rule(name, place, value, _For(when, priority, rules, doubtful), faults)
        ),
        families=_read_families(inner.get("families"), faults),
        calendar=_read_calendar(inner.get("calendar"), when, faults),
        budget=read_whole(inner, "budget", 1, 1_000_000, faults),
        tests=_read_tests(inner, rules, faults, doubtful),
        priority=priority,
        budget_place=inner["budget"].place if "budget" in inner else None,
    )


@dataclass(frozen=True, slots=True)
class _For:
    """What every override of an overlay shares."""

    when: Mapping[str, tuple[str, ...]]
    priority: int
    rules: RuleSet
    doubtful: Doubtful


def _read_when(inner: Node, faults: Faults) -> dict[str, tuple[str, ...]]:
    found = required(inner, "when", faults)
    if found is None:
        return {}
    if not found.is_mapping or not found.content:
        message = _("when is a mapping such as {example}").format(example='{region: ["29"]}')
        faults.add("E070", found.place, message)
        return {}
    read: dict[str, tuple[str, ...]] = {}
    for key, place, values in found.items():
        if key not in OVERLAID_BY:
            message = _("accounts cannot be told by '{field}'").format(field=key)
            hint = did_you_mean(key, OVERLAID_BY) or _("it is one of {words}").format(words=", ".join(OVERLAID_BY))
            faults.add("E070", place, message, hint)
        elif values.is_mapping or not values.content or not all(isinstance(item.content, str) for item in values):
            message = _("'{key}' is a list of texts").format(key=key)
            faults.add("E070", values.place, message, _("put the value in quotes"))
        else:
            read[key] = tuple(item.text for item in values)
    return read


def _read_rule(name: str, place: Place, node: Node, told: _For, faults: Faults) -> list[Tuning]:
    rule = told.rules.by_name.get(name)
    if rule is None and told.doubtful.may_hold(name):
        if node.is_mapping:
            _read_about(node, faults)
        return []
    if rule is None:
        message = _("no rule is called '{name}'").format(name=name)
        faults.add("E071", place, message, did_you_mean(name, told.rules.by_name))
        return []
    if not node.is_mapping:
        faults.add("E070", node.place, _("an override is a mapping of keys of the rule, with a reason"))
        return []
    reason, until = _read_about(node, faults)
    tunings = []
    for key, at, value in node.items():
        if key not in _ABOUT:
            read = _read_value(key, at, value, rule, faults)
            _check_grouping(key, at, rule, told, faults)
            if read is not None:
                tunings.append(Tuning(told.when, key, read, value.place, reason, until, told.priority, value.text))
    if all(key in _ABOUT for key, _at, _value in node.items()) and not _is_kept(node):
        faults.add("E070", node.place, _("the override sets nothing"), _("write 'kept: true' where that is meant"))
    return tunings


def _is_kept(node: Node) -> bool:
    return "kept" in node and node["kept"].content is True


def _read_about(node: Node, faults: Faults) -> tuple[str, date | None]:
    if "reason" not in node:
        faults.add("E074", node.place, _("an override needs a reason"), _("write 'reason: ...'"))
    until = node.get("until")
    if until is None:
        return read_text(node, "reason", faults), None
    if isinstance(until.content, date) and not isinstance(until.content, datetime):
        return read_text(node, "reason", faults), until.content
    faults.add("E070", until.place, _("'{key}' is a day written as 2026-01-31").format(key="until"))
    return read_text(node, "reason", faults), None


def _read_value(
    key: str, place: Place, node: Node, rule: Detection | Correlation, faults: Faults
) -> int | float | str | bool | timedelta | None:
    """Read the value of an override: the rule must have the key, and the value must be one that it could have."""
    correlation = rule if isinstance(rule, Correlation) else None
    limit = f"{_LIMIT}{correlation.condition.operator}" if correlation and correlation.expression is None else None
    factor = (FACTOR,) if correlation and len(correlation.baselines) == 1 else ()
    known = ("level", SCORE, "enabled", *((limit,) if limit else ()), *((TIMESPAN,) if correlation else ()), *factor)
    value = node.content
    if key not in known:
        message = _("the rule '{rule}' has no '{key}' that can be set").format(rule=rule.name, key=key)
        faults.add("E071", place, message, did_you_mean(key, known))
        return None
    span = parse_span(node.text) if key == TIMESPAN else None
    fits = (
        (key == "level" and value in LEVELS)
        or (key == SCORE and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100)
        or (key == "enabled" and isinstance(value, bool))
        or (key == limit and correlation is not None and is_limit(value, correlation.type))
        or (key == FACTOR and is_factor(value))
        or span is not None
    )
    if not fits:
        faults.add("E070", node.place, _("'{key}' cannot be '{value}'").format(key=key, value=node.text))
        return None
    return span if span is not None else value  # type: ignore[return-value]


def _check_grouping(key: str, place: Place, rule: Detection | Correlation, told: _For, faults: Faults) -> None:
    """Note a threshold for accounts that the groups of the rule do not tell apart."""
    if not isinstance(rule, Correlation) or not (key.startswith(_LIMIT) or key == TIMESPAN):
        return
    by_structure = ("structure",) if "structure" in rule.group_by else ()
    determined = OVERLAID_BY if "account" in rule.group_by else by_structure
    for column in told.when:
        if column not in determined:
            message = _("the groups of '{rule}' are not of one {field}, its threshold cannot depend on it")
            faults.add("E073", place, message.format(rule=rule.name, field=column))
    is_step = any(rule.name in told.rules.steps(other.name) for other in told.rules.correlations)
    if key == TIMESPAN and (is_step or rule.baselines):
        message = _("'{rule}' has a baseline or is a step of another rule: its timespan is the same everywhere")
        faults.add("E073", place, message.format(rule=rule.name))


def _read_families(node: Node | None, faults: Faults) -> tuple[FamilyTuning, ...]:
    if node is None:
        return ()
    if not node.is_mapping:
        faults.add("E070", node.place, _("families is a mapping of families of evidence"))
    read = []
    for family, place, inner in node.items():
        if family not in FAMILIES:
            message = _("unknown family '{family}'").format(family=family)
            faults.add("E050", place, message, did_you_mean(family, FAMILIES))
        if not inner.is_mapping:
            faults.add("E070", inner.place, _("a family takes a cap, with a reason"))
            continue
        refuse_unknown_keys(inner, ("cap", *_ABOUT), faults)
        reason, until = _read_about(inner, faults)
        cap = read_number(inner, "cap", 0, 1000, faults) if required(inner, "cap", faults) else None
        if cap is not None:
            read.append(FamilyTuning(family, cap, reason, until, place))
    return tuple(read)


def _read_calendar(node: Node | None, when: Mapping[str, tuple[str, ...]], faults: Faults) -> Calendar | None:
    if node is None:
        return None
    if not node.is_mapping:
        faults.add("E070", node.place, _("calendar has a zone and holidays"))
        return None
    refuse_unknown_keys(node, ("zone", "holidays"), faults)
    zone = read_choice(node, "zone", sorted(available_timezones()), faults, "E070") if "zone" in node else None
    holidays = read_text(node, "holidays", faults) or None
    if holidays is not None:
        _check_holidays(holidays, node["holidays"].place, faults)
    return Calendar(when, str(ZoneInfo(zone)) if zone else None, holidays, node.place)


def _check_holidays(code: str, place: Place, faults: Faults) -> None:
    try:
        holidays_between(code, date.min, date.min)
    except SettingsError as error:
        faults.add("E070", place, error.message, error.hint)


def _read_tests(inner: Node, rules: RuleSet, faults: Faults, doubtful: Doubtful) -> tuple[tuple[str, Case], ...]:
    """Read tests as in rules; each names the rule that it is about."""
    found = inner.get("tests")
    named = []
    for case, node in zip(read_cases(inner, faults, "rule"), found or (), strict=False):
        rule = node.get("rule")
        if rule is None:
            faults.add("E060", node.place, _("a test of an overlay names its rule"), _("write 'rule: ...'"))
        elif rule.text in rules.by_name:
            named.append((rule.text, case))
        elif not doubtful.may_hold(rule.text):
            message = _("no rule is called '{name}'").format(name=rule.text)
            faults.add("E060", rule.place, message, did_you_mean(rule.text, rules.by_name))
    return tuple(named)
