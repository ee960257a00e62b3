from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from made import at, night, stored
from portal import moment
from practice import EXTRA, HOME, practice, reading, strangers, suspect
from tocsin import words
from tocsin.features.catalogue import judgeable
from tocsin.results import BudgetUse, Campaign, Exposed, Finding, Link, Measure, Member, Night
from tocsin.rules.load import load_rules
from tocsin.rules.pack import shipped
from tocsin.settings import Settings
from tocsin.store.spool import Spool
from tocsin.verdict.blind import not_judged
from tocsin.verdict.evidence import MOST, ranges, with_evidence
from tocsin.verdict.explain import why
from tocsin.verdict.hits import hits_of_rules

NOBODY = Exposed(min=None, max=None, possible=0, records=0, listed=0, unlisted_max=0)
USE = BudgetUse(3, 1, 0, 0, None, 0, None, None, {})


def finding(detector, **more):
    return Finding(
        **{
            "detector": detector,
            "level": "high",
            "points": 1.0,
            "headline": "x",
            "first": at(0),
            "last": at(60),
            "measures": (),
        }
        | more
    )


def a_night(*suspects, campaigns=()):
    return Night(night(1), 1, 1, (), (), 0, USE, suspects, campaigns)


@pytest.fixture
def spool():
    events = [{"patient": f"b:{n}", "time": at(n, day=1), "ip": "10.0.0.1"} for n in range(30)]
    events += [{"kind": "login", "time": at(40, day=1)}]
    events += [{"patient": "b:99", "time": at(0, day=0)}, {"patient": "b:98", "time": at(0, day=2)}]
    events += [
        {"patient": "b:5", "time": at(5, day=1), "account": "A2"},
        {"patient": "b:77", "time": at(5, day=1), "account": "A2"},
    ]
    with Spool() as held:
        held.add(stored(*events).drop("local_hour", "local_weekday", "holiday", "open_hours"))
        yield held


def test_volume_is_shown_by_lines_that_name_people(spool):
    shown = (
        with_evidence(a_night(suspect("A1", finding("volume.people"))), spool, Settings())
        .suspects[0]
        .findings[0]
        .evidence
    )
    assert [(e.input, e.from_line, e.to_line, e.count) for e in shown] == [("log.csv", 2, 31, 30)]


def test_lists_are_shown_by_the_answers_that_name_nobody_and_resets_by_their_own_lines():
    search = {"kind": "search", "patient": None, "rows": 300}
    rows = [
        {"patient": "b:1", "time": at(0, day=1)},
        {**search, "time": at(1, day=1)},
        {**search, "time": at(2, day=1)},
    ]
    rows += [{"kind": "credential_change", "patient": None, "time": at(0, day=day)} for day in (-2, 0)]
    rows += [{"kind": "login", "patient": None, "outcome": "failure", "time": at(3, day=1)}]
    shown = {}
    for detector in (
        "volume.answers",
        "rhythm.answers_closed",
        "credentials.credential_changes",
        "credentials.refused_logins",
    ):
        with Spool() as held:
            held.add(stored(*rows).drop(*EXTRA))
            named = suspect("A1", finding(detector), first=-2)
            (found,) = with_evidence(a_night(named), held, Settings()).suspects[0].findings
            shown[detector] = [(e.from_line, e.to_line) for e in found.evidence]
    assert shown == {
        "volume.answers": [(3, 4)],
        "rhythm.answers_closed": [(3, 4)],
        "credentials.credential_changes": [(6, 6)],  # three nights: the one before is too old
        "credentials.refused_logins": [(7, 7)],
    }


def test_a_reason_without_figures_explains_only_what_little_else_does():
    said = Measure("people", 90, 12.0, None, None, "people", "own", 20, 0)
    rare = finding("outlier", headline="rare")
    told = [finding("a", headline=name, measures=(said,)) for name in ("one", "two", "three")]
    assert why([told[0], rare, *told[1:]]) == "One; two; three."
    assert why([told[0], rare, told[1]]) == "One; two."
    assert why([told[0], rare]) == "One; rare."


def test_origin_is_shown_by_every_line_of_the_night(spool):
    shown = (
        with_evidence(a_night(suspect("A1", finding("origin.new_networks"))), spool, Settings())
        .suspects[0]
        .findings[0]
        .evidence
    )
    assert sum(e.count for e in shown) == 31
    night_seen = with_evidence(a_night(suspect("A1", finding("origin.new_networks"))), spool, Settings())
    assert night_seen.suspects[0].findings[0].evidence_lines == 31


def test_a_rule_is_shown_by_the_lines_of_its_window(spool):
    rung = finding("rule.people_1h", first=at(10, day=1), last=at(12, day=1))
    shown = with_evidence(a_night(suspect("A1", rung)), spool, Settings()).suspects[0].findings[0].evidence
    assert [(e.from_line, e.to_line, e.count) for e in shown] == [(12, 14, 3)]


def test_an_account_named_before_it_had_habits_is_counted_from_its_first_event(spool):
    assert with_evidence(a_night(suspect("A1", first=1)), spool, Settings()).suspects[0].exposed.possible == 31
    assert with_evidence(a_night(suspect("A1", first=0)), spool, Settings()).suspects[0].exposed.possible == 31


def test_a_campaign_counts_each_person_once(spool):
    campaign = Campaign("c", 1, night(1), night(1), (Member("A1", "suspect"), Member("A2", "suspect")), (), NOBODY)
    seen = with_evidence(
        a_night(suspect("A1", first=1), suspect("A2", first=1), campaigns=(campaign,)), spool, Settings()
    )
    assert (seen.campaigns[0].exposed.possible, seen.campaigns[0].exposed.records) == (32, 33)


