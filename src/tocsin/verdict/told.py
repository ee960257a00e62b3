"""What a judged night tells: suspects, campaigns and the use of its places, as objects."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.assess import Assessment
from tocsin.model.calibration import Calibration, Tonight
from tocsin.results import BudgetUse, Campaign, Exposed, Fleet, Member, Suspect, Watched
from tocsin.settings import Settings, Shifting
from tocsin.verdict.budget import Places
from tocsin.verdict.campaign import Group
from tocsin.verdict.docket import Docket, Open, OpenCampaign
from tocsin.verdict.drifting import Drifting
from tocsin.verdict.explain import beside, findings, hits_of, why
from tocsin.verdict.points import Scores, risk
from tocsin.words import _, ngettext

NOT_TOLD = Exposed(min=None, max=None, possible=0, records=0, listed=0, unlisted_max=0)
"""Who was exposed is counted from the events, later (nightly.py)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A night that is decided."""

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
    beyond: NDArray[np.int64]
    """What each account was shown beyond its usual (verdict.records)."""
    tonight: Tonight | None = None
    """How many others rang that are as unusual, where `expected` is known."""
    fleet: Sequence[Fleet] = ()
    """Accounts that hurried together more than ever (verdict.fleet)."""


def suspect_of(at: int, verdict: Verdict, hits: pl.DataFrame | None) -> Suspect:
    """Tell the account of row `at` with its reasons; `hits` are the rules that rang tonight, None where nobody asks."""
    row = verdict.assessment.rows.row(at, named=True)
    account = row["account"]
    mine = None if hits is None else hits.filter(pl.col("account") == account).drop("account", "night", "hard")
    rang = [] if mine is None else hits_of(mine)
    links = [held for group in verdict.groups for held in group.links if account in held.accounts]
    fleet = next((one for one in verdict.fleet if account in one.accounts), None)
    reasons = findings(at, verdict.assessment, verdict.scores, rang, links, verdict.drifting, fleet)
    points = int(verdict.scores.points[at]) / 100
    case = verdict.docket.accounts.get(account, Open(verdict.night, verdict.night, 0))
    campaign = verdict.campaigns.get(account)
    known = bool(verdict.assessment.known[at])
    named = any(feature.name == "people" for feature in verdict.assessment.features)
    others = verdict.tonight
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
        people=row["people"] if named else None,
        new_people=row["new_people"] if named and verdict.assessment.nights else None,
        families={f: int(c[at]) / 100 for f, c in verdict.scores.families.items() if c[at]},
        not_judged=(*(f.name for f in verdict.missing), *cold),
        findings=reasons,
        expected_false=float(verdict.expected[at]) if verdict.expected is not None else None,
        as_unusual=int(others.as_unusual[at]) if others else None,
        q_value=float(others.q_values[at]) if others and not np.isnan(others.q_values[at]) else None,
        exposed=NOT_TOLD,
        next=tuple(dict.fromkeys(step for hit in sorted(rang, key=lambda h: -h.score) for step in hit.runbook)),
        campaign=campaign.id if campaign else None,
        beyond_usual=int(verdict.beyond[at]),
    )


def watched_of(at: int, verdict: Verdict, hits: pl.DataFrame) -> Watched:
    """Tell the account of row `at`, named or not, with every measure beside its usual."""
    return Watched(suspect_of(at, verdict, hits), beside(at, verdict.assessment))


def campaigns_of(verdict: Verdict) -> tuple[Campaign, ...]:
    """Tell the groups of linked accounts; those of one campaign are one, though nothing may link them tonight."""
    together: dict[OpenCampaign, list[Group]] = {}
    for group in verdict.groups:
        together.setdefault(verdict.campaigns[group.accounts[0]], []).append(group)
    return tuple(_campaign(mine, groups, verdict) for mine, groups in together.items())


def _campaign(mine: OpenCampaign, groups: Sequence[Group], verdict: Verdict) -> Campaign:
    accounts = sorted(account for group in groups for account in group.accounts)
    suspects = {*verdict.places.ranks, *verdict.places.continuing}
    ranks = [verdict.places.ranks[a] for a in accounts if a in verdict.places.ranks]
    return Campaign(
        id=mine.id,
        rank=min(ranks, default=None),
        night=verdict.night,
        first_night=mine.first,
        accounts=tuple(Member(a, "suspect" if a in suspects else "linked") for a in accounts),
        links=tuple(dict.fromkeys(link for group in groups for link in group.links)),
        exposed=NOT_TOLD,
        merged=mine.merged,
    )


def common_of(assessment: Assessment, rules: Shifting) -> dict[str, float]:
    """Say by profession how many times their ordinary number of people its accounts are expected to read tonight.

    What is as usual is left out.
    """
    common = _times(assessment).group_by("profession").agg(pl.col("times").median().round(2)).sort("profession")
    return {name: times for name, times in common.iter_rows() if abs(times - 1) >= rules.as_usual}


def common_in_regions(assessment: Assessment, rules: Shifting) -> dict[str, dict[str, float]]:
    """Say the same of each profession in the regions where it is another than the whole profession's."""
    times = pl.col("times").median().round(2)
    common = _times(assessment).with_columns(whole=times.over("profession")).drop_nulls("region")
    here = common.group_by("profession", "region").agg(times, pl.col("whole").first())
    apart = here.filter((pl.col("times") - pl.col("whole")).abs() >= rules.region_apart)
    found: dict[str, dict[str, float]] = {}
    for profession, region, told in apart.sort("profession", "region").select("profession", "region", "times").rows():
        found.setdefault(profession, {})[region] = told
    return found


def _times(assessment: Assessment) -> pl.DataFrame:
    if "people" not in assessment.factors:
        return pl.DataFrame(schema={"profession": pl.String, "region": pl.String, "times": pl.Float64})
    times = pl.Series("times", assessment.factors["people"])
    return assessment.rows.select(pl.col("profession").fill_null("unknown"), "region", times)


def names_expected(
    accounts: Mapping[str, int], cut: Mapping[str, int], calibration: Calibration, settings: Settings
) -> float | None:
    """Say how many new names an ordinary night brings to lists for which so many `accounts` compete.

    `cut`: of the lists on which some did not fit, the points of the highest of these: there as high ones are counted.
    """
    rules = settings.alerting
    # No list takes names off another: those on which all fit are told as one.
    sizes: Counter[int] = Counter()
    for name, size in accounts.items():
        sizes[cut[name] + 1 if name in cut else 1] += size
    brought = [calibration.new_names(size, at_least, rules) for at_least, size in sizes.items()]
    told = [names for names in brought if names is not None]
    return round(sum(told), 2) if told else None


def use_of(
    verdict: Verdict,
    limit: int,
    suspects: Sequence[Suspect],
    ordinary: int,
    names: float | None,
    calibration: Calibration,
    settings: Settings,
) -> BudgetUse:
    """Say how the places were used, and what ordinary nights hold (`names`, as `names_expected` says)."""
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
        cut_accounts=places.cut_accounts,
        ordinary=ordinary,
        expected_false=names,
        expected_false_reason=reason.format(n=n, needed=needed) if verdict.expected is None else None,
        by_profession=dict(sorted(by_profession.items())),
    )
