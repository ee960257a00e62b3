"""Show a rule as it holds in a region, every value with the place it comes from; or the standard part alone."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import Place
from tocsin.located import Node
from tocsin.rules.document import words_for
from tocsin.rules.files import read_documents
from tocsin.rules.lint import Faults
from tocsin.rules.overlay import Overlays

_LEFT_OUT = ("tocsin.tests",)


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a rule: where it is written, and why where an overlay sets it."""

    key: str
    value: str
    place: Place
    reason: str = ""


def effective(
    paths: Sequence[Path], name: str, overlays: Overlays, profile: Mapping[str, str | None], night: date
) -> list[Line]:
    """List the values of a rule as they hold for the accounts of a profile on a night; empty where there is no rule."""
    for node in read_documents(paths, Faults()):
        if node.is_mapping and name in words_for(node):
            lines = {line.key: line for line in _lines(node, "")}
            for rule, tuning in reversed(overlays.tunings):
                if rule in words_for(node) and tuning.holds(profile, night):
                    lines[tuning.key] = Line(tuning.key, tuning.written, tuning.place, tuning.reason)
            return list(lines.values())
    return []


def exported(paths: Sequence[Path], names: Collection[str]) -> list[dict[str, Any]]:
    """Give rules as standard Sigma: their documents without `tocsin`, all of them where no name is given.

    Of two rules of one name the first counts, as where rules replace those of the pack.
    """
    documents = [node for node in read_documents(paths, Faults()) if node.is_mapping]
    wanted, chosen = set(names), []
    for node in documents:
        if not names or set(words_for(node)) & wanted:
            chosen.append(node)
            wanted -= set(words_for(node))
    return [{key: inner.value for key, _place, inner in node.items() if key != "tocsin"} for node in chosen]


def as_yaml(documents: Sequence[Mapping[str, Any]]) -> str:
    """Write documents one after the other."""
    return yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=100)


def _lines(node: Node, prefix: str) -> Iterator[Line]:
    for key, _place, inner in node.items():
        path = f"{prefix}{key}"
        if path in _LEFT_OUT:
            continue
        if inner.is_mapping and inner.content:
            yield from _lines(inner, f"{path}.")
        else:
            text = inner.text if inner.is_scalar else json.dumps(inner.value, ensure_ascii=False, default=str)
            yield Line(path, text, inner.place)
