"""`tocsin status`: what an administrator sees in the morning."""

import json
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from rich.console import Console

from test_nightly import ATTACKED
from tocsin.report.status import show
from tocsin.settings import Settings, StateSettings
from tocsin.store.files import Files
from tocsin.store.manifest import Manifest
from tocsin.store.state import State, reading
from tocsin.watch.standing import FalseAlerts, standing

MORNING = ("--now", "2022-03-19T08:00:00")


def test_tells_the_nights_the_run_the_disk_and_the_journal_without_a_key(home, tocsin):
    (home / "config" / "tocsin" / "key").unlink()
    code, out, err = tocsin("status", "--state", "state", *MORNING)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "The last 12 nights held"
    assert lines[1].split() == ["2022-03-07", "Mon", "calm", "41", "accounts,", "492", "events"]
    assert lines[12].split() == [
        "2022-03-18",
        "Fri",
        "4",
        "suspects,",
        "4",
        "new",
        "40",
        "accounts,",
        "2,080",
        "events",
    ]
    assert lines[13] == "12 nights from 2022-03-07 to 2022-03-18, 12 judged."
    assert lines[14].startswith("Last run: 2022-03-19T04:00:00+00:00, tocsin ")
    assert lines[14].endswith("2 runs are on record.")
    assert lines[15] == (
        "False alerts: 4 alerts in 12 judged nights; how many false ones to expect is not known yet; none is answered yet."
    )
    assert lines[16].startswith("Disk: ")
    assert lines[17] == "Journal: intact, 2 entries."
    assert len(lines) == 18


def test_names_the_nights_of_which_nothing_is_held(home, tocsin):
    state = reading(home / "state")
    some = {night: held for night, held in state.manifest.nights.items() if night.day not in {9, 12, 13}}
    State(state.files, state.manifest).finish(Manifest(**{**_fields(state.manifest), "nights": some}))
    out = tocsin("status", "--state", "state", "--now", "2022-03-22T08:00:00")[1].splitlines()
    assert "MISSING: 2022-03-09 (1 night)" in out
    assert "MISSING: 2022-03-12 to 2022-03-13 (2 nights)" in out
    assert "MISSING: 3 nights have ended since the last one held." in out


def test_a_night_that_is_held_and_not_judged_says_so(home, tocsin):
    state = reading(home / "state")
    night = date(2022, 3, 18)
    held = state.manifest.nights[night]
    unjudged = type(held)(events=held.events, hours=held.hours)
    state.finish(state.manifest.with_night(night, unjudged))
    out = tocsin("status", "--state", "state", *MORNING)[1]
    assert "2022-03-18 Fri  not judged\n" in out
    assert "12 nights from 2022-03-07 to 2022-03-18, 11 judged." in out


def test_json_holds_the_same_for_monitoring(home, tocsin):
    code, out, _ = tocsin("status", "--state", "state", "--json", *MORNING)
    told = json.loads(out)
    assert code == 0
    assert [line["answer"] for line in told["nights"]] == ["calm"] * 11 + ["suspects"]
    assert (told["held"], told["judged"], told["gaps"], told["silent"]) == (12, 12, [], 0)
    assert told["last_run"]["version"]
    assert told["false_alerts"] == {
        "nights": 12, "alerts": 4, "expected": None, "nights_expected": 0,
        "answered_false": 0, "answered_true": 0, "open": 4,
    }  # fmt: skip
    assert told["journal_breaks"] == []
    files = sum(path.stat().st_size for path in (home / "state").rglob("*") if path.is_file())
    assert told["disk"]["total"] == sum(told["disk"]["parts"].values()) == files


def test_expected_false_alerts_stand_beside_what_persons_answered(home, tocsin):
    for account, answer in zip(ATTACKED, ("benign", "error", "true", "waiting"), strict=True):
        aware = ("--aware-at", "2022-03-19T07:00:00") if answer == "true" else ()
        assert tocsin("triage", account, "--state", "state", "--verdict", answer, *aware, *MORNING)[0] == 0
    opened_by_hand = ("triage", "A0", "--state", "state", "--verdict", "error", "--since", "2022-03-18", *MORNING)
    assert tocsin(*opened_by_hand)[0] == 0
    out = tocsin("status", "--state", "state", *MORNING)[1]
    assert "False alerts: 4 alerts in 12 judged nights; " in out
    assert "; answered: 2 as false, 1 as true; not yet: 1." in out
    told = json.loads(tocsin("status", "--state", "state", "--json", *MORNING)[1])["false_alerts"]
    assert (told["answered_false"], told["answered_true"], told["open"]) == (2, 1, 1)


def test_what_ordinary_nights_would_have_brought_is_told_for_the_nights_that_can_say(home):
    told = standing(home / "state", date(2022, 3, 19), Settings(), 10**9)
    said = replace(told, false_alerts=FalseAlerts(nights=12, alerts=4, expected=1.2, nights_expected=9))
    console = Console(width=200, record=True, file=StringIO())
    show(said, console)
    out = console.export_text()
    assert "False alerts: 4 alerts in 12 judged nights; 9 ordinary nights would have brought about 1.2; " in out


def test_the_forecast_knows_how_long_each_part_is_kept(home):
    free = 10**9
    for events_days, nights in ((365, 365), (100, 100)):
        settings = Settings(state=StateSettings(events_days=events_days))
        told = standing(home / "state", date(2022, 3, 19), settings, free)
        lake = told.disk.parts["lake"]
        assert told.disk.in_a_year["lake"] == pytest.approx(lake / 12 * nights, rel=0.01)
        assert told.disk.in_a_year["measured"] == pytest.approx(told.disk.parts["measured"] / 12 * 90, rel=0.01)
        assert told.disk.total_in_a_year > told.disk.total


def test_a_state_that_never_held_a_night_says_what_to_do(tmp_path, tocsin):
    State(Files(tmp_path / "state"), Manifest(key="0" * 16)).finish(Manifest(key="0" * 16))
    code, out, _ = tocsin("status", "--state", tmp_path / "state")
    assert code == 0
    assert out.startswith("No night is held yet: `tocsin scan LOG... --state ")


def test_a_folder_without_a_state_is_refused(tmp_path, tocsin):
    code, out, err = tocsin("status", "--state", tmp_path / "nothing")
    assert (code, out) == (2, "")
    assert err.endswith("nothing holds no state; `tocsin scan LOG... --state DIR` makes one\n")


def test_a_broken_journal_is_said(home, tocsin):
    path = home / "state" / "journal.ndjson"
    path.write_text(path.read_text().replace('"what": "scan"', '"what": "seen"', 1))
    out = tocsin("status", "--state", "state", *MORNING)[1]
    assert "Journal: BROKEN at line 2: this entry does not follow the one before: one was changed or taken out" in out


def _fields(manifest):
    return {name: getattr(manifest, name) for name in manifest.__slots__}


def test_an_hour_of_today_is_no_missing_night(home):
    told = standing(home / "state", date(2022, 3, 18) + timedelta(days=1), Settings(), 1)
    assert told.silent == 0
