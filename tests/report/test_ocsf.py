"""findings.ocsf.ndjson as a collector of alerts takes it in."""

import json
import re
from datetime import timedelta

import pytest

from report.test_reports import CALM, EVIL, FULL, MOMENT, NIGHT, night, report, suspect
from tocsin.report.ocsf import as_ocsf
from tocsin.results import Evidence, Finding, Measure, Session

REQUIRED = {
    "activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata", "finding_info",
}  # fmt: skip
"""https://schema.ocsf.io/1.5.0/classes/detection_finding: without these a line is refused."""


def findings(told):
    return [json.loads(line) for line in as_ocsf(told).splitlines()]


def test_a_suspect_is_a_line_that_a_collector_accepts():
    first, second = findings(FULL)
    for one in (first, second):
        assert one.keys() >= REQUIRED
        assert (one["class_uid"], one["category_uid"]) == (2004, 2)
        assert one["type_uid"] == 200400 + one["activity_id"]
        assert one["finding_info"].keys() >= {"title", "uid"}
        assert one["metadata"].keys() >= {"product", "version"}
        assert one["metadata"]["product"]["vendor_name"]
        assert all(isinstance(one[name], int) for name in ("time", "severity_id", "risk_score"))
    assert (first["activity_name"], first["status"], first["severity"]) == ("Create", "New", "Critical")
    assert (second["activity_name"], second["status"], second["severity"]) == ("Update", "In Progress", "Medium")
    assert first["time"] == int(MOMENT.timestamp() * 1000)
    assert second["time"] == int(MOMENT.timestamp() * 1000) // 86_400_000 * 86_400_000
    assert first["metadata"]["correlation_uid"] == "2022-03-14-A1"
    assert "correlation_uid" not in second["metadata"]


def test_it_says_who_why_and_where_it_is_written():
    line = findings(FULL)[0]
    assert line["evidences"][0]["actor"]["user"] == {"name": EVIL, "uid": EVIL, "type": "pharmacien"}
    assert line["evidences"][0]["data"]["log_lines"] == [
        {"file": "log.csv", "from_line": 2, "to_line": 4100, "count": 4000}
    ]
    assert line["message"].startswith("Read 4,000 different people")
    assert line["unmapped"]["families"] == {"volume": 8.0, "novelty": 8.0, "origin": 5.5}
    assert [one["value"] for one in line["observables"]] == [EVIL, "203.0.113.5"]


@pytest.mark.parametrize(
    ("detector", "against", "kind"),
    [("volume.people", "own", "Statistical"), ("some-rule", "rule", "Rule"), ("outlier", "peers", "Learning (ML/DL)")],
)
def test_it_says_what_kind_of_reasoning_rang(detector, against, kind):
    measure = Measure("people", 9, 1.0, None, None, "people", against, 5, 0)
    finding = Finding(detector, "low", 1.0, "seen", MOMENT, MOMENT, (measure,), (Evidence("a", 1, 1, 1),))
    (line,) = findings(report(night(suspect("A1", findings=(finding,), structure="S1"))))
    assert line["finding_info"]["related_analytics"][0]["type"] == kind
    assert line["evidences"][0]["actor"]["user"]["org"] == {"name": "S1"}


def test_a_rule_without_figures_is_a_rule():
    finding = Finding("some-rule", "high", 1.0, "seen", MOMENT, MOMENT, ())
    (line,) = findings(report(night(suspect("A1", findings=(finding,)))))
    assert line["finding_info"]["related_analytics"][0]["type"] == "Rule"


def test_the_owners_own_address_is_no_trace_of_the_intruder():
    own = Session("s", MOMENT, MOMENT, "192.0.2.1", "owner", 3, 3)
    (line,) = findings(report(night(suspect("A1", sessions=(own,)))))
    assert [one["value"] for one in line["observables"]] == ["A1"]


def test_a_later_revision_updates_the_same_finding():
    (first,), (second,) = (findings(report(night(suspect("A1"), revision=revision))) for revision in (0, 1))
    assert first["finding_info"]["uid"] == second["finding_info"]["uid"]
    assert (first["activity_name"], second["activity_name"]) == ("Create", "Update")
    (other,) = findings(report(night(suspect("A2"))))
    assert other["finding_info"]["uid"] != first["finding_info"]["uid"]


def test_a_calm_night_writes_nothing_and_the_same_report_the_same_bytes():
    assert as_ocsf(CALM) == ""
    assert as_ocsf(FULL) == as_ocsf(FULL)


def test_nothing_of_a_hostile_log_can_move_a_terminal():
    assert re.fullmatch(r"[ -~\n]+", as_ocsf(FULL))
    assert as_ocsf(FULL).count("\n") == 2
    assert str(NIGHT) in as_ocsf(FULL)


def test_of_who_was_named_late_it_says_on_which_night_it_rang():
    told = [suspect("A1", rang=NIGHT - timedelta(days=2)), suspect("A2")]
    assert [one["unmapped"]["rang"] for one in findings(report(night(*told)))] == [
        (NIGHT - timedelta(days=2)).isoformat(),
        None,
    ]
