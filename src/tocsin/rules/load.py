"""Load rule files into one checked rule set, or say everything that is wrong with all of them at once."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.located import Node
from tocsin.rules.chains import check_chains, check_references, missing_from
from tocsin.rules.document import read_document, words_for
from tocsin.rules.files import read_documents
from tocsin.rules.filters import filtered
from tocsin.rules.gathered import check_tests, gathered
from tocsin.rules.lint import Faults
from tocsin.rules.lists import Lists
from tocsin.rules.rule import FAMILIES, Correlation, Detection, Filter, RuleSet
from tocsin.rules.tree import Condition, Leaf, changed
from tocsin.words import _

if TYPE_CHECKING:
    from tocsin.errors import Place

_PROVED = ("stable", "test")


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Rules that are there, with faults of their own: what others say of them cannot be checked yet."""

    names: frozenset[str] = frozenset()
    unread: bool = False
    """A file could not be read at all: it may hold a rule of any name."""

    def may_hold(self, name: str) -> bool:
        """Say whether a rule of this name may be there once the faults are mended."""
        return self.unread or name in self.names


def load_rules(paths: Sequence[Path], fallback: Sequence[Path] = ()) -> RuleSet:
    """Load files, and folders with all below them but `regions` (overlays are switched on apart).

    Rules that are referred to and not there are taken from `fallback`, with what they refer to.
    Raises RuleErrors with every fault of every file, sorted by place. The result depends on what the rules say, not on
    the files' order or layout.
    """
    faults = Faults()
    rules, _doubtful = read_rules(paths, fallback, faults)
    faults.refuse()
    return rules


def read_rules(paths: Sequence[Path], fallback: Sequence[Path], faults: Faults) -> tuple[RuleSet, Doubtful]:
    """Read files as `load_rules` does, and note what is wrong: gives the rules without fault, and which have some."""
    documents = read_documents(paths, faults)
    documents += missing_from(documents, lambda: read_documents(fallback, Faults()))
    read = [rule for rule in (read_document(node, faults) for node in documents) if rule is not None]
    _check_names(read, faults)
    check_references(documents, faults)
    rules = filtered(
        [rule for rule in read if not isinstance(rule, Filter)], [f for f in read if isinstance(f, Filter)]
    )
    lists = Lists()
    rules = [_expanded(rule, lists, faults) for rule in _resolved(rules, faults)]
    check_chains(rules, faults)
    for rule in rules:
        _check_report(rule, faults)
    faulty = {fault.place.file for fault in faults.errors if fault.place}
    named = {word for node in documents if node.place.file in faulty for word in _words(node)}
    sound = sorted(_sound(rules, named), key=lambda rule: rule.name)
    named |= {rule.name for rule in rules} - {rule.name for rule in sound}
    doubtful = Doubtful(frozenset(named), unread=not faulty.issubset(node.place.file for node in documents))
    return RuleSet(
        detections=tuple(rule for rule in sound if isinstance(rule, Detection)),
        correlations=tuple(rule for rule in sound if isinstance(rule, Correlation)),
        sha256=_sha256(documents, lists),
        warnings=faults.warnings,
    ), doubtful


def _words(node: Node) -> tuple[str, ...]:
    return words_for(node) if node.is_mapping else ()


def _sound(rules: Sequence[Detection | Correlation], faulty: AbstractSet[str]) -> list[Detection | Correlation]:
    """Leave out the rules that stand beside a fault, and those that are built on one that is left out."""
    kept = [rule for rule in rules if rule.name not in faulty]
    while True:
        names = {rule.name for rule in kept}
        built = [rule for rule in kept if not isinstance(rule, Correlation) or names.issuperset(rule.steps)]
        if len(built) == len(kept):
            return kept
        kept = built


def _check_names(rules: Iterable[Detection | Correlation | Filter], faults: Faults) -> None:
    first: dict[str, Place] = {}
    for rule in sorted(rules, key=lambda rule: rule.place):
        for word in {rule.name, None if isinstance(rule, Filter) else rule.id} - {None, ""}:
            if word in first:
                message = _("another rule is called '{name}'").format(name=word)
                faults.add("E014", rule.place, message, _("the first one is at {place}").format(place=first[str(word)]))
            first.setdefault(str(word), rule.place)


def _resolved(rules: Sequence[Detection | Correlation], faults: Faults) -> list[Detection | Correlation]:
    """Turn references by id into names and tell which rules report.

    A step is silent unless a correlation says `generate`; a correlation with a level always reports.
    """
    names = {word: rule.name for rule in rules for word in (rule.id, rule.name) if word}
    steps: set[str] = set()
    generated: set[str] = set()
    resolved: list[Detection | Correlation] = []
    for rule in rules:
        if isinstance(rule, Correlation):
            named = tuple(names.get(word, word) for word in rule.rules)
            steps.update(named)
            steps.update((names.get(rule.ratio.of, rule.ratio.of),) if rule.ratio else ())
            generated.update(named if rule.generates_steps else ())
            resolved.append(_renamed(rule, names))
        else:
            resolved.append(rule)
    return [_with_report(rule, steps, generated, faults) for rule in resolved]


def _renamed(rule: Correlation, names: Mapping[str, str]) -> Correlation:
    def by_name(leaf: Leaf) -> Condition:
        return replace(leaf, column=names.get(leaf.column, leaf.column))

    return replace(
        rule,
        rules=tuple(names.get(word, word) for word in rule.rules),
        aliases={
            alias: {names.get(word, word): field for word, field in fields.items()}
            for alias, fields in rule.aliases.items()
        },
        ratio=replace(rule.ratio, of=names.get(rule.ratio.of, rule.ratio.of)) if rule.ratio else None,
        expression=changed(rule.expression, by_name) if rule.expression is not None else None,
    )


def _with_report(
    rule: Detection | Correlation, steps: AbstractSet[str], generated: AbstractSet[str], faults: Faults
) -> Detection | Correlation:
    is_free = isinstance(rule, Correlation) or rule.name not in steps or rule.name in generated
    reports = rule.level is not None and is_free
    if not reports and rule.name not in steps:
        faults.add("W050", rule.place, _("the rule has no level and no rule refers to it"))
    return replace(rule, reports=reports)


def _check_report(rule: Detection | Correlation, faults: Faults) -> None:
    if rule.reports and rule.family is None:
        hint = _("write 'tocsin: {{family: ...}}', one of {words}").format(words=", ".join(FAMILIES))
        faults.add("E050", rule.place, _("a rule that reports feeds a family of evidence"), hint)
    if rule.status in _PROVED and {bool(case.expected) for case in rule.tests} != {True, False}:
        message = _("a rule of status {status} has a test that must ring and one that must not")
        faults.add("E061", rule.place, message.format(status=rule.status), _("write 'tocsin: {tests: [...]}'"))


def _expanded(rule: Detection | Correlation, lists: Lists, faults: Faults) -> Detection | Correlation:
    if isinstance(rule, Correlation):
        return rule
    condition = gathered(lists.expand(rule.condition, faults))
    check_tests(condition, rule.place, faults)
    return replace(rule, condition=condition)


def _sha256(documents: Iterable[Node], lists: Lists) -> str:
    """Hash what documents and lists say: neither comments nor layout nor the order of files and keys count."""
    texts = sorted(json.dumps(node.value, sort_keys=True, default=str) for node in documents)
    texts += [json.dumps(lists.content, sort_keys=True)] if lists.content else []
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
