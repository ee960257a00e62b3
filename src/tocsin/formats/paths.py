"""Walks JSON objects by dotted paths: many at once as columns of text, or one by hand; both say the same.

`actor.id` is a key in a key, and also the key `actor.id` itself (some writers flatten); `target[0].id` is an element by
its place; `target[type=User].id` the first element whose `type` is `User`. Numbers and booleans become text,
objects JSON text; of a list where one value is due the first counts.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tocsin.errors import SettingsError
from tocsin.words import _

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,4})\]|\[([^.\[\]=]+)=([^\]]*)\]")

_PLAIN_LIST = r'^\[(?:"[^"\\\x00-\x1f]*"(?:, )?)*\]$'
"""A list of texts without escapes: this polars writes as JSON does."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a list: the one at a place, or the first with this text under a key."""

    place: int = 0
    key: str | None = None
    text: str = ""


Step = str | Element


def parse_path(path: str) -> tuple[Step, ...]:
    """Read a path; raises SettingsError."""
    steps: list[Step] = []
    at = 0
    while at < len(path) and (found := _STEP.match(path, at)):
        key, place, name, text = found.groups()
        if key is None and not steps:
            break
        steps.append(key if key is not None else Element(int(place)) if name is None else Element(0, name, text))
        at = found.end()
    if at < len(path) or not steps:
        raise SettingsError(
            _("{path!r} is no path into a JSON object").format(path=path),
            hint=_("write it like actor.id, target[0].id or target[type=User].id"),
        )
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns read from many objects at once, and which rows are to be read again by hand (None: no row is)."""

    frame: pl.DataFrame
    doubtful: pl.Series | None = None


class Doubt:
    """Notes the rows in which polars wrote an inner object or list as text: it escapes less than JSON does."""

    def __init__(self, height: int) -> None:
        """Take the number of rows; with none it has no doubt."""
        self.rows: pl.Series | None = None
        self._height = height

    def about(self, texts: pl.Series) -> None:
        """Look at a column of text."""
        if not self._height or texts.null_count() == self._height:
            return
        inner = texts.str.contains(r"^[\[{]").fill_null(value=False)
        if inner.any() and (inner := inner & ~texts.str.contains(_PLAIN_LIST)).any():
            self.rows = inner if self.rows is None else self.rows | inner


@dataclass(slots=True)
class _Node:
    """What is wanted of a value: its text, keys of it, or elements of it."""

    text: bool = False
    listed: bool = False
    keys: dict[str, "_Node"] = field(default_factory=dict)
    keyed: bool = False
    """Keys are asked of the value itself, not of its elements."""

    def add(self, steps: Sequence[Step]) -> None:
        if not steps:
            self.text = True
            return
        node, rest = self, steps
        if isinstance(steps[0], Element):
            self.listed = True
            if steps[0].key is not None:
                self.keys.setdefault(steps[0].key, _Node()).add(())
            rest = steps[1:]
            if not rest or isinstance(rest[0], Element):
                self.text = True
                return
        else:
            self.keyed = True
        assert isinstance(rest[0], str)  # noqa: S101 what is no element is a key
        node.keys.setdefault(rest[0], _Node()).add(rest[1:])

    @property
    def is_text(self) -> bool:
        """Whether polars reads it as text: where it is wanted so, or in two ways at once."""
        return self.text or (self.listed and self.keyed) or not self.keys

    def dtype(self) -> pl.DataType:
        if self.is_text:
            return pl.String()
        fields = pl.Struct({key: node.dtype() for key, node in self.keys.items()})
        return pl.List(fields) if self.listed else fields


class Paths:
    """Columns and the paths that fill them; of several paths the first that has something counts."""

    def __init__(self, columns: Mapping[str, str | Sequence[str]]) -> None:
        """Take columns and their paths; raises SettingsError for a path that cannot be read."""
        self._columns: dict[str, list[tuple[Step, ...]]] = {}
        self._root = _Node()
        for name, paths in columns.items():
            parsed = [parse_path(path) for path in ([paths] if isinstance(paths, str) else paths)]
            self._columns[name] = [written for steps in parsed for written in _ways(steps)]
            for steps in self._columns[name]:
                self._root.add(steps)
        self.schema: dict[str, pl.DataType] = {key: node.dtype() for key, node in self._root.keys.items()}
        """What polars reads of each object."""
        self.columns: tuple[str, ...] = tuple(columns)

    def table(self, read: pl.DataFrame, *, flat: bool = False) -> Table:
        """Give the columns of a frame that was read with `schema`; `flat` objects have nothing inside."""
        doubt = Doubt(0 if flat else read.height)
        columns = [
            _coalesced([self._texts(read, steps, doubt) for steps in ways]).alias(name)
            for name, ways in self._columns.items()
        ]
        return Table(pl.DataFrame(columns), doubt.rows)

    def record(self, found: Mapping[str, Any]) -> tuple[str | None, ...]:
        """Give the columns of one object."""
        return tuple(
            next((text for steps in ways if (text := self._text(found, steps)) is not None), None)
            for ways in self._columns.values()
        )

    def _split(self, steps: Sequence[Step]) -> tuple[Sequence[Step], Sequence[Step]]:
        """Part a path where polars reads text: what comes after is walked in the text."""
        node = self._root
        for place, step in enumerate(steps):
            if isinstance(step, str):
                node = node.keys[step]
            if node.is_text and (isinstance(step, str)):
                return steps[: place + 1], steps[place + 1 :]
        return steps, ()

    def _texts(self, read: pl.DataFrame, steps: Sequence[Step], doubt: Doubt) -> pl.Series:
        known, rest = self._split(steps)
        value = pl.col(str(known[0]))
        for step in known[1:]:
            value = _stepped(value, step)
        texts = read.select(value.alias("text")).to_series()
        doubt.about(texts)
        if rest:
            return _by_distinct(texts, texts.is_not_null(), rest)
        return _by_distinct(texts, texts.str.starts_with("[").fill_null(value=False), ())

    def _text(self, found: Mapping[str, Any], steps: Sequence[Step]) -> str | None:
        known, rest = self._split(steps)
        text = as_text(_walked(found, known))
        return None if text is None else _within(text, rest)


def as_text(value: Any) -> str | None:
    """Write a JSON value as text; null is None."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case str():
            # Half a surrogate pair is no character.
            return value.encode("utf-8", "replace").decode()
        case int() | float():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def _ways(steps: tuple[Step, ...]) -> list[tuple[Step, ...]]:
    """How a path may be written: nested, as one key with points, or so inside the first key (an envelope)."""
    keys = [step for step in steps if isinstance(step, str)]
    if len(keys) < len(steps) or len(keys) == 1:
        return [steps]
    inside: list[tuple[Step, ...]] = [(keys[0], ".".join(keys[1:]))] if len(keys) > 2 else []
    return [steps, (".".join(keys),), *inside]


