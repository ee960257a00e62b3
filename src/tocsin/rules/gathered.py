"""Gather the values that a condition asks of one column into one test, and bound what is left."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from tocsin.errors import Place
from tocsin.rules.lint import Faults
from tocsin.rules.several import FEW, Networks, Numbers, Several, Texts, networks_of, numbers_of, texts_of
from tocsin.rules.tree import All, AnyOf, Condition, Leaf, Not, Operator, leaves
from tocsin.words import _

if TYPE_CHECKING:
    from tocsin.rules.patterns import Pattern

MOST_TESTS = 1_000
"""Tests of one rule that cannot be gathered: each is asked of every different value of its column."""

_Kind = tuple[str, Operator, bool]


def gathered(condition: Condition) -> Condition:
    """Put one test in the place of many that ask for one of many values of the same column."""
    match condition:
        case Leaf():
            return condition
        case Not(part):
            return Not(gathered(part))
        case All(parts):
            return All(tuple(gathered(part) for part in parts))
        case AnyOf(parts):
            return _joined(parts)


def _joined(parts: Sequence[Condition]) -> Condition:
    alike: dict[_Kind, list[Leaf]] = {}
    for part in parts:
        if isinstance(part, Leaf) and part.operator in _GATHERERS:
            alike.setdefault((part.column, part.operator, part.cased), []).append(part)
    many = {kind: tests for kind, tests in alike.items() if len(tests) > FEW}
    together: list[Condition] = [
        Leaf(column, Operator.ONE_OF, _GATHERERS[operator](tests), cased, tests[0].place)
        for (column, operator, cased), tests in many.items()
    ]
    together += [
        gathered(part)
        for part in parts
        if not isinstance(part, Leaf) or (part.column, part.operator, part.cased) not in many
    ]
    return together[0] if len(together) == 1 else AnyOf(tuple(together))


def _texts(tests: Sequence[Leaf]) -> Texts:
    return texts_of([cast("Pattern", test.value) for test in tests], cased=tests[0].cased)


def _numbers(tests: Sequence[Leaf]) -> Numbers:
    return numbers_of(cast("float", test.value) for test in tests)


def _networks(tests: Sequence[Leaf]) -> Networks:
    return networks_of(str(test.value) for test in tests)


_GATHERERS: Mapping[Operator, Callable[[Sequence[Leaf]], Several]] = {
    Operator.MATCHES: _texts,
    Operator.EQUALS: _numbers,
    Operator.CIDR: _networks,
}


def check_tests(condition: Condition, place: Place, faults: Faults) -> None:
    """Note a rule that asks more of each event than can be answered in a night."""
    count = sum(leaf.value.tests if isinstance(leaf.value, Several) else 1 for leaf in leaves(condition))
    if count > MOST_TESTS:
        message = _("the rule makes {count} tests, at most {limit} are possible").format(count=count, limit=MOST_TESTS)
        hint = _("a list of whole texts, or with contains, startswith or endswith alone, counts as one")
        faults.add("E026", place, message, hint)
