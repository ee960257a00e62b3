"""Stage two: the nights in date order, each judged with what the nights before it taught."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.enrich.calendar import day_class
from tocsin.features.catalogue import judgeable
from tocsin.features.feature import Feature
from tocsin.measure import Measured
from tocsin.model.assess import Assessment, assess
from tocsin.model.calibration import Calibration
from tocsin.model.drift import Drift
from tocsin.model.memory import Memory
from tocsin.results import BudgetUse, Campaign, Exposed, Member, Night, Suspect, Watched
from tocsin.rules.overlay import Overlays
from tocsin.settings import Settings
from tocsin.verdict.blind import blind, filled_columns, not_judged, shifted
from tocsin.verdict.budget import Candidate, Places, give_places
from tocsin.verdict.campaign import Group, link
from tocsin.verdict.caps import caps_of
from tocsin.verdict.decisions import Decisions
from tocsin.verdict.docket import Docket, Open, OpenCampaign
from tocsin.verdict.drifting import Drifting, add_up
from tocsin.verdict.explain import beside, findings, hits_of, why
from tocsin.verdict.feedback import Seen, heard, silent
from tocsin.verdict.hits import HitsOn, nobody, with_tonight
from tocsin.verdict.lists import lists_of, of_region
from tocsin.verdict.points import Caps, Scores, is_alert, risk, score, with_campaign
from tocsin.verdict.records import Records
from tocsin.verdict.tourists import elsewhere
from tocsin.words import _, ngettext

NOT_TOLD = Exposed(min=None, max=None, possible=0, records=0, listed=0, unlisted_max=0)
"""Who was exposed is counted from the events, later (nightly.py)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which nights are reported and how: the others are judged too, silently."""

    nights: Collection[date]
    holidays: frozenset[date]
    budget: int | None = None
    with_model: bool = True
    overlays: Overlays = field(default_factory=Overlays)
    region: str | None = None
    """Report only this region; everything is judged together all the same."""
    watched: str | None = None
    """An account whose figures are kept, named or not."""
    decisions: Decisions = field(default_factory=Decisions)
    """What persons decided; each night hears what was decided before it."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a night inherits."""

    memory: Memory = field(default_factory=Memory)
    calibration: Calibration = field(default_factory=Calibration)
    docket: Docket = field(default_factory=Docket)
    suspicious: pl.DataFrame = field(default_factory=nobody)
    """Account-nights of the last year that were judged suspicious: the baselines of rules leave them out."""
    records: Records = field(default_factory=Records)
    drift: Drift = field(default_factory=Drift)
    seen: Seen = field(default_factory=Seen)
    """Unusual account-nights as they were seen, for what is decided of them later."""


def judge(
    measured: Measured, hits: HitsOn, settings: Settings, asked: Asked, progress: Callable[[date], None]
) -> Iterator[Night]:
    """Judge every measured night in order; gives the asked ones."""
    for night, _after in judge_on(measured, hits, settings, asked, Before()):
        progress(night.night)
        if night.night in asked.nights:
            yield night


def judge_on(
    measured: Measured, hits: HitsOn, settings: Settings, asked: Asked, before: Before
) -> Iterator[tuple[Night, Before]]:
    """Judge every night of `measured.nights` in order, from what the nights before left; gives what each leaves.

    The other frames of `measured` may hold earlier nights too.
    """
    for (night,), rows in (
        measured.nights.sort("night", "account").partition_by("night", as_dict=True, maintain_order=True).items()
    ):
        assert isinstance(night, date)  # noqa: S101 the key of a Date column
        tonight = _Tonight(night, rows, hits(night, before.suspicious), measured)
        judged, before = _judge(tonight, before, settings, asked)
        yield judged, before


@dataclass(frozen=True, slots=True)
class _Tonight:
    night: date
    rows: pl.DataFrame
    hits: pl.DataFrame
    measured: Measured


