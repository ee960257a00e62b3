"""Whose session it is: owner and intruder told apart inside one account, and when the intruder came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.results import Session
from tocsin.schema import Kind
from tocsin.settings import Settings
from tocsin.settings_sessions import Sessions
from tocsin.verdict.marks import Mark
from tocsin.verdict.stretches import stretches
from tocsin.verdict.walk import Judged, Verdict, is_strange, walk
from tocsin.words import _

CREDENTIALS = (Kind.CREDENTIAL_CHANGE, Kind.DELEGATION)

SAYS = 0.05
"""A measure below this is written as nought: points have one decimal in words."""


@dataclass(frozen=True, slots=True)
class Question:
    """An account, the night it is asked about, and the night it was first named."""

    account: str
    night: date
    first_alerted: date

    def since(self, rules: Sessions) -> date:
        """Give the first night whose events are looked at."""
        return self.first_alerted - timedelta(days=rules.habit_nights)


@dataclass(frozen=True, slots=True)
class Told:
    """An account's work in the window of the intrusion, told apart.

    `began` is the change point (null where no session is an intruder's), `since` the start of the window, `credential`
    the credential event that belongs to it; `limits` says in words what the logs cannot tell.
    """

    account: str
    began: datetime | None
    credential: datetime | None
    since: datetime
    judged: tuple[Judged, ...]
    limits: tuple[str, ...]
    zone: str = "UTC"

    def local(self, moment: datetime) -> datetime:
        """Put a moment on the portal's clock."""
        return moment.astimezone(ZoneInfo(self.zone))

    @property
    def verdicts(self) -> dict[int, Verdict]:
        """Give the verdict of each stretch in the window."""
        return {one.stretch.at: one.verdict for one in self.judged}


def tell_apart(numbered: pl.DataFrame, question: Question, settings: Settings) -> Told:
    """Judge the sessions of one account; `numbered` holds its events up to the night, with their stretch.

    Nights are walked in order, from `habit_nights` before the account was first named: a session is compared with
    earlier ones that seemed to be the owner's.
    """
    of_window = pl.col("night").is_between(question.since(settings.sessions), question.night)
    mine = numbered.filter((pl.col("account") == question.account) & of_window)
    found = stretches(mine, settings.portal.zone)
    judged = _with_company(walk(found, question.first_alerted, settings.sessions), settings.sessions)
    first_finding = mine.filter(pl.col("night") >= question.first_alerted)["time"].min()
    assert isinstance(first_finding, datetime)  # noqa: S101 the account was active on the night it was named
    began = _change_point(judged, "intruder", settings.sessions)
    suspected = began or _suspected(judged, question, settings.sessions)
    if any(one.strand for one in found):  # on the first nights an intruder may hide among the owner's people
        suspected = min(filter(None, (began, _suspected(judged, question, settings.sessions))), default=None)
    credential = _credential(mine, began or first_finding, settings.sessions)
    since = min(moment for moment in (first_finding, suspected, credential) if moment is not None)
    inside = tuple(one for one in judged if one.stretch.last >= since)
    limits = _limits(inside, judged, settings.sessions)
    return Told(question.account, began, credential, since, inside, limits, settings.portal.zone)


def sessions_of(told: Told, rules: Sessions) -> tuple[Session, ...]:
    """List the sessions of the window in order; where there are too many, intruders' and large ones stay."""
    order: Mapping[str, int] = {"intruder": 0, "mixed": 1, "owner": 2}
    kept = sorted(told.judged, key=lambda one: (order[one.verdict], -one.stretch.people))[: rules.listed]
    return tuple(_session(one) for one in sorted(kept, key=lambda one: one.stretch.at))


def reasons(one: Judged) -> str:
    """Say the measures of a session in words, the one that decides first."""
    against = -1 if one.verdict == "owner" else 1
    told = sorted((mark for mark in one.marks if abs(mark.points) >= SAYS), key=lambda mark: -against * mark.points)
    said = [_("as a person said")] if one.by_hand else []
    return "; ".join((*said, *(f"{mark.words} ({mark.points:+.1f})" for mark in told)))


def overruled(told: Told, sessions: Mapping[str, Verdict]) -> Told:
    """Let a person who knows better decide (session's name -> verdict); the intrusion begins with what is left."""
    if not sessions.keys() & {one.stretch.label for one in told.judged}:
        return told
    judged = tuple(
        replace(one, verdict=sessions[one.stretch.label], by_hand=True) if one.stretch.label in sessions else one
        for one in told.judged
    )
    thieves = [one.stretch.first for one in judged if one.verdict == "intruder" and one.stretch.lookups]
    return replace(told, judged=judged, began=min(thieves, default=None))


def _session(one: Judged) -> Session:
    stretch = one.stretch
    return Session(
        session=stretch.label,
        first=stretch.first,
        last=stretch.last,
        ip=stretch.ip,
        verdict=one.verdict,
        lookups=stretch.lookups,
        people=stretch.people,
        points=one.points,
        device=stretch.device,
        why=reasons(one),
    )


def _with_company(judged: Sequence[Judged], rules: Sessions) -> list[Judged]:
    """Give an intruder the mixed sessions from the very network that only intruders' sessions used."""
    strange = {one.stretch.network for one in judged if one.verdict == "intruder"}
    strange -= {one.stretch.network for one in judged if one.verdict == "owner"} | {None}
    return [_in_company(one, strange, rules) for one in judged]


def _in_company(one: Judged, strange: set[str | None], rules: Sessions) -> Judged:
    if one.verdict != "mixed" or one.stretch.network not in strange or not is_strange(one.marks):
        return one
    mark = Mark("company", rules.company, _("from the network of an intruder's session"))
    points = round(one.points + mark.points, 2)
    return Judged(one.stretch, (*one.marks, mark), points, "intruder" if points >= rules.intruder else "mixed")


def _suspected(judged: Sequence[Judged], question: Question, rules: Sessions) -> datetime | None:
    """Say from when on an intruder may have been there, where none is certain.

    An account that was named before it had habits is suspected from its first event on.
    """
    nights = {one.stretch.night for one in judged if one.stretch.night < question.first_alerted}
    if not any(one.verdict == "owner" and one.stretch.night in nights for one in judged):
        return min((one.stretch.first for one in judged), default=None)
    return _change_point([one for one in judged if one.verdict == "owner" or one.points > 0], "mixed", rules)


def _change_point(judged: Sequence[Judged], verdict: Verdict, rules: Sessions) -> datetime | None:
    """Find the first session of this verdict of the last run of nights that hold one.

    The run begins where the sum of the nights up to the last one is greatest (a CUSUM read backwards), so that one odd
    evening a month before is not the beginning, unless it came from a network of the run.
    """
    nights: dict[date, list[Judged]] = {}
    for one in judged:
        nights.setdefault(one.stretch.night, []).append(one)
    total, best, start = 0.0, 0.0, None
    for night in sorted(nights, reverse=True):
        total += _adds(nights[night], verdict, rules)
        if total >= best and _those(nights[night], verdict):
            best, start = total, night
    if start is None:
        return None
    run = [one for night, group in nights.items() if night >= start for one in _those(group, verdict)]
    networks = {one.stretch.network for one in run} - {None}
    again = [one for one in judged if one.verdict == verdict == "intruder" and one.stretch.network in networks]
    return min(one.stretch.first for one in (*run, *again))


def _adds(group: Sequence[Judged], verdict: Verdict, rules: Sessions) -> float:
    if _those(group, verdict):
        return rules.night_with
    is_mixed = any(one.verdict == "mixed" and one.stretch.people for one in group)
    return rules.night_mixed if is_mixed else -rules.night_without


def _those(group: Sequence[Judged], verdict: Verdict) -> list[Judged]:
    return [one for one in group if one.verdict == verdict and one.stretch.lookups]


def credential_events(events: pl.DataFrame, rules: Sessions) -> pl.DataFrame:
    """Give the events that hand an account over: resets, delegations, and second factors asked for in a burst."""
    pushes = events.filter(pl.col("kind") == Kind.MFA)
    hour = pl.col("time").dt.truncate("1h")
    burst = pushes.filter(pl.len().over("account", hour) >= rules.pushes)
    return pl.concat([events.filter(pl.col("kind").is_in(list(CREDENTIALS))), burst])


def _credential(events: pl.DataFrame, before: datetime, rules: Sessions) -> datetime | None:
    """Find the first of these events in the hours before the intruder's first session."""
    start = before - timedelta(hours=rules.credential_hours)
    moment = credential_events(events, rules).filter(pl.col("time").is_between(start, before))["time"].min()
    return moment if isinstance(moment, datetime) else None


def _limits(inside: Sequence[Judged], judged: Sequence[Judged], rules: Sessions) -> tuple[str, ...]:
    """Say what the logs, or the nights held, do not let tell apart."""
    found = [one.stretch for one in inside]
    lacks = [
        name
        for name, filled in (
            (_("session"), any(one.session for one in found)),
            (_("address"), any(one.network for one in found)),
            (_("browser"), any(one.device for one in found)),
        )
        if not filled
    ]
    said = []
    if lacks:
        text = _("the logs hold no {what}: owner and intruder are told apart by the rest, and the bounds are wide")
        said.append(text.format(what=", ".join(lacks)))
    earlier = {one.stretch.night for one in judged} - {one.night for one in found}
    if len(earlier) < rules.own_nights:
        text = _("{n} earlier nights of the account are held: only what no person does tells the intruder")
        said.append(text.format(n=len(earlier)))
    return tuple(said)
