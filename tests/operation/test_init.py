"""`tocsin init`: the first day of a portal's watch."""

import json
import os
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from on_disk import everything
from report.test_reports import suspect as a_suspect
from test_nightly import ATTACKED, HEADER, START, a_night, line, nights, write
from tocsin.privacy.tokens import TokenKey
from tocsin.settings import Settings
from tocsin.settings_file import read_settings
from tocsin.store import journal
from tocsin.store.files import Files
from tocsin.store.state import reading
from tocsin.watch.backfill import one_list
from tocsin.watch.first_look import families_of

NOW = ("--now", "2022-03-19T04:00:00", "--quiet")


def test_writes_the_settings_and_a_key_and_overwrites_nothing(new_home, tocsin):
    code, out, err = tocsin("init")
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        f"a new key was written to {new_home}/config/tocsin/key; keep a copy apart from the state",
        "settings written to tocsin.yml: look at the zone and the holidays",
    ]
    assert read_settings(new_home / "tocsin.yml") == Settings()
    assert stat.S_IMODE((new_home / "config" / "tocsin" / "key").stat().st_mode) == 0o600
    (new_home / "tocsin.yml").write_text("alerting: {ceiling: 30}\n")
    before = everything(new_home)
    code, _, err = tocsin("init")
    assert (code, err) == (0, "tocsin.yml is there already: kept and used as it is\n")
    assert everything(new_home) == before


def test_says_which_families_of_evidence_the_logs_lack(new_home, tocsin):
    rows = [f"2022-03-07T08:{at:02d}:00+01:00,lookup,success,A{at % 5}" for at in range(50)]
    poor = write(new_home / "poor.csv", rows, header="time,kind,outcome,account")
    code, out, _ = tocsin("init", poor)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "What these logs can show"
    assert "  novelty: MISSING, it needs patient" in lines
    assert any(text.startswith("  volume: MISSING, it needs patient, ") for text in lines)
    assert any(text.startswith("  origin: MISSING, it needs ") for text in lines)


def test_a_family_is_whole_where_every_column_it_needs_is_filled():
    assert {family.seen for family in families_of(set())} == {"not at all"}
    whole = families_of({feature for family in families_of(set()) for feature in family.missing})
    assert {(family.seen, family.missing) for family in whole} == {("whole", ())}


def test_a_family_that_lacks_some_columns_says_which(new_home, logs, tocsin):
    out = tocsin("init", logs[0])[1].splitlines()
    assert "  novelty: whole" in out
    assert "  volume: partly, the rest needs rows, bytes" in out


def test_past_nights_are_learned_and_told_as_one_list(new_home, tocsin):
    (new_home / "logs").mkdir()
    assert len(list(nights(new_home / "logs", count=5, on=4))) == 5
    code, out, _ = tocsin("init", "--backfill", "logs", "--state", "state", *NOW)
    assert code == 0
    lines = out.splitlines()
    assert "5 past nights judged, 2022-03-07 to 2022-03-11." in lines
    assert "4 accounts were named; somebody may be inside already." in lines
    rows = [text.split() for text in lines if text.startswith("A")][1:]
    assert {row[0] for row in rows} == set(ATTACKED)
    assert all(row[2:6] == ["2022-03-11", "2022-03-11", "1", "2022-03-11"] for row in rows)
    files = Files(new_home / "state")
    assert [entry["what"] for entry in journal.entries(files)] == ["scan", "init"]
    state = reading(new_home / "state")
    assert len(state.manifest.judged) == 5
    code, out, _ = tocsin("scan", "logs", "--state", "state", "--config", "tocsin.yml", *NOW, "--json")
    told = json.loads(out)
    assert (code, told["nights"][-1]) == (1, "2022-03-11")
    assert told["notes"] == ["no new night is complete: this is the last list again"]


def test_the_list_as_json(new_home, tocsin):
    calm = [write(new_home / f"{day}.csv", a_night(START + timedelta(days=day))) for day in range(2)]
    code, out, err = tocsin("init", "--backfill", *calm, "--state", "state", "--json", *NOW)
    assert code == 0
    assert json.loads(out) == {"nights": ["2022-03-07", "2022-03-08"], "degraded": [], "suspects": []}
    assert "What these logs can show" in err


def test_calm_nights_name_nobody_and_degraded_ones_are_not_taken_for_calm(new_home, tocsin):
    spoiled = write(new_home / "0.csv", [*a_night(START), *["x,lookup,success,A1,gp,10.0.0.1,1"] * 20])
    calm = write(new_home / "1.csv", a_night(START + timedelta(days=1)))
    code, out, _ = tocsin("init", "--backfill", spoiled, calm, "--state", "state", *NOW)
    assert code == 0
    assert "2 past nights judged, 2022-03-07 to 2022-03-08; 1 of them degraded: not to be read as calm." in out
    assert "They name nobody." in out