def _stepped(value: pl.Expr, step: Step) -> pl.Expr:
    if isinstance(step, str):
        return value.struct.field(step)
    if step.key is None:
        return value.list.get(step.place, null_on_oob=True)
    return value.list.eval(pl.element().filter(pl.element().struct.field(step.key) == step.text)).list.first()


def _coalesced(ways: list[pl.Series]) -> pl.Series:
    first, *others = ways
    for other in others:
        if first.has_nulls() and other.null_count() < len(other):
            first = first.fill_null(other)
    return first


def _by_distinct(texts: pl.Series, there: pl.Series, steps: Sequence[Step]) -> pl.Series:
    """Walk on inside texts that are JSON, each text once."""
    if not there.any():
        return texts
    distinct = texts.filter(there).unique()
    found = pl.Series([_within(text, steps) for text in distinct], dtype=pl.String())
    walked = texts.filter(there).replace_strict(distinct, found, return_dtype=pl.String())
    return texts.scatter(there.arg_true(), walked)


def _within(text: str, steps: Sequence[Step]) -> str | None:
    """Walk on in a text; without steps, give the first of a list."""
    if not steps and not text.startswith("["):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None if steps else text
    value = _walked(value, steps)
    if isinstance(value, list):
        value = next((each for each in value if each is not None), None)
    return as_text(value)


def _walked(value: Any, steps: Sequence[Step]) -> Any:
    for step in steps:
        match step, value:
            case str(), dict():
                value = value.get(step)
            case Element(key=None), list():
                value = value[step.place] if step.place < len(value) else None
            case Element(), list():
                fitting = (
                    each for each in value if isinstance(each, dict) and as_text(each.get(step.key)) == step.text
                )
                value = next(fitting, None)
            case _:
                return None
    return value
