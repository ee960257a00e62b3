"""Read the condition of a correlation: what a window must hold."""

from tocsin.errors import Place
from tocsin.located import Node, did_you_mean
from tocsin.rules.attributes import read_whole, refuse_unknown_keys, warn_of_odd_number
from tocsin.rules.comparisons import Threshold
from tocsin.rules.condition import read_condition
from tocsin.rules.fields import FIELDS, is_number
from tocsin.rules.lint import Faults
from tocsin.rules.rule import ON_VALUES, TEMPORAL
from tocsin.rules.tree import Condition, Leaf, Operator
from tocsin.words import _

OPERATORS = ("gte", "gt", "lte", "lt", "eq", "neq")
_LARGEST = 10**12
_UNOFFICIAL = {"value_median": "value_median", "value_percentile": "percentile"}
_EXAMPLES = {"value_count": "condition: {field: patient, gte: 80}", "value_percentile": "percentile: 95"}


def read_threshold(found: Node, kind: str | None, steps: int, faults: Faults) -> Threshold | None:
    """Read a condition that is a mapping; `steps` is how many rules the correlation has."""
    if not found.is_mapping:
        message = _("the condition of a correlation is a mapping such as {example}")
        faults.add("E043", found.place, message.format(example="{field: patient, gte: 80}"))
        return None
    keys = ("field", *OPERATORS, *(("percentile",) if kind == "value_percentile" else ()))
    refuse_unknown_keys(found, keys, faults)
    fields = _read_fields(found, kind, faults)
    percentile = _read_percentile(found, kind, faults)
    comparisons = [(key, place, value) for key, place, value in found.items() if key in OPERATORS]
    if len(comparisons) != 1:
        message = _("a condition has exactly one of {words}").format(words=", ".join(OPERATORS))
        faults.add("E043", found.place, message)
        return None
    operator, place, value = comparisons[0]
    number = value.content
    if not is_limit(number, kind):
        faults.add("E043", value.place, _("'{text}' is no count").format(text=value.text))
        return None
    warn_of_odd_number(value, faults)
    _check_sense(operator, number, place, kind, steps, faults)  # type: ignore[arg-type]
    if kind in _UNOFFICIAL:
        message = _("the official schema of Sigma does not know '{word}'")
        faults.add("W043", place, message.format(word=_UNOFFICIAL[kind]))
    if fields is None or (kind == "value_percentile" and percentile is None):
        return None
    return Threshold(operator, number, fields, percentile)  # type: ignore[arg-type]


def is_limit(number: object, kind: str | None) -> bool:
    """Say whether a correlation of this kind can be compared with it: counts are whole, values may have decimals."""
    if isinstance(number, float) and kind in ON_VALUES:
        return abs(number) <= _LARGEST and number * 10**6 == round(number * 10**6)
    low = -_LARGEST if kind in ON_VALUES else 0
    return isinstance(number, int) and not isinstance(number, bool) and low <= number <= _LARGEST


def read_expression(found: Node, kind: str | None, names: tuple[str, ...], faults: Faults) -> Condition | None:
    """Read a condition that is a text: rules joined by and, or and not, as `temporal` allows."""
    if kind != "temporal":
        message = _("only a correlation of type temporal has a condition of names of rules")
        faults.add("E043", found.place, message)
        return None
    known = {name: Leaf(name, Operator.EQUALS, True, place=found.place) for name in names}  # noqa: FBT003
    unused = Faults()
    condition = read_condition(found, known, unused, quantifiers=False)
    for fault in unused.errors:
        faults.add("E043", fault.place or found.place, fault.message, fault.hint)
    for fault in unused.warnings:
        faults.add("E043", fault.place or found.place, fault.message.replace(_("selection"), _("rule")))
    return None if unused.errors or unused.warnings else condition


def _check_sense(operator: str, number: float, place: Place, kind: str | None, steps: int, faults: Faults) -> None:
    """Refuse what no window can ever fulfil, or every one does."""
    if kind in ON_VALUES:
        return
    if (operator, number) in (("gte", 0), ("lt", 0)) or (operator == "lt" and number == 0):
        message = _("'{operator}: {number}' says nothing").format(operator=operator, number=number)
        faults.add("E043", place, message)
    needed = {"gte": number, "gt": number + 1, "eq": number}.get(operator, 0)
    if kind in TEMPORAL and needed > steps:
        message = _("{count} rules can never be {needed}").format(count=steps, needed=needed)
        faults.add("E043", place, message)


def _read_percentile(node: Node, kind: str | None, faults: Faults) -> int | None:
    if kind != "value_percentile":
        return None
    if "percentile" not in node:
        hint = _("write '{example}'").format(example=_EXAMPLES[kind])
        faults.add("E043", node.place, _("value_percentile needs a percentile"), hint)
        return None
    return read_whole(node, "percentile", 0, 100, faults)


def _read_fields(node: Node, kind: str | None, faults: Faults) -> tuple[str, ...] | None:
    found = node.get("field")
    takes = kind == "value_count" or kind in ON_VALUES
    if found is None:
        if takes:
            hint = _("write '{example}'").format(example=_EXAMPLES["value_count"]) if kind == "value_count" else None
            faults.add("E043", node.place, _("{type} needs a field").format(type=kind), hint)
        return None if takes else ()
    if kind is not None and not takes:
        hint = _("did you mean '{word}'?").format(word="value_count") if kind == "event_count" else None
        faults.add("E043", found.place, _("{type} takes no field").format(type=kind), hint)
    elif found.is_mapping or not found.content or (kind in ON_VALUES and found.is_sequence):
        faults.add("E043", found.place, _("field is the name of a field"))
    elif all(_can_be_counted(item, kind, faults) for item in found):
        return tuple(dict.fromkeys(item.text for item in found))
    return None


def _can_be_counted(item: Node, kind: str | None, faults: Faults) -> bool:
    if item.text not in FIELDS:
        message = _("unknown field '{field}'").format(field=item.text)
        faults.add("E020", item.place, message, did_you_mean(item.text, FIELDS))
        return False
    if kind in ON_VALUES and not is_number(FIELDS[item.text]):
        faults.add("E043", item.place, _("the field '{field}' holds no numbers").format(field=item.text))
        return False
    return True