def _judge(tonight: _Tonight, before: Before, settings: Settings, asked: Asked) -> tuple[Night, Before]:
    night, rules = tonight.night, settings.alerting
    decisions = asked.decisions.on(night)
    before = heard(before, decisions, night)
    filled = filled_columns(tonight.measured.totals, night)
    features, missing = judgeable(filled)
    when = (night, day_class(night, asked.holidays))
    origins = tonight.measured.origins.filter(pl.col("night") == night)
    assessment = assess(
        tonight.rows,
        before.memory,
        features,
        settings,
        when,
        with_model=asked.with_model,
        origins=origins,
        accepted=decisions.accepted,
    )
    caps = caps_of(assessment, asked.overlays, night, settings)
    scores = score(assessment, tonight.hits, settings.families, caps)
    scores, groups = _linked(tonight, assessment, scores, settings, caps)
    far = elsewhere(assessment, settings)
    scores, drifting = add_up(before.drift, night, tonight.rows["account"], scores, settings, far.adds_up)
    professions = assessment.rows["profession"]
    expected = before.calibration.expected_false(scores.points, professions, when[1], rules.calibration_nights)
    excused = before.records.beaten(tonight.rows, rules) | ("strangers_elsewhere" not in assessment.surprises)
    rings = is_alert(scores, settings.families, rules, excused, far.tonight)
    ordinary = (
        np.zeros_like(rings)
        if expected is None
        else (expected > rules.max_expected_false) & ~scores.hard & ~drifting.rings
    )
    quiet = silent(assessment.rows, scores, tonight.hits, before.seen, decisions, rules)
    alerted = np.flatnonzero(rings & ~ordinary & ~quiet).tolist()
    accounts = tonight.rows["account"].to_list()
    docket = before.docket.on(night, rules.case_nights)
    groups = [group for group in groups if {accounts[at] for at in alerted} & set(group.accounts)]
    known = {campaign.id for campaign in docket.campaigns}
    _later, campaigns = _gathered(docket, night, groups)
    lists = lists_of(tonight.rows, rules, asked.budget, asked.overlays, asked.region)
    candidates = [
        replace(_candidate(accounts[at], at, scores, docket, campaigns), list_name=lists.names[at]) for at in alerted
    ]
    places = give_places(candidates, lists.limit, known, lists.limits)
    shown = {*places.ranks, *places.continuing}
    groups = [group for group in groups if shown & set(group.accounts)]
    opened, campaigns = _gathered(docket, night, groups)
    opened = opened.alert(night, shown)
    verdict = _Verdict(night, assessment, scores, expected, opened, places, campaigns, groups, missing, drifting)
    suspects = [_suspect(at, verdict, tonight.hits) for at in alerted if accounts[at] in shown]
    suspects.sort(key=lambda s: (s.rank is None, s.rank or 0, -s.points, s.account))
    use = _use(verdict, lists.limit, suspects, int((rings & ordinary).sum()), before.calibration, settings)
    judged = Night(
        night=night,
        accounts=len(accounts),
        events=int(tonight.rows["events"].sum()),
        degraded=blind(features, settings),
        not_judged=not_judged(missing, features, filled, before.memory.nights, settings),
        history_nights=before.memory.nights,
        budget=replace(use, silent=int((rings & ~ordinary & quiet).sum())),
        suspects=tuple(suspects),
        campaigns=tuple(_campaign(group, verdict) for group in groups),
        watched=_watched(accounts.index(asked.watched), verdict, tonight.hits) if asked.watched in accounts else None,
        shifts=shifted(assessment.shifts, decisions.accepted),
    )
    if asked.region is not None:
        common = tonight.rows.filter(pl.Series(rings & ordinary))
        ordinary_here = common.filter(pl.col("region") == asked.region).height
        judged = of_region(judged, asked.region, lists, places, candidates, ordinary_here)
    calibration, told = before.calibration, None
    if before.memory.nights >= settings.baselines.own_nights:
        counted = _counts_once(accounts, scores, docket, groups)
        told = np.where(counted, np.where(rings, scores.points, 0), -1).astype(np.int32)
        calibration = calibration.learn(*when, professions.filter(pl.Series(counted)), told[counted])
    suspicious = with_tonight(before.suspicious, night, [accounts[at] for at in alerted])
    records = before.records.learn(tonight.rows, rings)
    drift = before.drift.learn(night, drifting.sums, rings, settings.drifting)
    seen = before.seen.with_night(night, assessment.rows, scores, tonight.hits, rules, told)
    return judged, Before(assessment.learned, calibration, opened, suspicious, records, drift, seen)


def _counts_once(accounts: Sequence[str], scores: Scores, docket: Docket, groups: Sequence[Group]) -> NDArray[np.bool_]:
    """Tell which scores calibration learns: a case and a campaign count once, as they take one place.

    Without that, five nights of fourteen attacked accounts would look like seventy ordinary alerts, and hide the next.
    """
    once = np.array([account not in docket.accounts for account in accounts])
    place = {account: at for at, account in enumerate(accounts)}
    for group in groups:
        members = sorted((place[account] for account in group.accounts), key=lambda at: -int(scores.points[at]))
        once[members[1:]] = False
    return once


@dataclass(frozen=True, slots=True)
class _Verdict:
    night: date
    assessment: Assessment
    scores: Scores
    expected: NDArray[np.float64] | None
    docket: Docket
    places: Places
    campaigns: dict[str, OpenCampaign]
    groups: Sequence[Group]
    missing: Sequence[Feature]
    drifting: Drifting


