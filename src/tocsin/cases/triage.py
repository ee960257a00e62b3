"""Triage: a person answers cases, several at once; the answer, its window and its clock are noted with who gave it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches

from tocsin.cases.book import write_down
from tocsin.cases.case import TRIAGE, Case, body_of, clocks_of
from tocsin.cases.desk import Desk
from tocsin.errors import SettingsError
from tocsin.settings_fixed import BENIGN_DAYS
from tocsin.verdict.decisions import Answer, Decision, case_id
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Asked:
    """What is answered about whom."""

    names: tuple[str, ...]
    campaign: str | None
    answer: Answer
    note: str = ""
    since: date | None = None
    until: date | None = None
    aware_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What was noted: the decisions, and of the true ones the incident and since when the controller is aware of it."""

    decisions: tuple[Decision, ...]
    incident: str | None
    aware_at: datetime | None


def triage(asked: Asked, desk: Desk, at: datetime) -> Done:
    """Note the answers, all or none; raises SettingsError where a name, a window or a clock is impossible."""
    if not desk.state.manifest.judged:
        raise SettingsError(_("no night of this state is judged yet"), hint=_("`tocsin scan LOG... --state DIR` first"))
    cases = _cases(asked, desk)
    decisions = tuple(_decision(case, asked, desk, at) for case in cases)
    incident, aware = _clock(asked, cases, desk, at) if asked.answer == "true" else (None, None)
    ends = {"since": asked.since, "until": asked.until if asked.answer != "benign" else None}
    given = [name for name, night in ends.items() if night]
    bodies = [body_of(one, given=given, note=asked.note, incident=incident, aware_at=aware) for one in decisions]
    note = {
        "cases": [one.case for one in decisions],
        "accounts": [one.account for one in decisions],
        "answer": asked.answer,
        "windows": [f"{one.first}/{one.last}" for one in decisions],
        "note": asked.note,
        "incident": incident,
        "aware_at": aware.isoformat() if aware else None,
    }
    write_down(desk.state.files, TRIAGE, bodies, at, note)
    return Done(decisions, incident, aware)


def _cases(asked: Asked, desk: Desk) -> list[Case]:
    found = list(desk.campaign(asked.campaign)) if asked.campaign else []
    for name in asked.names:
        case = desk.find(name) or _opened_by_hand(name, asked, desk)
        found.append(case or desk.case(name))
    by_id = {case.id: case for case in found}
    if not by_id:
        raise SettingsError(_("nobody is answered"), hint=_("name cases, accounts or a campaign"))
    return list(by_id.values())


def _opened_by_hand(name: str, asked: Asked, desk: Desk) -> Case | None:
    """Open a case of an account that no night named, for the window that the person gives."""
    name, known = desk.today(name), desk.accounts()
    if name not in known:
        near = get_close_matches(name, [*known, *(case.id for case in desk.cases)], 3, 0.6)
        if near and name not in {case.id for case in desk.cases}:
            text = _("no case, and no account of this state, is called {name!r}").format(name=name)
            raise SettingsError(text, hint=_("did you mean {names}?").format(names=", ".join(near)))
        return None
    if asked.since is None:
        text = _("{account} has no case: no night had it on the list").format(account=name)
        raise SettingsError(text, hint=_("open one by giving the first night with --since YYYY-MM-DD"))
    last = asked.until or desk.state.manifest.judged[-1]
    return Case(
        id=case_id(name, asked.since), account=name, profession=None, structure=None, region=None, status="open",
        first=asked.since, last=last, nights=(), campaign=None, risk=0, people=0, exposed_min=None, exposed_max=None,
        began=None, why="",
    )  # fmt: skip


def _decision(case: Case, asked: Asked, desk: Desk, at: datetime) -> Decision:
    first, last = case.window
    silent: date | None = None
    if asked.answer == "benign":
        silent = asked.until or (at.date() + timedelta(days=BENIGN_DAYS))
        first = asked.since or first
        if silent < desk.next_night:
            text = _("--until {until} is over: nothing would be silent").format(until=silent)
            raise SettingsError(text, hint=_("give a day after {night}").format(night=desk.next_night))
    else:
        first, last = asked.since or first, asked.until or last
    _check_window(first, last, desk)
    return Decision(case.id, case.account, asked.answer, first, last, desk.next_night, silent, case.campaign)


def _check_window(first: date, last: date, desk: Desk) -> None:
    if last < first:
        raise SettingsError(
            _("the window ends on {last}, before it begins on {first}").format(first=first, last=last),
            hint=_("look at --since and --until"),
        )
    held = sorted(desk.state.manifest.nights)
    if last < held[0] or first > held[-1]:
        raise SettingsError(
            _("the window {first} to {last} is outside the nights held").format(first=first, last=last),
            hint=_("the state holds {first} to {last}").format(first=held[0], last=held[-1]),
        )


def _clock(asked: Asked, cases: Sequence[Case], desk: Desk, at: datetime) -> tuple[str, datetime]:
    """Find the incident of the cases, and when its 72 hours began: one clock an incident."""
    clocks = clocks_of(desk.entries)
    campaigns = {case.campaign for case in cases} - {None}
    ids = {case.id for case in cases}
    earlier = [
        one.verdict.incident
        for one in desk.cases
        if one.verdict and one.verdict.incident and (one.id in ids or one.campaign in campaigns)
    ]
    incident = earlier[0] if earlier else min(filter(None, campaigns), default=cases[0].id)
    began = clocks.get(incident)
    if began is None and asked.aware_at is None:
        raise SettingsError(
            _("a true verdict begins the 72 hours of an incident, and nothing says when"),
            hint=_("give --aware-at, the moment at which the controller became aware, as 2022-03-15T09:00:00+01:00"),
        )
    if began and asked.aware_at and began != asked.aware_at:
        text = _("the 72 hours of the incident {incident} began at {began}: an incident has one clock")
        raise SettingsError(
            text.format(incident=incident, began=began.isoformat()),
            hint=_("leave --aware-at out to join this incident"),
        )
    aware = began or asked.aware_at
    assert aware is not None  # noqa: S101 refused above
    if aware > at:
        raise SettingsError(
            _("--aware-at {at} lies ahead").format(at=aware.isoformat()), hint=_("give a moment that is past")
        )
    return incident, aware
