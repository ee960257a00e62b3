"""Reads reports: one of several nights, or one a night."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tocsin.errors import InputError
from tocsin.words import _

ALERTS: Mapping[str, pl.DataType] = {
    "night": pl.String(),
    "account": pl.String(),
    "new": pl.Boolean(),  # takes a place of the night's list; false where a known case goes on
    "campaign": pl.String(),
}
MEMBERS: Mapping[str, pl.DataType] = {
    "campaign": pl.String(),
    "night": pl.String(),
    "account": pl.String(),
    "role": pl.String(),
}
FLEET: Mapping[str, pl.DataType] = {"night": pl.String(), "account": pl.String()}
SESSIONS: Mapping[str, pl.DataType] = {"account": pl.String(), "session": pl.String(), "verdict": pl.String()}
BOUNDS: Mapping[str, pl.DataType] = {
    "night": pl.String(),
    "account": pl.String(),
    "min": pl.Int64(),
    "max": pl.Int64(),
}
NIGHTS: Mapping[str, pl.DataType] = {"night": pl.String(), "expected_false": pl.Float64(), "degraded": pl.Boolean()}


_NIGHT = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
"""How folders of single nights begin."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """What was reported, as tables: judged nights, suspects, members of campaigns, sessions, bounds of people read.

    `fleet`: accounts that were said to hurry together, without being named.
    """

    nights: pl.DataFrame
    suspects: pl.DataFrame
    members: pl.DataFrame
    sessions: pl.DataFrame
    bounds: pl.DataFrame
    fleet: pl.DataFrame

    @classmethod
    def of(cls, nights: Iterable[str], suspects: pl.DataFrame) -> "Alerts":
        """Make alerts of a detector that only names accounts (columns night, account, new)."""
        judged = pl.DataFrame({"night": sorted(nights)}).with_columns(expected_false=None, degraded=False)
        return cls(
            judged.cast(pl.Schema(NIGHTS)),
            suspects.with_columns(campaign=None).select(list(ALERTS)).cast(pl.Schema(ALERTS)),
            pl.DataFrame(schema=dict(MEMBERS)),
            pl.DataFrame(schema=dict(SESSIONS)),
            pl.DataFrame(schema=dict(BOUNDS)),
            pl.DataFrame(schema=dict(FLEET)),
        )


def read_report(place: Path) -> Alerts:
    """Read report.json, a folder that holds it, folders named by their night, or both; InputError where there is none.

    Of a night that several reports judge the highest revision counts, else the one read last (by name; the folder's own
    after those of its nights).
    """
    nights: dict[str, tuple[int, dict[str, Any], dict[str, Any]]] = {}
    for path in _files(place):
        report = _loaded(path)
        for night in report["by_night"]:
            known = nights.get(night["night"])
            revision = int(night.get("revision") or 0)
            if known is None or revision >= known[0]:
                nights[night["night"]] = (revision, night, report)
    rows = [(night, seen, report) for night, (_revision, seen, report) in sorted(nights.items())]
    return Alerts(
        nights=_frame(([night, _expected(seen), bool(seen.get("degraded"))] for night, seen, _r in rows), NIGHTS),
        suspects=_frame((row for night, _s, report in rows for row in _suspects(night, report)), ALERTS),
        members=_frame((row for night, _s, report in rows for row in _members(night, report)), MEMBERS),
        sessions=_frame((row for night, _s, report in rows for row in _sessions(night, report)), SESSIONS),
        bounds=_frame((row for night, _s, report in rows for row in _bounds(night, report)), BOUNDS),
        fleet=_frame((row for night, seen, _r in rows for row in _fleet(night, seen)), FLEET),
    )


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    here = place / "report.json"
    found = [*sorted(place.glob(f"{_NIGHT}*/report.json")), *([here] if here.is_file() else [])]
    if not found:
        raise InputError(
            _("no report.json in {place}").format(place=place), hint=_("give the folder that `tocsin scan` wrote")
        )
    return found


def _loaded(path: Path) -> dict[str, Any]:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(_("{path} is not a report of tocsin").format(path=path)) from error
    if not isinstance(report, dict) or report.get("schema_version") != 1 or "by_night" not in report:
        raise InputError(_("{path} is not a report of tocsin").format(path=path))
    return report


def _expected(night: dict[str, Any]) -> float | None:
    value = night.get("budget", {}).get("expected_false")
    return None if value is None else float(value)


def _suspects(night: str, report: dict[str, Any]) -> Iterable[list[Any]]:
    for suspect in report["suspects"]:
        if suspect["night"] == night:
            yield [night, suspect["account"], suspect["rank"] is not None, suspect.get("campaign")]


def _members(night: str, report: dict[str, Any]) -> Iterable[list[Any]]:
    for campaign in report["campaigns"]:
        if campaign.get("night", campaign["first_night"]) == night:
            for member in campaign["accounts"]:
                yield [campaign["id"], night, member["account"], member["role"]]


def _sessions(night: str, report: dict[str, Any]) -> Iterable[list[Any]]:
    for suspect in report["suspects"]:
        if suspect["night"] == night:
            for session in suspect.get("sessions", []):
                yield [suspect["account"], session["session"], session["verdict"]]


def _bounds(night: str, report: dict[str, Any]) -> Iterable[list[Any]]:
    for suspect in report["suspects"]:
        if suspect["night"] == night and suspect["exposed"]["min"] is not None:
            yield [night, suspect["account"], suspect["exposed"]["min"], suspect["exposed"]["max"]]


def _fleet(night: str, seen: dict[str, Any]) -> Iterable[list[Any]]:
    for fleet in seen.get("fleet") or []:
        for account in fleet["accounts"]:
            yield [night, account]


def _frame(rows: Iterable[list[Any]], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(schema), orient="row")
