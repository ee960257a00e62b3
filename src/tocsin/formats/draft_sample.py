"""Looks at the beginning of a log of unknown make: how its lines are parted, what its fields are called and hold."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin.errors import InputError
from tocsin.formats.jsonlines import read_object
from tocsin.formats.lines import Source
from tocsin.formats.paths import as_text
from tocsin.formats.quoted import split
from tocsin.formats.units import units
from tocsin.words import _

SAMPLE_BYTES = 4 << 20
SAMPLE_LINES = 20_000

_SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 50
_HEADER_LINES = 20
_MOST_FIELDS = 200
_VALUE = re.compile(r"\d{2}[/:.-]\d{2}|^\d+$|^\d{1,3}(?:\.\d{1,3}){3}$")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the log: its name, its values where it has any, and in how many lines it could have had one."""

    name: str
    values: tuple[str, ...]
    lines: int

    @property
    def distinct(self) -> Counter[str]:
        """Count each value."""
        return Counter(self.values)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen of a log; without `header` the names of the fields are made up."""

    path: str
    container: str
    fields: tuple[Field, ...]
    separator: str = ""
    header: bool = True
    utf8: bool = True


def take_sample(source: Source) -> Sample:
    """Look at the first lines; raises InputError where they are neither JSON nor separated values."""
    lines, repaired = _lines(source)
    if not lines:
        raise InputError(_("{path} holds no line").format(path=source.name), hint=_("name a log that has some"))
    if lines[0].lstrip().startswith("{"):
        objects = [found for line in lines if isinstance(found := read_object(line), dict)]
        if not objects:
            raise _hopeless(source.name)
        return Sample(source.name, "ndjson", tuple(_keys(objects)), utf8=not repaired)
    separator, width = _parting(lines[:_LOOKED_AT])
    if not separator:
        raise _hopeless(source.name)
    records = [fields for line in lines if not isinstance(fields := split(line, separator), str)]
    names = next((record for record in records[:_HEADER_LINES] if _is_header(record, width)), None)
    rows = [record for record in records if len(record) == width and record != names]
    shown = names or tuple(f"field {place}" for place in range(1, width + 1))
    columns: Iterable[Sequence[str]] = zip(*rows, strict=True) if rows else [()] * width
    named = tuple(_field(name.strip(), values) for name, values in zip(shown, columns, strict=True) if name.strip())
    return Sample(source.name, "csv", named, separator, header=names is not None, utf8=not repaired)


def _lines(source: Source) -> tuple[list[str], int]:
    """Give the lines of the first block that are neither blank nor comments, and how many were no UTF-8."""
    for block in source.blocks(SAMPLE_BYTES):
        if not block.fault:
            found = units(block)
            wanted = [index for index in range(min(len(found), SAMPLE_LINES)) if not found.ignored[index]]
            return [found.line(index) for index in wanted if not found.too_long[index]], found.repaired
    return [], 0


def _parting(lines: Sequence[str]) -> tuple[str, int]:
    """Choose the separator that gives most lines one and the same number of fields."""
    best = (0, 0, "")
    for separator in _SEPARATORS:
        widths = Counter(len(fields) for line in lines if not isinstance(fields := split(line, separator), str))
        for width, count in widths.items():
            if 1 < width <= _MOST_FIELDS and 2 * count > len(lines):
                best = max(best, (count, width, separator))
    return best[2], best[1]


def _is_header(record: Sequence[str], width: int) -> bool:
    """Say whether a record could name fields: all different, and none looks like a date, a number or an address."""
    names = [name.strip() for name in record]
    return len(record) == width and len(set(names)) == width and not any(_VALUE.search(name) for name in names)


def _field(name: str, values: Iterable[str]) -> Field:
    texts = [value.strip() for value in values]
    return Field(name, tuple(text for text in texts if text), len(texts))


def _keys(objects: Sequence[Mapping[str, Any]]) -> list[Field]:
    """Walk the keys of objects, inner ones as dotted paths."""
    found: dict[str, list[str]] = {}
    for each in objects:
        for path, text in _walk(each, "", 4):
            if len(found) < _MOST_FIELDS or path in found:
                found.setdefault(path, []).append(text)
    return [Field(path, tuple(filter(None, texts)), len(objects)) for path, texts in found.items()]


def _walk(value: Mapping[str, Any], before: str, depth: int) -> Iterable[tuple[str, str]]:
    for key, inner in value.items():
        path = f"{before}{key}"
        if re.search(r"[.\[\]\ud800-\udfff]", key):
            continue
        if isinstance(inner, dict) and depth:
            yield from _walk(inner, f"{path}.", depth - 1)
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict) and depth:
            yield from _walk(inner[0], f"{path}[0].", depth - 1)
        elif not isinstance(inner, dict | list):
            yield path, as_text(inner) or ""
        else:
            yield path, json.dumps(inner)


def _hopeless(path: str) -> InputError:
    return InputError(
        _("{path} is neither JSON nor separated by ; , | or tabs").format(path=path),
        hint=_("write a mapping with `container: regex` by hand, docs/new-portal.md shows one"),
    )
