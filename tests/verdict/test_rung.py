"""What the certainty of an exposed person rests on: whether a rule rang while the person was read."""

from datetime import timedelta

import polars as pl

from made import at, night
from practice import suspect
from tocsin.results import BudgetUse, Finding, Night
from tocsin.verdict.rung import people_rung, rung


def listed(account, *spans, detector="rule.distinct_people_1h"):
    found = [
        Finding(
            detector=detector, level="high", points=1.0, headline="x", first=at(first), last=at(last), measures=()
        )
        for first, last in spans
    ]  # fmt: skip
    return Night(
        night(1), 1, 1, (), (), 0, BudgetUse(3, 1, 0, 0, None, 0, None, None, {}), (suspect(account, *found),), ()
    )


def test_spans_of_an_account_are_put_together_where_they_overlap():
    nights = [
        listed("A1", (30, 60), (0, 10), (5, 20)),
        listed("A1", (10, 15)),
        listed("A2", (0, 1)),
        listed("A3", (0, 1)),
    ]
    found = rung([*nights, listed("A1", (70, 80), detector="volume.people")], {"A1", "A2"})
    assert found.rows() == [("A1", at(0), at(20)), ("A1", at(30), at(60)), ("A2", at(0), at(1))]


def test_people_read_while_a_rule_rang_for_that_very_account_are_told():
    reads = [
        ("A1", at(20), 1, "certain"),
        ("A1", at(20) + timedelta(seconds=1), 2, "certain"),
        ("A1", at(45), 3, "possible"),
        ("A1", at(45), 4, None),
        ("A2", at(45), 5, "certain"),
        ("A1", at(-1), 6, "certain"),
    ]
    frame = pl.DataFrame(reads, schema=["account", "time", "person_id", "certainty"], orient="row")
    frame = frame.with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))
    spans = rung([listed("A1", (0, 20), (30, 60))], {"A1"})
    assert people_rung(frame, spans).sort().to_list() == [1, 3]
    assert people_rung(frame, spans.clear()).to_list() == []
