"""Every type of correlation rings exactly where a slow look back from every event says so."""

import itertools
import operator
import statistics
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import examples
from tocsin.errors import Place
from tocsin.rules.correlation import episodes
from tocsin.rules.patterns import literal_pattern
from tocsin.rules.rule import ON_VALUES, Correlation, Detection, RuleSet, Threshold
from tocsin.rules.tree import All, AnyOf, Leaf, Not, Operator

START = datetime(2022, 3, 14, 22, tzinfo=UTC)
SCHEMA = {
    "time": pl.Datetime("us", "UTC"),
    "night": pl.Date(),
    "account": pl.String(),
    "ip": pl.String(),
    "network": pl.String(),
    "kind": pl.String(),
    "bytes": pl.UInt64(),
}
KINDS = ("login", "lookup", "export")
COMPARE = {
    one: getattr(operator, {"gte": "ge", "lte": "le", "neq": "ne"}.get(one, one))
    for one in ("gte", "gt", "lte", "lt", "eq", "neq")
}


def detection(name, *kinds):
    tests = tuple(Leaf("kind", Operator.MATCHES, literal_pattern(kind)) for kind in kinds or (name,))
    return Detection(name=name, title="", place=Place(""), condition=tests[0] if len(tests) == 1 else AnyOf(tests))


DETECTIONS = (*map(detection, KINDS), detection("read", "lookup", "export"))


def rule(kind, rules, condition=None, minutes=60, group_by=("account",), **more):
    return Correlation(
        name=more.pop("name", "r"),
        title="",
        place=Place(""),
        reports=more.pop("reports", True),
        type=kind,
        rules=rules,
        group_by=group_by,
        timespan=timedelta(minutes=minutes),
        condition=condition or Threshold("gte", len(rules)),
        **more,
    )


def run(events, *rules, group="account"):
    return episodes(events, RuleSet(DETECTIONS, rules, "", ()), group)


def frame(rows):
    times = [START + timedelta(minutes=row[0]) for row in rows]
    columns = list(zip(*(row[1:] for row in rows), strict=True)) or [[]] * 5
    return pl.DataFrame([times, [at.date() for at in times], *map(list, columns)], schema=SCHEMA)


# --- the slow reader --------------------------------------------------------------------------------------------------


def matched(event, step):
    return event["kind"] in (("lookup", "export") if step == "read" else (step,))


def own_events(events, wanted, known):
    """List the events of a correlation: (time, night, group, steps, event)."""
    listed = {}
    for place, step in enumerate(wanted.rules):
        columns = [wanted.aliases.get(name, {}).get(step, name) for name in wanted.group_by]
        if isinstance(known[step], Correlation):
            inner = known[step]
            for (group, time), (night, _count, _first) in hits(events, inner, known).items():
                names = dict(zip(inner.group_by, group, strict=True))
                key = (("hit", place, group), time, night, tuple(names[column] for column in columns))
                listed.setdefault(key, (set(), {}))[0].add(step)
            continue
        for number, event in enumerate(events):
            group = tuple(event[column] for column in columns)
            if matched(event, step) and None not in group:
                key = (number, event["time"], event["night"], group)
                listed.setdefault(key, (set(), event))[0].add(step)
    return [(time, night, group, steps, event) for (_id, time, night, group), (steps, event) in listed.items()]


def exists_in_order(window, rules):
    """Find one event for each step, none earlier than the one before."""
    choices = [[time for time, steps in window if rule in steps] for rule in rules]
    return any(all(a <= b for a, b in itertools.pairwise(times)) for times in itertools.product(*choices))


def fulfils(condition, steps):
    match condition:
        case Leaf(name):
            return name in steps
        case Not(part):
            return not fulfils(part, steps)
        case All(parts):
            return all(fulfils(part, steps) for part in parts)
        case AnyOf(parts):
            return any(fulfils(part, steps) for part in parts)


