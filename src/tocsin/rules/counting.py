"""Read the mapping `correlation:`: which rules, by which groups, over which span, how many."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TypedDict

from tocsin.errors import Place
from tocsin.located import Node, did_you_mean
from tocsin.rules.attributes import read_choice, read_span, refuse_unknown_keys, required
from tocsin.rules.comparisons import Threshold
from tocsin.rules.fields import FIELDS
from tocsin.rules.lint import Faults
from tocsin.rules.rule import GROUPS, ON_VALUES, TEMPORAL
from tocsin.rules.threshold import read_expression, read_threshold
from tocsin.rules.tree import Condition
from tocsin.words import _

_KEYS = ("type", "rules", "group-by", "timespan", "condition", "aliases", "generate")
_TYPES = ("event_count", "value_count", *TEMPORAL, *ON_VALUES)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


class Counting(TypedDict):
    """The attributes that a correlation adds to a rule."""

    type: str
    rules: tuple[str, ...]
    step_places: tuple[Place, ...]
    group_by: tuple[str, ...]
    aliases: Mapping[str, Mapping[str, str]]
    timespan: timedelta
    written_timespan: str
    condition: Threshold
    expression: Condition | None


def read_counting(node: Node, faults: Faults) -> Counting | None:
    """Read a correlation; notes all its faults and gives None where there is one that leaves nothing to count."""
    if not node.is_mapping:
        faults.add("E012", node.place, _("correlation is a mapping"))
        return None
    refuse_unknown_keys(node, _KEYS, faults)
    kind = read_choice(node, "type", _TYPES, faults) if required(node, "type", faults) else None
    steps = _read_rules(node, kind, faults)
    aliases = _read_aliases(node, tuple(steps), faults)
    group_by = _read_group_by(node, aliases, faults)
    written = required(node, "timespan", faults)
    timespan = read_span(written, "E042", faults) if written else None
    expression, condition = _read_condition(node, kind, tuple(steps), faults)
    if kind is None or not steps or not group_by or written is None or timespan is None or condition is None:
        return None
    return Counting(
        type=kind,
        rules=tuple(steps),
        step_places=tuple(steps.values()),
        group_by=group_by,
        aliases=aliases,
        timespan=timespan,
        written_timespan=written.text,
        condition=condition,
        expression=expression,
    )


def steps_of(correlation: Node) -> dict[str, Place]:
    """Give the names in `rules`, or those that the condition names where there is no list, with their places."""
    found, condition = correlation.get("rules"), correlation.get("condition")
    if found is not None and found.is_sequence:
        return {item.text: item.place for item in found if isinstance(item.content, str)}
    if found is None and condition is not None and isinstance(condition.content, str):
        words = [one for one in _NAME.finditer(condition.text) if one.group() not in ("and", "or", "not")]
        return {one.group(): condition.place_within(one.start()) for one in reversed(words)}
    return {}


def _read_rules(node: Node, kind: str | None, faults: Faults) -> dict[str, Place]:
    found, condition = node.get("rules"), node.get("condition")
    if found is None:
        if kind != "temporal" or condition is None or not isinstance(condition.content, str):
            required(node, "rules", faults)
        return dict(sorted(steps_of(node).items()))
    if not found.is_sequence or not found.content or not all(isinstance(item.content, str) for item in found):
        faults.add("E040", found.place, _("rules is a list of names of rules"))
        return {}
    names = [item.text for item in found]
    for place, item in enumerate(found):
        if item.text in names[:place]:
            faults.add("E040", item.place, _("the rule '{name}' stands here twice").format(name=item.text))
    return {item.text: item.place for item in found}


def _read_condition(
    node: Node, kind: str | None, names: tuple[str, ...], faults: Faults
) -> tuple[Condition | None, Threshold | None]:
    """Read an expression of names and what its window counts, or a comparison; `temporal` types may have neither."""
    every = Threshold("gte", len(names))
    found = node.get("condition")
    if found is None and kind in TEMPORAL:
        return None, every
    if found is None:
        required(node, "condition", faults)
        return None, None
    if isinstance(found.content, str) and kind in TEMPORAL:
        expression = read_expression(found, kind, names, faults)
        return expression, None if expression is None else Threshold("gte", 0)
    return None, read_threshold(found, kind, len(names), faults)


def _read_aliases(node: Node, steps: tuple[str, ...], faults: Faults) -> dict[str, dict[str, str]]:
    """Read what a name in group-by is called in the events of each rule."""
    found = node.get("aliases")
    if found is None:
        return {}
    if not found.is_mapping:
        faults.add("E044", found.place, _("aliases is a mapping of names, each with the field of each rule"))
        return {}
    return {alias: _read_alias(alias, place, value, steps, faults) for alias, place, value in found.items()}


def _read_alias(alias: str, place: Place, node: Node, steps: tuple[str, ...], faults: Faults) -> dict[str, str]:
    if alias in FIELDS:
        faults.add("E044", place, _("'{name}' is a field already").format(name=alias))
    if not node.is_mapping:
        faults.add("E044", node.place, _("an alias names the field of each rule"))
        return {}
    for step, at, field in node.items():
        if step not in steps:
            message = _("'{name}' is no rule of this correlation").format(name=step)
            faults.add("E044", at, message, did_you_mean(step, steps))
        if field.text not in GROUPS:
            message = _("events cannot be grouped by '{field}'").format(field=field.text)
            faults.add("E041", field.place, message, did_you_mean(field.text, GROUPS))
    for step in steps:
        if step not in node:
            faults.add("E044", place, _("the alias says nothing of the rule '{name}'").format(name=step))
    return {step: field.text for step, _place, field in node.items()}


def _read_group_by(node: Node, aliases: Mapping[str, Mapping[str, str]], faults: Faults) -> tuple[str, ...]:
    found = node.get("group-by")
    if found is None:
        hint = _("write 'group-by: [account]'")
        faults.add("E041", node.place, _("the key '{key}' is missing").format(key="group-by"), hint)
        return ()
    if not found.is_sequence or not found.content:
        faults.add("E041", found.place, _("group-by is a list of fields"))
        return ()
    for item in found:
        if item.content not in GROUPS and item.text not in aliases:
            message = _("events cannot be grouped by '{field}'").format(field=item.text)
            hint = did_you_mean(item.text, GROUPS) or _("it is one of {words}").format(words=", ".join(GROUPS))
            faults.add("E041", item.place, message, hint)
            return ()
    names = tuple(dict.fromkeys(item.text for item in found))
    if "account" not in names and len(set(aliases.get(names[0], {"": names[0]}).values())) > 1:
        message = _("'{name}' is not the same field in all rules").format(name=names[0])
        faults.add("E041", found.place, message, _("put one field first that all rules have, or the account"))
    return names
