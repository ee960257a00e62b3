"""What rules share and leave out changes no answer: whatever is pruned equals what is counted in full."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import examples
from rule_texts import LOOKUP, load
from tocsin.errors import RuleErrors
from tocsin.features.sweep import in_order_of_values, worth_counting
from tocsin.rules.correlation import look, matched_by
from tocsin.rules.matched import Matched
from tocsin.rules.steps import events_of, hits, with_night
from tocsin.rules.windows import hits_of

START = datetime(2022, 3, 14, tzinfo=UTC)
SCHEMA = {
    "time": pl.Datetime("us", "UTC"),
    "night": pl.Date(),
    "account": pl.String(),
    "kind": pl.String(),
    "outcome": pl.String(),
    "patient": pl.String(),
    "ip": pl.String(),
}
COUNT = """
---
title: Many
name: many
level: low
tocsin: {family: volume}
correlation:
  type: %s
  rules: [lookup]
  group-by: [%s]
  timespan: %s
  condition: {%s}
"""
NOVEL = "tocsin: {novel: {any_of: [%s], over: 30d, min_history: 1d}}\n"
CHAIN = (
    LOOKUP.replace("name: lookup", "name: change").replace("kind: lookup", "kind: write")
    + "---\n"
    + LOOKUP.replace("name: lookup", "name: new").replace("kind: lookup", "kind: [lookup, login]")
    + NOVEL % "ip"
    + "---\n"
    + LOOKUP
    + (COUNT % ("value_count", "account", "6h", "field: patient, gte: 2")).replace(
        "level: low\ntocsin: {family: volume}\n", ""
    )
    + """---
title: Chain
name: chain
level: low
tocsin: {family: credentials}
correlation: {type: %s, rules: [change, new, many], group-by: [account], timespan: 2d}
"""
)

events = st.lists(
    st.tuples(
        st.integers(0, 24 * 5),
        st.sampled_from(["A1", "A2", None]),
        st.sampled_from(["lookup", "lookup", "login", "write"]),
        st.sampled_from(["success", "failure"]),
        st.sampled_from(["p", "q", "r", "s", None]),
        st.sampled_from(["x", "y", "z", None]),
    ),
    max_size=30,
)


def frame(rows):
    times = [START + timedelta(hours=row[0]) for row in rows]
    columns = list(zip(*(row[1:] for row in rows), strict=True)) or [[]] * 5
    return pl.DataFrame([times, [at.date() for at in times], *map(list, columns)], schema=SCHEMA)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rules")


@settings(max_examples=examples(50), deadline=None)
@given(
    events,
    st.sampled_from(["value_count", "event_count"]),
    st.sampled_from(["account", "ip", "ip, account"]),
    st.sampled_from(["1h", "5h", "2d"]),
    st.sampled_from(["gte: 3", "gt: 1", "eq: 2", "lt: 2", "neq: 1"]),
    st.sampled_from(["", "patient", "ip", "ip, patient"]),
)
def test_windows_swept_with_pruning_hold_what_plain_windows_hold(folder, rows, kind, group, span, condition, new):
    field = "field: patient, " if kind == "value_count" else ""
    text = LOOKUP + (NOVEL % new if new and "account" in group else "") + COUNT % (kind, group, span, field + condition)
    rules = load(folder, text)
    rule = rules.by_name["many"]
    matched = matched_by(frame(rows), rules, rule.group)
    plain = events_of(matched, rule)
    expected = with_night(hits_of(plain, rule), plain, rule)
    found, of_groups = hits(matched, rule)
    order = [*rule.group_by, "time"]
    assert found.select(expected.columns).sort(order).equals(expected.sort(order))
    # The events of the groups that ring come along, at least all that lie in a window that does.
    assert set(of_groups.select(rule.group_by).iter_rows()) == set(expected.select(rule.group_by).iter_rows())


@pytest.mark.parametrize("kind", ["temporal", "temporal_ordered"])
@settings(max_examples=examples(35), deadline=None)
@given(rows=events)
def test_groups_left_out_of_a_chain_could_not_have_rung(folder, kind, rows):
    rules = load(folder, CHAIN % kind)
    seen = look(frame(rows), rules, "account").episodes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Matched, "able", lambda matched, _rule: matched)
        whole = look(frame(rows), rules, "account").episodes
    assert seen.equals(whole)


def test_a_chain_of_what_is_new_rings(folder):
    rows = [
        (0, "A1", "login", "success", None, "x"),
        (48, "A1", "write", "success", None, "x"),
        (49, "A1", "login", "success", None, "y"),
    ]
    rows += [(50, "A1", "lookup", "success", patient, "y") for patient in "pq"]
    assert look(frame(rows), load(folder, CHAIN % "temporal_ordered"), "account").episodes["account"].to_list() == [
        "A1"
    ]
    assert look(frame(rows[1:]), load(folder, CHAIN % "temporal_ordered"), "account").episodes.is_empty()


def test_values_that_agree_in_their_spread_bits_are_told_apart():
    # The inverse of the spreading factor: these two differ, once spread, in the lowest bit alone.
    other = pow(0x9E3779B97F4A7C15, -1, 2**64)
    values = np.array([0, other, 0, other, 0], dtype=np.uint64)
    assert in_order_of_values(values).tolist() == [0, 2, 4, 1, 3]
    assert in_order_of_values(values, np.array([True, True, False, True, True])).tolist() == [0, 4, 1, 3]


def test_keeps_the_rows_of_two_neighbouring_buckets_that_are_enough_together():
    places = np.array([8, 9, 10, 11, 35, 50, 51])
    assert worth_counting(places, 10, 3).tolist() == [True, True, True, True, False, False, False]
    assert worth_counting(places, 10, 2, np.array([True, True, False, False, True, True, True])).tolist() == [
        True
    ] * 4 + [False, True, True]


@pytest.mark.parametrize("of", ["many", "second"])
def test_refuses_a_ring_through_a_ratio(folder, of):
    ring = COUNT.replace("{family: volume}", "{family: volume, ratio: {of: %s, gte: 0.5}}")
    first = ring % (of, "event_count", "account", "1h", "gte: 3")
    second = (ring % ("many", "event_count", "account", "1h", "gte: 3")).replace("name: many", "name: second")
    with pytest.raises(RuleErrors) as caught:
        load(folder, LOOKUP + first + second)
    assert {fault.code for fault in caught.value.faults} == {"E045"}


@pytest.mark.parametrize(("text", "value"), [("010", 8), ("0x10", 16), ("1:30", 90)])
def test_warns_of_numbers_that_yaml_reads_otherwise(folder, text, value):
    (warning,) = load(folder, LOOKUP + COUNT % ("event_count", "account", "1h", f"gte: {text}")).warnings
    assert (warning.code, warning.place.line) == ("W023", 18)
    assert f"'{text}' is read as the number {value}" in warning.message


def test_refuses_a_condition_of_thousands_of_words(folder):
    with pytest.raises(RuleErrors) as caught:
        load(folder, LOOKUP.replace("condition: selection", "condition: " + " or ".join(["selection"] * 1_500)))
    assert [(fault.code, fault.place.line) for fault in caught.value.faults] == [("E030", 6)]
