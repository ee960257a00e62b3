"""Rules built on rules: read from files, by name or id, without rings, with the conditions that pySigma reads."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma import correlations

from rule_texts import LOOKUP, load
from tocsin.errors import RuleErrors
from tocsin.located import parse_located
from tocsin.rules.condition import read_condition
from tocsin.rules.lint import Faults
from tocsin.rules.tree import All, AnyOf, Leaf, Not, Operator

LOGIN = LOOKUP.replace("lookup", "login").replace("Record", "A")
NAMES = ("one", "two_2", "_three")


def many(name, rules, **keys):
    whole = {"type": "event_count", "rules": rules, "group-by": ["account"], "timespan": "1h", "condition": {"gte": 2}}
    whole = {key: value for key, value in (whole | keys).items() if value is not None}
    document = {"title": name, "name": name, "level": "low", "tocsin": {"family": "volume"}, "correlation": whole}
    return yaml.safe_dump(document, sort_keys=False)


def test_refers_to_a_correlation_by_its_id(tmp_path):
    identity = "0c4b7a10-8a0e-4c5e-9d9d-3f1f9bb3a001"
    rules = load(tmp_path, LOOKUP, many("a", ["lookup"]) + f"id: {identity}\n", many("b", [identity]))
    assert rules.by_name["b"].rules == ("a",)
    assert rules.steps("b") == ("a", "lookup")
    assert [rule.name for rule in rules.only("b").rules] == ["lookup", "a", "b"]
    assert rules.fields("b") == {"account", "kind"}
    assert rules.by_name["a"].reports


def test_takes_the_rules_of_a_condition_where_there_is_no_list(tmp_path):
    rules = load(tmp_path, LOOKUP, LOGIN, many("a", None, type="temporal", condition="login and not lookup"))
    assert rules.by_name["a"].rules == ("login", "lookup")
    assert rules.by_name["a"].limit is None
    assert rules.by_name["a"].unit == "rules"


def test_names_the_field_of_an_alias_by_rule(tmp_path):
    aliases = {"where": {"login": "ip", "lookup": "ip"}}
    keys = {"type": "temporal", "condition": None, "group-by": ["where"], "aliases": aliases}
    rules = load(tmp_path, LOOKUP, LOGIN, many("a", ["login", "lookup"], **keys))
    assert rules.groups == ("ip",)
    assert rules.columns("ip") == ("time", "kind", "account", "ip", "source", "line", "byte", "night")


@pytest.mark.parametrize("length", [2, 3, 5])
def test_refuses_a_ring_at_each_of_its_steps(tmp_path, length):
    texts = [many(f"r{i}", [f"r{(i + 1) % length}"]) for i in range(length)]
    with pytest.raises(RuleErrors) as error:
        load(tmp_path, *texts)
    assert [fault.code for fault in error.value.faults] == ["E045"] * length
    assert all(fault.place.line and "refers back" in fault.message for fault in error.value.faults)


def test_refuses_a_tower_of_rules(tmp_path):
    texts = [many(f"r{i}", [f"r{i - 1}"] if i else ["lookup"]) for i in range(13)]
    with pytest.raises(RuleErrors, match="more than 10"):
        load(tmp_path, LOOKUP, *texts)


def test_a_filter_is_no_step(tmp_path):
    narrower = "title: F\nname: f\nlogsource: {category: record_access}\nfilter: {rules: any, a: {account: x}, condition: not a}\n"
    with pytest.raises(RuleErrors, match="'f' is a filter"):
        load(tmp_path, LOOKUP, narrower, many("a", ["f"]))


expressions = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
    ),
    max_leaves=6,
)


def flat(kind, parts):
    parts = [inner for part in parts for inner in (part[1] if part[0] == kind else [part])]
    return (kind, parts)


def ours(node):
    match node:
        case Leaf(name):
            return name
        case Not(part):
            return negated(ours(part))
        case All(parts):
            return flat("and", [ours(part) for part in parts])
        case AnyOf(parts):
            return flat("or", [ours(part) for part in parts])


def negated(part):
    return part[1] if part[0] == "not" else ("not", part)


def theirs(node):
    if isinstance(node, correlations.SigmaRuleReference):
        return node.reference
    parts = [theirs(one) for one in node.args]
    if isinstance(node, correlations.CorrelationConditionNOT):
        return negated(parts[0])
    return flat("and" if isinstance(node, correlations.CorrelationConditionAND) else "or", parts)


@settings(max_examples=100, deadline=None)
@given(expressions)
def test_reads_the_condition_of_temporal_as_pysigma_does(text):
    (node,) = parse_located(yaml.safe_dump({"condition": text}).encode(), "x").documents
    known = {name: Leaf(name, Operator.EQUALS, True) for name in NAMES}
    tree = read_condition(node["condition"], known, Faults(), quantifiers=False)
    assert ours(tree) == theirs(correlations.SigmaExtendedCorrelationCondition(text).parsed)
