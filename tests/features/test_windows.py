"""Sliding windows give the same answers as looking back from every event, one by one."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.features import windows
from tocsin.features.windows import count_over_time, distinct_over_time

START = datetime(2022, 3, 14, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
TIME = pl.Datetime("us", "UTC")

rows = st.lists(
    st.tuples(
        st.sampled_from(["A1", "A2", "B", None]),
        st.sampled_from(["x", "y", None]),
        st.integers(-40, 40),
        st.sampled_from(["p", "q", "r", "s", None]),
    ),
    max_size=40,
)


def frame(events):
    return pl.DataFrame(
        {
            "account": [event[0] for event in events],
            "ip": [event[1] for event in events],
            "time": [START + timedelta(minutes=event[2]) for event in events],
            "patient": [event[3] for event in events],
        },
        schema={"account": pl.String, "ip": pl.String, "time": TIME, "patient": pl.String},
    )


def brute_force(events, group, span, at_least, count):
    """Look back from each instant at every row of the group."""
    answers = set()
    for event in events.iter_rows(named=True):
        names = tuple(event[column] for column in group)
        if None in names:
            continue
        window = [
            other
            for other in events.iter_rows(named=True)
            if tuple(other[column] for column in group) == names
            and event["time"] - span <= other["time"] <= event["time"]
        ]
        if count(window) >= at_least:
            answers.add((*names, event["time"], count(window)))
    return sorted(answers)


def people(window):
    return len({event["patient"] for event in window} - {None})


@given(rows, st.integers(1, 60), st.integers(0, 5), st.sampled_from([["account"], ["ip"], ["account", "ip"]]))
def test_counts_events_as_a_look_back_from_each_of_them_does(events, minutes, at_least, group):
    events, span = frame(events), timedelta(minutes=minutes)
    assert count_over_time(events, group, span, at_least).rows() == brute_force(events, group, span, at_least, len)


@given(
    rows,
    st.integers(1, 60),
    st.integers(0, 5),
    st.sampled_from([["account"], ["ip"], ["account", "ip"]]),
    st.booleans(),
)
def test_counts_different_values_as_a_look_back_from_each_event_does(events, minutes, at_least, group, as_ids):
    events, span = frame(events), timedelta(minutes=minutes)
    if as_ids:
        events = events.with_columns(
            pl.col("patient").replace_strict({"p": 2**64 - 1, "q": 0, "r": 7, "s": 8}, return_dtype=pl.UInt64)
        )
    assert distinct_over_time(events, group, "patient", span, at_least).rows() == brute_force(
        events, group, span, at_least, people
    )


@given(rows, st.integers(1, 60), st.randoms())
def test_ignores_the_order_of_rows(events, minutes, random):
    span = timedelta(minutes=minutes)
    shuffled = random.sample(events, len(events))
    assert distinct_over_time(frame(events), ["account"], "patient", span).equals(
        distinct_over_time(frame(shuffled), ["account"], "patient", span)
    )


@settings(max_examples=50)
@given(rows, st.integers(1, 60), st.integers(0, 3))
def test_cuts_groups_into_parts_without_changing_the_answer(events, minutes, at_least):
    events, span = frame(events), timedelta(minutes=minutes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "AXIS_BITS", 10)  # room for one group at a time
        answer = distinct_over_time(events, ["account"], "patient", span, at_least)
    assert answer.equals(distinct_over_time(events, ["account"], "patient", span, at_least))


def test_counts_combinations_of_several_values_and_skips_those_with_a_null():
    events = frame([("A1", "x", 0, "p"), ("A1", "y", 1, "p"), ("A1", None, 2, "p"), ("A1", "x", 3, "p")])
    assert distinct_over_time(events, ["account"], ["ip", "patient"], HOUR)["count"].to_list() == [1, 2, 2, 2]


def test_counts_the_group_column_itself_when_asked():
    events = frame([("A1", "x", 0, "p"), ("A1", "x", 1, "q")])
    assert distinct_over_time(events, ["account"], "account", HOUR)["count"].to_list() == [1, 1]


def test_closes_the_window_on_both_sides():
    moment = timedelta(microseconds=1)
    events = frame([("A1", "x", 0, "p"), ("A1", "x", 60, "q"), ("A1", "x", 61, "q")])
    assert distinct_over_time(events, ["account"], "patient", HOUR)["count"].to_list() == [1, 2, 1]
    assert distinct_over_time(events, ["account"], "patient", HOUR - moment)["count"].to_list() == [1, 1, 1]
    assert count_over_time(events, ["account"], HOUR)["count"].to_list() == [1, 2, 2]
    assert count_over_time(events, ["account"], HOUR - moment)["count"].to_list() == [1, 1, 2]


def test_looks_back_from_an_event_without_a_value_into_a_busy_bucket():
    events = frame([("A1", "x", 0, "p"), ("A1", "x", 1, "q"), ("A1", "x", 60, None)])
    assert distinct_over_time(events, ["account"], "patient", HOUR, at_least=2)["count"].to_list() == [2, 2]


def test_spans_decades_and_many_accounts_at_once():
    years = [(f"A{i}", "x", 60 * 24 * 365 * 70 * (i % 2), "p") for i in range(3000)]
    answer = distinct_over_time(frame(years), ["account"], "patient", timedelta(seconds=1))
    assert answer["count"].to_list() == [1] * 3000
    assert answer["account"].is_sorted()


def test_answers_nothing_for_no_events_with_the_same_columns():
    answer = distinct_over_time(frame([]), ["account"], "patient", HOUR, at_least=3)
    assert answer.schema == {"account": pl.String, "time": TIME, "count": pl.Int64}
    assert answer.is_empty()


def test_refuses_a_window_without_length():
    with pytest.raises(ValueError, match="positive span"):
        count_over_time(frame([]), ["account"], timedelta())


def people_every(seconds, number):
    """Make one account that reads a new person every so many seconds."""
    return pl.DataFrame(
        {
            "account": ["A1"] * number,
            "time": [START + timedelta(minutes=40, seconds=seconds * i) for i in range(number)],
            "patient": list(range(number)),
        },
        schema={"account": pl.String, "time": TIME, "patient": pl.UInt64},
    )


# Regression cases named after the tool that fails them.


def test_wazuh_two_people_read_alternately_two_hundred_times_are_two():
    events = people_every(6, 200).with_columns(pl.col("patient") % 2)
    assert distinct_over_time(events, ["account"], "patient", HOUR)["count"].max() == 2


def test_tumbling_hours_people_on_both_sides_of_a_full_hour_are_added():
    assert distinct_over_time(people_every(15, 160), ["account"], "patient", HOUR, at_least=160).height == 1


def test_hayabusa_people_spread_over_three_hours_do_not_add_up():
    assert distinct_over_time(people_every(68, 160), ["account"], "patient", HOUR, at_least=80).is_empty()
