"""A disk that is full, may not be written, or lost a bit: said by name, and nothing is half used."""

import errno
import os
import resource
import shutil
import signal
from datetime import timedelta
from importlib import import_module

import pytest

from test_nightly import START, a_night, write
from tocsin.store.spool import Spool
from tocsin.store.state import reading

OPTIONS = ("--state", "state", "--now", "2022-03-20T04:00:00", "--no-model", "--quiet")
KINDS = ("lake", "measured", "seen", "left", "frames", "nights", "runs")


@pytest.fixture(scope="module")
def four_nights(tmp_path_factory):
    """A home whose state holds three nights, and the log of the fourth."""
    from tocsin import cli

    home = tmp_path_factory.mktemp("four")
    days = [START + timedelta(days=day) for day in range(4)]
    logs = [write(home / f"{night}.csv", sorted(a_night(night, accounts=6))) for night in days]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.chdir(home)
        with pytest.raises(SystemExit) as stop:
            cli.main(["scan", *logs[:3], *OPTIONS])
        assert not stop.value.code
    return home


@pytest.fixture
def home(four_nights, tmp_path, monkeypatch):
    shutil.copytree(four_nights, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    return tmp_path / "home"


def next_night(tocsin, *more):
    return tocsin("scan", "2022-03-10.csv", *OPTIONS, *more)


def files_of(state):
    return {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}


class Room:
    """No file may grow over so many bytes, as on a disk that has no more."""

    def __init__(self, size):
        self.size = size

    def __enter__(self):
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_):
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
        signal.signal(signal.SIGXFSZ, self.handler)


@pytest.mark.no_cover
@pytest.mark.parametrize("size", [2_000, 5_000, 9_000])
def test_a_full_disk_is_said_and_changes_nothing(home, tocsin, size):
    before = files_of(home / "state")
    with Room(size):
        code, out, err = next_night(tocsin)
    assert (code, out) == (2, "")
    assert err.startswith("tocsin: the state cannot use state/")
    assert err.endswith(": File too large; free some disk, or look at the owner and mode of the folder\n")
    assert files_of(home / "state") == before
    assert next_night(tocsin)[0] == 0
    assert [night.day for night in reading(home / "state").manifest.judged] == [7, 8, 9, 10]


def test_a_full_disk_for_working_files_is_said_and_changes_nothing(home, tocsin, monkeypatch):
    monkeypatch.setattr(Spool.__init__, "__defaults__", ((), 10))
    monkeypatch.setattr(import_module("tocsin.watch.take"), "HOLD_ROWS", 10)
    before = files_of(home / "state")
    with Room(2_000):
        code, _, err = next_night(tocsin)
    assert code == 2
    assert "the working files in " in err
    assert "free some disk, or point TMPDIR at a larger one" in err
    assert files_of(home / "state") == before


@pytest.mark.no_cover
@pytest.mark.parametrize("why", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_state_that_may_not_be_written_is_named(home, tocsin, monkeypatch, why):
    real, before = os.open, files_of(home / "state")

    def refuse(path, flags, *more, **named):
        if "state" in str(path) and flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(why, os.strerror(why), str(path))
        return real(path, flags, *more, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        code, out, err = next_night(tocsin)
    assert (code, out) == (2, "")
    assert err.startswith(f"tocsin: the state cannot use state/lock: {os.strerror(why)}; ")
    assert files_of(home / "state") == before


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_named_or_not_needed(home, tocsin, kind):
    """Lists of past nights and records of past runs are not needed to judge the next one."""
    for path in (path for path in (home / "state" / kind).rglob("*") if path.is_file()):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    before = files_of(home / "state")
    code, _, err = next_night(tocsin, "--out", "report")
    if code == 2:
        assert f"state/{kind}/" in err
        assert "is damaged: it is not what was written; restore this file, or the whole state, from a backup" in err
        assert files_of(home / "state") == before
    else:
        assert kind in {"nights", "runs"}


def test_a_state_that_lost_its_pointer_is_not_taken_for_a_new_one(home, tocsin):
    next_night(tocsin)
    (home / "state" / "CURRENT").unlink()
    before = files_of(home / "state")
    code, _, err = next_night(tocsin)
    assert code == 2
    assert "state/CURRENT is missing, though manifest-000002.json is there; restore this file, or the whole" in err
    assert files_of(home / "state") == before


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["CURRENT", "manifest"])
def test_a_damaged_manifest_or_pointer_is_named(home, tocsin, name):
    path = next((home / "state").glob(f"{name}*"))
    path.write_bytes(path.read_bytes()[:-9])
    code, _, err = next_night(tocsin)
    assert code == 2
    assert "state/manifest-000001.json is damaged: it is not what was written; restore the state from a backup" in err


def test_what_a_killed_run_left_goes_before_the_next_one_writes(home, tocsin, monkeypatch):
    left = home / "state" / "lake" / "2022-03-10" / "000002-00.parquet"
    left.parent.mkdir()
    left.write_bytes(b"half a file")
    with Room(2_000):
        assert next_night(tocsin)[0] == 2
    assert not left.exists()


@pytest.mark.no_cover
def test_a_comparison_leaves_no_file_behind(home, tocsin):
    before = files_of(home / "state")
    assert next_night(tocsin, "--compare")[0] == 0
    assert files_of(home / "state") == before