def test_a_row_tells_an_accounts_first_last_and_worst_night():
    nights = [date(2022, 3, day) for day in (8, 9, 12)]
    found = [
        a_suspect("A1", night=nights[0], points=11.0, why="first"),
        a_suspect("A1", night=nights[2], points=25.0, why="worst", people=900),
        a_suspect("A1", night=nights[1], points=12.0),
        a_suspect("A2", night=nights[1], points=30.0, campaign=None),
    ]
    second, first = one_list(found)[::-1]
    assert (first.account, first.nights, first.campaigns) == ("A2", 1, ())
    assert (second.first, second.last, second.nights) == (nights[0], nights[2], 3)
    assert (second.worst, second.points, second.people, second.why) == (nights[2], 25.0, 900, "worst")
    assert second.campaigns == ("2022-03-14-A1",)


def test_who_was_named_late_is_listed_with_the_night_on_which_it_rang():
    nights = [START, START + timedelta(days=2)]
    (row,) = one_list([replace(a_suspect("A1", night=nights[1]), rang=nights[0])])
    assert (row.first, row.last, row.nights, row.worst) == (nights[0], nights[0], 1, nights[0])


def test_a_key_in_a_file_of_ones_own_is_made_once(new_home, tocsin):
    assert tocsin("init", "--key-file", "my.key")[0] == 0
    key = TokenKey.load(new_home / "my.key")
    assert tocsin("init", "--key-file", "my.key")[0] == 0
    assert TokenKey.load(new_home / "my.key") == key
    assert not (new_home / "config").exists()


def test_a_new_state_without_logs_is_an_empty_private_folder_with_a_journal(new_home, tocsin):
    assert tocsin("init", "--state", "state")[0] == 0
    assert sorted(path.name for path in (new_home / "state").iterdir()) == ["journal.ndjson"]
    assert stat.S_IMODE((new_home / "state").stat().st_mode) == 0o700


REFUSED = [
    (("--backfill",), "--backfill needs logs and a state; tocsin init --backfill LOG... --state DIR"),
    (("--backfill", "x.csv"), "--backfill needs logs and a state"),
    (("nothing.csv", "--state", "state"), "nothing.csv does not exist"),
    (("--backfill", "empty.csv", "--state", "state"), "the logs hold no event"),
    (("--backfill", "old.csv", "--state", "state", "--now", "2001-01-01T00:00"), "none of the 3 lines became an event"),
    (("--config", "nowhere/tocsin.yml"), "there is no folder nowhere for the settings; make it first"),
    (("--config", "locked/tocsin.yml"), "locked/tocsin.yml cannot be written: "),
    (("--config", "grouped.yml", "--state", "state"), "no group is called 'nobody-here-9'"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED, ids=[" ".join(one[0]) for one in REFUSED])
def test_what_cannot_be_is_refused_and_leaves_nothing_behind(new_home, tocsin, arguments, said):
    write(new_home / "empty.csv", [], header=HEADER)
    write(new_home / "old.csv", [line(START, 0, "A1", "1850578006084")] * 3)
    (new_home / "grouped.yml").write_text("state: {group: nobody-here-9}\n")
    (new_home / "locked").symlink_to("/proc")
    code, out, err = tocsin("init", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert not (new_home / "state").exists()
    assert not (new_home / "tocsin.yml").exists()


def test_a_state_that_is_there_is_refused(home, tocsin):
    before = everything(home / "state")
    code, _, err = tocsin("init", "--state", "state")
    assert code == 2
    assert err.endswith("state holds a state already; `tocsin scan LOG... --state` goes on with it\n")
    assert everything(home / "state") == before
    assert not (home / "tocsin.yml").exists()


def test_a_past_that_cannot_be_judged_leaves_a_folder_that_was_there(new_home, tocsin, monkeypatch):
    from tocsin.errors import StoreError

    def refuse(*_args):
        raise StoreError("the disk is full")

    (new_home / "state").mkdir()
    log = write(new_home / "log.csv", a_night(START))
    monkeypatch.setattr("tocsin.watch.scan", refuse)
    for folder, stays in (("state", True), ("other", False)):
        code, _, err = tocsin("init", "--backfill", log, "--state", folder, *NOW)
        assert (code, err.splitlines()[-1]) == (2, "tocsin: the disk is full")
        assert (new_home / folder).exists() == stays
        assert not (new_home / "tocsin.yml").exists()


def test_the_group_of_the_settings_may_read_a_new_state(new_home, tocsin):
    import grp

    own = grp.getgrgid(os.getgid()).gr_name
    (new_home / "tocsin.yml").write_text(f"state: {{group: {own}}}\n")
    assert tocsin("init", "--state", "state")[0] == 0
    assert stat.S_IMODE((new_home / "state").stat().st_mode) == 0o750
    assert stat.S_IMODE((new_home / "state" / "journal.ndjson").stat().st_mode) == 0o640
    assert datetime.fromisoformat(journal.entries(Files(new_home / "state"))[0]["at"]) <= datetime.now(UTC)
