"""A watch whose rules are broken goes on with the last that could be used, says so first, and is never called calm."""

import json
from datetime import timedelta

import pytest

from calling import calling
from test_nightly import HEADER, START, a_night, write
from tocsin.rules.packed import unpacked

RULES = """\
title: L
name: own_lookup
level: low
logsource: {category: record_access}
tocsin: {family: origin}
detection: {s: {kind: lookup, user_agent|expand: "%robots%"}, condition: s}
"""
OVERLAY = "title: T\noverlay: {when: {region: ['29']}, rules: {own_lookup: {level: medium, reason: r}}}\n"


@pytest.fixture
def scan(tmp_path, monkeypatch, capsys):
    """Scan one more night of a portal, with rules, a list and an overlay of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "300")
    for folder in ("rules/lists", "regions"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "rules" / "own.yml").write_text(RULES)
    (tmp_path / "rules" / "lists" / "robots.txt").write_text("curl*\n")
    (tmp_path / "regions" / "o.yml").write_text(OVERLAY)

    def run(day, *more):
        night = START + timedelta(days=day)
        path = write(tmp_path / f"{night}.csv", list(a_night(night, accounts=4)), HEADER)
        asked = ("--rules", "rules", "--regions", "regions", "--no-model", "--quiet", "--now", "2022-04-01T00:00:00")
        return calling(capsys)("scan", path, *asked, *more)

    return run


def test_a_watch_goes_on_with_the_last_rules_and_says_so_first(scan, tmp_path):
    assert scan(0, "--state", "state")[0] == 0
    (tmp_path / "rules" / "own.yml").write_text(RULES.replace("lookup,", "lokup,"))
    (tmp_path / "rules" / "lists" / "robots.txt").unlink()
    code, out, err = scan(1, "--state", "state")
    assert code == 3
    first = out.splitlines()[1]
    assert first.startswith("DEGRADED: the rules are broken, those of the last run are used: rules/own.yml:6:23: E022")
    assert err.splitlines()[1].startswith("rules/own.yml:6:49: E025 there is no list")
    hashes = [json.loads((tmp_path / "state" / "runs" / f"00000{n}.json").read_text())["rules_sha256"] for n in (1, 2)]
    assert hashes[0] == hashes[1]
    assert scan(2, "--state", "state")[0] == 3
    (tmp_path / "rules" / "own.yml").write_text(RULES.replace(', user_agent|expand: "%robots%"', ""))
    assert scan(3, "--state", "state")[0] == 0


def test_broken_rules_are_refused_where_none_were_accepted_and_where_they_are_to_be_compared(scan, tmp_path):
    assert scan(0, "--state", "state")[0] == 0
    (tmp_path / "regions" / "o.yml").write_text(OVERLAY.replace("own_lookup", "nobody"))
    assert scan(1, "--state", "state", "--compare")[0] == 2
    assert scan(1, "--state", "other")[0] == 2
    assert scan(1)[0] == 2
    assert scan(1, "--state", "state")[0] == 3


def test_packed_files_never_leave_their_folder(tmp_path):
    content = json.dumps({"rules": [], "regions": None, "files": {"/../../../outside.yml": "x"}}).encode()
    with pytest.raises(ValueError, match="is not in the subpath"):
        unpacked(content, tmp_path / "inner")
    assert not (tmp_path / "outside.yml").exists()
