"""Show a rule as it holds in a region, every value with the place it comes from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from tocsin.errors import Place
from tocsin.located import Node
from tocsin.rules.document import words_for
from tocsin.rules.files import read_documents
from tocsin.rules.lint import Faults
from tocsin.rules.overlay import Overlays
from tocsin.rules.overlay_file import SCORE
from tocsin.rules.rule import LEVEL_SCORES

_LEFT_OUT = ("tocsin.tests",)
_BASELINE = "tocsin.baseline"


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a rule: where it is written, and why where an overlay sets it."""

    key: str
    value: str
    place: Place
    reason: str = ""
    whom: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For whom alone it holds, of the accounts that were asked for; empty for all of them."""


def effective(
    paths: Sequence[Path], name: str, overlays: Overlays, profile: Mapping[str, str | None], night: date
) -> list[Line]:
    """List the values of a rule as they hold for the accounts of a profile on a night; empty where there is no rule.

    What holds for some of them alone, as an overlay for a profession of a region, follows.
    """
    for node in read_documents(paths, Faults()):
        if node.is_mapping and name in words_for(node):
            written = {line.key: line for line in _lines(node, "")}
            lines = dict(written)
            for tuning in overlays.holding(words_for(node), profile, night):
                lines[tuning.key] = Line(tuning.key, tuning.written, tuning.place, tuning.reason)
            some = overlays.for_some(words_for(node), profile, night) if any(profile.values()) else []
            parts = (Line(one.key, one.written, one.place, one.reason, _open(one.when, profile)) for one in some)
            return [*_with_points(written, lines).values(), *parts]
    return []


def _open(when: Mapping[str, tuple[str, ...]], profile: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    return {column: values for column, values in when.items() if profile.get(column) is None}


def _with_points(written: Mapping[str, Line], lines: dict[str, Line]) -> dict[str, Line]:
    """Let the points follow a level that an overlay sets, where they were those of the level (Rule.tuned)."""
    level = lines.get("level")
    before, points = written.get("level"), lines.get(SCORE)
    if level is None or before is None or level == before or points != written.get(SCORE):
        return lines
    if points is None or points.value == str(LEVEL_SCORES.get(before.value)):
        lines[SCORE] = replace(level, key=SCORE, value=str(LEVEL_SCORES[level.value]))
    return lines


def _lines(node: Node, prefix: str) -> Iterator[Line]:
    for key, _place, inner in node.items():
        path = f"{prefix}{key}"
        if path in _LEFT_OUT:
            continue
        compared = list(inner) if path == _BASELINE and inner.is_sequence else []
        if len(compared) == 1:  # overlays can set its factor
            yield from _lines(compared[0], f"{path}.")
        elif inner.is_mapping and inner.content:
            yield from _lines(inner, f"{path}.")
        else:
            text = inner.text if inner.is_scalar else json.dumps(inner.value, ensure_ascii=False, default=str)
            yield Line(path, text, inner.place)
