"""Tests that a tuning makes: of an office's own rule as well, which has none to begin with."""

from dataclasses import replace

import pytest

from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.tune.made_tests import made_test
from tocsin.tune.scope import Scope

NAMES = ("distinct_people_1h", "distinct_people_1d")


def without_tests(rules, names):
    told = tuple(replace(one, tests=()) if one.name in names else one for one in rules.correlations)
    return replace(rules, correlations=told)


@pytest.fixture(scope="module")
def pack():
    return load_rules([shipped()])


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_without_tests_borrows_the_events_of_another(pack, name):
    scope = Scope("29", {"region": ("29",)})
    blocks = made_test(without_tests(pack, (name,)), name, 130, scope)
    assert blocks, "no test was made"
    assert {dict(block.values)["region"] for block in blocks if dict(block.values)["account"] == "A1"} == {"29"}
    every = [one.name for one in pack.correlations]
    assert made_test(without_tests(pack, every), name, 130, scope) == blocks, "the shipped rules have some"
