"""YAML whose every value knows its file, line and column; bounded, safe, and with all the faults of a file at once."""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import Place
from tocsin.words import _
from tocsin.yaml_loaders import MOST_DEPTH, Loader, PlainLoader, TooDeepError, fast_loader

MOST_BYTES = 2_000_000
MOST_NODES = 100_000
"""Nodes of a file once its aliases are written out: what bounds a billion laughs."""

Scalar = str | int | float | bool | date | datetime | None

_TAG = "tag:yaml.org,2002:"
_SAFE_TAGS: dict[type[yaml.Node], set[str]] = {
    yaml.MappingNode: {_TAG + "map"},
    yaml.SequenceNode: {_TAG + "seq"},
    yaml.ScalarNode: {_TAG + name for name in ("null", "bool", "int", "float", "str", "timestamp")},
}
_MERGE = _TAG + "merge"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a text; `kind` is yaml (cannot be read), bounds, duplicate or unsafe."""

    kind: str
    message: str
    place: Place
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """A value and its place: a scalar, a tuple of nodes, or nodes by key."""

    place: Place
    content: "Scalar | tuple[Node, ...] | dict[str, Node]"
    text: str = ""
    key_places: dict[str, Place] = field(default_factory=dict)
    inset: int | None = None

    def place_within(self, index: int) -> Place:
        """Give the place of a character of a scalar's text, as exactly as folding and escapes allow."""
        if self.inset is None:
            return self.place
        return Place(self.place.file, self.place.line, self.place.column + self.inset + index)

    @property
    def value(self) -> Any:
        """The plain Python value, all the way down."""
        if isinstance(self.content, dict):
            return {key: node.value for key, node in self.content.items()}
        if isinstance(self.content, tuple):
            return [node.value for node in self.content]
        return self.content

    @property
    def is_mapping(self) -> bool:
        """Says whether the value has keys."""
        return isinstance(self.content, dict)

    @property
    def is_sequence(self) -> bool:
        """Says whether the value is a list."""
        return isinstance(self.content, tuple)

    @property
    def is_scalar(self) -> bool:
        """Says whether the value is a single text, number, truth, date or null."""
        return not isinstance(self.content, dict | tuple)

    def get(self, key: str) -> "Node | None":
        """Give the node under a key; None where there is no such key or no mapping."""
        return self.content.get(key) if isinstance(self.content, dict) else None

    def __getitem__(self, key: str) -> "Node":
        node = self.get(key)
        if node is None:
            raise KeyError(key)
        return node

    def __contains__(self, key: object) -> bool:
        return isinstance(self.content, dict) and key in self.content

    def __iter__(self) -> "Iterator[Node]":
        """Walk the items of a list, or this very node where it is a scalar: most places take one or several."""
        match self.content:
            case tuple():
                return iter(self.content)
            case dict():
                return iter(self.content.values())
            case _:
                return iter((self,))

    def items(self) -> "Iterator[tuple[str, Place, Node]]":
        """Walk a mapping: key, place of the key, node."""
        if isinstance(self.content, dict):
            for key, node in self.content.items():
                yield key, self.key_places[key], node


@dataclass(frozen=True, slots=True)
class Located:
    """What a text holds: its documents as far as they could be read, and everything wrong with it."""

    documents: tuple[Node, ...]
    faults: tuple[Fault, ...]


def read_located(path: Path) -> Located:
    """Read a YAML file; raises OSError where it cannot be opened, never anything about its content."""
    with path.open("rb") as file:
        return parse_located(file.read(MOST_BYTES + 1), str(path))


