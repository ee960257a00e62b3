"""Letters and stories from a state: the night's own numbers, what persons know better, and identities on purpose."""

import bz2
import csv
import gzip
import io
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.cases.conftest import ATTACKED, CENTRE, morning, night, scanned
from tests.cases.test_triage import AWARE, case_of, journaled, report

CAMPAIGN = f"{night(10)}-A3"


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def count(rows, certainty):
    return [row["certainty"] for row in rows].count(certainty)


def suspect(account):
    return next(one for one in report(10)["suspects"] if one["account"] == account)


@pytest.mark.parametrize("name", ["A7", case_of("A7")])
def test_the_list_has_the_numbers_of_the_nights_report(home, tocsin, name):
    code, out, _err = tocsin("exposure", name, "--state", "state")
    told = suspect("A7")["exposed"]
    assert (code, count(rows_of(out), "certain"), len(rows_of(out))) == (0, told["min"], told["possible"])


def test_a_campaigns_list_has_each_person_once_and_its_numbers(home, tocsin):
    _code, out, err = tocsin("exposure", "--campaign", CAMPAIGN, "--state", "state")
    told = report(10)["campaigns"][0]["exposed"]
    rows = rows_of(out)
    assert (count(rows, "certain"), len(rows), len({row["patient"] for row in rows})) == (
        told["min"], told["possible"], told["possible"],
    )  # fmt: skip
    assert "departments: 78 96 (96 certain); " in err
    assert {row["basis"].split(":")[0] for row in rows if row["certainty"] == "certain"} == {"rule, model"}


def test_the_story_has_the_numbers_of_the_nights_report(home, tocsin):
    code, out, _err = tocsin("investigate", "A7", "--state", "state", "--json")
    told = json.loads(out)
    listed = suspect("A7")
    assert code == 0
    assert {name: told[name] for name in listed} == listed
    assert told["case"] == case_of("A7")
    assert told["measures"]
    _code, out, _err = tocsin("investigate", case_of("A7"), "--state", "state")
    assert f"case {case_of('A7')}, new" in out


def test_an_account_that_no_night_named_has_the_story_that_the_logs_tell(home, logs, tocsin):
    _code, out, _err = tocsin("investigate", "A1", "--state", "state", "--json", "--no-model")
    some = [str(path) for path in logs[:11]]
    _code, whole, _err = tocsin("investigate", "A1", *some, "--json", "--no-model", "--now", morning(10))
    assert json.loads(out) == json.loads(whole)


def test_an_unknown_account_gets_the_nearest_names(home, tocsin):
    for command in ("investigate", "exposure"):
        code, _out, err = tocsin(command, "A99", "--state", "state")
        assert (code, "'A99'; did you mean A9" in err) == (2, True)
    code, _out, err = tocsin("investigate", "A7", "--state", "state", "--night", "2022-04-01")
    assert (code, f"A7 was not active on 2022-04-01; it was on {night(6)}" in err) == (2, True)
    code, _out, err = tocsin("investigate", "A7")
    assert (code, "give logs or a state" in err) == (2, True)


def test_what_a_person_knows_better_is_kept_in_the_case(home, tocsin):
    _code, out, _err = tocsin("investigate", "A7", "--state", "state", "--json")
    stranger = next(one for one in json.loads(out)["sessions"] if one["verdict"] == "intruder")["session"]
    tocsin("exposure", "A7", "--state", "state", "--session", f"{stranger}=owner", "--now", morning(10))
    code, out, _err = tocsin("exposure", "A7", "--state", "state")
    assert (code, count(rows_of(out), "certain")) == (0, 0)
    assert rows_of(out)[0]["basis"].startswith("analyst, rule, model: ")
    _code, out, _err = tocsin("cases", "A7", "--state", "state")
    assert f"{stranger}: owner, as a person said" in " ".join(out.split())
    assert f"{night(10)} - {night(10)}, as a person said" not in out
    _code, out, _err = tocsin("cases", "A7", "--state", "state", "--format", "json")
    assert json.loads(out)[0]["sessions"] == {stranger: "owner"}
    _code, out, _err = tocsin("investigate", "A7", "--state", "state", "--json")
    told = json.loads(out)
    mine = next(one for one in told["sessions"] if one["session"] == stranger)
    assert (mine["verdict"], mine["why"].split("; ")[0]) == ("owner", "as a person said")
    assert (told["began"], told["exposed"]["min"]) == (None, 0)
    (entry,) = journaled(home, "overruled")
    assert (entry["user"], entry["sessions"]) == ("martine", {stranger: "owner"})
    tocsin("exposure", "A7", "--state", "state", "--since", night(9), "--now", morning(10))
    _code, _out, err = tocsin("exposure", "A7", "--state", "state")
    assert f"A7: window from {night(9)} 00:00 to the end of {night(10)}" in err


