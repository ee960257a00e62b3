"""The program, run on a log of two regions (tuned_log)."""

import pytest

from tocsin import cli
from tuned_log import EVERYTHING, written


@pytest.fixture(scope="session")
def log(tmp_path_factory):
    return written(tmp_path_factory.mktemp("logs") / "log.csv")


@pytest.fixture
def tocsin(tmp_path, monkeypatch, capsys):
    """Run the program in an empty folder with settings that show all that rang."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    (tmp_path / "tocsin.yml").write_text(EVERYTHING, encoding="utf-8")

    def run(*arguments):
        try:
            cli.main([str(argument) for argument in arguments])
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        seen = capsys.readouterr()
        return code, seen.out, seen.err

    return run


@pytest.fixture
def tune(tocsin, log):
    """Tune region 29 of the log."""

    def run(*arguments, region="29", logs=None):
        asked = ("--no-model", "--config", "tocsin.yml", "--now", "2026-11-25T08:00:00+00:00", "--quiet")
        return tocsin("tune", logs or log, "--region", region, *asked, *arguments)

    return run
