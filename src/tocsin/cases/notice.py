"""Notices to the authority in phases: each set of figures that differs from the last one given is a new phase."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tocsin.cases.book import Entry, write_down
from tocsin.cases.case import NOTICE, Case
from tocsin.cases.desk import Desk

COUNTED = ("min", "max", "possible", "records", "not_named_in_logs_max", "asked_only")
"""Figures whose difference is told."""


def incident_of(cases: Sequence[Case], accounts: Sequence[str]) -> str:
    """Name what a notice is about: the incident of its cases, else its campaign, else its first case or account."""
    named = [case.verdict.incident for case in cases if case.verdict and case.verdict.incident]
    campaigns = sorted({case.campaign for case in cases if case.campaign})
    ids = sorted(case.id for case in cases)
    return next(iter([*named, *campaigns, *ids, *sorted(accounts)]))


def aware_of(cases: Sequence[Case]) -> datetime | None:
    """Give when the controller became aware of the incident of these cases."""
    return next((case.verdict.aware_at for case in cases if case.verdict and case.verdict.aware_at), None)


def phased(figures: Mapping[str, Any], incident: str, desk: Desk, at: datetime) -> dict[str, Any]:
    """Add the number of the phase and what changed since the one before; a phase with new figures is kept."""
    earlier = [entry for entry in desk.entries if entry.kind == NOTICE and entry.body["incident"] == incident]
    plain = _counted(figures)
    if earlier and earlier[-1].body["counted"] == plain:
        return {**figures, **_phase(earlier, len(earlier))}
    body = {"incident": incident, "counted": plain}
    note = {"incident": incident, "phase": len(earlier) + 1, **{name: plain[name] for name in COUNTED}}
    write_down(desk.state.files, NOTICE, [body], at, note)
    entry = Entry(0, at, "", NOTICE, body)
    return {**figures, **_phase([*earlier, entry], len(earlier) + 1)}


def _phase(phases: Sequence[Entry], number: int) -> dict[str, Any]:
    told: dict[str, Any] = {"incident": phases[-1].body["incident"], "phase": number, "since_last_phase": None}
    if len(phases) > 1:
        before, now = phases[-2].body["counted"], phases[-1].body["counted"]
        told["since_last_phase"] = {
            "at": phases[-2].at.isoformat(),
            **{name: now[name] - before[name] for name in COUNTED},
            "accounts": sorted(set(now["accounts"]) - set(before["accounts"])),
        }
    return told


def _counted(figures: Mapping[str, Any]) -> dict[str, Any]:
    people = {name: figures["people"][name] or 0 for name in ("min", "max", "possible")}
    rest = {name: figures[name] for name in ("records", "not_named_in_logs_max", "asked_only")}
    return {**people, **rest, "accounts": sorted(figures["accounts"])}
