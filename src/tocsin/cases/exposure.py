"""The exposed people of cases, from a state: the windows and the words of persons that the cases keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import polars as pl

from tocsin.cases.book import write_down
from tocsin.cases.case import OVERRULED, Case
from tocsin.cases.desk import Desk
from tocsin.cases.nights import result_of
from tocsin.errors import SettingsError
from tocsin.results import Night
from tocsin.settings import Settings
from tocsin.store.lake import Lake
from tocsin.store.manifest import HeldInput
from tocsin.verdict.listing import ExposureList, Preserve, Window, listed, unknown
from tocsin.verdict.stretches import COLUMNS
from tocsin.verdict.walk import Verdict
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose people are asked for, and what the person who asks knows better."""

    names: tuple[str, ...] = ()
    """Cases or accounts."""
    campaign: str | None = None
    since: date | None = None
    until: date | None = None
    sessions: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FromCases:
    """The list, and the cases that it is about (none for an account that has none)."""

    listed: ExposureList
    cases: tuple[Case, ...]


def exposure_of(wanted: Wanted, desk: Desk, settings: Settings) -> FromCases:
    """List the people; raises SettingsError for a case, account, campaign, window or session that is not there."""
    found = list(desk.campaign(wanted.campaign)) if wanted.campaign else []
    windows: dict[str, Window] = {}
    for name in wanted.names:
        case = desk.find(name)
        if case is not None:
            found.append(case)
        else:
            windows[desk.today(name)] = _without_case(desk.today(name), wanted, desk)
    cases = list({case.id: case for case in found}.values())
    windows |= {case.account: _window(case, wanted) for case in cases}
    windows |= _linked(wanted, desk, windows)
    first = min((window.since or window.named for window in windows.values()), default=date.min)
    compared = timedelta(days=settings.sessions.habit_nights)
    since = max(first, date.min + compared) - compared
    events = Lake.of(desk.state.files, desk.state.manifest).of_accounts(sorted(windows), COLUMNS, since)
    _check_held(windows, events, desk)
    made = listed(dict(sorted(windows.items())), events, settings, _nights_of(cases, desk), wanted.sessions)
    return FromCases(replace(made, inputs=preserved(made, desk)), tuple(cases))


def _nights_of(cases: Sequence[Case], desk: Desk) -> list[Night]:
    """Read what was concluded of the nights on which these cases were on the list."""
    nights = sorted({night for case in cases for night in case.nights})
    found = (result_of(desk.state.manifest, night, desk.state) for night in nights)
    return [night for night in found if night is not None]


def keep_words(wanted: Wanted, found: FromCases, desk: Desk, at: datetime) -> None:
    """Keep in the cases what the person who asked knows better: windows, and whose a session of theirs is."""
    if not found.cases or not (wanted.since or wanted.until or wanted.sessions):
        return
    window = {
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
    }
    labels = {told.account: {one.stretch.label for one in told.judged} for told in found.listed.told}
    bodies = [
        {
            "case": case.id,
            "account": case.account,
            "first": case.first.isoformat(),
            "heard_from": desk.next_night.isoformat(),
            **window,
            "sessions": {name: whose for name, whose in wanted.sessions.items() if name in labels[case.account]},
        }
        for case in found.cases
    ]
    note = {"cases": [case.id for case in found.cases], **window, "sessions": dict(wanted.sessions)}
    write_down(desk.state.files, OVERRULED, bodies, at, note)


def preserved(made: ExposureList, desk: Desk) -> tuple[Preserve, ...]:
    """Name the logs that hold events of the windows."""
    day = timedelta(days=1)
    spans = [(told.since.date() - day, made.until[told.account] + day) for told in made.told]
    return tuple(
        Preserve(one.path, one.sha256)
        for one in desk.state.manifest.inputs
        if any(_touches(one, first, last) for first, last in spans)
    )


def _touches(one: HeldInput, first: date, last: date) -> bool:
    if one.first is None or one.last is None:
        return False
    return date.fromisoformat(one.first[:10]) <= last and date.fromisoformat(one.last[:10]) >= first


def _window(case: Case, wanted: Wanted) -> Window:
    """Give the window of a case: what is asked now, else what its persons said, else what its sessions say."""
    return Window(
        named=case.first,
        since=wanted.since or case.since,
        until=wanted.until or case.until,
        sessions={**case.sessions, **wanted.sessions},
    )


def _linked(wanted: Wanted, desk: Desk, windows: Mapping[str, Window]) -> dict[str, Window]:
    """Give the windows of a campaign's accounts that were never on a list themselves."""
    members = desk.register.members.filter(pl.col("campaign").eq_missing(wanted.campaign))
    first = members.group_by("account").agg(pl.col("first").min()).sort("account")
    return {
        account: Window(named, wanted.since, wanted.until, wanted.sessions)
        for account, named in first.iter_rows()
        if account not in windows
    }


def _without_case(name: str, wanted: Wanted, desk: Desk) -> Window:
    known = desk.accounts()
    if name not in known:
        cases = [case.id for case in desk.cases]
        text = _("no case, and no account of this state, is called {name!r}").format(name=name)
        raise SettingsError(text, hint=unknown(name, [*known, *cases]))
    if wanted.since is None:
        text = _("{account} has no case: no night had it on the list").format(account=name)
        raise SettingsError(text, hint=_("give the first day of the intrusion with --since YYYY-MM-DD"))
    return Window(wanted.since, wanted.since, wanted.until, wanted.sessions)


def _check_held(windows: Mapping[str, Window], events: pl.DataFrame, desk: Desk) -> None:
    """Refuse windows of which the state holds nothing."""
    held = sorted(night for night, one in desk.state.manifest.nights.items() if one.events)
    for account, window in windows.items():
        first, last = window.since or window.named, window.until
        if not held or first > held[-1] or (last is not None and last < held[0]):
            text = _("the window of {account}, {first} to {last}, is outside the events held")
            hint = _("the state holds {first} to {last}").format(first=held[0], last=held[-1]) if held else None
            raise SettingsError(text.format(account=account, first=first, last=last or _("today")), hint=hint)
        if events.filter(pl.col("account") == account).is_empty():
            raise SettingsError(_("the state holds no event of {account} any more").format(account=account))
