"""The lines behind a suspect, and how many people the account could show since it was first named."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

import polars as pl

from tocsin.features.work import is_read, is_shown
from tocsin.results import Campaign, Evidence, Exposed, Finding, Night, Suspect

MOST = 50
"""Evidence ranges a finding keeps."""

NEAR_LINES = 200
"""Lines of one account this close in one input are told as one range."""

COLUMNS = ("account", "night", "time", "kind", "outcome", "person_id", "subjects", "rows", "source", "line")


class Events(Protocol):
    """Where the events of a few accounts can be had again: the spool of a run, or the lake of a state."""

    def of_accounts(self, accounts: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
        """Give all their events, with these columns."""


def with_evidence(night: Night, held: Events) -> Night:
    """Add line ranges to findings and counts of exposed people, reading the suspects' buckets only."""
    if not night.suspects:
        return night
    names = sorted({s.account for s in night.suspects} | {m.account for c in night.campaigns for m in c.accounts})
    events = held.of_accounts(names, COLUMNS).filter(pl.col("night") <= night.night)
    since = {suspect.account: suspect.first_alerted for suspect in night.suspects}
    suspects = tuple(_with_lines(suspect, events) for suspect in night.suspects)
    campaigns = tuple(replace(group, exposed=_of_campaign(group, events, since)) for group in night.campaigns)
    return replace(night, suspects=suspects, campaigns=campaigns)


def _with_lines(suspect: Suspect, events: pl.DataFrame) -> Suspect:
    mine = events.filter(pl.col("account") == suspect.account)
    tonight = mine.filter(pl.col("night") == suspect.night)
    reads = mine.filter(pl.col("night") >= suspect.first_alerted)
    findings = tuple(_shown(finding, mine, tonight) for finding in suspect.findings)
    return replace(suspect, findings=findings, exposed=_exposed(reads))


def _shown(finding: Finding, mine: pl.DataFrame, tonight: pl.DataFrame) -> Finding:
    rows = tonight
    if finding.detector.startswith("rule."):
        rows = mine.filter(pl.col("time").is_between(finding.first, finding.last))
    elif not finding.detector.startswith(("origin", "outlier")):
        rows = tonight.filter(pl.col("person_id").is_not_null())
    return replace(finding, evidence=ranges(rows), evidence_lines=rows.height)


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


def _exposed(events: pl.DataFrame) -> Exposed:
    """Count people by name, and those that answers without names (searches, exports) may have shown."""
    reads = events.filter(is_read())
    people = reads["person_id"].n_unique()
    unnamed = events.filter(is_shown() & pl.col("person_id").is_null())
    unlisted = int(unnamed.select(pl.max_horizontal("subjects", "rows").sum()).item() or 0)
    return Exposed(
        min=None, max=None, possible=people + unlisted, records=reads.height, listed=people, unlisted_max=unlisted
    )


def _of_campaign(group: Campaign, events: pl.DataFrame, since: Mapping[str, date]) -> Exposed:
    members: Sequence[str] = [m.account for m in group.accounts if m.account in since]
    starts = pl.DataFrame(
        {"account": members, "from": [since[m] for m in members]}, schema={"account": pl.String, "from": pl.Date}
    )
    return _exposed(events.join(starts, on="account").filter(pl.col("night") >= pl.col("from")))