def _linked(
    tonight: _Tonight, assessment: Assessment, scores: Scores, settings: Settings, caps: Caps
) -> tuple[Scores, list[Group]]:
    """Link the suspicious accounts and lift those that belong together."""
    rules = settings.alerting
    access = np.maximum.reduce([scores.families[family] for family in settings.families.data_access])
    near = (scores.points >= 50 * rules.floor_points) & (access >= 100 * rules.counts)
    accounts = assessment.rows["account"]
    candidates = accounts.filter(pl.Series(near)).to_list()
    if len(candidates) < 2:
        return scores, []
    groups = link(tonight.measured.origins, tonight.night, candidates, rules, tonight.rows)
    lift = np.zeros(accounts.len(), np.int32)
    at = {account: index for index, account in enumerate(accounts)}
    for group in groups:
        for held in group.links:
            strength = round(-100 * np.log10(max(held.chance, 1e-20)))
            for account in held.accounts:
                lift[at[account]] = max(lift[at[account]], strength)
    return with_campaign(scores, lift, settings.families, caps), groups


def _gathered(docket: Docket, night: date, groups: Sequence[Group]) -> tuple[Docket, dict[str, OpenCampaign]]:
    """Open or continue the campaigns; gives each member's campaign, also of those whose links rest tonight."""
    mine = {account: campaign for campaign in docket.campaigns for account in campaign.members}
    for group in groups:
        docket, campaign = docket.gather(night, group.accounts)
        mine.update(dict.fromkeys(group.accounts, campaign))
    return docket, mine


def _candidate(account: str, at: int, scores: Scores, docket: Docket, campaigns: dict[str, OpenCampaign]) -> Candidate:
    campaign = campaigns.get(account)
    return Candidate(
        account=account,
        points=int(scores.points[at]),
        hard=bool(scores.hard[at]),
        continues=account in docket.accounts,
        campaign=campaign.id if campaign else None,
    )


def _suspect(at: int, verdict: _Verdict, hits: pl.DataFrame) -> Suspect:
    row = verdict.assessment.rows.row(at, named=True)
    account = row["account"]
    rang = hits_of(hits.filter(pl.col("account") == account).drop("account", "night", "hard"))
    links = [held for group in verdict.groups for held in group.links if account in held.accounts]
    reasons = findings(at, verdict.assessment, verdict.scores, rang, links, verdict.drifting)
    points = int(verdict.scores.points[at]) / 100
    case = verdict.docket.accounts.get(account, Open(verdict.night, verdict.night, 0))
    campaign = verdict.campaigns.get(account)
    known = bool(verdict.assessment.known[at])
    cold = (
        ()
        if known
        else (_("its own habits: it was active on {n} nights held").format(n=int(verdict.assessment.own.nights[at])),)
    )
    return Suspect(
        rank=verdict.places.ranks.get(account),
        night=verdict.night,
        account=account,
        profession=row["profession"],
        structure=row["structure"],
        region=row["region"],
        points=points,
        risk=risk(points),
        why=why(reasons),
        first_alerted=case.first,
        nights_alerted=case.nights,
        people=row["people"],
        new_people=row["new_people"] if verdict.assessment.nights else None,
        families={f: int(c[at]) / 100 for f, c in verdict.scores.families.items() if c[at]},
        not_judged=(*(f.name for f in verdict.missing), *cold),
        findings=reasons,
        expected_false=float(verdict.expected[at]) if verdict.expected is not None else None,
        exposed=NOT_TOLD,
        next=tuple(dict.fromkeys(step for hit in sorted(rang, key=lambda h: -h.score) for step in hit.runbook)),
        campaign=campaign.id if campaign else None,
    )


def _watched(at: int, verdict: _Verdict, hits: pl.DataFrame) -> Watched:
    return Watched(_suspect(at, verdict, hits), beside(at, verdict.assessment))


def _campaign(group: Group, verdict: _Verdict) -> Campaign:
    mine = verdict.campaigns[group.accounts[0]]
    suspects = {*verdict.places.ranks, *verdict.places.continuing}
    ranks = [verdict.places.ranks[a] for a in group.accounts if a in verdict.places.ranks]
    return Campaign(
        id=mine.id,
        rank=min(ranks, default=None),
        night=verdict.night,
        first_night=mine.first,
        accounts=tuple(Member(a, "suspect" if a in suspects else "linked") for a in group.accounts),
        links=group.links,
        exposed=NOT_TOLD,
    )


def _use(
    verdict: _Verdict,
    limit: int,
    suspects: Sequence[Suspect],
    ordinary: int,
    calibration: Calibration,
    settings: Settings,
) -> BudgetUse:
    places = verdict.places
    new = [suspect for suspect in suspects if suspect.rank is not None]
    by_profession = Counter(suspect.profession or "unknown" for suspect in new)
    n, needed = calibration.nights, settings.alerting.calibration_nights
    reason = ngettext("{n} night replayed, {needed} are needed", "{n} nights replayed, {needed} are needed", n)
    return BudgetUse(
        limit=limit,
        new=places.new,
        continuing=len(places.continuing),
        cut=len(places.cut),
        cut_points=places.cut_points / 100 if places.cut_points is not None else None,
        ordinary=ordinary,
        expected_false=max((s.expected_false for s in new if s.expected_false is not None), default=None),
        expected_false_reason=reason.format(n=n, needed=needed) if verdict.expected is None else None,
        by_profession=dict(sorted(by_profession.items())),
    )
