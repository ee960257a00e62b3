"""A small portal with a state: four accounts attacked at once, and one that a vaccination centre keeps busy."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from calling import calling
from test_nightly import START, a_night, an_attack, line, nir, write
from tocsin import cli

ATTACKED = ("A3", "A5", "A7", "A8")
CENTRE = "A9"

BUSY = (9, 10, 11, 12)
"""Days on which the centre reads in bulk; on the last of them much more."""


@pytest.fixture(scope="session")
def logs(tmp_path_factory):
    """Thirteen nights of forty accounts, one file each; the attack comes on the eleventh and twelfth."""
    folder = tmp_path_factory.mktemp("case-logs")
    paths = []
    for day in range(13):
        night = START + timedelta(days=day)
        rows = list(a_night(night))
        if day in {10, 11}:
            rows += [row for account in ATTACKED for row in an_attack(night, account, people=120)]
        if day in BUSY:
            queue = range(420 if day == 12 else 140)
            rows += [line(night, n // 2, CENTRE, nir(n, "1900178006"), ip="198.51.100.7") for n in queue]
        paths.append(Path(write(folder / f"{night}.csv", sorted(rows))))
    return paths


def night(day):
    return (START + timedelta(days=day)).isoformat()


def morning(day):
    """Five in the morning after a night."""
    return f"{night(day + 1)}T05:00:00+00:00"


def scanned(logs, first, last, state="state"):
    """Scan the logs of days `first` to `last` on the morning after."""
    some = [str(path) for path in logs[first : last + 1]]
    with pytest.raises(SystemExit):
        cli.main(["scan", *some, "--state", state, "--now", morning(last), "--no-model", "--quiet"])


@pytest.fixture(scope="session")
def after_the_attack(logs, tmp_path_factory):
    """A state of eleven nights: the attack is on the last one; nobody writes here."""
    home = tmp_path_factory.mktemp("cases")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.chdir(home)
        scanned(logs, 0, 10)
    return home


@pytest.fixture
def home(after_the_attack, tmp_path, monkeypatch):
    """A copy of that state to work in."""
    shutil.copytree(after_the_attack, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("SUDO_USER", "martine")
    return tmp_path / "home"


@pytest.fixture
def tocsin(capfd):
    """The program as a user calls it: exit code, stdout, stderr."""

    return calling(capfd)
