"""Cases on the terminal, as CSV and as JSON."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from tocsin.cases.case import Case, Verdict
from tocsin.cases.triage import Done
from tocsin.enrich.calendar import as_utc
from tocsin.report.exposure import NOTICE_HOURS
from tocsin.report.json import as_plain
from tocsin.report.plain import amount, cell, plain
from tocsin.words import _

COLUMNS = (
    "case", "status", "account", "profession", "structure", "region", "campaign", "risk", "first", "last", "nights",
    "people", "exposed_min", "exposed_max", "verdict", "window_first", "window_last", "silent_until", "incident",
    "aware_at", "notify_by", "by", "at", "note", "why",
)  # fmt: skip

STYLES = {"open": "bold red", "waiting": "yellow", "confirmed": "bold red", "benign": "green"}


def as_json(cases: Sequence[Case]) -> str:
    """Write cases as JSON text, a list."""
    return json.dumps([as_dict(case) for case in cases], ensure_ascii=True, indent=1) + "\n"


def as_csv(cases: Sequence[Case]) -> str:
    """Write a line a case, for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for case in cases:
        values = as_dict(case) | {"nights": len(case.nights)}
        row = (values[column] for column in COLUMNS)
        writer.writerow(["" if v is None else cell(v) if isinstance(v, str) else v for v in row])
    return text.getvalue()


def as_dict(case: Case) -> dict[str, Any]:
    """Give a case as plain values."""
    verdict = case.verdict
    first, last = case.window
    told: dict[str, Any] = {
        "case": case.id,
        **{
            name: as_plain(getattr(case, name))
            for name in (
                "status", "account", "profession", "structure", "region", "campaign", "risk", "first", "last", "nights",
                "people", "exposed_min", "exposed_max", "began", "why",
            )
        },
        "window_first": first.isoformat(),
        "window_last": last.isoformat(),
        "sessions": dict(sorted(case.sessions.items())),
    }  # fmt: skip
    decision = verdict.decision if verdict else None
    return {
        **told,
        "verdict": decision.answer if decision else None,
        "silent_until": as_plain(decision.silent_until) if decision else None,
        "incident": verdict.incident if verdict else None,
        "aware_at": _utc(verdict.aware_at) if verdict else None,
        "notify_by": _utc(notify_by(verdict)),
        "by": verdict.by if verdict else None,
        "at": _utc(verdict.at) if verdict else None,
        "note": verdict.note if verdict else None,
    }


def _utc(moment: datetime | None) -> str | None:
    return as_utc(moment.astimezone(UTC)) if moment else None


def notify_by(verdict: Verdict | None) -> datetime | None:
    """Give the end of the 72 hours of the incident."""
    if verdict is None or verdict.aware_at is None:
        return None
    return verdict.aware_at + timedelta(hours=NOTICE_HOURS)


def show(cases: Sequence[Case], now: datetime, console: Console) -> None:
    """Print a table of cases, the newest first."""
    if not cases:
        console.print(_("No case."))
        return
    heads = (_("Case"), _("Status"), _("Account"), _("Who"), _("Risk"), _("First alerted"), _("Nights"), _("People"))
    rows = [_row(case) for case in cases]
    widths = [max(cell_len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    console.print(Text(_in_columns(heads, widths), style="bold"), soft_wrap=True)
    for case, row in zip(cases, rows, strict=True):
        console.print(Text(_in_columns(row, widths), style=STYLES.get(case.status, "")), soft_wrap=True)
    for line in _clocks(cases, now):
        console.print(line)


def _row(case: Case) -> tuple[str, ...]:
    who = " ".join(plain(part, 24) for part in (case.profession, case.region) if part)
    nights = _("{n}, last {last}").format(n=len(case.nights), last=case.last)
    return (
        case.id, _(case.status), plain(case.account, 40), who, str(case.risk), case.first.isoformat(), nights,
        amount(case.people),
    )  # fmt: skip


def _in_columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(one + " " * (width - cell_len(one)) for one, width in zip(cells, widths, strict=True)).rstrip()


def show_one(case: Case, now: datetime, console: Console) -> None:
    """Print everything that is known of one case."""
    for name, value in _lines(case, now):
        console.print(Text.assemble((f"{name:18}", "bold"), plain(value, 1_000)))


def said(done: Done) -> list[str]:
    """Say what was noted."""
    lines = []
    for one in done.decisions:
        text = _("{case} {account}: {answer}, {first} to {last}")
        told = {"case": one.case, "account": plain(one.account, 60), "answer": one.answer}
        line = text.format(first=one.first, last=one.last, **told)
        if one.silent_until:
            line += _("; silent until {night}, unless more rings").format(night=one.silent_until)
        lines.append(line)
    if done.incident and done.aware_at:
        text = _("incident {incident}: notify the authority by {until} (72 hours)")
        lines.append(text.format(incident=done.incident, until=_minute(done.aware_at + timedelta(hours=NOTICE_HOURS))))
    lines.append(_("heard from the night of {night} on").format(night=done.decisions[0].heard_from))
    return lines


def _lines(case: Case, now: datetime) -> Iterable[tuple[str, str]]:
    yield _("Case"), case.id
    yield _("Status"), _(case.status)
    yield _("Account"), " ".join(part for part in (case.account, case.profession, case.structure, case.region) if part)
    if case.campaign:
        yield _("Campaign"), case.campaign
    if case.nights:
        yield _("On the list"), ", ".join(night.isoformat() for night in case.nights)
        yield (
            _("Worst night"),
            _("risk {risk}, {people} people: {why}").format(risk=case.risk, people=amount(case.people), why=case.why),
        )
    if case.exposed_max is not None:
        yield _("Exposed people"), f"{case.exposed_min or 0:,} - {case.exposed_max:,}"
    by_hand = _(", as a person said") if case.window != case.judged_window else ""
    yield _("Window"), "{} - {}".format(*case.window) + by_hand
    if case.sessions:
        told = "; ".join(f"{label}: {_(whose)}" for label, whose in sorted(case.sessions.items()))
        yield _("Sessions"), told + _(", as a person said")
    verdict = case.verdict
    if verdict is None:
        yield (
            _("Verdict"),
            _("none yet: `tocsin triage {case} --verdict true|benign|error|waiting`").format(case=case.id),
        )
        return
    text = _("{answer}, by {by} at {at}")
    yield _("Verdict"), text.format(answer=verdict.decision.answer, by=verdict.by, at=_minute(verdict.at))
    if verdict.note:
        yield _("Note"), verdict.note
    if verdict.decision.silent_until:
        yield _("Silent until"), _("{night}, unless more rings").format(night=verdict.decision.silent_until)
    if verdict.incident:
        yield _("Incident"), verdict.incident
        yield _("72-hour clock"), _clock(verdict, now)


def _clocks(cases: Sequence[Case], now: datetime) -> list[str]:
    """Say for each incident how much of its 72 hours is left."""
    incidents = {case.verdict.incident: case.verdict for case in cases if case.verdict and case.verdict.incident}
    text = _("Incident {incident}: {clock}.")
    return [text.format(incident=plain(name or ""), clock=_clock(verdict, now)) for name, verdict in incidents.items()]


def _clock(verdict: Verdict, now: datetime) -> str:
    until = notify_by(verdict)
    if until is None:
        return _("not started")
    left = (until - now).total_seconds() / 3600
    text = (
        _("notify by {until}, {left:.0f} hours are left")
        if left >= 0
        else _("notify by {until}: over for {left:.0f} hours")
    )
    return text.format(until=_minute(until), left=abs(left))


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
