"""Read one value of a field: whether the field can have it, and the test it makes."""

import enum
import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from tocsin.located import Node, did_you_mean
from tocsin.rules.attributes import warn_of_odd_number
from tocsin.rules.encodings import UnfitError, transformed
from tocsin.rules.fields import ASKED, is_number, is_text, is_truth
from tocsin.rules.lint import Faults
from tocsin.rules.patterns import Pattern, Placeholder, literal_pattern, parse_pattern
from tocsin.rules.tree import ANY_FIELD, AnyOf, Condition, Leaf, Not, Operator, Reference
from tocsin.words import _

MOST_INTEGER = 2**63

PARTS_OF_TIME = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day": (1, 31),
    "week": (1, 53),
    "month": (1, 12),
    "year": (2000, 2100),
}
"""Parts of a time in UTC with their first and last value; a week is one of ISO 8601."""


class Way(enum.Enum):
    """How a field and a value are to be compared, as the modifiers say."""

    EQUALS = enum.auto()
    CONTAINS = enum.auto()
    STARTS = enum.auto()
    ENDS = enum.auto()
    REGEX = enum.auto()
    CIDR = enum.auto()
    LESS = enum.auto()
    AT_MOST = enum.auto()
    MORE = enum.auto()
    AT_LEAST = enum.auto()
    EXISTS = enum.auto()
    PART = enum.auto()
    REFERS = enum.auto()


