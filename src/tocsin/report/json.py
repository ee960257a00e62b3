"""report.json: the contract with other programs (schema_version 1)."""

import dataclasses
import json
from datetime import date, datetime
from typing import Any

from tocsin.enrich.calendar import as_utc
from tocsin.results import Finding, Gap, Night, Report, Session

SCHEMA_VERSION = 1

_NAMES = {
    Finding: {"first": "from", "last": "to"},
    Session: {"first": "from", "last": "to"},
    Gap: {"first": "from", "last": "to"},
}
"""Where the contract's word is no name in Python."""


def as_json(report: Report) -> str:
    """Write the report as JSON text, the same bytes for the same report."""
    return json.dumps(as_dict(report), ensure_ascii=True, indent=1) + "\n"


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
        "nights": as_plain([night.night for night in report.nights]),
        "partial_night": as_plain(report.partial_night),
        "region": report.region,
        "notes": list(report.notes),
        "by_night": [_night(night) for night in report.nights],
        "inputs": as_plain(report.inputs),
        "rejects": as_plain(report.rejects),
        "rejects_total": report.rejects_total,
        "gaps": as_plain([gap for night in report.nights for gap in night.gaps]),
        "suspects": as_plain(report.suspects),
        "campaigns": as_plain([campaign for night in report.nights for campaign in night.campaigns]),
    }


def _night(night: Night) -> dict[str, Any]:
    values: dict[str, Any] = as_plain(dataclasses.replace(night, suspects=(), campaigns=(), gaps=(), measures={}))
    for name in ("suspects", "campaigns", "gaps", "watched", "measures"):
        del values[name]
    return {**values, "cut_points": values["budget"].pop("cut_points")}


def as_plain(value: Any) -> Any:
    """Turn conclusions into what JSON holds: field names are keys, moments are ISO 8601 text."""
    match value:
        case None | str() | bool() | int() | float():
            return value
        case datetime():
            return as_utc(value)
        case date():
            return value.isoformat()
        case dict():
            return {str(key): as_plain(item) for key, item in value.items()}
        case list() | tuple():
            return [as_plain(item) for item in value]
        case _ if dataclasses.is_dataclass(value):
            names = _NAMES.get(type(value), {})
            return {names.get(f.name, f.name): as_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} does not belong in a report")
