"""A night is measured the same with the whole night before it at hand as when that night is measured too."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from made import MONDAY, night, stored
from tocsin.measure import measure
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped

HALF_HOUR = timedelta(minutes=30)
RULE = load_rules([shipped()]).only("distinct_people_1h")
MIDNIGHT = MONDAY.replace(hour=23) - timedelta(days=1)
"""The one in Paris before Monday."""

EVENT = st.fixed_dictionaries(
    {
        "time": st.sampled_from([-1500, -90, -70, -45, -40, -25, -15, -9, -4, -1, 0, 1, 4, 9, 12, 18, 25, 300]).map(
            lambda minutes: MIDNIGHT + timedelta(minutes=minutes)
        ),
        "account": st.sampled_from(["A1", "A1", "A2"]),
        "patient": st.sampled_from(["b:1", "b:2", "b:3", "c:4", "d:5", None]),
        "kind": st.sampled_from(["lookup", "lookup", "lookup", "search", "login"]),
        "outcome": st.sampled_from(["success", "success", "not_found", "failure"]),
        "ip": st.sampled_from(["10.0.0.1", "10.1.0.1", "10.1.0.2", None]),
        "user_agent": st.sampled_from(["x", "y", None]),
        "session": st.sampled_from(["s", None]),
        "automatic": st.sampled_from([False, False, True]),
        "rows": st.sampled_from([None, 1, 400]),
    }
)


@settings(max_examples=20)
@given(st.lists(EVENT, min_size=20, max_size=60))
def test_a_night_is_the_same_whether_the_one_before_it_is_measured_too(rows):
    events = stored(*rows)
    whole = measure(events, RULE, HALF_HOUR)
    tonight = measure(events, RULE, HALF_HOUR, night())
    for name in ("nights", "origins", "episodes", "peaks", "totals"):
        expected = getattr(whole, name).filter(pl.col("night") >= night())
        assert_frame_equal(getattr(tonight, name), expected, check_row_order=False)


def test_software_that_asks_again_on_a_later_night_makes_no_new_consultation():
    again = {"patient": "b:1", "automatic": True}
    events = stored({"patient": "b:1", "time": MONDAY - timedelta(days=3)}, again)
    told = events.filter(pl.col("night") == night()).with_columns(pl.lit(night(-3)).alias("past:person_id"))
    for held in (events, told):
        measured = measure(held, RULE, HALF_HOUR, night()).nights
        assert measured["consultations"].to_list() == [0]


@pytest.mark.parametrize("first", [night(1)])
def test_nothing_is_measured_where_nobody_did_anything(first):
    measured = measure(stored({"patient": "b:1"}), RULE, HALF_HOUR, first)
    assert [getattr(measured, name).height for name in ("nights", "origins", "episodes", "peaks", "totals")] == [0] * 5


def test_the_software_of_an_account_is_what_its_user_agents_name_where_the_log_does_not_say_it():
    agents = ["Mozilla/5.0 (Windows NT 10.0)", "LogiSoins/12.3", "LogiSoins/12.4", "Hexa v3"]
    events = stored(
        *({"account": "A1", "user_agent": agent, "patient": f"b:{at}"} for at, agent in enumerate(agents)),
        {"account": "A2", "user_agent": agents[0]},
        {"account": "A3", "user_agent": agents[1], "client": "Soins"},
    )
    told = measure(events, RULE, HALF_HOUR).nights.select("account", "client").rows()
    assert told == [("A1", "LogiSoins"), ("A2", None), ("A3", "Soins")]