def test_later_lists_and_lists_of_others_hear_what_a_person_knows_better(home, logs, tocsin):
    stranger = next(one for one in suspect("A7")["sessions"] if one["verdict"] == "intruder")["session"]
    word = ("--state", "state", "--session", f"{stranger}=owner", "--now", morning(10))
    code, _out, err = tocsin("exposure", "A5", "A7", *word)
    assert (code, f"{stranger!r} is a session of A5, A7; ask about one account at a time" in err) == (2, True)
    assert tocsin("exposure", "A7", *word)[0] == 0
    scanned(logs, 11, 11)
    told = {one["account"]: one for one in report(11)["suspects"]}
    mine = next(one for one in told["A7"]["sessions"] if one["session"] == stranger)
    assert (mine["verdict"], mine["why"].split("; ")[0]) == ("owner", "as a person said")
    assert told["A7"]["began"][:10] == night(11), "what is left of the intruder"
    assert told["A5"]["began"][:10] == night(10)
    _code, out, _err = tocsin("cases", "A5", "--state", "state", "--format", "json")
    assert json.loads(out)[0]["sessions"] == {}


def test_a_notice_has_phases_the_clock_of_the_incident_and_categories(home, logs, tocsin):
    Path("tocsin.yml").write_text("services:\n  - {service: other, category: invoices}\n")
    asked = ("exposure", "--campaign", CAMPAIGN, "--state", "state", "--breach", "--config", "tocsin.yml")
    tocsin("triage", "--campaign", CAMPAIGN, "--state", "state", "--verdict", "waiting", "--now", morning(10))
    _code, out, _err = tocsin(*asked)
    assert f"Notice                 {CAMPAIGN}, phase 1" in out
    assert "not known for ?: set services: in the settings" in out
    assert "72-hour clock          not started" in out
    _code, again, _err = tocsin(*asked)
    assert again == out, "the same figures are the same phase"
    scanned(logs, 11, 11)
    tocsin("triage", *ATTACKED, "--state", "state", "--verdict", "true", "--aware-at", AWARE, "--now", morning(11))
    code, out, err = tocsin(*asked, "--json")
    figures = json.loads(out)
    assert (code, figures["phase"], figures["since_last_phase"]["records"]) == (0, 2, 4 * 96)
    assert figures["notify_by"] == "2022-03-21T04:00:00Z"
    assert figures["services_without_category"] == ["?"]
    named = {one["path"] for one in figures["inputs_to_preserve"]}
    assert {str(logs[10]), str(logs[11])} <= named
    assert str(logs[5]) not in named
    assert "confirmed: preserve these files as they are (sha256)" in err
    assert figures["inputs_to_preserve"][-1]["sha256"] in err


