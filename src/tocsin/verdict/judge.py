"""Stage two: the nights in date order, each judged with what the nights before it taught."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.enrich.calendar import day_class
from tocsin.features.catalogue import judgeable
from tocsin.features.feature import Feature
from tocsin.measure import Measured
from tocsin.model.assess import About, Assess, Assessment, assess
from tocsin.model.calibration import Calibration, Tonight
from tocsin.model.hands import with_hands
from tocsin.model.memory import Memory
from tocsin.results import Fleet, Night
from tocsin.rules.overlay import Overlays
from tocsin.settings import Settings
from tocsin.verdict.blind import blind, filled_columns, many_at_once, not_judged
from tocsin.verdict.budget import give_places
from tocsin.verdict.campaign import Group, Linker, link
from tocsin.verdict.caps import caps_of
from tocsin.verdict.days import days_elsewhere
from tocsin.verdict.decisions import Decisions
from tocsin.verdict.docket import Docket
from tocsin.verdict.drifting import Added, Drifting, add_up
from tocsin.verdict.explain import beside
from tocsin.verdict.feedback import Seen, heard, silent
from tocsin.verdict.fleet import UNTOLD, Fleets, excess, without_parts
from tocsin.verdict.hits import HitsOn, nobody, with_tonight
from tocsin.verdict.left_out import LeftOut
from tocsin.verdict.linking import apart, counts_once, gathered, linked
from tocsin.verdict.lists import cut_by_list, lists_of, of_region
from tocsin.verdict.points import Scores, is_alert, score, with_campaign
from tocsin.verdict.records import Records, beyond_usual, bulk_after_sleep, extreme
from tocsin.verdict.told import (
    Verdict,
    campaigns_of,
    common_in_regions,
    common_of,
    names_expected,
    suspect_of,
    use_of,
    watched_of,
)
from tocsin.verdict.waiting import Rang, called, candidates_of, with_waiting
from tocsin.verdict.whereabouts import crowded, elsewhere, of_the_place


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
    assess: Assess = assess
    """Who assesses a night: a replay gives back what the first run found."""
    linker: Linker = link
    """Who groups suspicious accounts: a replay gives back what it found for the same ones."""
    explained: bool = True
    """Whether suspects are told with the rules that rang, and figures beside the usual ones: a replay counts them."""
    calibrations: Mapping[date, Calibration] = field(default_factory=dict)
    """What is ordinary on a night, where a replay is not to learn it anew."""
    mark: str = ""
    """Tells the rules and settings apart by which nights are scored (rules.rule.RuleSet.mark)."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a night inherits."""

    memory: Memory = field(default_factory=Memory)
    calibration: Calibration = field(default_factory=Calibration)
    docket: Docket = field(default_factory=Docket)
    suspicious: pl.DataFrame = field(default_factory=nobody)
    """Account-nights of the last year that were judged suspicious: the baselines of rules leave them out."""
    records: Records = field(default_factory=Records)
    drift: Added = field(default_factory=Added)
    fleets: Fleets = field(default_factory=Fleets)
    seen: Seen = field(default_factory=Seen)
    """Unusual account-nights as they were seen, for what is decided of them later."""
    left_out: LeftOut = field(default_factory=LeftOut)


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

    The other frames of `measured` may hold earlier nights too; origins without an address only tell when accounts began
    (verdict.beginnings).
    """
    for night, rows in _by_night(measured.nights):
        tonight = _Tonight(night, rows, rows["account"].to_list(), hits(night, before.suspicious), measured)
        judged, before = _judge(tonight, before, settings, asked)
        yield judged, before


def _by_night(rows: pl.DataFrame) -> Iterator[tuple[date, pl.DataFrame]]:
    """Give each night's rows in the order of accounts, not copied where there is nothing to be done."""
    one = rows["night"].n_unique() == 1
    for part in [rows] if one else rows.sort("night").partition_by("night", maintain_order=True):
        yield part["night"][0], part if part["account"].is_sorted() else part.sort("account")


