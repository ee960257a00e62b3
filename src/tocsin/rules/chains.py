"""Check how rules refer to each other: every step is there, no ring, and what a correlation counts by exists."""

from collections.abc import Callable, Mapping, Sequence

from tocsin.located import Node, did_you_mean
from tocsin.rules.counting import steps_of
from tocsin.rules.document import words_for
from tocsin.rules.filters import check_filtered
from tocsin.rules.lint import Faults
from tocsin.rules.narrowed import check_narrowing, check_nights
from tocsin.rules.rule import Correlation, Detection
from tocsin.words import _

MOST_CHAINED = 10


def check_references(documents: Sequence[Node], faults: Faults) -> None:
    """Note the steps of correlations that are no rule of this set; rules with faults of their own count as there."""
    known = {word: node for node in documents if node.is_mapping for word in words_for(node)}
    for document in documents:
        check_filtered(document, known, faults)
        correlation = document.get("correlation")
        for name, place in steps_of(correlation).items() if correlation else ():
            step = known.get(name)
            if step is None:
                message = _("no rule is called '{name}'").format(name=name)
                faults.add("E040", place, message, did_you_mean(name, known))
            elif "filter" in step:
                faults.add("E040", place, _("'{name}' is a filter, which is no step").format(name=name))
        tocsin = document.get("tocsin")
        of = tocsin["ratio"].get("of") if tocsin and "ratio" in tocsin else None
        if of is not None and isinstance(of.content, str) and of.text not in known:
            message = _("no rule is called '{name}'").format(name=of.text)
            faults.add("E040", of.place, message, did_you_mean(of.text, known))


def missing_from(documents: Sequence[Node], others: Callable[[], Sequence[Node]]) -> list[Node]:
    """Take the documents that these refer to, and lack, from others, and those that they refer to in turn.

    The others are read only where something is lacking: the shipped pack refers to nothing but itself.
    """
    known = {word for node in documents if node.is_mapping for word in words_for(node)}
    asked = [name for node in documents for name in _references(node)]
    if known.issuperset(asked):
        return []
    spare = {word: node for node in others() if node.is_mapping for word in words_for(node)}
    taken: list[Node] = []
    while asked:
        name = asked.pop()
        if name in spare and name not in known:
            taken.append(spare[name])
            known.update(words_for(spare[name]))
            asked += _references(spare[name])
    return taken


def _references(node: Node) -> list[str]:
    correlation, inner, tocsin = node.get("correlation"), node.get("filter"), node.get("tocsin")
    names = list(steps_of(correlation)) if correlation else []
    narrowed = inner.get("rules") if inner else None
    names += [item.text for item in narrowed] if narrowed is not None and not narrowed.is_mapping else []
    of = tocsin["ratio"].get("of") if tocsin and "ratio" in tocsin else None
    return [*names, of.text] if of is not None else names


def check_chains(rules: Sequence[Detection | Correlation], faults: Faults) -> bool:
    """Note rings, chains that are too long, and steps that lack what is counted by; false where there is a ring."""
    known = {rule.name: rule for rule in rules}
    correlations = [rule for rule in rules if isinstance(rule, Correlation)]
    sound = [_ends(rule, known, faults) for rule in correlations]
    for rule in rules:
        if isinstance(rule, Detection):
            check_nights(rule, faults)
    for rule in correlations:
        _check_groups(rule, known, faults)
        check_narrowing(rule, known, faults)
    return all(sound)


def _ends(rule: Correlation, known: Mapping[str, Detection | Correlation], faults: Faults) -> bool:
    """Follow the steps of a rule; note the step by which it comes back to itself."""
    places = dict(zip(rule.rules, rule.step_places, strict=True))
    if rule.ratio:
        places.setdefault(rule.ratio.of, rule.ratio.place)
    for name, place in places.items():
        below, depth = {name}, 0
        while below and rule.name not in below and depth <= MOST_CHAINED:
            inner = [step for step in (known.get(one) for one in below) if isinstance(step, Correlation)]
            below, depth = {one for step in inner for one in step.steps}, depth + 1
        if rule.name in below:
            faults.add("E045", place, _("'{name}' refers back to '{rule}'").format(name=name, rule=rule.name))
            return False
        if below:
            message = _("more than {count} correlations one upon the other").format(count=MOST_CHAINED)
            faults.add("E045", place, message)
            return False
    return True


def _check_groups(rule: Correlation, known: Mapping[str, Detection | Correlation], faults: Faults) -> None:
    """Note the correlations below that do not tell apart what this one groups by, or counts."""
    for name, place in zip(rule.rules, rule.step_places, strict=True):
        step = known.get(name)
        if not isinstance(step, Correlation):
            continue
        for column in (*rule.grouping(name), *rule.condition.fields):
            if column not in step.group_by:
                message = _("the hits of '{name}' have no '{field}'").format(name=name, field=column)
                hint = _("they are grouped by {fields}").format(fields=", ".join(step.group_by))
                faults.add("E046", place, message, hint)
        if rule.each_account and "account" not in step.group_by:
            message = _("the hits of '{name}' have no '{field}'").format(name=name, field="account")
            faults.add("E046", place, message, _("entity needs the accounts of the events"))
