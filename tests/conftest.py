"""What holds for all tests: no clock decides, and nothing that always comes out the same is worked out twice."""

import os
from functools import cache, wraps

from hypothesis import is_hypothesis_test, settings

pytest_plugins = ["offline"]

# How long an example takes is the machine's business; a test never fails by the clock.
settings.register_profile("tocsin", deadline=None)
settings.load_profile("tocsin")


WHOLE_SCANS = {
    "test_accept", "test_accept_source", "test_assess", "test_cli_exposure", "test_cli_investigate", "test_days",
    "test_judge", "test_late", "test_new_portal", "test_nightly", "test_peers_commands", "test_privacy", "test_purge",
    "test_regions", "test_renamed", "test_survival", "test_triage", "test_tune_command", "test_two_thousand",
    "test_watch",
}  # fmt: skip
"""Modules that run the same long way again and again: to trace it takes half as long again as to walk it."""


def pytest_collection_modifyitems(items):
    """Measure no coverage where it takes much and says little: of made-up examples and of whole scans.

    Whether a line is reached must not hang on luck; the share that is asked for is reached without these tests.
    """
    for item in items:
        if is_hypothesis_test(getattr(item, "function", None)) or item.module.__name__.split(".")[-1] in WHOLE_SCANS:
            item.add_marker("no_cover")


def pytest_collection():
    """Spare what many tests have in common; here and not above, as coverage must see the modules being imported."""
    from tocsin.model import outlier
    from tocsin.rules import load

    # No test cuts the power: what is written need not wait for the disk.
    os.fsync = lambda _descriptor: None
    load.read_rules = _pack_once(load.read_rules)
    outlier._scores = _forest_once(outlier._scores)


def _pack_once(read):
    """Read the shipped rules once for all tests: nobody can change a rule set."""
    from tocsin.rules.lint import Faults
    from tocsin.rules.pack import shipped

    pack = cache(lambda: read([shipped()], (), Faults()))

    @wraps(read)
    def read_rules(paths, fallback, faults):
        return pack() if list(paths) == [shipped()] else read(paths, fallback, faults)

    return read_rules


def _forest_once(grow):
    """Grow one forest for one table of surprises: the same nights are judged by many tests."""
    known = {}

    @wraps(grow)
    def scores(surprises, rules):
        table = (rules, surprises.shape, surprises.dtype.str, surprises.tobytes())
        if table not in known:
            known[table] = grow(surprises, rules)
        return known[table].copy()

    return scores
