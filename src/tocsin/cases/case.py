"""Cases: one a suspect, from the first alert to a verdict; the register and the book read together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

import polars as pl

from tocsin.cases.book import Entry
from tocsin.cases.register import Register
from tocsin.verdict.decisions import CLOSING, Answer, Decision, Decisions, Overruled
from tocsin.verdict.walk import Verdict as Whose

Status = Literal["open", "waiting", "confirmed", "benign", "error", "lapsed"]

STATUSES: tuple[Status, ...] = ("open", "waiting", "confirmed", "benign", "error", "lapsed")

HOLDING = ("open", "waiting", "confirmed")
"""Statuses whose nights and logs are kept from purges."""

_OF_ANSWER: Mapping[Answer, Status] = {"true": "confirmed", "benign": "benign", "error": "error", "waiting": "waiting"}

TRIAGE, OVERRULED, ACCEPTED, NOTICE = "triage", "overruled", "ack", "notice"
"""Kinds of entries of the book."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person answered, and when the controller became aware of the incident that the case belongs to."""

    decision: Decision
    at: datetime
    by: str
    note: str
    incident: str | None
    aware_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """An account before a person: since when, on which nights, how bad at its worst, and what was answered."""

    id: str
    account: str
    profession: str | None
    structure: str | None
    region: str | None
    status: Status
    first: date
    last: date
    nights: tuple[date, ...]
    campaign: str | None
    risk: int
    people: int | None
    """The most of a night."""
    exposed_min: int | None
    exposed_max: int | None
    """As of the last night."""
    began: str | None
    """On the portal's clock."""
    why: str
    """Of the night with the most points."""
    verdict: Verdict | None = None
    since: date | None = None
    until: date | None = None
    sessions: Mapping[str, Whose] = field(default_factory=dict)
    """What persons know better: the window of the intrusion, and whose a session is."""

    @property
    def window(self) -> tuple[date, date]:
        """The nights that the case is about: as decided, else from the beginning of the intrusion to the last alert."""
        return self.since or self.judged_window[0], self.until or self.judged_window[1]

    @property
    def judged_window(self) -> tuple[date, date]:
        """The same without what persons said."""
        return min(self.first, date.fromisoformat(self.began[:10]) if self.began else self.first), self.last


def cases_of(register: Register, entries: Sequence[Entry], last_judged: date | None, keep: int) -> list[Case]:
    """List all cases, the newest first; `keep` nights without a hit close one that nobody answered."""
    verdicts = verdicts_of(entries)
    found = [
        _case(rows, verdicts.pop(case, None), last_judged, keep)
        for (case,), rows in register.hits.partition_by("case", as_dict=True, maintain_order=True).items()
    ]
    found += [_by_hand(verdict) for verdict in verdicts.values()]
    found = [_overruled(case, entries) for case in found]
    return sorted(found, key=lambda case: (-case.first.toordinal(), -case.risk, case.account))


def verdicts_of(entries: Sequence[Entry]) -> dict[str, Verdict]:
    """Give the last verdict of each case."""
    clocks = clocks_of(entries)
    found: dict[str, Verdict] = {}
    for entry in entries:
        if entry.kind == TRIAGE:
            decision, incident = decision_of(entry.body), entry.body["incident"]
            aware = clocks.get(incident) if incident else None
            found[decision.case] = Verdict(decision, entry.at, entry.user, entry.body["note"], incident, aware)
    return found


def status_of(verdict: Verdict) -> Status:
    """Give the status that a verdict makes."""
    return _OF_ANSWER[verdict.decision.answer]


def clocks_of(entries: Sequence[Entry]) -> dict[str, datetime]:
    """Give the moment at which the controller became aware of each incident: the first that was told."""
    clocks: dict[str, datetime] = {}
    for entry in entries:
        if entry.kind == TRIAGE and entry.body["incident"] and entry.body["aware_at"]:
            clocks.setdefault(entry.body["incident"], datetime.fromisoformat(entry.body["aware_at"]))
    return clocks


def decisions_of(entries: Sequence[Entry]) -> Decisions:
    """Give what the judge hears of the book."""
    answers = tuple(decision_of(entry.body) for entry in entries if entry.kind == TRIAGE)
    accepted = {
        str(entry.body["shift"]): date.fromisoformat(entry.body["heard_from"])
        for entry in entries
        if entry.kind == ACCEPTED
    }
    overruled = tuple(
        Overruled(entry.body["account"], entry.body["sessions"], date.fromisoformat(entry.body["heard_from"]))
        for entry in entries
        if entry.kind == OVERRULED and "heard_from" in entry.body
    )
    return Decisions(answers, accepted, overruled)