def parse_located(raw: bytes, name: str) -> Located:
    """Read YAML text (UTF-8); `name` is the file name in places. Empty documents are left out."""
    if len(raw) > MOST_BYTES:
        return _unreadable(
            "bounds",
            _("the file is larger than {limit} bytes").format(limit=MOST_BYTES),
            Place(name, 1, 1),
            _("split it into several files"),
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        place = Place(name, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        return _unreadable("yaml", _("this is not UTF-8 text"), place)
    return _Reading(name).sound(text) or _Reading(name).read(text)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Give the hint "did you mean ...?" where a known word is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return _("did you mean '{word}'?").format(word=near[0]) if near else None


def unknown_keys(node: Node, known: Iterable[str]) -> Iterator[tuple[str, Place, str | None]]:
    """Walk the keys that a mapping should not have: key, place and hint."""
    names = list(known)
    for key, place, _node in node.items():
        if key not in names:
            yield key, place, did_you_mean(key, names)


def _unreadable(kind: str, message: str, place: Place, hint: str | None = None) -> Located:
    return Located((), (Fault(kind, message, place, hint),))


class _Reading:
    """One reading of one text: collects nodes and faults."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.nodes = 0

    def sound(self, text: str) -> Located | None:
        """Read a text fast; None where something seems wrong with it."""
        loader = fast_loader(text)
        if loader is None:
            return None
        documents: list[Node] = []
        try:
            self.walk(loader, documents)
        except (TooDeepError, yaml.YAMLError):
            return None
        return Located(tuple(documents), tuple(self.faults))

    def read(self, text: str) -> Located:
        documents: list[Node] = []
        try:
            self.walk(PlainLoader(text), documents)
        except TooDeepError as error:
            message = _("the file nests deeper than {limit} levels").format(limit=MOST_DEPTH)
            self.fault("bounds", message, self.place(error.mark))
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            column = error.position - text.rfind("\n", 0, error.position)
            self.fault("yaml", _("this character may not stand in YAML"), Place(self.name, line, column))
        except yaml.MarkedYAMLError as error:
            self.syntax(error)
        return Located(tuple(documents), tuple(self.faults))

    def walk(self, loader: Loader, documents: list[Node]) -> None:
        while loader.check_node():
            root = loader.get_node()
            node = self.node(root, loader, 0) if root else None
            if node and node.content is not None:
                documents.append(node)

    def node(self, node: yaml.Node, loader: Loader, depth: int) -> Node:
        place = self.place(node.start_mark)
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > MOST_DEPTH:
            if not any(fault.kind == "bounds" for fault in self.faults):
                message = _("aliases make the file larger than {limit} values").format(limit=MOST_NODES)
                self.fault("bounds", message, place)
            return Node(place, None)
        if node.tag not in _SAFE_TAGS[type(node)]:
            self.fault("unsafe", _("the tag '{tag}' is not allowed here").format(tag=node.tag), place)
            return Node(place, None)
        match node:
            case yaml.MappingNode():
                return self.mapping(node, loader, depth)
            case yaml.SequenceNode():
                return Node(place, tuple(self.node(item, loader, depth + 1) for item in node.value))
            case _:
                return self.scalar(node, loader)

    def mapping(self, node: yaml.MappingNode, loader: Loader, depth: int) -> Node:
        content: dict[str, Node] = {}
        places: dict[str, Place] = {}
        for key_node, value_node in node.value:
            place = self.place(key_node.start_mark)
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == _MERGE:
                self.fault("unsafe", _("a key must be a plain word"), place)
                continue
            key = key_node.value
            value = self.node(value_node, loader, depth + 1)
            if key in content:
                message = _("the key '{key}' stands here twice").format(key=key)
                hint = _("the first one is on line {line}").format(line=places[key].line)
                self.fault("duplicate", message, place, hint)
                continue
            content[key], places[key] = value, place
        return Node(self.place(node.start_mark), content, key_places=places)

    def scalar(self, node: Any, loader: Loader) -> Node:
        place = self.place(node.start_mark)
        try:
            content = loader.construct_object(node)
        except (ValueError, OverflowError, LookupError, AttributeError, yaml.YAMLError):  # an explicit tag may lie
            self.fault("yaml", _("'{text}' is no valid date or number").format(text=node.value[:40]), place)
            content = None
        is_verbatim = len(node.value) == node.end_mark.index - node.start_mark.index - 2 * bool(node.style)
        return Node(place, content, text=node.value, inset=int(bool(node.style)) if is_verbatim else None)

    def syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or ""
        place = self.place(mark) if mark else Place(self.name)
        if "'\\t'" in problem:
            self.fault("yaml", _("a tab stands where YAML wants spaces"), place, _("replace the tab by spaces"))
        else:
            told = ", ".join(part for part in (error.context, problem) if part)
            self.fault("yaml", _("this is not YAML: {problem}").format(problem=told), place)

    def place(self, mark: yaml.Mark) -> Place:
        return Place(self.name, mark.line + 1, mark.column + 1)

    def fault(self, kind: str, message: str, place: Place, hint: str | None = None) -> None:
        self.faults.append(Fault(kind, message, place, hint))
