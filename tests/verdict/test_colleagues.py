"""Who of the same structure had read a suspect's people."""

from dataclasses import replace

import polars as pl
import pytest

from made import at, night, stored
from practice import suspect
from tocsin.results import BudgetUse, Night
from tocsin.settings import Settings
from tocsin.store.spool import Spool
from tocsin.verdict.colleagues import with_colleagues
from tocsin.verdict.evidence import with_evidence

USE = BudgetUse(3, 1, 0, 0, None, 0, None, None, {})
RULES = Settings().innocent
NAME = "people whom colleagues of its structure know"


def lookups(account, day, *people):
    return [{"account": account, "patient": f"b:{one}", "time": at(one, day=day)} for one in people]


@pytest.fixture
def held():
    """A1 reads 1 to 6 on the second night: 1 it knew, 2 to 4 a colleague, 5 one that night only, 6 a stranger."""
    events = lookups("A1", 0, 1) + lookups("A1", 1, 1, 2, 3, 4, 5, 6) + lookups("A2", 0, 2, 3, 4)
    events += lookups("A2", 1, 5) + lookups("B1", 0, 6) + lookups("A2", 2, 6)
    events += [{"account": "A2", "patient": "b:6", "time": at(0, day=0), "outcome": "not_found"}]
    with Spool() as spool:
        spool.add(stored(*events).drop("local_hour", "local_weekday", "holiday", "open_hours"))
        yield spool


def active(*others, day=0):
    rows = [("A1", night(1), "P"), *((name, night(day), structure) for name, structure in others)]
    return pl.DataFrame(rows, schema={"account": pl.String, "night": pl.Date, "structure": pl.String}, orient="row")


def of(structure):
    return Night(night(1), 1, 1, (), (), 0, USE, (replace(suspect("A1"), structure=structure),), ())


def test_people_whom_a_colleague_had_read_are_told(held):
    (told,) = with_colleagues(of("P"), held, active(("A2", "P"), ("B1", "Q")), RULES).suspects[0].innocent
    assert told.explanation == NAME
    assert told.figures == "3 of 5 people new to it had been read by 1 colleague in four weeks"
    assert told.holds


def test_of_who_was_named_late_the_night_on_which_it_rang_is_told(held):
    on_time = with_colleagues(of("P"), held, active(("A2", "P"), ("B1", "Q")), RULES).suspects[0].innocent
    late = replace(suspect("A1"), structure="P", night=night(3), rang=night(1))
    both = replace(of("P"), night=night(3), suspects=(replace(suspect("B1"), structure="Q", night=night(3)), late))
    told = with_colleagues(both, held, active(("A2", "P"), ("B1", "Q")), RULES)
    assert [one.innocent for one in told.suspects] == [(), on_time]


def test_the_settings_say_for_how_long_colleagues_are_looked_at(held):
    (told,) = with_colleagues(of("P"), held, active(("A2", "P")), replace(RULES, colleague_days=7)).suspects[0].innocent
    assert told.figures.endswith("by 1 colleague in 7 days")
    alone = replace(RULES, colleagues=1)
    assert with_colleagues(of("P"), held, active(("A2", "P")), alone).suspects[0].innocent == ()


def test_it_does_not_hold_where_colleagues_know_half_or_less(held):
    (told,) = with_colleagues(of("P"), held, active(("B1", "P")), RULES).suspects[0].innocent
    assert (told.figures[:6], told.holds) == ("1 of 5", False)


@pytest.mark.parametrize(
    ("structure", "others", "day"),
    [
        ("P", [("A2", "Q")], 0),
        (None, [("A2", "P")], 0),
        ("P", [("A2", "P")], 2),  # comes tomorrow
        ("P", [("A2", "P")], -28),  # left four weeks ago
        ("P", [(f"H{n}", "P") for n in range(RULES.colleagues)], 0),
    ],
)
def test_where_no_colleague_is_known_or_too_many_nothing_is_said(held, structure, others, day):
    assert with_colleagues(of(structure), held, active(*others, day=day), RULES).suspects[0].innocent == ()


def test_who_reads_nobody_new_is_told_nothing(held):
    later = replace(of("P"), night=night(2), suspects=(replace(suspect("A2"), structure="P", night=night(2)),))
    with Spool() as spool:
        events = lookups("A2", 0, 2) + lookups("A2", 2, 2) + lookups("A1", 1, 2)
        spool.add(stored(*events).drop("local_hour", "local_weekday", "holiday", "open_hours"))
        assert with_colleagues(later, spool, active(("A2", "P")), RULES).suspects[0].innocent == ()


def test_it_stands_beside_what_the_account_itself_explains(held):
    told = with_colleagues(of("P"), held, active(("A2", "P")), RULES)
    (shown,) = with_evidence(told, held, Settings()).suspects
    assert [one.explanation for one in shown.innocent].index(NAME) == 7
    assert f"Ask whether it was {NAME}: the figures fit" in shown.next[-1]
