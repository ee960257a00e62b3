"""`tocsin rotate-key`: new tokens everywhere, the same conclusions, no old token left; or nothing at all."""

import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from on_disk import everything
from operation.conftest import watched_in
from test_nightly import nights
from tocsin.cases.nights import result_of
from tocsin.privacy.tokens import TokenKey
from tocsin.store import journal
from tocsin.store.lake import Lake
from tocsin.store.state import changing, reading
from tocsin.watch.record import read_records
from tocsin.watch.rotate import TOKEN
from tocsin.watch.standing import known_heads

NOW = ("--now", "2022-03-20T04:00:00", "--no-model", "--quiet")


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """Five nights, an attack on the last: reading them all again is what takes time here."""
    return [Path(path) for path in nights(tmp_path_factory.mktemp("logs"), count=5, on=4)]


@pytest.fixture(scope="module")
def watched_once(logs, tmp_path_factory):
    """A home with a key, and a state of these nights; nobody writes here."""
    home = tmp_path_factory.mktemp("watched")
    watched_in(home, (logs[:2], logs[2:]))
    return home


def people(folder):
    state = reading(folder)
    lake = Lake.of(state.files, state.manifest)
    found = set()
    for part in lake.parts(state.manifest.nights, ["patient", "patient_block"]):
        found |= set(part["patient"].drop_nulls()) | set(part["patient_block"].drop_nulls())
    return found


def lists(folder):
    state = reading(folder)
    return {night: result_of(state.manifest, night, state) for night in state.manifest.nights}


def rotate(tocsin, logs, *more):
    return tocsin("rotate-key", "--state", "state", "--logs", logs, *NOW, *more)


@pytest.mark.no_cover
def test_no_old_token_is_left_every_list_is_as_it_was_and_the_next_night_goes_on(home, logs, tocsin):
    tokens, before = people(home / "state"), lists(home / "state")
    runs = len(read_records(reading(home / "state")))
    (home / "config" / "tocsin" / "key").unlink()
    code, out, err = rotate(tocsin, logs[0].parent)
    assert code == 0
    assert out.startswith("5 nights of 5 logs have new tokens; the new key is ")
    assert "keep a copy of the new key apart" in err
    for name, text in everything(home / "state").items():
        assert not tokens & set(TOKEN.findall(text.encode()) and map(bytes.decode, TOKEN.findall(text.encode()))), name
    assert len(people(home / "state")) == len(tokens)
    assert lists(home / "state") == before
    state = reading(home / "state")
    assert len(read_records(state)) == runs
    assert journal.verify(state.files, known_heads(state)) == []
    entry = journal.entries(state.files)[-1]
    assert (entry["what"], entry["to"], entry["different"]) == ("rotate-key", state.manifest.key, [])
    finds_its_new_key_by_itself_and_knows_what_was_read(home, logs, tocsin)


def finds_its_new_key_by_itself_and_knows_what_was_read(home, logs, tocsin):
    fingerprint = reading(home / "state").manifest.key
    path = home / "config" / "tocsin" / f"key-{fingerprint}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, out, _ = tocsin("scan", logs[0].parent, "--state", "state", *NOW, "--json")
    told = json.loads(out)
    assert code == 1
    assert sum(one["events"] for one in told["inputs"]) == 0
    assert told["notes"] == ["no new night is complete: this is the last list again"]


@pytest.mark.no_cover
def test_a_key_in_a_file_of_ones_own(home, logs, tocsin):
    code, _, err = rotate(tocsin, logs[0].parent, "--new-key-file", "new.key")
    assert code == 0
    assert "give --key-file new.key from now on" in err
    assert TokenKey.load(home / "new.key").fingerprint == reading(home / "state").manifest.key
    before = everything(home / "state")
    code, _, err = rotate(tocsin, logs[0].parent, "--new-key-file", "new.key")
    assert (code, err) == (2, "tocsin: the key file new.key is already there; name a file that is not there yet\n")
    assert everything(home / "state") == before


