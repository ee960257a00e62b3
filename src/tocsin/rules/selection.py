"""Read the selections of a detection: fields, modifiers and values become tests that fit their columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from tocsin.errors import Place
from tocsin.located import Node, did_you_mean
from tocsin.rules.fields import FIELDS
from tocsin.rules.lint import Faults
from tocsin.rules.tree import All, AnyOf, Condition, Not
from tocsin.rules.values import Question, Way, read_value
from tocsin.words import _

_WAYS = {
    "contains": Way.CONTAINS,
    "startswith": Way.STARTS,
    "endswith": Way.ENDS,
    "re": Way.REGEX,
    "cidr": Way.CIDR,
    "lt": Way.LESS,
    "lte": Way.AT_MOST,
    "gt": Way.MORE,
    "gte": Way.AT_LEAST,
    "exists": Way.EXISTS,
}
_ON_TEXT = (Way.EQUALS, Way.CONTAINS, Way.STARTS, Way.ENDS)
_FLAGS = ("i", "m", "s")
_LATER = (
    "windash",
    "base64",
    "base64offset",
    "utf16le",
    "utf16be",
    "utf16",
    "wide",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "expand",
    "fieldref",
)
_KNOWN = (*_WAYS, *_FLAGS, "all", "cased", "neq", *_LATER)


@dataclass(frozen=True, slots=True)
class _Modifiers:
    way: Way = Way.EQUALS
    flags: str = ""
    every: bool = False
    cased: bool = False
    negated: bool = False


def read_selection(node: Node, faults: Faults) -> Condition | None:
    """Read one selection; notes every fault in it and gives None where no test is left.

    The fields of a mapping must all match; of a list of mappings, one.
    """
    if node.is_mapping:
        return _read_mapping(node, faults)
    if node.is_sequence and node.content and all(item.is_mapping for item in node):
        parts = [_read_mapping(item, faults) for item in node]
        return _joined(AnyOf, [part for part in parts if part is not None])
    if node.content in (None, ()):
        faults.add("E012", node.place, _("a selection names at least one field"))
    else:
        message = _("keywords, searched for in all fields, are not supported yet")
        faults.add("E090", node.place, message, _("write 'field|contains: value' for one field"))
    return None


def _read_mapping(node: Node, faults: Faults) -> Condition | None:
    if not node.content:
        faults.add("E012", node.place, _("a selection names at least one field"))
    parts = [_read_field(key, place, value, faults) for key, place, value in node.items()]
    return _joined(All, [part for part in parts if part is not None])


def _read_field(key: str, place: Place, node: Node, faults: Faults) -> Condition | None:
    field, *words = key.split("|")
    modifiers = _read_modifiers(words, place, faults)
    if field not in FIELDS:
        faults.add("E020", place, _("unknown field '{field}'").format(field=field), did_you_mean(field, FIELDS))
        return None
    if modifiers is None:
        return None
    if node.is_mapping or not all(value.is_scalar for value in node):
        faults.add("E012", node.place, _("a field takes a value or a list of values"))
        return None
    if node.content == ():
        faults.add("E012", node.place, _("the list of values is empty"))
        return None
    question = Question(field, modifiers.way, modifiers.flags, modifiers.cased)
    parts = [part for part in (read_value(question, value, faults) for value in node) if part is not None]
    tests = _joined(All if modifiers.every else AnyOf, parts)
    return Not(tests) if modifiers.negated and tests is not None else tests


def _read_modifiers(words: Sequence[str], place: Place, faults: Faults) -> _Modifiers | None:
    """Read what follows the field; None where it makes no sense, with the fault noted."""
    for word in words:
        if word not in _KNOWN:
            message = _("unknown modifier '{word}'").format(word=word)
            faults.add("E021", place, message, did_you_mean(word, _KNOWN))
            return None
        if word in _LATER:
            faults.add("E090", place, _("the modifier '{word}' is not supported yet").format(word=word))
            return None
    ways = [_WAYS[word] for word in words if word in _WAYS]
    way = ways[0] if ways else Way.EQUALS
    flags = "".join(word for word in words if word in _FLAGS)
    fits = (
        len(ways) <= 1
        and len(set(words)) == len(words)
        and (not flags or (way is Way.REGEX and words.index("re") < words.index(flags[0])))
        and ("cased" not in words or way in _ON_TEXT)
        and (way is not Way.EXISTS or len(words) == 1)
    )
    if not fits:
        faults.add("E021", place, _("the modifiers '{words}' do not go together").format(words="|".join(words)))
        return None
    return _Modifiers(way, flags, "all" in words, "cased" in words, "neq" in words)


def _joined(kind: type[All] | type[AnyOf], parts: Sequence[Condition]) -> Condition | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else kind(tuple(parts))
