"""Fifty times a nightly run is killed (SIGKILL, a real process), and the next run gives the same: `make test-kill`."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from test_nightly import nights
from tocsin import cli
from tocsin.privacy.tokens import TokenKey
from tocsin.store import journal
from tocsin.store.state import reading
from tocsin.watch.standing import known_heads

KILLS = int(os.environ.get("TOCSIN_KILLS", "50"))
CHANCE = random.Random(50)
DYING = Path(__file__).with_name("dying.py")
NOW = "2022-03-15T04:00:00"


class Watch:
    """A portal of twelve accounts, seven nights watched, an attack in the eighth; each run a process of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.logs = list(nights(folder, count=8, on=7, accounts=12))
        TokenKey.create(folder / "key")
        for logs in (self.logs[:6], self.logs[:7]):
            assert self.run(folder / "before", logs=logs).wait() == 0
        self.moments, self.first_touch, self.span = self._undisturbed()
        self.told = told(folder / "calm")

    def run(self, home, at=0, logs=None):
        """Start a run that dies at the nth moment of its disk, or not by itself."""
        home.mkdir(exist_ok=True)
        command = [sys.executable, DYING, str(at), home / "moments", *self.arguments(home, logs)]
        return subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)

    def arguments(self, home, logs=None):
        named = ["scan", *(logs or self.logs), "--state", home / "state", "--out", home / "report"]
        return [*map(str, named), "--key-file", str(self.folder / "key"), "--now", NOW, "--no-model", "--quiet"]

    def run_next(self, home):
        """Run within this process, which has its imports done."""
        with pytest.raises(SystemExit) as stop:
            cli.main(self.arguments(home))
        return stop.value.code

    def copy(self, name):
        """Copy the seven nights; the files of a state are never changed, but for the journal."""
        home = self.folder / name
        shutil.copytree(self.folder / "before", home, copy_function=os.link)
        for path in (home / "state" / "journal.ndjson", *(home / "report").rglob("*.*")):
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)
        return home

    def _undisturbed(self):
        home, began = self.copy("calm"), time.monotonic()
        process = self.run(home)
        touched = wait_for_a_file(home / "state", process)
        assert process.wait() == 1
        return (home / "moments").read_text().splitlines(), touched - began, time.monotonic() - touched


def wait_for_a_file(state, process):
    """Wait until a run has written its first file."""
    before = len(list(state.rglob("*")))
    while process.poll() is None and len(list(state.rglob("*"))) == before:
        time.sleep(0.001)
    return time.monotonic()


def told(home):
    """What a run says of the night, and what its state holds of all nights."""
    report = json.loads((home / "report" / "report.json").read_text())
    state = reading(home / "state")
    assert journal.verify(state.files, known_heads(state)) == []
    for kept in state.manifest.files():
        state.files.path(kept)
    names = ("nights", "by_night", "suspects", "campaigns")
    lists = {night: state.files.read(held.verdict.result) for night, held in state.manifest.nights.items()}
    return [report[name] for name in names], lists, (home / "report" / "suspects.csv").read_text()


@pytest.fixture(scope="session")
def watch(tmp_path_factory):
    return Watch(tmp_path_factory.mktemp("kills"))


def chosen(moments):
    """Every rename, before and after, and some of the other moments."""
    renames = [at for at, name in enumerate(moments, start=1) if "rename" in name]
    others = [at for at, name in enumerate(moments, start=1) if "rename" not in name]
    return [*renames, *CHANCE.sample(others, min(KILLS // 2, len(others)))][: max(KILLS // 2, len(renames))]


def same_again(watch, home):
    """The state is one of a finished run; the next run gives what the undisturbed one gave."""
    assert len(reading(home / "state").manifest.judged) in {7, 8}
    assert watch.run_next(home) == 1
    assert told(home) == watch.told


def test_the_next_run_gives_the_same_after_a_kill_at_each_rename_and_at_other_moments_of_the_disk(watch):
    at_moments = chosen(watch.moments)
    assert {"before rename", "after rename"} <= set(watch.moments)
    assert len(at_moments) >= KILLS // 2
    for kill, at in enumerate(at_moments):
        home = watch.copy(f"moment-{kill}")
        assert watch.run(home, at).wait() == -signal.SIGKILL, watch.moments[at - 1]
        same_again(watch, home)
        shutil.rmtree(home)


def test_the_next_run_gives_the_same_after_kills_at_any_time(watch):
    for kill in range(KILLS // 2):
        home, share = watch.copy(f"delay-{kill}"), CHANCE.random()
        while not killed_after(watch, home, share):
            shutil.rmtree(home)
            home, share = watch.copy(f"delay-{kill}"), share * 0.7
        same_again(watch, home)
        shutil.rmtree(home)


def killed_after(watch, home, share):
    """Kill a run after this share of the time in which it works on its state; says whether it was still at work."""
    process = watch.run(home)
    wait_for_a_file(home / "state", process)
    time.sleep(share * watch.span)
    process.kill()
    return process.wait() == -signal.SIGKILL
