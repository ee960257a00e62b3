"""From an alert to a decision: cases, what persons answer, and what later nights make of it."""

import json
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.cases.conftest import ATTACKED, CENTRE, morning, night, scanned

from made import night as made_night
from practice import suspect
from tocsin.cases.book import Entry, entries_of, write_down
from tocsin.cases.case import body_of, cases_of, missed
from tocsin.cases.desk import desk
from tocsin.cases.nights import result_of
from tocsin.cases.register import Register
from tocsin.cli.asked import moment
from tocsin.results import BudgetUse, Night
from tocsin.store.journal import entries
from tocsin.store.state import reading
from tocsin.verdict.decisions import Decision, case_id
from tocsin.watch.held import measured_on

AWARE = "2022-03-18T05:00:00+01:00"
FIRST = date.fromisoformat(night(10))


def case_of(account, day=10):
    return case_id(account, date.fromisoformat(night(day)))


def report(day):
    return json.loads(Path(f"tocsin-report/{night(day)}/report.json").read_text())


def statuses(tocsin):
    _code, out, _err = tocsin("cases", "--state", "state", "--json")
    return {case["case"]: case["status"] for case in json.loads(out)}


def journaled(home, what):
    return [entry for entry in entries(reading(home / "state").files) if entry["what"] == what]


def test_each_suspect_has_a_case_that_the_list_and_the_reports_show(home, tocsin):
    code, out, _err = tocsin("cases", "--state", "state")
    assert code == 0
    lines = [line.split()[:3] for line in out.splitlines()[1:]]
    assert sorted(lines[:-1], key=lambda line: line[2]) == [[case_of(one), "open", one] for one in ATTACKED]
    assert lines[-1] == [case_of(CENTRE, 9), "open", CENTRE]
    suspects = report(10)["suspects"]
    told = {one["account"]: (one["case"], one["status"], one["first_alerted"]) for one in suspects}
    assert told["A7"] == (case_of("A7"), "new", night(10))
    assert told[CENTRE] == (case_of(CENTRE, 9), "continuing", night(9))
    _code, out, _err = tocsin("cases", "A7", "--state", "state")
    assert f"Case              {case_of('A7')}" in out
    assert f"Campaign          {night(10)}-A3" in out
    assert "none yet: `tocsin triage" in out


def test_cases_are_listed_by_status_and_campaign_and_as_a_table_for_spreadsheets(home, tocsin):
    _code, out, _err = tocsin("cases", "--state", "state", "--campaign", f"{night(10)}-A3", "--format", "csv")
    assert sorted(line.split(",")[2] for line in out.splitlines()) == [*ATTACKED, "account"]
    _code, out, _err = tocsin("cases", "--state", "state", "--status", "benign")
    assert out == "No case.\n"


def test_a_true_verdict_closes_the_cases_of_a_campaign_and_starts_one_clock(home, tocsin):
    campaign = f"{night(10)}-A3"
    code, out, _err = tocsin(
        "triage", "--campaign", campaign, "--state", "state", "--verdict", "true", "--aware-at", AWARE, "--note", "stolen",
        "--now", "2022-03-18T20:00:00",
    )  # fmt: skip
    assert code == 0
    assert f"incident {campaign}: notify the authority by 2022-03-21 04:00 UTC (72 hours)" in out
    assert {statuses(tocsin)[case_of(account)] for account in ATTACKED} == {"confirmed"}
    (entry,) = journaled(home, "triage")
    assert (entry["user"], entry["answer"], entry["note"]) == ("martine", "true", "stolen")
    # A case that joins the incident has the same clock, and another clock is refused.
    code, out, _err = tocsin("triage", "A7", "--state", "state", "--verdict", "true", "--now", "2022-03-18T21:00:00")
    assert (code, "2022-03-21 04:00 UTC" in out) == (0, True)
    code, _out, err = tocsin(
        "triage",
        "A7",
        "--state",
        "state",
        "--verdict",
        "true",
        "--aware-at",
        "2022-03-18T10:00:00",
        "--now",
        "2022-03-18T21:00:00",
    )
    assert (code, "an incident has one clock" in err) == (2, True)
    _code, out, _err = tocsin("cases", "A7", "--state", "state", "--now", "2022-03-20T04:00:00")
    assert "72-hour clock     notify by 2022-03-21 04:00 UTC, 24 hours are left" in out


