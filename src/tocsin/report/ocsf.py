"""findings.ocsf.ndjson: a suspect a line as OCSF Detection Finding (class 2004), for whatever collects alerts.

Schema: https://schema.ocsf.io/1.5.0/classes/detection_finding. Lines are pure ASCII: nothing in a log can move a
terminal that shows them.
"""

import hashlib
import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tocsin.results import Finding, Night, Report, Suspect

OCSF_VERSION = "1.5.0"
FINDINGS, DETECTION_FINDING = 2, 2004
CREATED, UPDATED = 1, 2
NEW, IN_PROGRESS = 1, 2
USER_NAME, IP_ADDRESS = 4, 2
RULE, STATISTICAL, LEARNING = 1, 3, 4

SEVERITY = {
    "informational": (1, "Informational"),
    "low": (2, "Low"),
    "medium": (3, "Medium"),
    "high": (4, "High"),
    "critical": (5, "Critical"),
}

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_ocsf(report: Report) -> str:
    """Write every suspect of a report as one line of JSON; the same bytes for the same report."""
    lines = [
        json.dumps(_finding(suspect, night, report), ensure_ascii=True, separators=(",", ":"))
        for night in report.nights
        for suspect in night.suspects
    ]
    return "".join(f"{line}\n" for line in lines)


def _finding(suspect: Suspect, night: Night, report: Report) -> dict[str, Any]:
    known = suspect.rank is None or night.revision > 0
    activity = UPDATED if known else CREATED
    severity, name = max((SEVERITY[one.level] for one in suspect.findings), default=SEVERITY["medium"])
    first, last = _span(suspect)
    return {
        "activity_id": activity,
        "activity_name": "Update" if known else "Create",
        "category_uid": FINDINGS,
        "category_name": "Findings",
        "class_uid": DETECTION_FINDING,
        "class_name": "Detection Finding",
        "type_uid": DETECTION_FINDING * 100 + activity,
        "time": last,
        "start_time": first,
        "end_time": last,
        "severity_id": severity,
        "severity": name,
        "status_id": IN_PROGRESS if suspect.rank is None else NEW,
        "status": "In Progress" if suspect.rank is None else "New",
        "is_alert": True,
        "risk_score": suspect.risk,
        "message": suspect.why,
        "finding_info": _about(suspect, first, last),
        "evidences": [_evidence(suspect)],
        "observables": _observables(suspect),
        "metadata": _metadata(suspect, report),
        "unmapped": _unmapped(suspect, night),
    }


def _about(suspect: Suspect, first: int, last: int) -> dict[str, Any]:
    return {
        "uid": _uid(suspect),
        "title": f"Somebody else may be using {suspect.account}",
        "desc": suspect.why,
        "types": sorted(suspect.families),
        "first_seen_time": first,
        "last_seen_time": last,
        "created_time": last,
        "related_analytics": [_analytic(finding) for finding in suspect.findings],
    }


def _metadata(suspect: Suspect, report: Report) -> dict[str, Any]:
    metadata = {
        "version": OCSF_VERSION,
        "product": {"name": "tocsin", "vendor_name": "tocsin", "version": report.version},
        "uid": _uid(suspect),
    }
    # What collects alerts shows those with one correlation_uid as one thing: a campaign is one.
    return metadata | ({"correlation_uid": suspect.campaign} if suspect.campaign else {})


def _analytic(finding: Finding) -> dict[str, Any]:
    kind, name = (STATISTICAL, "Statistical") if finding.measures else (RULE, "Rule")
    if finding.detector.startswith("outlier"):
        kind, name = LEARNING, "Learning (ML/DL)"
    elif any(measure.against == "rule" for measure in finding.measures):
        kind, name = RULE, "Rule"
    return {"uid": finding.detector, "name": finding.headline, "type_id": kind, "type": name}


def _evidence(suspect: Suspect) -> dict[str, Any]:
    user: dict[str, Any] = {"name": suspect.account, "uid": suspect.account}
    if suspect.profession:
        user["type"] = suspect.profession
    if suspect.structure:
        user["org"] = {"name": suspect.structure}
    lines = [
        {"file": one.input, "from_line": one.from_line, "to_line": one.to_line, "count": one.count}
        for finding in suspect.findings
        for one in finding.evidence
    ]
    return {"actor": {"user": user}, "data": {"log_lines": lines}}


def _observables(suspect: Suspect) -> list[dict[str, Any]]:
    name = "evidences[].actor.user.name"
    found = [{"name": name, "type_id": USER_NAME, "type": "User Name", "value": suspect.account}]
    addresses = sorted({one.ip for one in suspect.sessions if one.ip and one.verdict != "owner"})
    found += [
        {"name": "evidences[].src_endpoint.ip", "type_id": IP_ADDRESS, "type": "IP Address", "value": address}
        for address in addresses
    ]
    return found


def _unmapped(suspect: Suspect, night: Night) -> dict[str, Any]:
    return {
        "night": suspect.night.isoformat(),
        "rang": suspect.rang.isoformat() if suspect.rang else None,
        "revision": night.revision,
        "degraded": list(night.degraded),
        "rank": suspect.rank,
        "points": suspect.points,
        "families": suspect.families,
        "people": suspect.people,
        "new_people": suspect.new_people,
        "first_alerted": suspect.first_alerted.isoformat(),
        "nights_alerted": suspect.nights_alerted,
        "campaign": suspect.campaign,
        "case": suspect.case,
        "region": suspect.region,
    }


def _span(suspect: Suspect) -> tuple[int, int]:
    """Give the first and last moment of the findings, in milliseconds; the night's beginning where none has one."""
    begins = datetime.combine(suspect.night, time(), UTC)
    moments = [at for finding in suspect.findings for at in (finding.first, finding.last)]
    moments = list(moments) or [begins]
    return (min(moments) - _EPOCH) // _MILLISECOND, (max(moments) - _EPOCH) // _MILLISECOND


def _uid(suspect: Suspect) -> str:
    """Name an account's night: a later revision is told to be the same finding."""
    return hashlib.sha256(f"{suspect.night.isoformat()}\x1f{suspect.account}".encode()).hexdigest()[:32]
