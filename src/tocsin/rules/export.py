"""Rules as standard Sigma, for other tools: without the mapping `tocsin`, and with what a region sets of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tocsin.errors import Place
from tocsin.located import Node
from tocsin.rules.comparisons import Tuning
from tocsin.rules.counting import steps_of
from tocsin.rules.document import words_for
from tocsin.rules.files import read_documents
from tocsin.rules.lint import Faults
from tocsin.rules.overlay import Overlays


@dataclass(frozen=True, slots=True)
class Exported:
    """One rule for other tools: the document, and the keys of `tocsin` that it lost."""

    name: str
    document: Mapping[str, Any]
    lost: tuple[str, ...]
    place: Place


def exported(
    paths: Sequence[Path],
    names: Collection[str],
    overlays: Overlays,
    profile: Mapping[str, str | None],
    night: date,
) -> list[Exported]:
    """Give rules as they hold for the accounts of a profile on a night; all of them where no name is given.

    Of two rules of one name the first counts, as where rules replace those of the pack. A rule that an overlay
    switches off is left out, unless another one counts its matches.
    """
    documents = [node for node in read_documents(paths, Faults()) if node.is_mapping]
    wanted, chosen = set(names), []
    for node in documents:
        if not names or set(words_for(node)) & wanted:
            chosen.append(node)
            wanted -= set(words_for(node))
    steps = {name for node in chosen for name in steps_of(node.get("correlation") or Node(node.place, {}))}
    told = []
    for node in chosen:
        held = {one.key: _plain(one) for one in overlays.holding(words_for(node), profile, night)}
        if held.pop("enabled", True) or steps & set(words_for(node)):
            told.append(_exported(node, held))
    return told


def as_yaml(documents: Sequence[Mapping[str, Any]]) -> str:
    """Write documents one after the other."""
    return yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=100)


def _plain(tuning: Tuning) -> Any:
    """Give what an overlay sets as the document would write it."""
    return tuning.value if isinstance(tuning.value, bool | int | float) else tuning.written


def _exported(node: Node, held: Mapping[str, Any]) -> Exported:
    document = {key: inner.value for key, _place, inner in node.items() if key != "tocsin"}
    for key, value in held.items():
        *above, last = key.split(".")
        if above[:1] != ["tocsin"]:
            inner = document
            for word in above:
                inner = inner[word]
            inner[last] = value
    tocsin = node.get("tocsin")
    lost = tuple(key for key, _place, _value in tocsin.items()) if tocsin and tocsin.is_mapping else ()
    return Exported(words_for(node)[0], document, lost, node.place)