def test_a_moment_without_an_offset_is_of_the_portals_clock(home, tocsin):
    question = ("triage", "A7", "--state", "state", "--verdict", "true", "--now", "2022-03-20T04:00:00")
    _code, out, _err = tocsin(*question, "--aware-at", "2022-03-18T09:00")
    assert "notify the authority by 2022-03-21 08:00 UTC" in out
    told = moment("2022-03-18T09:00", "--aware-at", "Indian/Reunion")
    assert told.astimezone(UTC) == datetime(2022, 3, 18, 5, tzinfo=UTC)


@pytest.mark.no_cover
def test_what_was_confirmed_leaves_what_later_nights_compare_with(home, logs, tocsin):
    shutil.copytree("state", "undecided")
    tocsin("triage", *ATTACKED, "--state", "state", "--verdict", "true", "--aware-at", AWARE, "--now", morning(10))
    for state in ("undecided", "state"):
        scanned(logs, 11, 11, state)
    learned = {state: _before(home / state, 11) for state in ("undecided", "state")}
    seen = {state: _nights_of(left.memory.past.frame(), "A7") for state, left in learned.items()}
    assert FIRST in seen["undecided"]
    assert FIRST not in seen["state"]
    assert seen["undecided"] - seen["state"] == {FIRST}
    strange = {state: set(left.memory.networks["network"]) for state, left in learned.items()}
    assert "203.0.113.0/24" in strange["undecided"]
    firsts = learned["state"].memory.networks.filter(learned["state"].memory.networks["network"] == "203.0.113.0/24")
    assert firsts["first"].unique().to_list() == [date.fromisoformat(night(11))], "new again when the intruder is"
    counted = [_scores_of(learned[state].calibration, 10) for state in ("undecided", "state")]
    assert counted[0] - counted[1] == 1, "a campaign counts once"
    new = {state: _new_people(home / state, 11) for state in ("undecided", "state")}
    assert new["state"] - new["undecided"] == 96, "the people of the confirmed night are new to the account again"
    # The cases are closed: who is still at it is a new case.
    told = {one["account"]: (one["case"], one["status"]) for one in report(11)["suspects"]}
    assert told["A7"] == (case_of("A7", 11), "new")


def test_a_benign_verdict_silences_what_it_explains_and_no_more(home, logs, tocsin):
    shutil.copytree("state", "undecided")
    _code, out, _err = tocsin("triage", CENTRE, "--state", "state", "--verdict", "benign", "--now", morning(10))
    assert f"{CENTRE}: benign, {night(9)} to {night(10)}; silent until 2022-04-17, unless more rings" in out
    scanned(logs, 11, 11)
    assert CENTRE not in {one["account"] for one in report(11)["suspects"]}
    assert report(11)["by_night"][0]["budget"]["silent"] == 1
    left = _before(home / "state", 11)
    whole = left.memory.past.frame().filter(account=CENTRE, night=FIRST)
    scanned(logs, 11, 11, "undecided")
    clipped = _before(home / "undecided", 11).memory.past.frame().filter(account=CENTRE, night=FIRST)
    assert whole["people"][0] > 110 > clipped["people"][0], "enters whole, not clipped"
    scanned(logs, 12, 12)
    told = {one["account"]: one["status"] for one in report(12)["suspects"]}
    assert told[CENTRE] == "new", "three times as many people are not what was explained"


def test_a_silence_ends_on_its_day(home, logs, tocsin):
    tocsin("triage", CENTRE, "--state", "state", "--verdict", "benign", "--until", night(11), "--now", morning(10))
    assert statuses(tocsin)[case_of(CENTRE, 9)] == "benign"
    book = desk(reading(home / "state"), 7)
    assert book.case(CENTRE).verdict.decision.silent_until == date.fromisoformat(night(11))


@pytest.mark.no_cover
def test_waiting_leaves_a_case_open_and_is_shown(home, logs, tocsin):
    tocsin(
        "triage", "A7", "--state", "state", "--verdict", "waiting", "--note", "asked the practice", "--now", morning(10)
    )
    scanned(logs, 11, 11)
    told = {one["account"]: (one["case"], one["status"], one["rank"]) for one in report(11)["suspects"]}
    assert told["A7"] == (case_of("A7"), "waiting", None)
    # The same list given again shows what was answered since.
    tocsin("triage", "A7", "--state", "state", "--verdict", "error", "--now", morning(11))
    scanned(logs, 11, 11)
    told = {one["account"]: one["status"] for one in report(11)["suspects"]}
    assert told["A7"] == "error"


