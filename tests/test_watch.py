"""A portal watched night after night: what a state remembers is as good as all the logs at once."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from test_nightly import ATTACKED, NOW, RULES, START, an_attack, nights
from tocsin.nightly import Scan, scan
from tocsin.privacy.tokens import TokenKey
from tocsin.watch import Watched
from tocsin.watch import scan as watch

KEY = TokenKey(b"k" * 32)


def at_once(paths, **asked):
    question = Scan(**{"logs": paths, "now": NOW, "all_nights": True} | asked)
    return scan(question, RULES, KEY, lambda *_: None)


def call(paths, state, key=KEY, **asked):
    question = Scan(**{"logs": [str(path) for path in paths], "now": NOW} | asked)
    return watch(question, RULES, key, lambda *_: None, Watched(state, time.monotonic))


def concluded(*reports):
    """What must be the same however the nights were cut: each night's last verdict, but for the number of revisions."""
    last = {night.night: replace(night, revision=0) for report in reports for night in report.nights}
    return [last[night] for night in sorted(last)]


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """Twelve nights; the first attack lasts over midnight into the last night."""
    folder = tmp_path_factory.mktemp("logs")
    paths = list(nights(folder, attack=ATTACKED[:2], on=9))
    late = [
        line.replace("T08:", "T23:").replace("T09:", "T23:").replace("T10:", "T23:").replace("T11:", "T23:")
        for line in an_attack(START + timedelta(days=10), "A20", ip="203.0.113.77")
    ]
    last = Path(paths[-1]).read_text().splitlines()
    more = [*an_attack(START + timedelta(days=11), "A20", ip="203.0.113.77"), *late]
    Path(paths[-1]).write_text("\n".join([last[0], *sorted([*last[1:], *more])]) + "\n")
    return paths


@pytest.mark.parametrize("cuts", [range(1, 13), (12,), (3, 4, 9, 12), (1, 11, 12)])
def test_nights_in_order_give_the_same_as_nights_at_once(logs, tmp_path, cuts):
    borders = zip((0, *cuts), cuts, strict=False)
    reports = [call(logs[first:last], tmp_path / "state") for first, last in borders]
    assert concluded(*reports) == concluded(at_once(logs))