def answer(wanted, window):
    """Give what the window comes to, None for nothing, and whether that is a hit."""
    limit = Fraction(str(wanted.condition.value))
    if wanted.type in ON_VALUES:
        values = sorted(event["bytes"] for *_rest, event in window if event.get("bytes") is not None)
        if not values:
            return None, False
        match wanted.type:
            case "value_sum":
                found = Fraction(sum(values))
            case "value_avg":
                found = Fraction(sum(values), len(values))
            case "value_median":
                found = statistics.median(map(Fraction, values))
            case _:
                share = wanted.condition.percentile
                found = next(
                    Fraction(one) for one in values if 100 * sum(v <= one for v in values) >= share * len(values)
                )
        return int((2 * found + 1) // 2), COMPARE[wanted.condition.operator](found, limit)
    steps = set().union(*(steps for *_rest, steps, _event in window))
    if wanted.expression is not None:
        return len(steps), fulfils(wanted.expression, steps)
    if wanted.type == "temporal":
        found = len(steps)
    elif wanted.type == "temporal_ordered":
        timed = [(time, steps) for time, _night, _group, steps, _event in window]
        found = max((n for n in range(1, len(wanted.rules) + 1) if exists_in_order(timed, wanted.rules[:n])), default=0)
    else:
        found = len(window)
    return found, COMPARE[wanted.condition.operator](found, limit)


def hits(events, wanted, known):
    own = own_events(events, wanted, known)
    found = {}
    for time, _night, group, _steps, _event in own:
        window = [one for one in own if one[2] == group and time - wanted.timespan <= one[0] <= time]
        count, is_hit = answer(wanted, window)
        if is_hit:
            first = min(one[0] for one in window if wanted.type not in ON_VALUES or one[4].get("bytes") is not None)
            night = min(one[1] for one in own if one[2] == group and one[0] == time)
            found[group, time] = (night, count, first)
    return found


def slowly(events, wanted, *others):
    known = {one.name: one for one in (*DETECTIONS, wanted, *others)}
    rows, before = [], None
    for (group, time), (night, count, first) in sorted(hits(list(events.iter_rows(named=True)), wanted, known).items()):
        if before is not None and before[:2] == (group, night) and time - before[2] <= wanted.timespan:
            rows[-1]["last"], rows[-1]["hits"] = time, rows[-1]["hits"] + 1
            rows[-1]["peak"] = (min if wanted.condition.operator in ("lt", "lte") else max)(rows[-1]["peak"], count)
        else:
            value = ", ".join(group)
            rows.append({"group_value": value, "night": night, "first": first, "last": time, "peak": count, "hits": 1})
        before = (group, night, time)
    return sorted(rows, key=lambda row: (row["group_value"], row["night"], row["first"]))


def seen(events, *rules, group="account"):
    return run(events, *rules, group=group).select("group_value", "night", "first", "last", "peak", "hits").to_dicts()


# --- the law ----------------------------------------------------------------------------------------------------------

rows = st.lists(
    st.tuples(
        st.sampled_from([*range(60, 200, 15), 61, 119]),  # instants that coincide, or lie just a span apart
        st.sampled_from(["A1", "A1", "A2"]),
        st.sampled_from(["x", "y", None]),
        st.sampled_from(["x", "n"]),
        st.sampled_from([*KINDS, None]),
        st.sampled_from([None, 0, 1, 2, 3, 7, 2**64 - 1]),
    ),
    min_size=6,
    max_size=12,
)
spans = st.sampled_from([15, 60, 120])
orders = st.sampled_from([("login", "lookup"), ("lookup", "login", "export"), ("login", "read", "export"), ("read",)])
leaves = st.sampled_from(KINDS).map(lambda name: Leaf(name, Operator.EQUALS, True))
expressions = st.recursive(
    leaves,
    lambda inner: st.one_of(inner.map(Not), st.tuples(inner, inner).map(All), st.tuples(inner, inner).map(AnyOf)),
    max_leaves=4,
)


@settings(max_examples=examples(60), deadline=None)
@given(
    rows,
    st.sampled_from(["temporal", "temporal_ordered"]),
    orders,
    st.sampled_from(list(COMPARE)),
    st.integers(0, 3),
    spans,
    st.randoms(),
)
def test_finds_rules_that_come_together_and_in_order(events, kind, steps, compare, value, minutes, random):
    wanted = rule(kind, steps, Threshold(compare, value), minutes)
    assert seen(frame(random.sample(events, len(events))), wanted) == slowly(frame(events), wanted)


@settings(max_examples=examples(45), deadline=None)
@given(rows, expressions, spans, st.sampled_from(["account", "ip"]))
def test_finds_windows_that_fulfil_an_expression(events, expression, minutes, group):
    wanted = rule("temporal", KINDS, Threshold("gte", 0), minutes, (group,), expression=expression)
    assert seen(frame(events), wanted, group=group) == slowly(frame(events), wanted)


@settings(max_examples=examples(90), deadline=None)
@given(
    rows,
    st.sampled_from(ON_VALUES),
    st.sampled_from(list(COMPARE)),
    st.sampled_from([0, 1, 1.5, 2, 2.333333, 3, 2**64]),
    st.sampled_from([0, 1, 50, 90, 99, 100]),
    spans,
    st.randoms(),
)
def test_works_out_values_exactly(events, kind, compare, value, percentile, minutes, random):
    wanted = rule(kind, ("lookup", "export"), Threshold(compare, value, ("bytes",), percentile), minutes)
    expected = slowly(frame(events), wanted)
    for row in expected:
        row["peak"] = min(row["peak"], 2**63 - 1)
    assert seen(frame(random.sample(events, len(events))), wanted) == expected


inner = st.one_of(
    st.integers(1, 3).map(
        lambda n: rule("event_count", ("read",), Threshold("gte", n), 20, name="inner", reports=False)
    ),
    st.just(rule("temporal", ("login", "lookup"), None, 30, name="inner", reports=False)),
    st.just(rule("event_count", ("read",), None, 20, ("account", "ip"), name="inner", reports=False)),
)


@settings(max_examples=examples(60), deadline=None)
@given(rows, inner, st.sampled_from(["temporal", "temporal_ordered", "event_count"]), spans)
def test_takes_the_hits_of_a_correlation_for_events(events, below, kind, minutes):
    wanted = rule(kind, ("inner", "export"), None, minutes)
    assert seen(frame(events), wanted, below) == slowly(frame(events), wanted, below)


@settings(max_examples=examples(45), deadline=None)
@given(rows, st.sampled_from(["temporal", "event_count"]), st.booleans(), spans)
def test_groups_by_what_a_field_is_called_in_each_rule(events, kind, overlapping, minutes):
    steps = ("login", "read") if not overlapping else ("lookup", "read")
    aliases = {"where": {steps[0]: "ip", steps[1]: "network"}}
    wanted = rule(kind, steps, None, minutes, ("account", "where"), aliases=aliases)
    assert seen(frame(events), wanted) == slowly(frame(events), wanted)


# --- examples ---------------------------------------------------------------------------------------------------------


def acts(*pairs, account="A1", ip="x"):
    return frame([(minute, account, ip, "n", kind, None) for minute, kind in pairs])


def test_rings_where_a_burst_follows_a_login_over_midnight():
    wanted = rule("temporal_ordered", ("login", "export"), None, 60)
    assert seen(acts((110, "login"), (130, "export")), wanted)[0]["night"] == datetime(2022, 3, 15).date()
    assert seen(acts((110, "export"), (130, "login")), wanted) == []
    assert seen(acts((110, "login"), (171, "export")), wanted) == []
    assert len(seen(acts((110, "login"), (170, "export")), wanted)) == 1


def test_takes_events_of_one_instant_in_either_order():
    wanted = rule("temporal_ordered", ("login", "export"), None, 60)
    assert len(seen(acts((110, "export"), (110, "login")), wanted)) == 1


def test_does_nothing_where_the_log_lacks_the_group_of_a_rule_below():
    below = rule("event_count", ("read",), None, 20, ("ip", "account"), name="inner", reports=False)
    wanted = rule("event_count", ("inner",), None, 60)
    assert run(acts((1, "lookup")).drop("ip"), wanted, below).is_empty()
    values = rule("value_sum", ("read",), Threshold("gte", 0, ("rows",)))
    assert run(acts((1, "lookup")), values).is_empty()


def test_builds_on_an_address_without_its_accounts():
    below = rule("event_count", ("read",), None, 20, ("ip",), name="inner", reports=False)
    wanted = rule("event_count", ("inner",), Threshold("gte", 2), 60, ("ip",))
    found = run(acts((1, "lookup"), (5, "lookup")), wanted, below, group="ip")
    assert found.select("account", "group_kind", "group_value", "peak").rows() == [(None, "ip", "x", 2)]


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_gives_the_same_for_files_cut_anywhere(cut):
    events = acts((100, "login"), (110, "lookup"), (115, "export"), (125, "lookup"), (130, "export"), (140, "login"))
    wanted = rule("temporal_ordered", ("login", "lookup", "export"), None, 60)
    assert seen(pl.concat([events.slice(cut), events.slice(0, cut)]), wanted) == seen(events, wanted)
