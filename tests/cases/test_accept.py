"""A change of the logs that a person accepts, and what silences or closes in the judge."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from tests.cases.conftest import morning, night
from tests.model.test_shifts import told

import portal
from tocsin.cases.book import read_book
from tocsin.cases.case import decisions_of
from tocsin.cases.nights import result_of
from tocsin.schema import empty
from tocsin.settings import Settings
from tocsin.store.journal import entries
from tocsin.store.state import changing, reading
from tocsin.verdict.blind import ack_of, shifted
from tocsin.verdict.conclusions import kept_night
from tocsin.verdict.decisions import Decision, Decisions, case_id
from tocsin.verdict.hits import HITS
from tocsin.verdict.judge import Asked, Before, judge_on


def with_shift(state, *keys):
    """Let the last night of a state have reported a change of the logs."""
    with changing(state) as opened:
        last = opened.manifest.judged[-1]
        held = opened.manifest.nights[last]
        shown = replace(
            result_of(opened.manifest, last, opened), shifts=(f"moved; if it is here to stay: {ack_of(*keys)}",)
        )
        kept = opened.files.write(f"nights/{last}-again.json", kept_night(shown))
        opened.finish(opened.manifest.with_night(last, replace(held, verdict=replace(held.verdict, result=kept))))


def test_a_change_of_the_logs_is_accepted_by_name_and_for_a_reason(home, tocsin):
    with_shift(home / "state", "not_found/gp")
    code, out, _err = tocsin("ack", "not_found/gp", "--state", "state", "--reason", "ticket 4211", "--now", morning(10))
    assert (code, out) == (0, f"not_found/gp is accepted: learned from the night of {night(11)} on\n")
    book = read_book(reading(home / "state").files)
    assert decisions_of(book).accepted == {"not_found/gp": date.fromisoformat(night(11))}
    entry = entries(reading(home / "state").files)[-1]
    assert (entry["what"], entry["user"], entry["reason"]) == ("ack", "martine", "ticket 4211")


def test_changes_that_came_together_are_accepted_by_one_command_or_none_of_them(home, tocsin):
    with_shift(home / "state", "people/*", "software/a'; b/*", "new_share/*")
    for wrong in ("share/*", "a'; b/*", "*", "", "--reason"):
        code, _out, err = tocsin("ack", "--state", "state", "--reason", "x", "--", "people/*", wrong)
        assert (code, f"no change of the logs is called {wrong!r}" in err) == (2, True)
    assert not decisions_of(read_book(reading(home / "state").files)).accepted
    keys = ("people/*", "software/a'; b/*")
    code, out, _err = tocsin("ack", *keys, "--state", "state", "--reason", "ticket 4211", "--now", morning(10))
    assert (code, len(out.splitlines())) == (0, 2)
    assert decisions_of(read_book(reading(home / "state").files)).accepted.keys() == set(keys)


def test_a_change_that_no_night_reported_is_not_accepted(home, tocsin):
    code, _out, err = tocsin("ack", "people/*", "--state", "state", "--reason", "x")
    assert (code, "no change of the logs is called 'people/*'; none was reported" in err) == (2, True)
    with_shift(home / "state", "not_found/gp")
    code, _out, err = tocsin("ack", "people/*", "--state", "state", "--reason", "x")
    assert (code, "`tocsin ack 'not_found/gp' --reason TEXT`" in err) == (2, True)
    code, _out, err = tocsin("ack", "not_found/gp", "--state", "state", "--reason", " ")
    assert (code, "for a reason only" in err) == (2, True)


def test_an_accepted_change_is_learned_and_still_not_judged():
    assert told(40).unlearned.keys() == {"not_found"}
    shifts = told(40, accepted=("not_found/*",))
    assert shifts.unlearned == {}
    assert shifts.muted["not_found"].all()
    assert shifts.whole["not_found"].all()
    assert "accepted as a change of the logs" in shifted(shifts.found, ("not_found/*",))[0]
    assert ack_of("not_found/*") in shifted(shifts.found)[0]


def test_the_judge_hears_an_accepted_change_from_its_night_on():
    since = portal.FIRST + timedelta(days=3)
    decisions = Decisions(accepted={"not_found/*": since})
    assert decisions.on(since - timedelta(days=1)).accepted == {}
    assert decisions.on(since).accepted == {"not_found/*": since}


def judged(decisions, days=(12,)):
    """Fifteen nights of a steady portal with one burst each on these days; gives the nights."""
    frame = portal.rows(nights=15)
    for day in days:
        frame = portal.with_values(frame, "A003", day, **portal.BURST)
    asked = Asked(frozenset(), frozenset(), with_model=False, decisions=decisions)
    told = judge_on(portal.measured(frame), lambda *_: empty(HITS), Settings(), asked, Before())
    return {night.night: (night, after) for night, after in told}


def answer(how, day, heard_from, silent=None):
    first = portal.FIRST + timedelta(days=day)
    until = first + timedelta(days=silent) if silent else None
    return Decision("C1", "A003", how, first, first, portal.FIRST + timedelta(days=heard_from), until)


def test_of_several_answers_about_a_case_the_last_counts():
    answers = (answer("benign", 10, 11, silent=30), answer("true", 10, 13))
    heard_on = Decisions(answers).on(portal.FIRST + timedelta(days=13)).answers
    assert [one.answer for one in heard_on] == ["true"]
    assert [one.answer for one in Decisions(answers).on(portal.FIRST + timedelta(days=11)).answers] == ["benign"]


def test_a_second_burst_like_the_explained_one_is_silent_until_the_day_given():
    night = portal.FIRST + timedelta(days=12)
    for silent, named in ((5, 0), (1, 1)):
        nights = judged(Decisions((answer("benign", 10, 11, silent=silent),)), days=(10, 12))
        assert (len(nights[night][0].suspects), nights[night][0].budget.silent) == (named, 1 - named)


def test_an_open_case_continues_and_an_answered_one_opens_anew():
    night = portal.FIRST + timedelta(days=12)
    undecided = judged(Decisions(), days=(10, 12))[night][0].suspects[0]
    assert (undecided.rank, undecided.first_alerted) == (None, portal.FIRST + timedelta(days=10))
    confirmed = judged(Decisions((answer("true", 10, 11),)), days=(10, 12))[night][0].suspects[0]
    assert (confirmed.rank, confirmed.first_alerted) == (1, night)


def test_another_answer_about_an_old_case_leaves_a_newer_one_open():
    days = (8, 12, 13)
    first, again = answer("true", 8, 9), answer("error", 8, 13)
    suspect = judged(Decisions((first, again)), days)[portal.FIRST + timedelta(days=13)][0].suspects[0]
    assert (suspect.rank, suspect.first_alerted) == (None, portal.FIRST + timedelta(days=12))


def test_an_answer_closes_its_case_whatever_window_it_gives():
    opened, after = (portal.FIRST + timedelta(days=day) for day in (12, 13))
    earlier = replace(answer("error", 10, 13), case=case_id("A003", opened))
    suspect = judged(Decisions((earlier,)), (12, 13))[after][0].suspects[0]
    assert (suspect.rank, suspect.first_alerted) == (1, after)


def test_a_confirmed_night_leaves_the_baseline_and_sums_of_drift():
    after = judged(Decisions((answer("true", 10, 11),)), days=(10,))[portal.FIRST + timedelta(days=11)][1]
    past = after.memory.past.frame().filter(account="A003")
    assert portal.FIRST + timedelta(days=10) not in set(past["night"])
    assert after.drift.little.sums.filter(after.drift.little.sums["account"] == "A003").is_empty()
    assert np.all(after.suspicious["night"].to_numpy() == np.datetime64(portal.FIRST + timedelta(days=10)))