def test_missing_logs_are_named_and_nothing_changes(home, logs, tocsin):
    before, keys = everything(home / "state"), everything(home / "config")
    code, out, err = rotate(tocsin, logs[0])
    assert (code, out) == (2, "")
    assert "4 of the 5 logs of the state are not among those given, or have changed: " in err
    assert f"{logs[1]}, {logs[2]}, {logs[3]}, {logs[4]}; name them" in err
    assert everything(home / "state") == before
    assert everything(home / "config") == keys


def test_other_settings_are_refused(home, logs, tocsin):
    (home / "tocsin.yml").write_text("alerting: {floor_points: 30}\n")
    before = everything(home / "state")
    code, _, err = rotate(tocsin, logs[0].parent, "--config", "tocsin.yml")
    assert code == 2
    assert "were judged with other rules or settings; give the same --config, --rules and --regions" in err
    assert everything(home / "state") == before


@pytest.mark.no_cover
def test_a_rotation_that_is_killed_has_not_happened(home, logs, tocsin, monkeypatch):
    before = reading(home / "state").manifest

    def kill(*_args):
        raise SystemError

    monkeypatch.setattr("tocsin.store.state.commit", kill)
    with pytest.raises(SystemError):
        rotate(tocsin, logs[0].parent)
    monkeypatch.undo()
    monkeypatch.chdir(home)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    after = reading(home / "state")
    assert after.manifest == before
    for kept in before.files():
        after.files.path(kept)
    code, out, _ = tocsin("scan", logs[0].parent, "--state", "state", *NOW, "--json")
    assert code == 1
    assert sum(one["events"] for one in json.loads(out)["inputs"]) == 0


def test_nights_whose_logs_are_no_longer_held_keep_their_lists(home, logs, tocsin):
    before = lists(home / "state")
    first = date(2022, 3, 7)
    with changing(home / "state") as state:
        held = replace(state.manifest.nights[first], events=(), measured={}, seen=())
        manifest = state.manifest.with_night(first, held)
        state.finish(replace(manifest, inputs=manifest.inputs[1:]))
    code, out, _ = rotate(tocsin, logs[0].parent)
    assert code == 0
    assert "4 nights of 4 logs have new tokens" in out
    assert "1 older nights, whose logs the state no longer holds, keep only their lists" in out
    assert lists(home / "state") == before
    state = reading(home / "state")
    since = state.files.read_frame(state.manifest.accounts).filter(account="A1")["since"].item()
    assert since.date() == first


def test_nights_on_which_others_would_be_named_are_said_and_stay_as_they_were(home, logs, tocsin):
    night = date(2022, 3, 11)
    with changing(home / "state") as state:
        verdict = state.manifest.nights[night].verdict
        text = state.files.read(verdict.result).decode().replace('"A10"', '"B10"')
        result = state.files.write("nights/changed.json", text.encode())
        held = replace(state.manifest.nights[night], verdict=replace(verdict, result=result))
        state.finish(state.manifest.with_night(night, held))
    code, out, _ = rotate(tocsin, logs[0].parent)
    assert code == 0
    assert "read again, the logs would name others on 2022-03-11" in out
    assert "B10" in [suspect.account for suspect in lists(home / "state")[night].suspects]


@pytest.mark.no_cover
def test_a_login_that_is_a_token_gets_the_new_token_in_lists_too(home, logs, tocsin):
    night, token = date(2022, 3, 11), "0123456789abcdef" * 2
    with changing(home / "state") as state:
        verdict = state.manifest.nights[night].verdict
        text = state.files.read(verdict.result).decode().replace('"A10"', f'"{token}"')
        result = state.files.write("nights/token.json", text.encode())
        held = replace(state.manifest.nights[night], verdict=replace(verdict, result=result))
        manifest = state.manifest.with_night(night, held)
        record = json.loads(state.files.read(manifest.runs[0])) | {"notes": [f"gained: {token}"]}
        run = state.files.write("runs/token.json", json.dumps(record).encode())
        state.finish(replace(manifest, runs=(run, *manifest.runs[1:])))
    code, _, _ = rotate(tocsin, logs[0].parent)
    assert code == 0
    assert not any(token in text for text in everything(home / "state").values())