def test_a_lone_suspect_that_is_new_is_not_said_to_be_as_old_as_the_logs():
    with Spool() as held:
        held.add(stored({"account": "A2", "time": at(0, day=-9)}).drop(*EXTRA))
        held.add(stored(*[{"patient": f"b:{n}", "time": at(n, day=1)} for n in range(30)]).drop(*EXTRA))
        assert held.begins == night(-9)
        seen = with_evidence(a_night(suspect("A1", first=1)), held, Settings()).suspects[0]
    (one,) = [one for one in seen.innocent if one.explanation.startswith("a new practice")]
    assert (one.figures, one.holds) == ("first seen on 2022-03-15, 0 nights before", True)


def test_a_calm_night_needs_no_evidence(spool):
    assert with_evidence(a_night(), spool, Settings()) == a_night()


def test_people_in_answers_without_names_are_counted_as_not_listed():
    with Spool() as held:
        held.add(
            stored(
                {"kind": "export", "subjects": 5_000, "rows": 10},
                {"kind": "search", "rows": 300},
                {"kind": "search", "rows": 300, "outcome": "failure"},
                {"patient": "b:1"},
            ).drop("local_hour", "local_weekday", "holiday", "open_hours")
        )
        seen = with_evidence(replace(a_night(suspect("A1")), night=night(0)), held, Settings()).suspects[0].exposed
    assert (seen.listed, seen.unlisted_max, seen.possible) == (1, 5_300, 5_301)


def lines(*numbers, source="a"):
    return pl.DataFrame(
        {"source": [source] * len(numbers), "line": numbers}, schema={"source": pl.String, "line": pl.UInt64}
    )


def test_lines_near_each_other_are_one_range():
    assert [(e.from_line, e.to_line, e.count) for e in ranges(lines(1, 5, 500, 501))] == [(1, 5, 2), (500, 501, 2)]


def test_lines_of_two_files_are_two_ranges():
    assert len(ranges(pl.concat([lines(1, 2), lines(3, source="b")]))) == 2


def test_only_the_largest_ranges_are_kept():
    found = ranges(lines(*(n * 1000 for n in range(MOST + 20)), 5001, 5002))
    assert len(found) == MOST
    assert any(e.count == 3 for e in found)


def episodes(*rows):
    schema = {
        "rule": pl.String,
        "account": pl.String,
        "night": pl.Date,
        "first": pl.Datetime("us", "UTC"),
        "last": pl.Datetime("us", "UTC"),
        "peak": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        usual=pl.lit(40.0), against=pl.lit("self", pl.String), rests=pl.lit(27), peers=pl.lit("")
    )


def test_episodes_of_one_night_become_one_hit_with_the_highest_peak():
    rules = load_rules([shipped()])
    day = date(2022, 3, 1)
    hits = hits_of_rules(
        episodes(
            ("distinct_people_1h", "A1", day, moment(1), moment(2), 90),
            ("distinct_people_1h", "A1", day, moment(3), moment(4), 120),
            ("distinct_people_1h", None, day, moment(3), moment(4), 120),
        ),
        rules,
    )
    assert hits.height == 1
    row = hits.row(0, named=True)
    assert (row["peak"], row["first"], row["last"], row["family"]) == (120, moment(1), moment(4), "volume")
    assert row["headline"] == "120 different people within 1 hour, usually 40 (its own 27 nights)"
    assert row["runbook"]
    assert (row["usual"], row["against"]) == (40.0, "self")


def test_a_rule_without_a_usual_value_says_its_limit():
    rules = load_rules([shipped()])
    rung = episodes(("not_found_enumeration", "A1", date(2022, 3, 1), moment(1), moment(2), 90))
    (row,) = hits_of_rules(rung.with_columns(usual=None, against=None, rests=None, peers=None), rules).rows(named=True)
    assert row["headline"] == "90 different identifiers that nobody has within 1 hour (the rule rings from 30)"


def test_where_nobody_is_named_the_lines_of_the_night_stand_for_what_was_seen():
    search = [{"kind": "search", "patient": None, "rows": 9, "time": at(n, day=1)} for n in range(3)]
    with Spool() as held:
        held.add(stored(*search).drop(*EXTRA))
        seen = with_evidence(a_night(suspect("A1", finding("campaign.link"), first=1)), held, Settings()).suspects[0]
    assert seen.findings[0].evidence_lines == 3


def test_speaks_english_and_says_when_a_language_is_not_installed():
    assert words.speak("en")
    assert not words.speak("fr")
    assert words.ngettext("one", "many", 1) == "one"


def test_links_are_values_of_a_campaign():
    assert Link("address", "203.0.113.5", ("A1",), 1, 0.0) != Link("network", "203.0.113.5", ("A1",), 1, 0.0)


def test_people_of_an_account_with_habits_are_counted_from_the_first_alerted_night():
    rows = [*practice(range(11)), *reading(10, strangers(9, 10), start=60, **HOME)]
    with Spool() as held:
        held.add(stored(*rows).drop(*EXTRA))
        named = replace(suspect("A1"), night=night(10), first_alerted=night(10))
        seen = with_evidence(replace(a_night(named), night=night(10)), held, Settings()).suspects[0]
    assert seen.exposed.possible == 21
    assert seen.sessions_total == 1


def test_an_account_with_nothing_to_tell_is_said_to_have_nothing():
    assert why([]) == "Nothing about that night is unusual."


def test_what_other_figures_say_nearly_as_well_is_not_missed_aloud():
    filled = {"account", "ip", "patient", "kind", "outcome", "user_agent"}
    features, missing = judgeable(filled)
    said = not_judged(missing, features, filled, 28, Settings())
    assert "people_new_country" in {feature.name for feature in missing}
    assert not any("country" in line for line in said)
    assert any("session" in line for line in said), "what nothing else tells is said"