def missed(entries: Sequence[Entry], heard: int | None, last_judged: date | None) -> list[Entry]:
    """List the answers about nights that were judged while they were given: the run had read the book by then.

    `heard` is the newest entry that the last run read. What another entry about the case has replaced is not missed.
    """
    if heard is None or last_judged is None:
        return []
    last = {(one.kind, one.body["case"]): one for one in entries if "heard_from" in one.body and "case" in one.body}
    late = (one for one in last.values() if one.number > heard)
    return [one for one in late if date.fromisoformat(one.body["heard_from"]) <= last_judged]


def closed_from(entries: Sequence[Entry]) -> dict[str, date]:
    """Give the night from which each answered case is closed: a hit from then on is another case."""
    last = {decision.case: decision for decision in decisions_of(entries).answers}
    return {case: one.heard_from for case, one in last.items() if one.answer in CLOSING}


def decision_of(body: Mapping[str, Any]) -> Decision:
    """Read a decision from the body of an entry."""
    silent = body["silent_until"]
    return Decision(
        case=body["case"],
        account=body["account"],
        answer=body["answer"],
        first=date.fromisoformat(body["first"]),
        last=date.fromisoformat(body["last"]),
        heard_from=date.fromisoformat(body["heard_from"]),
        silent_until=date.fromisoformat(silent) if silent else None,
        campaign=body["campaign"],
    )


def body_of(
    decision: Decision, *, given: Sequence[str], note: str, incident: str | None, aware_at: datetime | None
) -> dict[str, Any]:
    """Write a decision as the body of an entry; `given` names the ends of the window that the person gave."""
    return {
        "case": decision.case,
        "account": decision.account,
        "answer": decision.answer,
        "first": decision.first.isoformat(),
        "last": decision.last.isoformat(),
        "heard_from": decision.heard_from.isoformat(),
        "silent_until": decision.silent_until.isoformat() if decision.silent_until else None,
        "campaign": decision.campaign,
        "given": list(given),
        "note": note,
        "incident": incident,
        "aware_at": aware_at.isoformat() if aware_at else None,
    }


def _overruled(case: Case, entries: Sequence[Entry]) -> Case:
    """Add what persons know better, in the order in which they said it; a verdict of closed cases ends the window."""
    for entry in entries:
        if entry.body.get("case") != case.id:
            continue
        if entry.kind == TRIAGE:
            decision, given = decision_of(entry.body), entry.body["given"]
            closed = decision.answer in CLOSING
            case = replace(
                case,
                since=decision.first if "since" in given else case.since,
                until=decision.last if closed or "until" in given else case.until,
            )
        elif entry.kind == OVERRULED:
            since, until = (entry.body[name] for name in ("since", "until"))
            case = replace(
                case,
                since=date.fromisoformat(since) if since else case.since,
                until=date.fromisoformat(until) if until else case.until,
                sessions={**case.sessions, **entry.body["sessions"]},
            )
    return case


def _case(rows: pl.DataFrame, verdict: Verdict | None, last_judged: date | None, keep: int) -> Case:
    nights = rows["night"].to_list()
    final = rows.row(-1, named=True)
    worst = rows.sort("points", "night", descending=[True, False]).row(0, named=True)
    lapsed = last_judged is not None and (last_judged - nights[-1]).days > keep
    return Case(
        id=final["case"],
        account=final["account"],
        profession=final["profession"],
        structure=final["structure"],
        region=final["region"],
        status=status_of(verdict) if verdict else "lapsed" if lapsed else "open",
        # Who was named late rang before it was on any list (verdict.waiting).
        first=min([nights[0], *rows["first"].drop_nulls()]),
        last=nights[-1],
        nights=tuple(nights),
        campaign=_last(rows["campaign"]),
        risk=worst["risk"],
        people=max(rows["people"].drop_nulls().to_list(), default=None),
        exposed_min=final["least"],
        exposed_max=final["most"],
        began=_last(rows["began"]),
        why=worst["why"],
        verdict=verdict,
    )


def _last(texts: pl.Series) -> str | None:
    told = texts.drop_nulls().to_list()
    return str(told[-1]) if told else None


def _by_hand(verdict: Verdict) -> Case:
    """Make the case that a person opened: no night named the account."""
    decision = verdict.decision
    return Case(
        id=decision.case, account=decision.account, profession=None, structure=None, region=None,
        status=status_of(verdict), first=decision.first, last=decision.last, nights=(), campaign=None, risk=0,
        people=0, exposed_min=None, exposed_max=None, began=None, why="", verdict=verdict,
    )  # fmt: skip