@pytest.mark.no_cover
def test_nights_in_order_give_the_same_as_nights_at_once_with_the_same_verdicts(home, logs, tocsin):
    tocsin("triage", CENTRE, "--state", "state", "--verdict", "benign", "--now", morning(10))
    tocsin("triage", *ATTACKED, "--state", "state", "--verdict", "true", "--aware-at", AWARE, "--now", morning(10))
    shutil.copytree("state", "at-once")
    scanned(logs, 11, 11)
    scanned(logs, 12, 12)
    scanned(logs, 11, 12, "at-once")
    one, other = (reading(home / state) for state in ("state", "at-once"))
    for day in (11, 12):
        nights = [result_of(state.manifest, date.fromisoformat(night(day)), state) for state in (one, other)]
        assert nights[0] == nights[1]
    registers = [desk(state, 7).register for state in (one, other)]
    assert registers[0].hits.equals(registers[1].hits)
    assert registers[0].members.equals(registers[1].members)


def test_an_answer_given_while_a_night_is_judged_is_heard_by_the_next_one(home, logs, tocsin):
    files, at = reading(home / "state").files, datetime.fromisoformat(morning(9))
    answer = Decision(case_of("A7"), "A7", "true", FIRST, FIRST, heard_from=FIRST)
    write_down(files, "triage", [body_of(answer, given=(), note="", incident=None, aware_at=None)], at, {})
    scanned(logs, 11, 11)
    told = {one["account"]: (one["case"], one["status"]) for one in report(11)["suspects"]}
    assert (told["A7"], told["A5"][1]) == ((case_of("A7", 11), "new"), "continuing")
    (noted,) = journaled(home, "heard anew")
    assert (noted["cases"], noted["heard_from"]) == ([case_of("A7")], night(11))
    given = [(one.at, one.user) for one in entries_of(reading(home / "state"))]
    assert given == [(at, "martine")] * 2, "when it was given, and by whom"
    scanned(logs, 12, 12)
    assert len(journaled(home, "heard anew")) == 1


def test_an_answer_that_another_one_replaced_meanwhile_is_not_heard_again():
    def given(number, case, heard_from):
        return Entry(
            number, datetime.fromisoformat(morning(9)), "martine", "triage", {"case": case, "heard_from": heard_from}
        )

    during, other, after = given(2, "C1", night(10)), given(3, "C2", night(10)), given(4, "C1", night(11))
    assert missed([during, other], 1, FIRST) == [during, other]
    assert missed([during, other, after], 1, FIRST) == [other], "else the earlier answer would be the last one"
    assert missed([during, other], 3, FIRST) == []


def test_a_night_judged_again_after_an_answer_opens_another_case():
    def listed(day, first):
        named = replace(suspect("A1", first=first), night=made_night(day))
        return Night(made_night(day), 1, 1, (), (), 0, BudgetUse(3, 1, 0, 0, None, 0, None, None, {}), (named,), ())

    known = Register().with_nights([listed(1, 1), listed(2, 1)], 7)
    case = case_id("A1", made_night(1))
    assert known.hits["case"].to_list() == [case, case]
    again = listed(2, first=2)
    assert known.with_nights([again], 7, {case: made_night(2)}).hits["case"].to_list() == [
        case,
        case_id("A1", made_night(2)),
    ]
    for closed in ({}, {case: made_night(3)}):
        assert known.with_nights([again], 7, closed).hits["case"].to_list() == [case, case]


def test_the_case_of_who_was_named_late_begins_with_the_night_on_which_it_rang():
    late = replace(suspect("A1", first=1), night=made_night(4), rang=made_night(1))
    use = BudgetUse(3, 1, 0, 0, None, 0, None, None, {})
    known = Register().with_nights([Night(made_night(4), 1, 1, (), (), 0, use, (late,), ())], 7)
    (case,) = cases_of(known, [], made_night(4), 7)
    assert (case.id, case.first, case.nights) == (case_id("A1", made_night(1)), made_night(1), (made_night(4),))
    assert case.window == (made_night(1), made_night(4)), "what a verdict is about, what a purge keeps"


