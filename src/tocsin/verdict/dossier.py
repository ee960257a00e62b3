"""One account's story: what happened in order, whose sessions, who was read through which service, who is related."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from tocsin.results import Campaign, Link, Measure, Suspect
from tocsin.schema import Kind, Outcome
from tocsin.settings import Sessions
from tocsin.verdict.advice import questions
from tocsin.verdict.exposure import CERTAIN, POSSIBLE, PROBABLE, asked_only, in_window
from tocsin.verdict.sessions import Told, credential_events
from tocsin.words import _, ngettext

STEPS = 40
"""Steps of a story; the first and the last are kept."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, on the portal's clock."""

    time: datetime
    last: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Service:
    """How many people a service showed, by certainty."""

    service: str
    certain: int
    probable: int
    possible: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """The story of an account on a night."""

    suspect: Suspect
    named: tuple[date, ...]
    """Nights on which it was on the list."""
    campaign: Campaign | None
    timeline: tuple[Step, ...]
    measures: tuple[Measure, ...]
    related: tuple[Link, ...]
    services: tuple[Service, ...]
    asked_only: int
    questions: tuple[str, ...]
    zone: ZoneInfo
    """The portal's clock."""


def dossier(
    suspect: Suspect,
    told: Told,
    numbered: pl.DataFrame,
    measures: Sequence[Measure],
    campaign: Campaign | None,
    named: Sequence[date],
    rules: Sessions,
) -> Dossier:
    """Put the story together; `numbered` are the account's events up to the night, with their stretch."""
    mine = numbered.filter(pl.col("account") == suspect.account)
    reads = in_window(mine, [told])
    return Dossier(
        suspect=suspect,
        named=tuple(named),
        campaign=campaign,
        timeline=_timeline(mine, reads, told, rules),
        measures=tuple(measures),
        related=tuple(link for link in (campaign.links if campaign else ()) if suspect.account in link.accounts),
        services=_services(reads),
        asked_only=asked_only(reads),
        questions=questions(suspect, told, suspect.innocent),
        zone=ZoneInfo(told.zone),
    )


def _timeline(events: pl.DataFrame, reads: pl.DataFrame, told: Told, rules: Sessions) -> tuple[Step, ...]:
    steps = [*_credentials(events, told, rules), *_entrances(told), *_phases(reads, told, rules)]
    steps.sort(key=lambda step: (step.time, step.last))
    return tuple(steps if len(steps) <= STEPS else [*steps[: STEPS // 2], *steps[-STEPS // 2 :]])


def _credentials(events: pl.DataFrame, told: Told, rules: Sessions) -> list[Step]:
    """Tell resets, new second factors and refused logins since the window opened, one step an hour and kind."""
    refused = (pl.col("kind") == Kind.LOGIN) & (pl.col("outcome").is_in([Outcome.FAILURE, Outcome.DENIED]))
    rows = (
        pl.concat([credential_events(events, rules), events.filter(refused)])
        .filter(pl.col("time") >= told.since)
        .group_by("kind", hour=pl.col("time").dt.truncate("1h"))
        .agg(n=pl.len(), first=pl.col("time").min(), last=pl.col("time").max(), ip=pl.col("ip").drop_nulls().min())
        .sort("first", "kind")
    )
    words = {
        Kind.CREDENTIAL_CHANGE: _("credentials changed"),
        Kind.MFA: _("second factor asked for again and again"),
        Kind.DELEGATION: _("a delegation given"),
        Kind.LOGIN: _("login refused"),
    }
    steps = []
    for kind, _hour, n, first, last, ip in rows.iter_rows():
        text = words[Kind(kind)] + (_(" ({n} times)").format(n=n) if n > 1 else "")
        steps.append(_step(told, first, last, text + (_(" from {ip}").format(ip=ip) if ip else "")))
    return steps


def _entrances(told: Told) -> list[Step]:
    """Tell the first session of the intruder on each new network."""
    seen: set[str | None] = set()
    steps = []
    for one in told.judged:
        stretch = one.stretch
        if one.verdict != "intruder" or stretch.network in seen:
            continue
        text = _("first session of the intruder") if not seen else _("the intruder comes from another network")
        seen.add(stretch.network)
        steps.append(_step(told, stretch.first, stretch.first, f"{text}: {stretch.ip or stretch.label}"))
    return steps


def _phases(reads: pl.DataFrame, told: Told, rules: Sessions) -> list[Step]:
    """Tell the runs of reading in sessions that are, or may be, the intruder's, with people and pace."""
    silence = timedelta(minutes=rules.phase_minutes)
    rows = (
        reads.filter(pl.col("verdict").is_in(["intruder", "mixed"]))
        .sort("time")
        .with_columns(phase=(pl.col("time").diff() > silence).fill_null(value=False).cum_sum())
        .group_by("phase", maintain_order=True)
        .agg(
            first=pl.col("time").min(),
            last=pl.col("time").max(),
            asked=pl.len(),
            people=pl.col("person_id").filter(pl.col("certainty").is_not_null()).drop_nulls().n_unique(),
            sure=(pl.col("verdict") == "intruder").any(),
        )
    )
    steps = []
    for _phase, first, last, asked, people, sure in rows.iter_rows():
        minutes = max((last - first).total_seconds() / 60, 1)
        text = ngettext("{people:,} person read", "{people:,} people read", people)
        text += ngettext(", {asked:,} request", ", {asked:,} requests in {minutes:.0f} min, {rate:.1f} a minute", asked)
        whose = "" if sure else _(" (perhaps the owner)")
        shown = text.format(people=people, asked=asked, minutes=minutes, rate=asked / minutes) + whose
        steps.append(_step(told, first, last, shown))
    if steps:
        steps.append(_step(told, rows["last"][-1], rows["last"][-1], _("the last of these reads")))
    return steps


def _services(reads: pl.DataFrame) -> tuple[Service, ...]:
    named = reads.filter(pl.col("person_id").is_not_null() & pl.col("certainty").is_not_null())
    counted = (
        named.group_by(pl.col("service").fill_null("?"), "person_id")
        .agg(pl.col("certainty").min())
        .group_by("service")
        .agg((pl.col("certainty") == level).sum().alias(level) for level in (CERTAIN, PROBABLE, POSSIBLE))
        .sort([CERTAIN, PROBABLE, POSSIBLE, "service"], descending=[True, True, True, False])
    )
    return tuple(Service(**row) for row in counted.iter_rows(named=True))


def _step(told: Told, first: datetime, last: datetime, what: str) -> Step:
    return Step(told.local(first), told.local(last), what)
