"""Correlations ring exactly where a look back from every event says so, as one episode a burst."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import examples
from tocsin.errors import Place
from tocsin.rules.correlation import EPISODES, episodes
from tocsin.rules.patterns import literal_pattern
from tocsin.rules.rule import Correlation, Detection, RuleSet, Threshold
from tocsin.rules.tree import AnyOf, Leaf, Not, Operator

START = datetime(2022, 3, 14, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCHEMA = {
    "time": pl.Datetime("us", "UTC"),
    "night": pl.Date(),
    "account": pl.String(),
    "ip": pl.String(),
    "patient": pl.String(),
    "kind": pl.String(),
}
LOOKUP = Detection(
    name="lookup", title="", place=Place(""), condition=Leaf("kind", Operator.MATCHES, literal_pattern("lookup"))
)
EXPORT = Detection(
    name="export", title="", place=Place(""), condition=Leaf("kind", Operator.MATCHES, literal_pattern("export"))
)


def rule(operator="gte", value=2, fields=("patient",), group_by=("account",), timespan=HOUR, **more):
    return Correlation(
        name="r",
        title="",
        place=Place(""),
        reports=True,
        type="value_count" if fields else "event_count",
        rules=more.pop("rules", ("lookup",)),
        group_by=group_by,
        timespan=timespan,
        condition=Threshold(operator, value, fields),
        **more,
    )


def run(events, *rules, group="account", detections=(LOOKUP, EXPORT)):
    return episodes(events, RuleSet(tuple(detections), rules, "", ()), group)


def frame(rows):
    """Make events from (minute, account, ip, patient, kind); nights begin at 00:00 UTC here."""
    times = [START + timedelta(minutes=row[0]) for row in rows]
    columns = list(zip(*(row[1:] for row in rows), strict=True)) or [[]] * 4
    return pl.DataFrame([times, [at.date() for at in times], *map(list, columns)], schema=SCHEMA)


def reads(account, minutes, patients=None, ip="x"):
    return [(minute, account, ip, patients[i] if patients else f"P{i}", "lookup") for i, minute in enumerate(minutes)]


COMPARE = {
    "gte": int.__ge__,
    "gt": int.__gt__,
    "lte": int.__le__,
    "lt": int.__lt__,
    "eq": int.__eq__,
    "neq": int.__ne__,
}


def slowly(events, wanted, group):
    """Look back from every matching event; fold by group and night where the gap is over the span."""
    rows = [row for row in events.iter_rows(named=True) if row["kind"] == "lookup" and row[group] is not None]
    hits = {}
    for row in rows:
        window = [
            other
            for other in rows
            if other[group] == row[group] and row["time"] - wanted.timespan <= other["time"] <= row["time"]
        ]
        fields = wanted.condition.fields
        counted = [other for other in window if all(other[name] is not None for name in fields)]
        count = len({tuple(other[name] for name in fields) for other in counted}) if fields else len(counted)
        if COMPARE[wanted.condition.operator](count, wanted.condition.value):
            first = min((other["time"] for other in counted), default=row["time"])
            hits[row[group], row["time"]] = (row["night"], count, first)
    answer, before = [], None
    for (name, time), (night, count, first) in sorted(hits.items()):
        same = before is not None and before[:2] == (name, night) and time - before[2] <= wanted.timespan
        if same:
            episode = answer[-1]
            episode["last"], episode["hits"] = time, episode["hits"] + 1
            episode["peak"] = (min if wanted.condition.operator in ("lt", "lte") else max)(episode["peak"], count)
        else:
            answer.append({"group_value": name, "night": night, "first": first, "last": time, "peak": count, "hits": 1})
        before = (name, night, time)
    return answer


rows = st.lists(
    st.tuples(
        st.sampled_from([*range(0, 260, 15), 1, 59, 61, 121]),  # instants that coincide, or lie just a span apart
        st.sampled_from(["A1", "A1", "A2"]),
        st.sampled_from(["x", "y", None]),
        st.sampled_from(["p", "q", "r", None]),
        st.sampled_from(["lookup", "lookup", "lookup", "export", None]),
    ),
    min_size=8,
    max_size=20,
)


@settings(max_examples=examples(70), deadline=None)
@given(
    rows,
    st.sampled_from(list(COMPARE)),
    st.integers(0, 4),
    st.sampled_from([(), ("patient",), ("patient", "ip"), ("ip",)]),
    st.sampled_from(["account", "ip"]),
    st.sampled_from([15, 60, 120]),
    st.randoms(),
)
def test_equals_a_look_back_from_every_event(events, operator, value, fields, group, minutes, random):
    wanted = rule(operator, value, fields, (group,), timedelta(minutes=minutes))
    seen = run(frame(random.sample(events, len(events))), wanted, group=group)
    assert seen.schema == EPISODES
    assert seen.select("group_value", "night", "first", "last", "peak", "hits").to_dicts() == slowly(
        frame(events), wanted, group
    )


@settings(deadline=None)
@given(rows)
def test_counts_ids_as_it_counts_tokens(events):
    plain = frame(events)
    numbered = plain.with_columns(person_id=pl.col("patient").rank("dense").cast(pl.UInt64)).drop("patient")
    assert run(plain, rule()).equals(run(numbered, rule()))


def test_folds_a_burst_into_one_episode_and_a_pause_into_two():
    seen = run(frame(reads("A1", [*range(10), *range(80, 90)])), rule(value=5))
    assert seen["first"].to_list() == [START, START + timedelta(minutes=80)]
    assert seen["last"].to_list() == [START + timedelta(minutes=9), START + timedelta(minutes=89)]
    assert seen.select("peak", "hits").rows() == [(10, 6), (10, 6)]


def test_splits_a_burst_at_midnight_yet_looks_back_over_it():
    seen = run(frame(reads("A1", range(100, 140))), rule(value=15, timespan=timedelta(minutes=20)))
    assert seen["night"].to_list() == [date(2022, 3, 14), date(2022, 3, 15)]
    assert seen["first"].to_list() == [START + timedelta(minutes=100), START + timedelta(minutes=100)]
    assert seen["peak"].to_list() == [20, 21]


def test_says_the_same_of_a_night_whether_or_not_later_nights_are_known():
    events = frame(reads("A1", range(60, 200)))
    early = events.filter(pl.col("night") == date(2022, 3, 14))
    whole = run(events, rule(value=15))
    assert run(early, rule(value=15)).equals(whole.filter(pl.col("night") == date(2022, 3, 14)))


def test_raises_each_account_behind_an_address_that_is_in_the_window():
    events = frame(
        [
            *reads("A1", [0, 200], ["p", "q"]),
            *reads("A2", [5]),
            *reads("A3", [6]),
            *reads("A4", [6], ip="y"),
            *reads("A5", [100]),
        ]
    )
    each = rule(value=3, fields=("account",), group_by=("ip",), each_account=True)
    seen = run(events, each, group="ip")
    assert seen.select("account", "group_kind", "group_value", "peak").rows() == [
        (name, "ip", "x", 3) for name in ("A1", "A2", "A3")
    ]
    alone = run(events, rule(value=3, fields=("account",), group_by=("ip",)), group="ip")
    assert alone.select("account", "group_value", "hits").rows() == [(None, "x", 1)]


def test_groups_by_several_columns_in_the_accounts_bucket():
    events = frame([*reads("A1", [0, 1]), *reads("A1", [2, 3], ip="y"), *reads("A1", [4], ip="y")])
    several = rule(value=3, fields=(), group_by=("account", "ip"))
    seen = run(events, several)
    assert seen.select("account", "group_kind", "group_value", "peak").rows() == [("A1", "account,ip", "A1, y", 3)]
    assert run(events, several, group="ip").is_empty()


def test_counts_an_event_once_that_matches_two_steps():
    both = Detection(name="both", title="", place=Place(""), condition=AnyOf((LOOKUP.condition, EXPORT.condition)))
    events = frame([*reads("A1", [0, 1]), (2, "A1", "x", "p", "export")])
    seen = run(events, rule(value=1, fields=(), rules=("lookup", "both")), detections=(LOOKUP, both))
    assert seen["peak"].to_list() == [3]


def test_reports_the_matches_of_a_detection_by_account_and_night():
    lone = Detection(name="lone", title="", place=Place(""), condition=Not(LOOKUP.condition), level="low", reports=True)
    events = frame(
        [
            (0, "A1", "x", None, "export"),
            (50, "A1", "x", None, None),
            (130, "A1", "x", None, "export"),
            *reads("A2", [0]),
        ]
    )
    seen = run(events, detections=(lone,))
    assert seen.select("rule", "account", "group_kind", "night", "peak", "hits").rows() == [
        ("lone", "A1", "account", date(2022, 3, 14), 2, 2),
        ("lone", "A1", "account", date(2022, 3, 15), 1, 1),
    ]
    assert run(events, detections=(lone,), group="ip").is_empty()


def test_does_nothing_where_the_log_lacks_the_group_or_the_field():
    events = frame(reads("A1", range(5)))
    assert run(events.drop("ip"), rule(group_by=("ip",)), group="ip").is_empty()
    assert run(events, rule(fields=("service",))).is_empty()
    assert run(frame([]), rule()).schema == EPISODES


def test_is_silent_where_nothing_reports():
    assert run(frame(reads("A1", range(5)))).is_empty()