_COMPARISONS = {
    Way.LESS: Operator.LESS,
    Way.AT_MOST: Operator.AT_MOST,
    Way.MORE: Operator.MORE,
    Way.AT_LEAST: Operator.AT_LEAST,
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a field, before the value is known."""

    field: str
    way: Way
    flags: str = ""
    cased: bool = False
    part: str = ""
    shaping: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column; a keyword is searched for in texts."""
        return ASKED.get(self.field, pl.String())


def read_value(question: Question, node: Node, faults: Faults) -> Condition | None:
    """Make the test of one value, or note why it can be none."""
    if question.way is Way.EQUALS and node.content is None and not question.cased and question.field != ANY_FIELD:
        return Leaf(question.field, Operator.IS_NULL, None, place=node.place)
    return _READERS.get(question.way, _equality)(question, node, faults)


def _existence(question: Question, node: Node, faults: Faults) -> Condition | None:
    if not isinstance(node.content, bool):
        faults.add("E022", node.place, _("exists is asked with true or false"))
        return None
    missing = Leaf(question.field, Operator.IS_NULL, None, place=node.place)
    return Not(missing) if node.content else missing


def _comparison(question: Question, node: Node, faults: Faults) -> Condition | None:
    number = _number(question, node, faults)
    if number is None:
        return None
    return Leaf(question.field, _COMPARISONS[question.way], number, place=node.place)


def _number(question: Question, node: Node, faults: Faults) -> int | float | None:
    if not is_number(question.dtype):
        message = _("the field '{field}' holds no numbers to compare").format(field=question.field)
        faults.add("E021", node.place, message)
        return None
    value = node.content
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = _("'{field}' holds numbers, '{value}' is none").format(field=question.field, value=node.text)
        hint = _("remove the quotes") if isinstance(value, str) and value.strip().isdigit() else None
        faults.add("E022", node.place, message, hint)
        return None
    if not math.isfinite(value) or abs(value) >= MOST_INTEGER:
        faults.add("E022", node.place, _("'{value}' is beyond any number of a log").format(value=node.text))
        return None
    warn_of_odd_number(node, faults)
    return value


def _regex(question: Question, node: Node, faults: Faults) -> Condition | None:
    if not _holds_text(question, node, faults):
        return None
    flags = f"(?{question.flags})" if question.flags else ""
    try:
        pl.Series([""]).str.contains(flags + node.text)
    except pl.exceptions.ComputeError as error:
        message = _("this regular expression is refused: {reason}").format(reason=_reason(str(error)))
        faults.add("E023", node.place, message, _("look-around and back-references are not possible"))
        return None
    return Leaf(question.field, Operator.REGEX, flags + node.text, cased=True, place=node.place)


def _reason(error: str) -> str:
    """Take the sentence out of the drawing that the regex library makes."""
    lines = error.splitlines()
    told = (line.removeprefix("error: ") for line in lines if line.startswith("error: "))
    return next(told, lines[0].removeprefix("regex error: "))


def _network(question: Question, node: Node, faults: Faults) -> Condition | None:
    if question.field not in ("ip", "network"):
        message = _("the field '{field}' holds no addresses").format(field=question.field)
        faults.add("E021", node.place, message)
        return None
    try:
        network = ipaddress.ip_network(node.text, strict=False)
    except ValueError:
        faults.add("E024", node.place, _("'{text}' is no network address").format(text=node.text))
        return None
    if node.text.strip() != node.text or ipaddress.ip_interface(node.text).ip != network.network_address:
        message = _("'{text}' has bits set behind its prefix").format(text=node.text)
        faults.add("E024", node.place, message, _("did you mean '{word}'?").format(word=network))
        return None
    return Leaf(question.field, Operator.CIDR, str(network), place=node.place)


def _part_of_time(question: Question, node: Node, faults: Faults) -> Condition | None:
    if question.field != "time":
        faults.add("E021", node.place, _("the field '{field}' holds no times").format(field=question.field))
        return None
    low, high = PARTS_OF_TIME[question.part]
    value = node.content
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        message = _("a {part} is a number from {low} to {high}").format(part=question.part, low=low, high=high)
        faults.add("E022", node.place, message)
        return None
    return Leaf("time", Operator(question.part), value, place=node.place)


def _reference(question: Question, node: Node, faults: Faults) -> Condition | None:
    other = ASKED.get(node.text)
    if other is None or not isinstance(node.content, str):
        message = _("unknown field '{field}'").format(field=node.text)
        faults.add("E020", node.place, message, did_you_mean(node.text, ASKED))
        return None
    if question.field == ANY_FIELD or _nature(question.dtype) != _nature(other):
        message = _("the fields '{field}' and '{other}' cannot be the same").format(
            field=question.field, other=node.text
        )
        faults.add("E021", node.place, message)
        return None
    if question.shaping and not _holds_text(question, node, faults):
        return None
    contains = "contains" in question.shaping
    reference = Reference(
        node.text, contains or "startswith" in question.shaping, contains or "endswith" in question.shaping
    )
    return Leaf(question.field, Operator.REFERS, reference, place=node.place)


def _nature(dtype: pl.DataType) -> str:
    if is_text(dtype):
        return "text"
    return "number" if is_number(dtype) else str(dtype)


def _holds_text(question: Question, node: Node, faults: Faults) -> bool:
    if is_text(question.dtype):
        return True
    faults.add("E021", node.place, _("the field '{field}' holds no text").format(field=question.field))
    return False


def _equality(question: Question, node: Node, faults: Faults) -> Condition | None:
    if is_text(question.dtype):
        return _text(question, node, faults)
    if question.way is not Way.EQUALS or question.cased or question.shaping:
        _holds_text(question, node, faults)
        return None
    if is_number(question.dtype):
        number = _number(question, node, faults)
        return None if number is None else Leaf(question.field, Operator.EQUALS, number, place=node.place)
    if is_truth(question.dtype) and isinstance(node.content, bool):
        return Leaf(question.field, Operator.EQUALS, node.content, place=node.place)
    if is_truth(question.dtype):
        message = _("'{field}' is true or false, not '{value}'").format(field=question.field, value=node.text)
    else:
        message = _("the field '{field}' can only be asked for with exists").format(field=question.field)
    faults.add("E022", node.place, message)
    return None


def _text(question: Question, node: Node, faults: Faults) -> Condition | None:
    value = node.content
    if value is None or isinstance(value, bool):
        message = _("'{field}' holds text, YAML reads '{value}' otherwise").format(
            field=question.field, value=node.text
        )
        faults.add("E022", node.place, message, _("put the value in quotes"))
        return None
    if not isinstance(value, str) and str(value) != node.text:
        message = _("other Sigma tools read '{text}' as {value}").format(text=node.text, value=value)
        faults.add("W022", node.place, message, _("put the value in quotes"))
    pattern = parse_pattern(node.text) if isinstance(value, str) else literal_pattern(node.text)
    try:
        patterns = transformed(pattern, question.shaping)
    except UnfitError as error:
        faults.add("E022", node.place, str(error))
        return None
    if isinstance(question.dtype, pl.Enum) and not any(_is_possible(question, question.dtype, one) for one in patterns):
        message = _("'{field}' is never '{value}'").format(field=question.field, value=node.text)
        words = question.dtype.categories.to_list()
        hint = did_you_mean(node.text, words) or _("it is one of {words}").format(words=", ".join(words))
        faults.add("E022", node.place, message, hint)
        return None
    tests = tuple(Leaf(question.field, Operator.MATCHES, one, question.cased, node.place) for one in patterns)
    return tests[0] if len(tests) == 1 else AnyOf(tests)


def _is_possible(question: Question, dtype: pl.Enum, pattern: Pattern) -> bool:
    if any(isinstance(part, Placeholder) for part in pattern.parts):
        return True  # the list is read later
    return bool(dtype.categories.str.contains(pattern.regex(cased=question.cased)).any())


_READERS: Mapping[Way, Callable[[Question, Node, Faults], Condition | None]] = {
    **dict.fromkeys(_COMPARISONS, _comparison),
    Way.EXISTS: _existence,
    Way.REGEX: _regex,
    Way.CIDR: _network,
    Way.PART: _part_of_time,
    Way.REFERS: _reference,
}
