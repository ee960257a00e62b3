"""Correlations are read as pySigma reads them: type, steps, groups, span, aliases, comparison and expression."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma import correlations

from rule_texts import LOOKUP
from sigma_trees import flat, negated
from tocsin.rules.load import load_rules
from tocsin.rules.rule import ON_VALUES
from tocsin.rules.tree import All, AnyOf, Leaf, Not

STEPS = ("lookup", "export", "login")
TYPES = ("event_count", "value_count", "temporal", "temporal_ordered", *ON_VALUES)


@st.composite
def made(draw):
    """Make a correlation with everything that its type may have."""
    kind = draw(st.sampled_from(TYPES))
    steps = draw(st.lists(st.sampled_from(STEPS), min_size=1, max_size=3, unique=True))
    values = st.integers(1, len(steps)) if kind.startswith("temporal") else st.integers(1, 10**12)
    operator = draw(st.sampled_from(["gte", "gt", "lte", "eq", "neq"]))
    condition = {operator: draw(values | st.sampled_from([2.5]) if kind in ON_VALUES else values)}
    if operator == "gt" and kind.startswith("temporal"):
        condition = {"gte": 1}
    if kind == "value_count":
        condition["field"] = draw(st.sampled_from(["patient", ["patient", "service"]]))
    elif kind in ON_VALUES:
        condition["field"] = draw(st.sampled_from(["rows", "bytes"]))
    if kind == "value_percentile":
        condition["percentile"] = draw(st.integers(0, 100))
    groups = draw(st.sampled_from([["account"], ["ip"], ["account", "ip"], ["account", "who"]]))
    correlation = {"type": kind, "rules": steps, "group-by": groups, "condition": condition}
    correlation["timespan"] = f"{draw(st.integers(1, 50))}{draw(st.sampled_from('smhdw'))}"
    if "who" in groups:
        correlation["aliases"] = {"who": {step: draw(st.sampled_from(["ip", "session"])) for step in steps}}
    if draw(st.booleans()):
        correlation["generate"] = draw(st.booleans())
    return correlation


expressions = st.recursive(
    st.sampled_from(STEPS),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        inner.map(lambda one: f"not {one}"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rules")
    steps = [LOOKUP.replace("name: lookup", f"name: {step}").replace("kind: lookup", f"kind: {step}") for step in STEPS]
    (folder / "steps.yml").write_text("---\n".join(steps))
    return folder


def read(folder, correlation):
    """Give one correlation as we and as pySigma read it."""
    document = {"title": "Many", "name": "many", "level": "low", "correlation": correlation}
    whole = {**document, "tocsin": {"family": "volume"}}
    (folder / "many.yml").write_text(yaml.safe_dump(whole, sort_keys=False))
    ours = load_rules([folder]).by_name["many"]
    return ours, correlations.SigmaCorrelationRule.from_dict(document)


@settings(max_examples=60)
@given(correlation=made())
def test_reads_the_same_correlation_as_pysigma(folder, correlation):
    ours, theirs = read(folder, correlation)
    assert ours.type == theirs.type.name.lower()
    assert list(ours.rules) == [one.reference for one in theirs.rules]
    assert list(ours.group_by) == theirs.group_by
    assert ours.timespan.total_seconds() == theirs.timespan.seconds
    assert ours.generates_steps == theirs.generate
    aliased = {
        name: {str(r.reference): f for r, f in one.mapping.items()} for name, one in theirs.aliases.aliases.items()
    }
    assert {name: dict(fields) for name, fields in ours.aliases.items()} == aliased
    counted = theirs.condition.fieldref or []
    assert (ours.condition.operator, ours.condition.value) == (theirs.condition.op.name.lower(), theirs.condition.count)
    assert list(ours.condition.fields) == ([counted] if isinstance(counted, str) else counted)
    assert ours.condition.percentile == theirs.condition.percentile


def our_tree(node):
    match node:
        case Leaf(name):
            return (name,)
        case Not(part):
            return negated(our_tree(part))
        case All(parts):
            return flat("and", [our_tree(part) for part in parts])
        case AnyOf(parts):
            return flat("or", [our_tree(part) for part in parts])


def their_tree(node):
    match node:
        case correlations.SigmaRuleReference():
            return (node.reference,)
        case correlations.CorrelationConditionNOT():
            return negated(their_tree(node.args[0]))
        case correlations.CorrelationConditionAND():
            return flat("and", [their_tree(one) for one in node.args])
        case correlations.CorrelationConditionOR():
            return flat("or", [their_tree(one) for one in node.args])


@settings(max_examples=60)
@given(expression=expressions)
def test_reads_the_same_expression_of_steps_as_pysigma(folder, expression):
    ours, theirs = read(
        folder, {"type": "temporal", "group-by": ["account"], "timespan": "1h", "condition": expression}
    )
    assert our_tree(ours.expression) == their_tree(theirs.condition.parsed)
    assert list(ours.rules) == sorted(theirs.condition.get_referenced_rules())
