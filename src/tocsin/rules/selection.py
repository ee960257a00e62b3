"""Read the selections of a detection: fields, modifiers and values become tests that fit their columns."""

from collections.abc import Sequence

from tocsin.errors import Place
from tocsin.located import Node, did_you_mean
from tocsin.rules.fields import ASKED
from tocsin.rules.lint import Faults
from tocsin.rules.modifiers import Modifiers, read_modifiers
from tocsin.rules.tree import ANY_FIELD, All, AnyOf, Condition, Not
from tocsin.rules.values import Question, Way, read_value
from tocsin.words import _


def read_selection(node: Node, faults: Faults) -> Condition | None:
    """Read one selection; notes every fault in it and gives None where no test is left.

    The fields of a mapping must all match; of a list of mappings, one.
    """
    if node.is_mapping:
        return _read_mapping(node, faults)
    if node.content in (None, ()):
        faults.add("E012", node.place, _("a selection names at least one field"))
        return None
    parts = [_read_item(item, faults) for item in node]
    return _joined(AnyOf, [part for part in parts if part is not None])


def _read_item(node: Node, faults: Faults) -> Condition | None:
    """Read one item of a list: a mapping of fields, or a keyword."""
    if node.is_mapping:
        return _read_mapping(node, faults)
    if not node.is_scalar:
        faults.add("E012", node.place, _("a selection holds fields or keywords"))
        return None
    return read_value(Question(ANY_FIELD, Way.CONTAINS, shaping=("contains",)), node, faults)


def _read_mapping(node: Node, faults: Faults) -> Condition | None:
    if not node.content:
        faults.add("E012", node.place, _("a selection names at least one field"))
    parts = [_read_field(key, place, value, faults) for key, place, value in node.items()]
    return _joined(All, [part for part in parts if part is not None])


def _read_field(key: str, place: Place, node: Node, faults: Faults) -> Condition | None:
    field, *words = key.split("|")
    modifiers = read_modifiers(words, place, faults)
    if field not in ASKED and (field or not words):
        faults.add("E020", place, _("unknown field '{field}'").format(field=field), did_you_mean(field, ASKED))
        return None
    if modifiers is None:
        return None
    if node.is_mapping or not all(value.is_scalar for value in node):
        faults.add("E012", node.place, _("a field takes a value or a list of values"))
        return None
    if node.content == ():
        faults.add("E012", node.place, _("the list of values is empty"))
        return None
    question = _question(field, modifiers, place, faults)
    if question is None:
        return None
    parts = [part for part in (read_value(question, value, faults) for value in node) if part is not None]
    tests = _joined(All if modifiers.every else AnyOf, parts)
    return Not(tests) if modifiers.negated and tests is not None else tests


def _question(field: str, modifiers: Modifiers, place: Place, faults: Faults) -> Question | None:
    shaping = modifiers.shaping
    if field == ANY_FIELD:
        if modifiers.way not in (Way.EQUALS, Way.CONTAINS, Way.REGEX):
            faults.add("E021", place, _("a keyword is searched for anywhere, this modifier needs a field"))
            return None
        if modifiers.way is Way.EQUALS:
            shaping = (*shaping, "contains")
    return Question(field, modifiers.way, modifiers.flags, modifiers.cased, modifiers.part, shaping)


def _joined(kind: type[All] | type[AnyOf], parts: Sequence[Condition]) -> Condition | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else kind(tuple(parts))
