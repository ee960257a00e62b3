"""What open and confirmed cases hold: nights whose events and logs are kept, however old, and what was decided."""

from collections.abc import Sequence
from datetime import date

from tocsin.cases.book import Entry
from tocsin.cases.case import ACCEPTED, HOLDING, Case


def held_by(cases: Sequence[Case]) -> dict[date, list[str]]:
    """Give the nights of the windows of these cases, and which cases hold each."""
    held: dict[date, list[str]] = {}
    for case in cases:
        if case.status in HOLDING:
            first, last = case.window
            days = (date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1))
            for night in sorted({*days, *case.nights}):
                held.setdefault(night, []).append(case.id)
    return held


def outlived(cases: Sequence[Case], entries: Sequence[Entry], before: date) -> list[int]:
    """List the entries of the book that were made before this night about cases that are closed and older.

    What stays: whatever a held or a younger case was decided with, its incident's clock and notices too; and accepted
    changes of the logs, which name nobody.
    """
    kept = [case for case in cases if case.status in HOLDING or _last_day(case) >= before]
    names = {name for case in kept for name in (case.id, case.account, case.campaign) if name}
    incidents = {entry.body.get("incident") for entry in entries if entry.body.get("case") in names} - {None} | names
    young = [entry for entry in entries if entry.at.date() >= before or entry.body.get("incident") in incidents]
    # All answers to a case stay or go: without its last one, the one before would count again.
    staying = {entry.body.get("case") for entry in young} - {None} | names
    return [
        entry.number
        for entry in entries
        if entry.kind != ACCEPTED and entry not in young and entry.body.get("case") not in staying
    ]


def _last_day(case: Case) -> date:
    """Give the last day on which a closed case still does something."""
    silent = case.verdict.decision.silent_until if case.verdict else None
    return max(case.last, case.window[1], silent or case.last)