@dataclass(frozen=True, slots=True)
class _Tonight:
    night: date
    rows: pl.DataFrame
    accounts: Sequence[str]
    hits: pl.DataFrame
    measured: Measured


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Tonight's evidence, and who rings: arrays in the order of the night's accounts."""

    assessment: Assessment
    scores: Scores
    groups: Sequence[Group]
    drifting: Drifting
    crowds: Sequence[Fleet]
    """Accounts that hurried together, however few (verdict.fleet)."""
    fleet: tuple[Fleet, ...]
    """Those of them that hurried together more than ever."""
    expected: NDArray[np.float64] | None
    rings: NDArray[np.bool_]
    ordinary: NDArray[np.bool_]
    """Rings, but ordinary nights hold as much."""
    quiet: NDArray[np.bool_]
    """Rings no more than a person explained."""


def _weigh(
    tonight: _Tonight,
    before: Before,
    features: Sequence[Feature],
    settings: Settings,
    asked: Asked,
    decisions: Decisions,
) -> _Weighed:
    """Assess the accounts, add their evidence up, and say who rings."""
    night, rules = tonight.night, settings.alerting
    when = (night, day_class(night, asked.holidays))
    origins = tonight.measured.origins.filter((pl.col("night") == night) & pl.col("ip").is_not_null())
    elsewhere_today = days_elsewhere(when, asked.overlays, asked.holidays)
    about = About(when, asked.with_model, origins, decisions.accepted, elsewhere_today, before.drift.desk.sums)
    assessment = asked.assess(tonight.rows, before.memory, features, settings, about)
    caps = caps_of(assessment, asked.overlays, night, settings)
    scores = score(assessment, tonight.hits, settings.families, caps)
    scores, groups = linked(tonight.measured, night, assessment, scores, settings, caps, asked.linker)
    hurried = before.fleets.crowds(night, assessment.rows, assessment.surprises, settings.fleet)
    fleet = before.fleets.rings(night, hurried, settings.fleet)
    named = [one for one in fleet if one.by != UNTOLD]
    together = excess(named, tonight.accounts, scores, settings, decisions.accepted)
    scores = with_campaign(scores, together, settings.families, caps)
    far = elsewhere(assessment, settings)
    assessment = replace(assessment, rows=with_hands(assessment.rows, before.drift.hands, settings.another_hand))
    home = of_the_place(assessment, settings)
    crowds = crowded(assessment, home, settings)
    scores, drifting = add_up(before.drift, night, assessment.rows, scores, settings, far.adds_up, crowds)
    beaten = before.records.beaten(tonight.rows, rules)
    excused = beaten | ("strangers_elsewhere" not in assessment.surprises)
    taken = assessment.taken.join(before.suspicious, on=["account", "night"], how="anti")
    most = beaten | (assessment.known & extreme(tonight.rows, assessment.expected, rules, taken))
    most |= bulk_after_sleep(assessment.rows, assessment.surprises, settings)
    rings = is_alert(scores, settings.families, rules, excused, far.tonight, home, most) | drifting.hand.rings
    expected = before.calibration.expected_false(scores.points, assessment.rows, rules)
    common = np.zeros_like(rings)
    usual = before.calibration.on_most_nights(scores.points[rings], rules)
    common[rings] = usual > rules.max_expected_false
    ordinary = rings & common & ~scores.hard
    quiet = silent(assessment.rows, scores, tonight.hits, before.seen, decisions, settings)
    silenced = rings & ~ordinary & quiet
    return _Weighed(
        assessment,
        scores,
        groups,
        drifting,
        hurried,
        without_parts(fleet, settings.fleet),
        expected,
        rings,
        ordinary,
        silenced,
    )


def _inherited(before: Before, decisions: Decisions, night: date, settings: Settings, asked: Asked) -> Before:
    """Give what a night inherits once it has heard what was decided."""
    before = heard(before, decisions, night, settings.feedback)
    return replace(before, calibration=asked.calibrations.get(night, before.calibration))


def _judge(tonight: _Tonight, before: Before, settings: Settings, asked: Asked) -> tuple[Night, Before]:
    night, rules = tonight.night, settings.alerting
    decisions = asked.decisions.on(night)
    before = _inherited(before, decisions, night, settings, asked)
    filled = filled_columns(tonight.measured.totals, night)
    features, missing = judgeable(filled)
    comparable = before.calibration.scored_by(asked.mark, rules.calibration_nights)
    weighed = _weigh(tonight, replace(before, calibration=comparable), features, settings, asked, decisions)
    alerted = np.flatnonzero(weighed.rings & ~weighed.ordinary & ~weighed.quiet).tolist()
    accounts = tonight.accounts
    docket = before.docket.on(night, rules.case_nights)
    named = {accounts[at] for at in alerted}
    groups = apart(weighed.groups, docket, rules.link_holds, named)
    known = {campaign.id for campaign in docket.campaigns}
    _later, campaigns = gathered(docket, night, groups)
    lists = lists_of(tonight.rows, rules, asked.budget, asked.overlays, asked.region)
    beyond, confirmed = beyond_usual(tonight.rows, weighed.assessment.expected), decisions.confirmed()
    rang = Rang(accounts, alerted, weighed.scores, weighed.drifting.rings, beyond)
    candidates = candidates_of(rang, docket, campaigns, lists, confirmed)
    places = give_places(candidates, lists.limit, known, lists.limits, rules.drift_each)
    shown = {*places.ranks, *places.continuing}
    groups = [group for group in groups if shown & set(group.accounts)]
    told_of = {*named, *docket.accounts}
    late, places = called(docket.waiting, night, places, lists, told_of)
    shown |= {one.account for one in late}
    opened, campaigns = gathered(docket, night, groups)
    verdict = Verdict(
        night, weighed.assessment, weighed.scores, weighed.expected,
        opened.alert(night, shown, {name: one.suspect.first_alerted for name, one in docket.waiting.items()}),
        places, campaigns,
        groups, missing, weighed.drifting, beyond,
        Tonight.of(weighed.expected, weighed.rings) if weighed.expected is not None else None, weighed.fleet,
    )  # fmt: skip
    told = tonight.hits if asked.explained else None
    suspects = [suspect_of(at, verdict, told) for at in alerted if accounts[at] in shown]
    shown_beside = [suspect.account for suspect in suspects] if asked.explained else []
    measures = {account: beside(accounts.index(account), weighed.assessment) for account in shown_beside}
    measures |= {one.account: docket.waiting[one.account].measures for one in late}
    suspects += late
    suspects.sort(key=lambda s: (s.rank is None, s.rank or 0, -s.points, s.account))
    sizes, cut = lists.sizes(asked.region), cut_by_list(candidates, places)
    names = names_expected(sizes, cut, comparable, settings)
    use = use_of(verdict, lists.limit, suspects, int(weighed.ordinary.sum()), names, comparable, settings)
    judged = Night(
        night=night,
        accounts=len(accounts),
        events=int(tonight.rows["events"].sum()),
        degraded=blind(features, settings),
        not_judged=not_judged(missing, features, filled, before.memory.nights, settings),
        history_nights=before.memory.nights,
        budget=replace(use, silent=int(weighed.quiet.sum())),
        suspects=tuple(suspects),
        campaigns=campaigns_of(verdict),
        measures=measures,
        watched=watched_of(accounts.index(asked.watched), verdict, tonight.hits) if asked.watched in accounts else None,
        shifts=many_at_once(weighed.assessment, weighed.fleet, settings, decisions.accepted),
        fleet=weighed.fleet,
        common=common_of(weighed.assessment, settings.shifting),
        common_in_regions=common_in_regions(weighed.assessment, settings.shifting),
    )
    if asked.region is not None:
        here = (tonight.rows["region"] == asked.region).fill_null(value=False)
        ordinary_here = int((here.to_numpy() & weighed.ordinary).sum())
        judged = of_region(judged, asked.region, lists, places, candidates, ordinary_here)
    verdict = replace(verdict, docket=with_waiting(verdict, candidates, shown, told, lists, rules.case_nights))
    return judged, _learned(tonight, before, weighed, verdict, named, settings, asked)


def _learned(
    tonight: _Tonight,
    before: Before,
    weighed: _Weighed,
    verdict: Verdict,
    alerted: Collection[str],
    settings: Settings,
    asked: Asked,
) -> Before:
    """Give what the night leaves to the next."""
    night, accounts = tonight.night, tonight.accounts
    calibration, told = before.calibration, None
    if before.memory.nights >= settings.baselines.own_nights:
        docket = before.docket.on(night, settings.alerting.case_nights)
        counted = counts_once(accounts, weighed.scores, docket, verdict.groups)
        who = weighed.assessment.rows.select("day", "profession")
        told = np.where(counted, np.where(weighed.rings, weighed.scores.points, 0), -1).astype(np.int32)
        calibration = calibration.learn(
            night, who.filter(pl.Series(counted)), told[counted], settings.alerting.calibration_kept, asked.mark
        )
    return Before(
        memory=weighed.assessment.learned,
        calibration=calibration,
        docket=verdict.docket,
        suspicious=with_tonight(before.suspicious, night, sorted(alerted)),
        records=before.records.learn(tonight.rows, weighed.rings),
        fleets=before.fleets.learn(night, weighed.crowds, settings.fleet, asked.decisions.on(night).accepted),
        drift=before.drift.learn(night, weighed.assessment.rows, weighed.drifting, weighed.rings, settings),
        seen=before.seen.with_night(night, weighed.assessment.rows, weighed.scores, tonight.hits, settings, told),
        left_out=before.left_out,
    )
