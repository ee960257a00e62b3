"""The program, run on a log of two regions (tuned_log)."""

import io
from functools import cache

import pytest

from calling import calling
from tocsin.model.assess import assess
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


@pytest.fixture(scope="session")
def assessed():
    """Assess the same night after the same nights once for all replays: what a threshold is tried on never changes.

    A memory is known by the night that left it; one that a verdict of a person changed is nobody's, and not kept.
    """
    known, left = {}, {}

    def once(tonight, memory, features, settings, about):
        unlearned = memory.past is None and not memory.nights and memory.seen.is_empty()
        before = "" if unlearned else left.get(id(memory))
        if before is None or about.elsewhere:
            return assess(tonight, memory, features, settings, about)
        told = (about.when, about.with_model, sorted(about.accepted.items()), _bytes(about.origins), _bytes(about.second_desk))
        night = (before, _bytes(tonight), tuple(one.name for one in features), settings.sha256, repr(told))
        if night not in known:
            known[night] = assess(tonight, memory, features, settings, about)
            left[id(known[night].learned)] = night
        return known[night]

    return once


def _bytes(frame):
    if frame is None:
        return b""
    frame.write_ipc(held := io.BytesIO())
    return held.getvalue()


@pytest.fixture
def tocsin(tmp_path, monkeypatch, capsys, loaded, assessed):
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
