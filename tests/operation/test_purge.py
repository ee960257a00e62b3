"""`tocsin purge`: what is older is gone from the disk, and the watch goes on."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
import pytest

from on_disk import GONE, everything
from practice import suspect
from test_nightly import ATTACKED
from tocsin.store import journal
from tocsin.store.codec import decode
from tocsin.store.files import Files
from tocsin.store.state import changing, reading
from tocsin.verdict.docket import Waiting
from tocsin.verdict.kept import LEFT, kept_before
from tocsin.watch.held import left_by
from tocsin.watch.purge import purge
from tocsin.watch.record import read_records
from tocsin.watch.standing import known_heads

BEFORE = date(2022, 3, 13)
NOW = ("--now", "2022-06-11T06:00:00")
"""Ninety days after BEFORE."""
OLDER = [f"2022-03-{day:02d}" for day in range(7, 13)]


def purge_older(tocsin):
    return tocsin("purge", "--state", "state", "--older-than", "90d", *NOW)


def test_what_is_older_is_gone_from_the_disk_and_said_in_numbers(home, tocsin):
    (home / "config" / "tocsin" / "key").unlink()
    before = everything(home / "state")
    assert any(GONE in text for text in before.values())
    code, out, err = purge_older(tocsin)
    assert code == 0
    assert out.startswith("Gone, all before 2022-03-13: 6 nights, 6 logs, 1 accounts, ")
    assert err == "Whoever was reading the state meanwhile may have to ask again.\n"
    for name, text in everything(home / "state").items():
        assert GONE not in text, name
        assert not any(night in name for night in OLDER), name
        # The weather behind a lesson names nobody; what is said of a night that stays may look back.
        if not name.startswith(("journal", "runs/", "left/", "nights/", "frames/", "seen/accounts-")):
            assert not any(night in text for night in OLDER), name
    for path in (home / "state" / "frames").iterdir():
        frame = pl.read_parquet(path, glob=False)
        for column in {"night", "last"} & set(frame.columns):
            assert frame.is_empty() or frame[column].cast(pl.Date).min() >= BEFORE, path.name


def test_a_purge_is_journaled_and_the_run_records_stay(home, tocsin):
    purge_older(tocsin)
    state = reading(home / "state")
    entry = journal.entries(state.files)[-1]
    assert (entry["what"], entry["before"], entry["nights"], entry["held"]) == ("purge", "2022-03-13", 6, [])
    assert journal.verify(state.files, known_heads(state)) == []
    assert state.manifest.journal == journal.head_of(state.files)
    assert len(read_records(state)) == 2


@pytest.mark.no_cover
def test_the_night_after_a_purge_is_judged_as_without_it(home, tocsin, logs):
    later = home / "2022-03-19.csv"
    later.write_text(logs[-1].read_text().replace("2022-03-18T", "2022-03-19T"))
    shutil.copytree(home / "state", home / "whole")
    purge_older(tocsin)
    found = {}
    for state in ("state", "whole"):
        options = ("--state", state, "--now", "2022-03-20T04:00:00", "--no-model", "--json", "--quiet")
        code, out, _ = tocsin("scan", later, *options)
        assert code == 1
        found[state] = {suspect["account"] for suspect in json.loads(out)["suspects"]}
    assert found["state"] == found["whole"] == set(ATTACKED)


def test_nothing_older_changes_nothing_but_the_journal(home, tocsin):
    code, out, _ = tocsin("purge", "--state", "state", "--older-than", "365d", *NOW)
    assert code == 0
    assert out == (
        "Gone, all before 2021-06-11: 0 nights, 0 logs, 0 accounts, 0 marks of people read or places used,"
        " 0 answers to closed cases; 0 B.\n"
    )
    assert len(reading(home / "state").manifest.nights) == 12
    assert tocsin("purge", "--state", "state", "--older-than", "365d", *NOW, "--quiet") == (0, "", "")


def test_what_a_case_holds_stays_and_is_said(home):
    held = date(2022, 3, 8)
    with changing(home / "state") as state:
        gone = purge(state, BEFORE, datetime(2022, 6, 11, tzinfo=UTC), held=[held, date(2022, 3, 14)])
    assert (gone.nights, gone.held) == (5, (held,))
    after = reading(home / "state").manifest
    assert min(after.nights) == held
    assert after.nights[held].events
    assert [one.path.rpartition("/")[2] for one in after.inputs][:4] == [
        f"2022-03-{day}.csv" for day in ("07", "08", "09", "13")
    ]
    assert journal.entries(Files(home / "state"))[-1]["held"] == ["2022-03-08"]


def test_marks_that_were_folded_together_go_by_age(home):
    with changing(home / "state") as state:
        shelf = pl.DataFrame(
            {"shelf": [3, 3], "mark": [1, 2], "last": [date(2022, 1, 1), date(2022, 3, 14)]},
            schema_overrides={"shelf": pl.UInt8},
        )
        old = shelf.head(1).with_columns(shelf=pl.lit(4, pl.UInt8))
        base = [
            state.files.write_frame("seen/000002-03.parquet", shelf),
            state.files.write_frame("seen/000002-04.parquet", old),
            state.files.write_frame("seen/000002-05.parquet", shelf.tail(1)),
        ]
        state.finish(replace(state.manifest, base=tuple(base)))
    with changing(home / "state") as state:
        less = purge(state, date(2022, 3, 1), datetime(2022, 6, 11, tzinfo=UTC))
    assert less.marks == 2
    after = reading(home / "state")
    assert [after.files.read_frame(kept)["mark"].to_list() for kept in after.manifest.base] == [[2], [2]]


def test_notes_of_runs_that_told_older_nights_go(home):
    with changing(home / "state") as state:
        for kept in state.manifest.runs:
            path = home / "state" / kept.name
            plain = json.loads(path.read_text()) | {"notes": [f"gained: {GONE} (2022-03-07)"]}
            fresh = state.files.write(kept.name, json.dumps(plain).encode())
            state.manifest = replace(
                state.manifest, runs=tuple(fresh if one.name == kept.name else one for one in state.manifest.runs)
            )
        purge(state, BEFORE, datetime(2022, 6, 11, tzinfo=UTC))
    first, second = read_records(reading(home / "state"))
    assert (first.notes, len(second.notes)) == ((), 1)
    assert first.suspects == {f"2022-03-{day:02d}": 0 for day in range(7, 13)}


@pytest.mark.parametrize("frames", ["held", "gone"])
def test_who_waits_to_be_told_of_an_older_night_is_forgotten(home, frames):
    older = {name: waits(name, date(2022, 3, day)) for name, day in ((GONE, 12), ("A2", 13))}
    with changing(home / "state") as state:
        manifest = state.manifest
        left = left_by(BEFORE, manifest, state)
        content, kept = kept_before(replace(left, docket=replace(left.docket, waiting=older)), state)
        held = manifest.nights[BEFORE]
        written = state.files.write("left/2022-03-13-waiting.json", content)
        kept = tuple(sorted(kept)) if frames == "held" else ()
        verdict = replace(held.verdict, left=written, frames=kept)
        state.finish(manifest.with_night(BEFORE, replace(held, verdict=verdict)))
    with changing(home / "state") as state:
        purge(state, BEFORE, datetime(2022, 6, 11, tzinfo=UTC))
    state = reading(home / "state")
    verdict = state.manifest.nights[BEFORE].verdict
    docket = decode(state.files.read_json(verdict.left)["fields"]["docket"], lambda _name: None, LEFT)
    assert dict(docket.waiting) == {"A2": older["A2"]}
    assert bool(verdict.frames) == (frames == "held")
    assert all(GONE not in text for text in everything(home / "state").values())


def waits(account, night):
    return Waiting(replace(suspect(account), night=night), (), "", night)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        ("30d", "the nights to come are compared with the last 90: 30d is too short; give 90d or more; to forget"),
        ("1y", "--older-than '1y' is not an age; write it in days, as 365d"),
        ("-365d", "--older-than '-365d' is not an age"),
    ],
)
def test_an_age_that_cannot_be_is_refused_and_nothing_changes(home, tocsin, age, said):
    before = everything(home / "state")
    code, out, err = tocsin("purge", "--state", "state", f"--older-than={age}", *NOW)
    assert (code, out) == (2, "")
    assert said in err
    assert everything(home / "state") == before


def test_a_state_that_a_run_is_writing_is_left_alone(home, tocsin):
    with changing(home / "state"):
        code, _, err = purge_older(tocsin)
    assert code == 2
    assert "another run is writing the state state; wait until it has finished" in err


def test_a_killed_purge_has_not_happened(home, tocsin, monkeypatch):
    before = reading(home / "state").manifest

    def kill(*_args):
        raise SystemError

    monkeypatch.setattr("tocsin.store.state.commit", kill)
    with pytest.raises(SystemError):
        purge_older(tocsin)
    monkeypatch.undo()
    after = reading(home / "state")
    assert after.manifest == before
    for kept in before.files():
        after.files.path(kept)
