"""The journal: an entry that was changed, taken out or cut off is found, and where."""

import json
from datetime import UTC, datetime

import pytest

from tocsin.store import journal
from tocsin.store.files import Files
from tocsin.store.journal import Head

AT = datetime(2022, 3, 19, 4, tzinfo=UTC)


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path)
    for run in range(1, 6):
        journal.append(files, "scan", {"run": run}, AT)
    return files


def change(files, edit):
    path = files.folder / journal.NAME
    path.write_bytes(b"".join(edit(path.read_bytes().splitlines(keepends=True))))


def broken(files, *known):
    return [(found.line, found.what) for found in journal.verify(files, known)]


FOLLOWS = "this entry does not follow the one before: one was changed or taken out"


def test_what_was_written_is_intact(files):
    assert broken(files, journal.head_of(files), Head()) == []
    assert [entry["run"] for entry in journal.entries(files)] == [1, 2, 3, 4, 5]


def test_an_entry_that_was_changed_is_found_by_the_one_after_it(files):
    change(files, lambda lines: [line.replace(b'"run": 2', b'"run": 9') for line in lines])
    assert broken(files) == [(3, FOLLOWS)]


def test_an_entry_taken_out_of_the_middle_is_found_where_it_was(files):
    change(files, lambda lines: lines[:2] + lines[3:])
    assert broken(files, Head(5, "0" * 64)) == [(3, FOLLOWS)]


def test_entries_cut_off_at_the_end_are_missed_by_the_heads_that_are_kept(files):
    head = journal.head_of(files)
    change(files, lambda lines: lines[:3])
    assert broken(files) == []
    assert broken(files, head) == [(4, "2 entries are missing at the end")]


def test_the_last_entry_changed_is_not_what_the_head_knows(files):
    head = journal.head_of(files)
    change(files, lambda lines: [*lines[:4], lines[4].replace(b'"run": 5', b'"run": 6')])
    assert broken(files, head) == [(5, "this entry, or one before, is not the one that a run record knows")]


def test_a_journal_written_anew_from_the_start_is_not_what_the_heads_know(tmp_path, files):
    head = journal.head_of(files)
    (files.folder / journal.NAME).unlink()
    for run in range(1, 8):
        journal.append(files, "scan", {"run": run, "by": "another"}, AT)
    assert broken(files, head) == [(5, "this entry, or one before, is not the one that a run record knows")]


def test_a_line_that_is_no_entry_is_named(files):
    change(files, lambda lines: [*lines[:2], b"[1]\n", *lines[2:]])
    assert broken(files)[0] == (3, "this is no entry of a journal")
    change(files, lambda lines: [b"\xff\n"])
    assert broken(files) == [(1, "this is no entry of a journal")]
    assert journal.entries(files) == []


def test_a_journal_that_is_gone_is_missed(files):
    head = journal.head_of(files)
    (files.folder / journal.NAME).unlink()
    assert broken(files, head) == [(0, "the journal is missing")]
    assert broken(files) == []
    assert journal.entries(files) == []
    assert not journal.is_torn(files)


def test_a_torn_last_line_never_counted_and_the_next_entry_takes_its_place(files):
    head = journal.head_of(files)
    change(files, lambda lines: [*lines, b'{"number": 6, "at": "20'])
    assert journal.is_torn(files)
    assert broken(files, head) == []
    journal.append(files, "scan", {"run": 6}, AT)
    assert not journal.is_torn(files)
    assert broken(files, head) == []
    assert [entry["run"] for entry in journal.entries(files)] == [1, 2, 3, 4, 5, 6]


def test_an_entry_torn_after_it_was_finished_is_missing(files):
    head = journal.head_of(files)
    change(files, lambda lines: [*lines[:4], lines[4][:30]])
    assert broken(files, head) == [(5, "1 entry is missing at the end")]


def test_verify_says_that_all_is_well_and_names_the_head_to_keep_elsewhere(home, tocsin):
    code, out, err = tocsin("journal", "verify", "--state", "state")
    assert (code, err) == (0, "")
    path = home / "state" / "journal.ndjson"
    assert out == f"intact: 2 entries, the newest is {journal.head_of(Files(path.parent)).hash}\n"


def test_verify_names_each_break_with_its_line_and_exits_2(home, tocsin):
    path = home / "state" / "journal.ndjson"
    path.write_text(path.read_text().replace('"what": "scan"', '"what": "seen"', 1))
    code, out, err = tocsin("journal", "verify", "--state", "state")
    assert (code, out) == (2, "")
    assert err == f"tocsin: state/journal.ndjson:2: {FOLLOWS}; compare it with a backup of the state\n"


def test_verify_knows_from_the_run_records_that_the_end_was_cut_off(home, tocsin):
    path = home / "state" / "journal.ndjson"
    path.write_text(path.read_text().splitlines(keepends=True)[0])
    code, _, err = tocsin("journal", "verify", "--state", "state")
    assert code == 2
    assert "state/journal.ndjson:2: 1 entry is missing at the end" in err


def test_verify_tells_of_a_torn_line(home, tocsin):
    with (home / "state" / "journal.ndjson").open("a") as file:
        file.write('{"number"')
    code, out, err = tocsin("journal", "verify", "--state", "state")
    assert code == 0
    assert out.startswith("intact: 2 entries")
    assert err == "the last line was cut short by a kill; it never counted\n"


def test_show_tells_when_who_and_what(home, tocsin, monkeypatch):
    code, out, _ = tocsin("journal", "show", "--state", "state")
    assert code == 0
    first, second = out.splitlines()
    assert first.split()[:6] == ["1", "2022-03-19T04:00:00+00:00", journal.user(), "scan", "run", "1,"]
    assert second.endswith("2022-03-17 2022-03-18")
    entries = [json.loads(line) for line in tocsin("journal", "show", "--state", "state", "--json")[1].splitlines()]
    assert [entry["number"] for entry in entries] == [1, 2]
    assert entries[1]["previous"]


def test_the_user_behind_sudo_is_named(files, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "anne")
    journal.append(files, "reveal", {}, AT)
    assert journal.entries(files)[-1]["user"] == "anne"


def test_a_user_without_a_name_is_a_number(monkeypatch):
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr("os.getuid", lambda: 4_000_000)
    assert journal.user() == "4000000"
