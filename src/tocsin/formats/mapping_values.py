"""Reads the values of a mapping file: fields, constants, tables of words, regular expressions."""

import re
from collections.abc import Iterator, Sequence

import polars as pl

from tocsin.errors import Place
from tocsin.formats.mapping_faults import Faults, refuse_unknown_keys, word_of
from tocsin.formats.mapping_parts import Value, Words
from tocsin.located import Node, did_you_mean
from tocsin.words import _

SOURCE_KEYS = ("field", "join", "constant", "extract")
VALUE_KEYS = (*SOURCE_KEYS, "values", "otherwise")

_GROUP = re.compile(r"\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>")


def read_value(node: Node, faults: Faults) -> Value:
    """Read where a column comes from: a field's name, a list of names (the first that is filled), or keys."""
    if not node.is_mapping:
        return Value(fields=tuple(word_of(item, faults) for item in node))
    refuse_unknown_keys(node, VALUE_KEYS, faults)
    return _with_words(read_source(node, faults), node, None, faults)


def read_words(node: Node, names: Sequence[str], faults: Faults) -> Value:
    """Read a kind or an outcome: as any value, but what it means is one of `names`."""
    if not node.is_mapping:
        return Value(fields=tuple(word_of(item, faults) for item in node))
    refuse_unknown_keys(node, VALUE_KEYS, faults)
    value = read_source(node, faults)
    constant = node.get("constant")
    if constant is not None:
        choice(constant, "constant", names, faults)
    return _with_words(value, node, names, faults)


def read_source(node: Node, faults: Faults) -> Value:
    """Read `field`, `join` or `constant`, and `extract`."""
    said = [key for key in ("field", "join", "constant") if key in node]
    if len(said) != 1:
        faults.add(node.place, _("exactly one of field, join and constant is needed here"))
        return Value()
    chosen, extract = node[said[0]], node.get("extract")
    if said[0] == "constant":
        return Value(constant=word_of(chosen, faults))
    return Value(
        fields=tuple(word_of(item, faults) for item in chosen),
        joined=said[0] == "join",
        extract=regex(extract, faults, groups_needed=True) if extract else None,
    )


def choice(node: Node, key: str, choices: Sequence[str], faults: Faults) -> str | None:
    """Give a word that must be one of a few."""
    if node.is_scalar and node.text in choices:
        return node.text
    message = _("'{key}' cannot be '{value}'").format(key=key, value=node.text)
    faults.add(node.place, message, did_you_mean(node.text, choices) or one_of(choices))
    return None


def regex(node: Node, faults: Faults, *, groups_needed: bool = False) -> str:
    """Give a regular expression that polars can use, with a named group (or any group, where `groups_needed`)."""
    text = word_of(node, faults)
    try:
        pl.select(pl.lit("").str.contains(f"^(?:{text})"))
    except (pl.exceptions.PolarsError, ValueError) as error:
        faults.add(node.place, _("this is no regular expression: {why}").format(why=_why(str(error))))
        return ""
    if groups_needed and pl.select(pl.lit("").str.extract_groups(f"({text})").struct.unnest()).width < 2:
        faults.add(node.place, _("the part to take is not marked"), _("put it in round brackets"))
        return ""
    if not groups_needed and not groups(text):
        faults.add(node.place, _("the expression names no field"), _("write (?P<name>...) around each"))
        return ""
    return text


def groups(pattern: str) -> tuple[str, ...]:
    """List the named groups of a regular expression."""
    return tuple(dict.fromkeys(_GROUP.findall(pattern)))


def named_fields(node: Node) -> Iterator[tuple[str, Place]]:
    """Walk the names of fields that a mapping file uses, with their places."""
    parts = [node.get(key) for key in ("time", "kind", "outcome")]
    columns = node.get("columns")
    for part in [*parts, *(columns or ())]:
        if part is not None:
            chosen = (part.get("field") or part.get("join") or ()) if part.is_mapping else part
            yield from ((item.text, item.place) for item in chosen)


def one_of(names: Sequence[str]) -> str:
    """Give the hint that lists what may stand somewhere."""
    return _("choose from {names}").format(names=", ".join(names))


def _with_words(value: Value, node: Node, names: Sequence[str] | None, faults: Faults) -> Value:
    table, otherwise = node.get("values"), node.get("otherwise")
    if table is None and otherwise is None:
        return value
    meanings: dict[str, str] = {}
    if table is not None and not table.is_mapping:
        faults.add(table.place, _("values are keys and values: what the log says, then what it means"))
    for key, place, child in table.items() if table else ():
        word = key.strip().lower()
        if word in meanings:
            faults.add(place, _("'{word}' stands here twice (capitals do not count)").format(word=key))
        meaning = choice(child, key, names, faults) if names else word_of(child, faults)
        meanings[word] = meaning or ""
    rest = None
    if otherwise is not None:
        rest = choice(otherwise, "otherwise", names, faults) if names else word_of(otherwise, faults)
    return Value(value.fields, value.joined, value.constant, value.extract, Words(meanings, rest))


def _why(message: str) -> str:
    told = re.search(r"error: ([^\n]+)\n", message.rsplit("regex parse error:", maxsplit=1)[-1])
    return told[1] if told else message.split("\n", maxsplit=1)[0]
