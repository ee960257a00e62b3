"""A portal watched for twelve nights in two calls, as its administrator left it."""

import shutil
from pathlib import Path

import pytest

from calling import calling
from on_disk import GONE
from test_nightly import START, line, nights, nir
from tocsin import cli

NOW = "2022-03-19T04:00:00"


@pytest.fixture(scope="session")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("portal-logs")
    paths = [Path(path) for path in nights(folder)]
    with paths[0].open("a") as file:
        file.writelines(
            line(START, 37 * at, GONE, nir(83 * at, f"2{60 + at}0{1 + at % 9}7511{at % 10}")) + "\n" for at in range(12)
        )
    return paths


@pytest.fixture(scope="session")
def watched_once(logs, tmp_path_factory):
    """A home with a key, and a state of twelve nights; nobody writes here."""
    home = tmp_path_factory.mktemp("watched")
    watched_in(home, (logs[:6], logs[6:]))
    return home


def watched_in(home, calls):
    """Watch a portal in some calls, of which the last names somebody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(home / "config"))
        patch.chdir(home)
        for some in calls:
            with pytest.raises(SystemExit) as stop:
                cli.main(["scan", *map(str, some), "--state", "state", "--now", NOW, "--no-model", "--quiet"])
            assert stop.value.code == (1 if some is calls[-1] else 0)


@pytest.fixture
def home(watched_once, tmp_path, monkeypatch):
    """A copy of that home to work in."""
    shutil.copytree(watched_once, tmp_path / "home")
    monkeypatch.chdir(tmp_path / "home")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / "config"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("SUDO_USER", raising=False)
    return tmp_path / "home"


@pytest.fixture
def new_home(tmp_path, monkeypatch):
    """A home where nothing was done yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


@pytest.fixture
def tocsin(capfd):
    """The program as a user calls it: exit code, stdout, stderr."""

    return calling(capfd)
