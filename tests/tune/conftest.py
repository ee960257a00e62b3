"""The program, run on a log of two regions (tuned_log)."""

from functools import cache

import pytest

from assessed import assessed
from calling import calling
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.load import load_rules
from tocsin.rules.overlay import Overlays
from tocsin.tune import tuning
from tuned_log import FEW, ONLY_RULES, written

KEY = TokenKey(b"t" * 32)
_REPLAYS = tuning._replays


@pytest.fixture(scope="session")
def log(tmp_path_factory):
    return written(tmp_path_factory.mktemp("logs") / "log.csv")


@pytest.fixture(scope="session")
def loaded():
    """Rule sets are read once for all tests: reading the pack takes longer than a small replay."""
    return cache(load_rules)


@pytest.fixture(scope="session")
def replayed(log):
    """Share the replay of the log among the tests that ask the same of it as it is: no overlay, state or attack."""
    known = {}

    def replays(question, rules, key, knobs, progress):
        asked, special = question.asked, question.attacks or question.state is not None
        if special or list(asked.logs) != [str(log)] or asked.overlays != Overlays():
            return _REPLAYS(question, rules, key, knobs, progress)
        told = repr(asked), repr(question.scope), repr(knobs), rules.sha256
        if told not in known:
            known[told] = _REPLAYS(question, rules, key, knobs, progress)
        return known[told]

    return replays


@pytest.fixture
def tocsin(tmp_path, monkeypatch, capsys, loaded, replayed):
    """Run the program in an empty folder with settings that let only rules ring."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tocsin.tune.replay.assess", assessed)
    monkeypatch.setattr(tuning, "_replays", replayed)
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