def test_a_person_may_open_a_case_that_no_night_named(home, tocsin):
    code, _out, err = tocsin(
        "triage", "A1", "--state", "state", "--verdict", "true", "--aware-at", AWARE, "--now", morning(10)
    )
    assert (code, "A1 has no case: no night had it on the list; open one by giving the first night" in err) == (2, True)
    tocsin(
        "triage", "A1", "--state", "state", "--verdict", "true", "--aware-at", AWARE, "--since", night(4), "--until", night(6),
        "--now", morning(10),
    )  # fmt: skip
    book = desk(reading(home / "state"), 7)
    assert book.case("A1").id == case_of("A1", 4)
    assert [str(day) for day in book.case("A1").window] == [night(4), night(6)]


def test_verdicts_are_labels(home, tocsin):
    from tocsin.cases.labels import labels

    tocsin("triage", CENTRE, "--state", "state", "--verdict", "benign", "--now", morning(10))
    tocsin("triage", "A7", "--state", "state", "--verdict", "true", "--aware-at", AWARE, "--now", morning(10))
    tocsin("triage", "A5", "--state", "state", "--verdict", "waiting", "--now", morning(10))
    rows = labels(home / "state").rows()
    assert rows == [("A7", FIRST, FIRST, "true"), (CENTRE, date.fromisoformat(night(9)), FIRST, "benign")]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["A99", "--verdict", "benign"], "no case, and no account of this state, is called 'A99'; did you mean A9"),
        (["C000000-000000", "--verdict", "benign"], "is called 'C000000-000000'"),
        (["--campaign", "x", "--verdict", "benign"], "no campaign is called 'x'; known are"),
        (["--verdict", "benign"], "nobody is answered"),
        (["A7", "--verdict", "guilty"], "--verdict 'guilty' is not known; choose from true, benign, error, waiting"),
        (["A7", "--verdict", "true"], "nothing says when; give --aware-at"),
        (["A7", "--verdict", "true", "--aware-at", "2022-03-25T00:00:00"], "lies ahead"),
        (["A7", "--verdict", "benign", "--aware-at", AWARE], "--aware-at goes with --verdict true only"),
        (
            ["A7", "--verdict", "waiting", "--since", "2021-01-01", "--until", "2021-01-02"],
            "is outside the nights held",
        ),
        (["A7", "--verdict", "waiting", "--since", "2022-03-19"], "before it begins on 2022-03-19"),
        (["A7", "--verdict", "benign", "--until", "2022-03-17"], "nothing would be silent"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence_and_changes_nothing(home, tocsin, asked, said):
    code, out, err = tocsin("triage", *asked, "--state", "state", "--now", morning(10))
    assert (code, out, said in err) == (2, "", True), err
    assert not (home / "state" / "cases.sqlite").exists()
    assert journaled(home, "triage") == []


def test_a_kill_between_the_journal_and_the_book_leaves_no_verdict(home, tocsin, monkeypatch):
    from tocsin.cases.book import journal

    class Killed(BaseException):
        pass

    def killed(*_arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(journal, "append", killed)
        with pytest.raises(Killed):
            tocsin("triage", "A7", "--state", "state", "--verdict", "waiting", "--now", morning(10))
    assert statuses(tocsin)[case_of("A7")] == "open"
    code, _out, _err = tocsin("triage", "A7", "--state", "state", "--verdict", "waiting", "--now", morning(10))
    assert (code, statuses(tocsin)[case_of("A7")]) == (0, "waiting")


def test_a_killed_scan_leaves_the_cases_of_the_nights_before(home, logs, tocsin, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(*_arguments):
        raise Killed

    before = statuses(tocsin)
    with monkeypatch.context() as patch:
        patch.setattr("tocsin.store.state.commit", killed)
        with pytest.raises(Killed):
            tocsin("scan", logs[11], "--state", "state", "--now", morning(11), "--no-model", "--quiet")
    assert statuses(tocsin) == before
    assert desk(reading(home / "state"), 7).case("A7").nights == (FIRST,)


def test_a_damaged_or_foreign_book_is_refused_by_name(home, tocsin):
    book = home / "state" / "cases.sqlite"
    book.write_bytes(b"this is no database, by a long way" * 200)
    code, _out, err = tocsin("cases", "--state", "state")
    assert (code, "cases.sqlite cannot be used: file is not a database" in err) == (2, True)
    book.unlink()
    with sqlite3.connect(book) as database:
        database.execute("PRAGMA user_version = 9")
    code, _out, err = tocsin("cases", "--state", "state")
    assert (code, "has the layout 9, this program reads 1" in err) == (2, True)


def test_open_and_confirmed_cases_are_held_by_a_purge_and_said(home, tocsin):
    tocsin("triage", "A7", "--state", "state", "--verdict", "true", "--aware-at", AWARE, "--now", morning(10))
    tocsin("triage", CENTRE, "--state", "state", "--verdict", "benign", "--now", morning(10))
    code, out, _err = tocsin("purge", "--state", "state", "--older-than", "90d", "--now", "2023-03-01T00:00:00")
    assert code == 0
    assert f"Held for open or confirmed cases: {night(10)} (C" in out
    assert all(case_of(account) in out for account in ATTACKED)
    assert case_of(CENTRE, 9) not in out
    assert sorted(map(str, reading(home / "state").manifest.nights)) == [night(10)]
    code, out, _err = tocsin("exposure", "A7", "--state", "state", "--quiet")
    assert (code, out.count("certain")) == (0, 97), "96 and the head"


def test_a_purge_takes_the_answers_to_closed_cases_and_no_byte_of_them_is_left(home, tocsin):
    state, late = ("--state", "state"), "2023-03-01T00:00:00"
    said = "Ursula K. had lent her card"
    tocsin("triage", "A7", *state, "--verdict", "true", "--aware-at", AWARE, "--now", morning(10))
    tocsin("triage", "A5", *state, "--verdict", "true", "--now", morning(10))
    tocsin(
        "triage", "A7", *state, "--verdict", "error", "--note", "not A7, but its clock is A5's", "--now", morning(10)
    )
    tocsin("triage", "A3", *state, "--verdict", "error", "--note", said, "--now", morning(10))
    tocsin("triage", CENTRE, *state, "--verdict", "benign", "--until", "2023-02-01", "--now", morning(10))
    book = home / "state" / "cases.sqlite"
    assert said.encode() in book.read_bytes()
    code, out, _err = tocsin("purge", *state, "--older-than", "90d", "--now", late)
    assert (code, ", 1 answers to closed cases; " in out) == (0, True), out
    assert said.encode() not in book.read_bytes()
    assert statuses(tocsin)[case_of("A5")] == "confirmed"
    assert desk(reading(home / "state"), 7).case("A5").verdict.aware_at.isoformat() == AWARE
    left = [(one.kind, one.body["account"]) for one in desk(reading(home / "state"), 7).entries]
    assert left == [("triage", "A7"), ("triage", "A5"), ("triage", "A7"), ("triage", CENTRE)]
    assert tocsin("purge", *state, "--older-than", "90d", "--now", "2023-06-01T00:00:00")[1].count(", 1 answers") == 1


def test_nights_that_grow_too_old_are_held_for_their_cases_and_said(home, logs):
    from tocsin.settings import StateSettings
    from tocsin.watch import _held
    from tocsin.watch.tidy import without_events

    manifest = reading(home / "state").manifest
    short = StateSettings(events_days=0)
    held = {date.fromisoformat(night(5)): ["C1"], date.fromisoformat(night(10)): ["C2"]}
    assert _held(held, manifest, short) == [f"older than 0 days, and held for open or confirmed cases (C1): {night(5)}"]
    kept = without_events(manifest, FIRST, held)
    assert [str(day) for day, one in kept.nights.items() if one.events] == [night(5), night(10)]
    assert {one.path for one in kept.inputs} == {str(logs[day]) for day in (4, 5, 6, 10)}


def _before(state, day):
    from tocsin.verdict.kept import read_before

    opened = reading(state)
    verdict = opened.manifest.nights[date.fromisoformat(night(day))].verdict
    return read_before(opened.files.read_json(verdict.left), opened.fetch_frame)


def _scores_of(calibration, day):
    return calibration.scores.filter(calibration.scores["night"] == date.fromisoformat(night(day)))["n"].sum()


def _new_people(folder, day):
    state = reading(folder)
    rows = measured_on(state.manifest, date.fromisoformat(night(day)), state).nights
    return rows.filter(rows["account"] == "A7")["new_people"].item()


def _nights_of(past, account):
    return set(past.filter(past["account"] == account)["night"])
