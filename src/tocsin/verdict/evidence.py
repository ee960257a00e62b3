"""What the events show of the night's suspects: lines, sessions of owner and intruder, exposed people."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from tocsin.features.catalogue import BY_NAME
from tocsin.features.credentials import COUNTED
from tocsin.features.work import is_shown, is_unnamed
from tocsin.results import Evidence, Finding, Night, Suspect
from tocsin.settings import Settings
from tocsin.verdict.advice import next_steps, story
from tocsin.verdict.colleagues import of_colleagues
from tocsin.verdict.exposure import exposed, in_window
from tocsin.verdict.held import Events
from tocsin.verdict.innocent import LISTS, innocent_explanations
from tocsin.verdict.sessions import Question, Told, overruled, sessions_of, tell_apart
from tocsin.verdict.stretches import COLUMNS, with_stretch
from tocsin.verdict.walk import Verdict

MOST = 50
"""Evidence ranges a finding keeps."""

NEAR_LINES = 200
"""Lines of one account this close in one input are told as one range."""


KnownBetter = Mapping[str, Mapping[str, Verdict]]
"""What persons say of sessions: account -> the session's name -> whose it is."""


def with_evidence(night: Night, held: Events, settings: Settings, known: KnownBetter | None = None) -> Night:
    """Add line ranges to findings, sessions told apart and exposed people, reading the suspects' buckets only.

    `known` is what persons know better of accounts' sessions.
    """
    if not night.suspects:
        return night
    first = {member.account: group.first_night for group in night.campaigns for member in group.accounts}
    first |= {suspect.account: suspect.first_alerted for suspect in night.suspects}
    since = min(Question(account, night.night, named).since(settings.sessions) for account, named in first.items())
    events = held.of_accounts(sorted(first), COLUMNS, since).filter(pl.col("night") <= night.night)
    numbered = with_stretch(events, settings)
    told = {
        account: overruled(
            tell_apart(numbered, Question(account, night.night, named), settings), (known or {}).get(account, {})
        )
        for account, named in sorted(first.items())
    }
    return evident(night, numbered, told, settings, held.begins)


def evident(
    night: Night, numbered: pl.DataFrame, told: Mapping[str, Told], settings: Settings, begins: date | None
) -> Night:
    """Do the same from the events of the night's accounts, up to the night, numbered by stretch and told apart.

    `begins` is the first night of which any account's events are held.
    """
    reads = in_window(numbered, list(told.values()))
    held: date = begins or numbered["night"].min()  # type: ignore[assignment]  # something is held of these accounts
    suspects = tuple(
        _advised(
            _explained(one, numbered, told[one.account], reads, settings),
            numbered,
            told[one.account],
            night,
            held,
            settings,
        )
        for one in night.suspects
    )
    campaigns = tuple(
        replace(group, exposed=exposed(_of(reads, *(member.account for member in group.accounts))))
        for group in night.campaigns
    )
    return replace(night, suspects=suspects, campaigns=campaigns)


def _explained(suspect: Suspect, events: pl.DataFrame, told: Told, reads: pl.DataFrame, settings: Settings) -> Suspect:
    mine = _of(events, suspect.account)
    tonight = mine.filter(pl.col("night") == (suspect.rang or suspect.night))
    counts = exposed(_of(reads, suspect.account))
    return replace(
        suspect,
        findings=tuple(_shown(finding, mine, tonight) for finding in suspect.findings),
        sessions=sessions_of(told, settings.sessions),
        sessions_total=len(told.judged),
        began=told.began,
        began_local=told.local(told.began).isoformat(timespec="minutes") if told.began else None,
        story=story(told, counts),
        exposed=counts,
        not_judged=(*suspect.not_judged, *told.limits),
    )


def _advised(
    suspect: Suspect, events: pl.DataFrame, told: Told, night: Night, first_held: date, settings: Settings
) -> Suspect:
    """Add the innocent explanations and what to do next."""
    links = [link for group in night.campaigns for link in group.links if suspect.account in link.accounts]
    checked = innocent_explanations(suspect, _of(events, suspect.account), told, links, first_held, settings)
    checked += of_colleagues(suspect)
    return replace(suspect, innocent=checked, next=next_steps(suspect, told, checked, links))


def _of(events: pl.DataFrame, *accounts: str) -> pl.DataFrame:
    return events.filter(pl.col("account").is_in(list(accounts)))


def _shown(finding: Finding, mine: pl.DataFrame, tonight: pl.DataFrame) -> Finding:
    rows = _lines(finding, mine, tonight)
    return replace(finding, evidence=ranges(rows), evidence_lines=rows.height)


def _lines(finding: Finding, mine: pl.DataFrame, tonight: pl.DataFrame) -> pl.DataFrame:
    """Give the events that a finding counted."""
    family, _dot, name = finding.detector.partition(".")
    if family == "rule":
        return mine.filter(pl.col("time").is_between(finding.first, finding.last))
    if name in LISTS:
        return tonight.filter(is_shown() & is_unnamed())
    if name in COUNTED and not tonight.is_empty():
        begins = tonight["night"][0] - timedelta(days=BY_NAME[name].over - 1)
        return mine.filter(COUNTED[name] & (pl.col("night") >= begins) & (pl.col("night") <= tonight["night"][0]))
    named = tonight.filter(pl.col("person_id").is_not_null())
    return tonight if family in {"origin", "outlier"} or named.is_empty() else named


def ranges(rows: pl.DataFrame) -> tuple[Evidence, ...]:
    """Fold lines into ranges by input: a gap of more than NEAR_LINES starts a new one; the largest MOST are kept."""
    runs = (
        rows.sort("source", "line")
        .with_columns(
            new=(pl.col("line").cast(pl.Int64).diff() > NEAR_LINES).fill_null(value=True)
            | (pl.col("source") != pl.col("source").shift())
        )
        .with_columns(run=pl.col("new").cum_sum())
        .group_by("run", "source")
        .agg(start=pl.col("line").min(), end=pl.col("line").max(), n=pl.len())
        .sort(["n", "source", "start"], descending=[True, False, False])
        .head(MOST)
        .sort("source", "start")
    )
    return tuple(
        Evidence(source, start, end, n)
        for source, start, end, n in runs.select("source", "start", "end", "n").iter_rows()
    )
