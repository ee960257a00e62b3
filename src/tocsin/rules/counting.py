"""Read the mapping `correlation:`: which rules, by which groups, over which span, how many."""

from datetime import timedelta
from typing import TypedDict

from tocsin.errors import Place
from tocsin.located import Node, did_you_mean
from tocsin.rules.attributes import read_choice, read_span, refuse_unknown_keys, required
from tocsin.rules.fields import FIELDS
from tocsin.rules.lint import Faults
from tocsin.rules.rule import GROUPS, Threshold
from tocsin.words import _

_KEYS = ("type", "rules", "group-by", "timespan", "condition", "aliases", "generate")
_COUNTS = ("event_count", "value_count")
_LATER = ("temporal", "temporal_ordered", "value_sum", "value_avg", "value_median", "value_percentile")
_OPERATORS = ("gte", "gt", "lte", "lt", "eq", "neq")
_LARGEST = 10**12


class Counting(TypedDict):
    """The attributes that a correlation adds to a rule."""

    type: str
    rules: tuple[str, ...]
    group_by: tuple[str, ...]
    timespan: timedelta
    written_timespan: str
    condition: Threshold


def read_counting(node: Node, faults: Faults) -> Counting | None:
    """Read a correlation; notes all its faults and gives None where there is one that leaves nothing to count."""
    if not node.is_mapping:
        faults.add("E012", node.place, _("correlation is a mapping"))
        return None
    refuse_unknown_keys(node, _KEYS, faults)
    if "aliases" in node:
        faults.add("E090", node["aliases"].place, _("'{key}' is not supported yet").format(key="aliases"))
    kind = _read_type(node, faults)
    rules = _read_rules(node, faults)
    group_by = _read_group_by(node, faults)
    written = required(node, "timespan", faults)
    timespan = read_span(written, "E042", faults) if written else None
    condition = _read_threshold(node, kind, faults)
    if kind is None or not rules or not group_by or written is None or timespan is None or condition is None:
        return None
    return Counting(
        type=kind,
        rules=rules,
        group_by=group_by,
        timespan=timespan,
        written_timespan=written.text,
        condition=condition,
    )


def _read_type(node: Node, faults: Faults) -> str | None:
    found = required(node, "type", faults)
    if found is not None and found.content in _LATER:
        faults.add("E090", found.place, _("correlations of type {type} are not supported yet").format(type=found.text))
        return None
    return read_choice(node, "type", _COUNTS, faults) if found is not None else None


def _read_rules(node: Node, faults: Faults) -> tuple[str, ...]:
    found = required(node, "rules", faults)
    if found is None:
        return ()
    if not found.is_sequence or not found.content or not all(isinstance(item.content, str) for item in found):
        faults.add("E040", found.place, _("rules is a list of names of rules"))
        return ()
    return tuple(dict.fromkeys(item.text for item in found))


def _read_group_by(node: Node, faults: Faults) -> tuple[str, ...]:
    found = node.get("group-by")
    if found is None:
        hint = _("write 'group-by: [account]'")
        faults.add("E041", node.place, _("the key '{key}' is missing").format(key="group-by"), hint)
        return ()
    if not found.is_sequence or not found.content:
        faults.add("E041", found.place, _("group-by is a list of fields"))
        return ()
    for item in found:
        if item.content not in GROUPS:
            message = _("events cannot be grouped by '{field}'").format(field=item.text)
            hint = did_you_mean(item.text, GROUPS) or _("it is one of {words}").format(words=", ".join(GROUPS))
            faults.add("E041", item.place, message, hint)
            return ()
    return tuple(dict.fromkeys(item.text for item in found))


def _read_threshold(node: Node, kind: str | None, faults: Faults) -> Threshold | None:
    found = required(node, "condition", faults)
    if found is None:
        return None
    if not found.is_mapping:
        faults.add(
            "E043",
            found.place,
            _("the condition of a correlation is a mapping such as {example}").format(
                example="{field: patient, gte: 80}"
            ),
        )
        return None
    refuse_unknown_keys(found, ("field", *_OPERATORS), faults)
    fields = _read_fields(found, kind, faults)
    comparisons = [(key, place, value) for key, place, value in found.items() if key in _OPERATORS]
    if len(comparisons) != 1:
        message = _("a condition has exactly one of {words}").format(words=", ".join(_OPERATORS))
        faults.add("E043", found.place, message)
        return None
    operator, place, value = comparisons[0]
    number = value.content
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _LARGEST:
        faults.add("E043", value.place, _("'{text}' is no count").format(text=value.text))
        return None
    _check_sense(operator, number, place, faults)
    return None if fields is None else Threshold(operator, number, fields)


def _check_sense(operator: str, number: int, place: Place, faults: Faults) -> None:
    """Refuse what no window can ever fulfil, or every one does."""
    if (operator, number) in (("lt", 0), ("gte", 0)):
        message = _("'{operator}: 0' says nothing about a count").format(operator=operator)
        faults.add("E043", place, message)


def _read_fields(node: Node, kind: str | None, faults: Faults) -> tuple[str, ...] | None:
    found = node.get("field")
    if found is None:
        if kind == "value_count":
            faults.add(
                "E043",
                node.place,
                _("value_count needs a field"),
                _("write '{example}'").format(example="condition: {field: patient, gte: 80}"),
            )
            return None
        return ()
    if kind == "event_count":
        faults.add("E043", found.place, _("event_count takes no field"), did_you_mean("value_count", _COUNTS))
        return None
    if found.is_mapping or not found.content:
        faults.add("E043", found.place, _("field is the name of a field"))
        return None
    for item in found:
        if item.text not in FIELDS:
            message = _("unknown field '{field}'").format(field=item.text)
            faults.add("E020", item.place, message, did_you_mean(item.text, FIELDS))
            return None
    return tuple(dict.fromkeys(item.text for item in found))
