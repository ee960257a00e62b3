"""report.json: the contract with other programs (schema_version 1)."""

import json
from datetime import date, datetime
from typing import Any

from tocsin.enrich.calendar import as_utc
from tocsin.results import Campaign, Exposed, Finding, InputRecord, Link, Night, Report, Suspect

SCHEMA_VERSION = 1


def as_json(report: Report) -> str:
    """Write the report as JSON text, the same bytes for the same report."""
    return json.dumps(as_dict(report), ensure_ascii=True, indent=1, default=_plain) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """Give the report as plain values with the contract's keys."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {
            "name": "tocsin",
            "version": report.version,
            "rules_sha256": report.rules_sha256,
            "settings_sha256": report.settings_sha256,
        },
        "nights": [night.night for night in report.nights],
        "partial_night": report.partial_night,
        "by_night": [_night(night) for night in report.nights],
        "inputs": [_input(record) for record in report.inputs],
        "rejects": [{"path": r.path, "line": r.line, "byte": r.byte, "reason": r.reason} for r in report.rejects],
        "rejects_total": report.rejects_total,
        "gaps": [],
        "suspects": [_suspect(suspect) for suspect in report.suspects],
        "campaigns": [_campaign(campaign) for night in report.nights for campaign in night.campaigns],
    }


def _night(night: Night) -> dict[str, Any]:
    use = night.budget
    return {
        "night": night.night,
        "accounts": night.accounts,
        "events": night.events,
        "degraded": night.degraded,
        "not_judged": night.not_judged,
        "shifts": night.shifts,
        "fleet": None,
        "cut_points": use.cut_points,
        "revision": night.revision,
        "history_nights": night.history_nights,
        "budget": {
            "limit": use.limit,
            "new": use.new,
            "continuing": use.continuing,
            "cut": use.cut,
            "expected_false": use.expected_false,
            "expected_false_reason": use.expected_false_reason,
            "by_profession": use.by_profession,
        },
    }


def _input(record: InputRecord) -> dict[str, Any]:
    return {
        "path": record.path,
        "sha256": record.sha256,
        "format": record.format,
        "lines": record.lines,
        "events": record.events,
        "rejected": record.rejected,
        "ignored": record.ignored,
        "duplicates": record.duplicates,
        "first": record.first,
        "last": record.last,
        "filled": record.filled,
        "unknown_kinds": record.unknown_kinds,
        "unknown_outcomes": record.unknown_outcomes,
        "notes": record.notes,
    }


def _suspect(suspect: Suspect) -> dict[str, Any]:
    return {
        "rank": suspect.rank,
        "night": suspect.night,
        "account": suspect.account,
        "profession": suspect.profession,
        "structure": suspect.structure,
        "region": suspect.region,
        "points": suspect.points,
        "risk": suspect.risk,
        "why": suspect.why,
        "case": suspect.case,
        "status": suspect.status,
        "first_alerted": suspect.first_alerted,
        "nights_alerted": suspect.nights_alerted,
        "people": suspect.people,
        "new_people": suspect.new_people,
        "families": suspect.families,
        "not_judged": suspect.not_judged,
        "expected_false": suspect.expected_false,
        "findings": [_finding(finding) for finding in suspect.findings],
        "sessions": [
            {
                "session": s.session,
                "from": s.first,
                "to": s.last,
                "ip": s.ip,
                "verdict": s.verdict,
                "lookups": s.lookups,
                "people": s.people,
            }
            for s in suspect.sessions
        ],
        "innocent": [{"explanation": i.explanation, "holds": i.holds, "figures": i.figures} for i in suspect.innocent],
        "next": suspect.next,
        "exposed": _exposed(suspect.exposed),
        "campaign": suspect.campaign,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "detector": finding.detector,
        "level": finding.level,
        "points": finding.points,
        "headline": finding.headline,
        "from": finding.first,
        "to": finding.last,
        "measures": [
            {
                "name": m.name,
                "value": m.value,
                "usual": m.usual,
                "low": m.low,
                "high": m.high,
                "unit": m.unit,
                "against": m.against,
                "nights": m.nights,
                "peers": m.peers,
            }
            for m in finding.measures
        ],
        "evidence": [
            {"input": e.input, "from_line": e.from_line, "to_line": e.to_line, "count": e.count}
            for e in finding.evidence
        ],
    }


def _exposed(exposed: Exposed) -> dict[str, Any]:
    return {
        "min": exposed.min,
        "max": exposed.max,
        "possible": exposed.possible,
        "records": exposed.records,
        "listed": exposed.listed,
        "unlisted_max": exposed.unlisted_max,
    }


def _campaign(campaign: Campaign) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "rank": campaign.rank,
        "night": campaign.night,
        "first_night": campaign.first_night,
        "accounts": [{"account": m.account, "role": m.role} for m in campaign.accounts],
        "links": [_link(link) for link in campaign.links],
        "exposed": _exposed(campaign.exposed),
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "kind": link.kind,
        "value": link.value,
        "accounts": link.accounts,
        "population": link.population,
        "chance": link.chance,
    }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return as_utc(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong in a report")
