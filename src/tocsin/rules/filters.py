"""Sigma filters: documents that narrow detections from outside, so that their files stay as they were shipped."""

from collections.abc import Sequence
from dataclasses import replace

from tocsin.located import Node, did_you_mean
from tocsin.rules.lint import Faults
from tocsin.rules.rule import Correlation, Detection, Filter
from tocsin.rules.tree import All
from tocsin.words import _

ANY = "any"


def read_filtered(node: Node, faults: Faults) -> tuple[str, ...] | None:
    """Read which rules a filter narrows: a list of names or ids, or `any` (None)."""
    found = node.get("rules")
    if found is None:
        faults.add("E011", node.place, _("the key '{key}' is missing").format(key="rules"), _("write 'rules: any'"))
        return ()
    if found.content == () or (isinstance(found.content, str) and found.content.lower() == ANY):
        return None
    if found.is_mapping or not all(isinstance(item.content, str) for item in found):
        faults.add("E040", found.place, _("rules is any, or a list of names of rules"))
        return ()
    return tuple(dict.fromkeys(item.text for item in found))


def check_filtered(node: Node, known: dict[str, Node], faults: Faults) -> None:
    """Note the rules of a filter that are not there, or are no detections."""
    inner = node.get("filter")
    named = inner.get("rules") if inner else None
    for item in named or () if named is not None and named.text.lower() != ANY else ():
        step = known.get(item.text)
        if step is None and isinstance(item.content, str):
            message = _("no rule is called '{name}'").format(name=item.text)
            faults.add("E040", item.place, message, did_you_mean(item.text, known))
        elif step is not None and "detection" not in step:
            message = _("'{name}' is no detection, a filter narrows detections").format(name=item.text)
            faults.add("E040", item.place, message)


def filtered(rules: Sequence[Detection | Correlation], filters: Sequence[Filter]) -> list[Detection | Correlation]:
    """Narrow each detection by the filters that name it."""
    return [_narrowed(rule, filters) if isinstance(rule, Detection) else rule for rule in rules]


def _narrowed(rule: Detection, filters: Sequence[Filter]) -> Detection:
    names = {rule.name, rule.id}
    own = [one.condition for one in filters if one.rules is None or names & set(one.rules)]
    return replace(rule, condition=All((rule.condition, *own))) if own else rule
