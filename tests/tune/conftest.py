"""The program, run on a log of two regions (tuned_log)."""

from functools import cache

import pytest

from assessed import assessed
from calling import calling
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.load import load_rules
from tuned_log import FEW, ONLY_RULES, written

KEY = TokenKey(b"t" * 32)


@pytest.fixture(scope="session")
def log(tmp_path_factory):
    return written(tmp_path_factory.mktemp("logs") / "log.csv")


@pytest.fixture(scope="session")
def loaded():
    """Rule sets are read once for all tests: reading the pack takes longer than a small replay."""
    return cache(load_rules)


@pytest.fixture
def tocsin(tmp_path, monkeypatch, capsys, loaded):
    """Run the program in an empty folder with settings that let only rules ring."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tocsin.tune.replay.assess", assessed)
    # Blocks of numbers are told apart by a number that hangs on the key: with one key the same nights are the same.
    monkeypatch.setattr("tocsin.privacy.tokens.TokenKey.throwaway", lambda: KEY)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(
        "tocsin.rules.load.load_rules", lambda paths, fallback=(): loaded(tuple(paths), tuple(fallback))
    )
    (tmp_path / "tocsin.yml").write_text(ONLY_RULES, encoding="utf-8")

    return calling(capsys)


@pytest.fixture
def tune(tocsin, log):
    """Tune region 29 of the log."""

    def run(*arguments, region="29", logs=None, rules=FEW):
        asked = (
            "--rules",
            rules,
            "--no-model",
            "--config",
            "tocsin.yml",
            "--now",
            "2026-11-25T08:00:00+00:00",
            "--quiet",
        )
        return tocsin("tune", logs or log, "--region", region, *asked, *arguments)

    return run
