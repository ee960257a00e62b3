"""What `tune` refuses before it reads anything, and whose key it takes."""

from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from tocsin.cli.tuned import Result, chooser, is_empty, key_for, nights_of, show
from tocsin.errors import KeyFileError, SettingsError
from tocsin.privacy.tokens import TokenKey
from tocsin.store.files import Files
from tocsin.tune.overlay_text import Written

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)


def test_a_season_may_end_today():
    asked = Result(
        report=None, write=False, dry_run=False, regions=None, state=None, accepted="", now=NOW, season=NOW.date()
    )
    asked.check()
    with pytest.raises(SettingsError, match="--season 2026-11-24 is over"):
        Result(**{name: getattr(asked, name) for name in Result.__slots__} | {"season": date(2026, 11, 24)}).check()


def test_a_folder_that_nothing_can_be_written_into_is_refused_before_the_replay(tmp_path, monkeypatch):
    """Who may do everything may write everywhere: what the system says of rights is made up."""
    asked = Result(report=None, write=True, dry_run=False, regions=tmp_path / "new", state=None, accepted="", now=NOW)
    asked.check()
    monkeypatch.setattr("tocsin.cli.tuned.os.access", lambda path, _mode: path != tmp_path)
    with pytest.raises(SettingsError, match=f"nothing can be written into {tmp_path}"):
        asked.check()


def test_what_is_planted_in_a_state_has_the_key_of_that_state(tmp_path):
    TokenKey.create(tmp_path / "key")
    mine = key_for(tmp_path / "key", None, planting=False)
    held = SimpleNamespace(
        files=SimpleNamespace(folder=tmp_path / "state"), manifest=SimpleNamespace(key=mine.fingerprint)
    )
    assert key_for(tmp_path / "key", held, planting=True).fingerprint == mine.fingerprint
    held.manifest.key = "another"
    assert key_for(tmp_path / "key", held, planting=False).fingerprint == mine.fingerprint, "nothing becomes a token"
    with pytest.raises(KeyFileError, match="this is not the key of the state"):
        key_for(tmp_path / "key", held, planting=True)


def test_a_folder_of_overlays_may_be_empty_only_where_one_is_to_be_written(tmp_path):
    assert is_empty(tmp_path / "missing", new=True)
    assert not is_empty(tmp_path, new=False)
    (tmp_path / "west").mkdir()
    assert is_empty(tmp_path, new=True)
    (tmp_path / "west" / "a.yaml").write_text("")
    assert not is_empty(tmp_path, new=True)


def test_a_state_is_not_opened_for_its_nights_where_logs_are_named():
    assert nights_of(["log.csv"], Path("nowhere")) is None
    assert nights_of([], None) is None


@pytest.mark.parametrize(
    ("risks", "state", "journaled"), [([], None, []), (["r"], None, ["regions"]), (["r"], Path("state"), ["state"])]
)
def test_a_risk_that_somebody_accepts_is_noted_where_there_is_one(tmp_path, monkeypatch, risks, state, journaled):
    told, noted = [], []
    monkeypatch.setattr("tocsin.cli.tuned.as_text", lambda _answer: "")
    monkeypatch.setattr("tocsin.cli.tuned.below_floor", lambda _answer: risks)
    monkeypatch.setattr("tocsin.cli.tuned.changing", lambda where: nullcontext(SimpleNamespace(files=Files(where))))
    monkeypatch.setattr("tocsin.cli.tuned.journal.append", lambda files, *_said: noted.append(files.folder.name))

    def overlay(_answer, folder, _today, *, accepted, season):
        told.append((accepted, season))
        return Written(folder / "tuned-29.yml", "text", ())

    monkeypatch.setattr("tocsin.cli.tuned.overlay_of", overlay)
    regions = tmp_path / "regions"
    show(None, Result(None, write=True, dry_run=False, regions=regions, state=state, accepted="ticket 4", now=NOW))
    assert (regions / "tuned-29.yml").read_text() == "text"
    assert (told, noted) == ([("ticket 4" if risks else "", None)], journaled)


def test_nobody_is_asked_where_nothing_is_to_be_written(monkeypatch):
    monkeypatch.setattr("tocsin.cli.choosing.at_terminal", lambda _sweeps: {"asked": 1})
    assert chooser({}, interactive=False)([]) == {}
    assert chooser({}, interactive=True)([]) == {"asked": 1}
