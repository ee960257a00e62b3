"""Read single attributes of a document: a text, a choice, a list, a number, a span of time."""

import re
from collections.abc import Sequence
from datetime import timedelta

from tocsin.located import Node, did_you_mean, unknown_keys
from tocsin.rules.lint import Faults
from tocsin.words import _

_SPAN = re.compile(r"([1-9][0-9]{0,7})([smhdw])")
_PLAIN_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9_]*)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST_SPAN = timedelta(days=366)


def refuse_unknown_keys(node: Node, known: Sequence[str], faults: Faults) -> None:
    """Note every key that is not known."""
    for key, place, hint in unknown_keys(node, known):
        faults.add("E010", place, _("unknown key '{key}'").format(key=key), hint)


def required(node: Node, key: str, faults: Faults) -> Node | None:
    """Give the node under a key, or note that it is missing."""
    found = node.get(key)
    if found is None:
        faults.add("E011", node.place, _("the key '{key}' is missing").format(key=key))
    return found


def read_text(node: Node, key: str, faults: Faults, longest: int = 65_535) -> str:
    """Give the text under a key; empty where there is none."""
    found = node.get(key)
    if found is None:
        return ""
    if found.content is None or (isinstance(found.content, str) and not found.content.strip()):
        faults.add("E012", found.place, _("'{key}' is empty").format(key=key))
        return ""
    if not isinstance(found.content, str) or len(found.content) > longest:
        message = _("'{key}' is a text of at most {longest} characters").format(key=key, longest=longest)
        faults.add("E012", found.place, message)
        return ""
    return found.content.strip()


def read_texts(node: Node, key: str, faults: Faults) -> tuple[str, ...]:
    """Give the texts of a list under a key; empty where there is none."""
    found = node.get(key)
    if found is None:
        return ()
    if not found.is_sequence or not all(isinstance(item.content, str) for item in found):
        faults.add("E012", found.place, _("'{key}' is a list of texts").format(key=key))
        return ()
    texts = tuple(str(item.content) for item in found)
    if len(set(texts)) < len(texts):
        faults.add("E012", found.place, _("'{key}' says something twice").format(key=key))
    return texts


def read_choice(node: Node, key: str, choices: Sequence[str], faults: Faults, code: str = "E012") -> str | None:
    """Give the word under a key, one of a few; None where there is none."""
    found = node.get(key)
    if found is None:
        return None
    if found.content in choices:
        return str(found.content)
    message = _("'{key}' cannot be '{value}'").format(key=key, value=found.text)
    hint = did_you_mean(found.text, choices) or _("it is one of {words}").format(words=", ".join(choices))
    faults.add(code, found.place, message, hint)
    return None


def read_flag(node: Node, key: str, faults: Faults) -> bool:
    """Give the truth under a key; false where there is none."""
    found = node.get(key)
    if found is None or isinstance(found.content, bool):
        return found is not None and found.content is True
    faults.add("E012", found.place, _("'{key}' is true or false").format(key=key))
    return False


def warn_of_odd_number(node: Node, faults: Faults) -> None:
    """Note a whole number that YAML reads otherwise than people do: 010 is 8, and 12:30 is 750."""
    if isinstance(node.content, int) and not _PLAIN_WHOLE.fullmatch(node.text):
        message = _("'{text}' is read as the number {value}").format(text=node.text, value=node.content)
        faults.add("W023", node.place, message, _("write it with digits alone"))


def read_whole(node: Node, key: str, low: int, high: int, faults: Faults) -> int | None:
    """Give the whole number under a key; None where there is none."""
    found = node.get(key)
    if found is None:
        return None
    value = found.content
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    message = _("'{key}' is a whole number from {low} to {high}").format(key=key, low=low, high=high)
    faults.add("E012", found.place, message)
    return None


def read_number(node: Node, key: str, low: float, high: float, faults: Faults) -> float | None:
    """Give the number under a key; None where there is none."""
    found = node.get(key)
    if found is None:
        return None
    value = found.content
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return value
    message = _("'{key}' is a number from {low} to {high}")
    faults.add("E012", found.place, message.format(key=key, low=low, high=high))
    return None


def parse_span(text: str) -> timedelta | None:
    """Read Sigma's span of time (`90s`, `10m`, `1h`, `7d`, `4w`); None where it is none, or longer than a year."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if len(found[1]) < 7 or found[2] == "s" else LONGEST_SPAN * 2
    return span if span <= LONGEST_SPAN else None


def read_span(node: Node, code: str, faults: Faults) -> timedelta | None:
    """Give the span of time of a node, or note that it is none."""
    span = parse_span(node.text)
    if span is None:
        message = _("'{text}' is no span of time").format(text=node.text)
        faults.add(code, node.place, message, _("write a number and s, m, h, d or w, at most a year: 1h"))
    return span