def test_identities_come_from_the_very_logs_and_what_is_missing_is_counted(home, logs, tocsin):
    asked = ("exposure", "A7", "--state", "state", "--reason", "letters", "--now", morning(10))
    code, _out, _err = tocsin(*asked, "--reveal", logs[10], "--out", "list.csv")
    rows = rows_of(Path("list.csv").read_text())
    assert (code, {len(row["identity"]) for row in rows}) == (0, {13})
    assert Path("list.csv").stat().st_mode & 0o077 == 0
    (entry,) = journaled(home, "reveal")
    assert (entry["user"], entry["reason"], entry["people"], entry["unrevealed"]) == (
        "martine",
        "letters",
        len(rows),
        0,
    )
    code, _out, err = tocsin(*asked, "--reveal", logs[9], "--out", "other.csv")
    assert code == 0
    assert f"{logs[10]} is not among the logs given to --reveal: " in err
    assert "people are left unrevealed in all" in err


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_logs_that_were_packed_after_they_were_read_are_known_by_what_is_in_them(home, logs, tocsin, tmp_path, pack):
    packed = tmp_path / f"{logs[10].name}.gz"
    packed.write_bytes(pack(logs[10].read_bytes()))
    asked = ("exposure", "A7", "--state", "state", "--reason", "letters", "--now", morning(10), "--reveal", packed)
    code, _out, err = tocsin(*asked, "--out", "list.csv")
    assert (code, {len(row["identity"]) for row in rows_of(Path("list.csv").read_text())}) == (0, {13}), err
    half = gzip.compress(logs[10].read_bytes())
    packed.write_bytes(half[: len(half) // 2])
    code, _out, err = tocsin(*asked, "--out", "other.csv")
    assert (code, "none of the logs given holds the people of this list" in err) == (2, True), err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["A7", "--reveal", "LOG", "--out", "new.csv"], "identities are shown for a reason only"),
        (["A7", "--reveal", "LOG", "--reason", "x"], "identities go to a file only"),
        (["A7", "--reveal", "LOG", "--reason", "x", "--out", "tocsin-report"], "is there already"),
        (["A7", "--reveal", "CHANGED", "--reason", "x", "--out", "new.csv"], "its SHA-256 differs"),
        (["A99", "--reveal", "LOG", "--reason", "x", "--out", "new.csv"], "did you mean A9"),
        (["A7", "--reveal", "LOG", "--reason", "x", "--out", "new.csv", "--since", "2023-01-01"], "is outside the events held"),
    ],
)  # fmt: skip
def test_identities_that_may_not_be_shown_are_refused_and_that_is_journaled(home, logs, tocsin, tmp_path, asked, said):
    changed = tmp_path / "changed" / str(logs[10]).removeprefix("/")
    changed.parent.mkdir(parents=True)
    shutil.copy(logs[10], changed)
    changed.write_text(changed.read_text() + "\n")
    places = {"LOG": str(logs[10]), "CHANGED": str(changed)}
    code, out, err = tocsin("exposure", *(places.get(word, word) for word in asked), "--state", "state")
    assert (code, out, said in err) == (2, "", True), err
    assert not Path("new.csv").exists()
    (entry,) = journaled(home, "reveal refused")
    assert (entry["user"], entry["accounts"]) == ("martine", asked[:1])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--case", "C220317-000000"], "no case, and no account of this state, is called 'C220317-000000'"),
        (["A1"], "A1 has no case: no night had it on the list; give the first day"),
        (["--campaign", "2022-03-17-A4"], f"no campaign is called '2022-03-17-A4'; known are {CAMPAIGN}"),
        (["A7", "--logs", "x"], "both logs and a state are given"),
        (["A7", "--until", "2021-01-01"], "is outside the events held; the state holds"),
        (["A7", "--session", "none=owner"], "no session of the window is called 'none'"),
    ],
)
def test_what_a_state_cannot_list_is_refused_in_a_sentence(home, tocsin, asked, said):
    code, out, err = tocsin("exposure", *asked, "--state", "state")
    assert (code, out, said in err) == (2, "", True), err
    assert journaled(home, "overruled") == []


def test_another_key_reveals_nothing(home, logs, tocsin, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "elsewhere"))
    from tocsin.privacy.tokens import TokenKey

    TokenKey.create(home / "other-key")
    asked = ("--reveal", logs[10], "--reason", "x", "--out", "new.csv", "--key-file", "other-key")
    code, _out, err = tocsin("exposure", "A7", "--state", "state", *asked)
    assert (code, "this is not the key of the state" in err) == (2, True)


def test_who_read_a_person_is_asked_of_a_state_and_noted_there(home, tocsin):
    _code, out, _err = tocsin("exposure", "A7", "--state", "state")
    token = rows_of(out)[0]["patient"]
    code, out, _err = tocsin("who-read", token, "--state", "state")
    assert (code, {row["account"] for row in rows_of(out)} >= set(ATTACKED)) == (0, True)
    (entry,) = journaled(home, "who-read")
    assert (entry["user"], entry["patient"]) == ("martine", token)
    code, _out, err = tocsin("who-read", "1850578006001", "--state", "state")
    assert (code, "never write an identifier on the command line" in err) == (2, True)
    (entry,) = journaled(home, "who-read refused")
    assert "1850578006001" not in json.dumps(entry)


def test_an_account_without_a_case_is_listed_from_a_given_day(home, tocsin):
    code, out, _err = tocsin("exposure", "A1", "--state", "state", "--since", night(8))
    assert code == 0
    assert {row["accounts"] for row in rows_of(out)} == {"A1"}
    assert CENTRE not in out


def test_a_state_of_years_is_read_from_ninety_nights_before_the_first_alert_on(home, tocsin, monkeypatch):
    from tocsin.store.lake import Lake

    asked, read = [], Lake.of_accounts
    monkeypatch.setattr(Lake, "of_accounts", lambda lake, *about: asked.append(about[-1]) or read(lake, *about))
    tocsin("investigate", "A7", "--state", "state", "--json")
    tocsin("exposure", "A7", "--state", "state")
    assert asked == [date.fromisoformat(night(10)) - timedelta(days=90)] * 2
    tocsin("investigate", "A1", "--state", "state", "--json")
    assert asked[2] == date.min
