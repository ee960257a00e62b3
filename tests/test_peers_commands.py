"""Where other tools fail in public, as whoever calls the program meets it: each case by the name of the tool.

What a replay shows and a scan does (Elastic's preview) is compared in tests/tune/test_tune_command.py.
"""

import json
import socket
import urllib.request
from datetime import timedelta

import pytest

from calling import calling
from rule_texts import LOOKUP
from test_nightly import HEADER, START, a_night, line, nir, write

BURST = """\
---
title: Many
name: many
level: high
status: test
tocsin:
  family: volume
  tests:
    - {name: five, expect: {account: A1}, events: [{repeat: 5, every: 1m, time: 2022-03-14T09:00:00Z, account: A1, kind: lookup, patient: "P{i}"}]}
    - {name: one, expect: none, events: [{repeat: %d, every: 1m, time: 2022-03-14T09:00:00Z, account: A1, kind: lookup, patient: "P{i}"}]}
correlation: {type: value_count, rules: [lookup], group-by: [account], timespan: 1h, condition: {field: patient, gte: 5}}
"""


@pytest.fixture
def tocsin(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return calling(capsys)


@pytest.fixture
def calm(tmp_path):
    """Two files of one calm night each."""
    days = [START + timedelta(days=day) for day in range(2)]
    return [write(tmp_path / f"{day}.csv", list(a_night(day, accounts=4)), HEADER) for day in days]


def test_hayabusa_no_result_comes_with_what_was_read_of_each_file(tocsin, calm):
    code, out, _err = tocsin("scan", *calm, "--no-model")
    assert code == 0
    assert "No suspect." in out
    assert "Read 2 files: 98 lines = 96 events + 0 rejected + 2 ignored + 0 duplicates." in out
    code, out, _err = tocsin("scan", *calm, "--no-model", "--json")
    read = [(one["path"], one["lines"], one["events"]) for one in json.loads(out)["inputs"]]
    assert read == [(path, 49, 48) for path in calm]


def test_hayabusa_logs_that_hold_nothing_are_refused_and_not_called_calm(tocsin, tmp_path):
    code, out, err = tocsin("scan", write(tmp_path / "empty.csv", [], HEADER), "--no-model")
    assert (code, out) == (2, "")
    assert "the logs hold no event" in err


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2022-03-14T09:00:00.123-05:00", "2022-03-14T14:00:00.123+00:00"),
        ("2022-03-14T14:00:00.123456Z", "2022-03-14T14:00:00.123456+00:00"),
        ("1647266400123456", "2022-03-14T14:00:00.123456+00:00"),
        ("1647266400123", "2022-03-14T14:00:00.123+00:00"),
        ("1647266400", "2022-03-14T14:00:00+00:00"),
    ],
)
def test_timesketch_times_keep_their_milliseconds_offsets_and_units_and_come_round(tocsin, tmp_path, written, meant):
    row = line(START, 0, "A1", nir(1))
    path = write(tmp_path / "log.csv", [row.replace(row.split(",")[0], written)], HEADER)
    for source in (path, str(tmp_path / "again.ndjson")):
        assert tocsin("parse", source, "--raw", "--out", "events.ndjson")[0] == 0
        (event,) = map(json.loads, (tmp_path / "events.ndjson").read_text().splitlines())
        assert event["time"] == meant
        (tmp_path / "events.ndjson").rename(tmp_path / "again.ndjson")


def test_elastic_memory_is_bounded_by_buckets_and_no_account_is_left_out(tocsin, tmp_path, monkeypatch):
    night = write(tmp_path / "night.csv", list(a_night(START, accounts=60)), HEADER)
    reports = []
    for most in (10_000_000, 40):
        monkeypatch.setattr("tocsin.store.spool.BUCKET_EVENTS", most)
        _code, out, _err = tocsin("scan", night, "--no-model", "--json")
        reports.append(json.loads(out))
    assert reports[0]["by_night"][0]["accounts"] == 60
    assert reports[0]["by_night"] == reports[1]["by_night"]
    assert reports[0]["inputs"] == reports[1]["inputs"]


def test_sigma_cli_rules_are_checked_and_proved_with_the_network_cut(tocsin):
    """The network is cut for every test: whatever a command would fetch fails there too."""
    with pytest.raises(OSError, match=r"example\.org"):
        urllib.request.urlopen("http://example.org")
    with pytest.raises(OSError, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    assert tocsin("rules", "check")[0] == 0
    assert tocsin("rules", "export", "--rule", "distinct_people_1h")[0] == 0


@pytest.mark.parametrize(("rule", "code"), [(BURST % 4, 0), (BURST % 6, 1), ("title: [\n", 2)])
def test_pip_audit_found_and_broken_have_codes_of_their_own(tocsin, tmp_path, rule, code):
    (tmp_path / "rules.yml").write_text(LOOKUP + rule)
    assert tocsin("rules", "test", "rules.yml")[0] == code


def test_pip_audit_a_scan_that_finds_nothing_ends_otherwise_than_one_that_is_broken(tocsin, calm, tmp_path):
    (tmp_path / "rules.yml").write_text("title: [\n")
    assert tocsin("scan", *calm, "--no-model")[0] == 0
    assert tocsin("scan", *calm, "--no-model", "--rules", "rules.yml")[0] == 2
    assert tocsin("scan", "nowhere.csv", "--no-model")[0] == 2
