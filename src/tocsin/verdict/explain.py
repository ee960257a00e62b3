"""Why: each family's strongest reasons in words, with the seen value, the usual one, and against whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from tocsin.features.catalogue import BY_NAME
from tocsin.features.feature import Feature
from tocsin.model.assess import Assessment
from tocsin.results import Against, Finding, Fleet, Level, Link, Measure
from tocsin.settings_fixed import LEVELS, USUAL_RANGE
from tocsin.verdict.drifting import Adding, Drifting
from tocsin.verdict.figures import age, number, percent
from tocsin.verdict.link_words import told_of, told_of_fleet
from tocsin.verdict.points import Scores
from tocsin.words import _, ngettext

REASONS = 3
"""Reasons in the sentence of a suspect: what a person keeps in mind."""
FEWEST = 2
"""Reasons with figures that need no company."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that rang for an account tonight."""

    rule: str
    title: str
    family: str
    level: Level
    score: int
    headline: str
    first: datetime
    last: datetime
    peak: int
    usual: float | None
    against: str | None
    rests: int | None
    limit: float | None
    unit: str
    runbook: tuple[str, ...]


def findings(
    at: int,
    assessment: Assessment,
    scores: Scores,
    hits: Sequence[Hit],
    links: Sequence[Link],
    drifting: Drifting | None = None,
    fleet: Fleet | None = None,
) -> tuple[Finding, ...]:
    """List the reasons for the account in row `at`; their points add up to the account's points."""
    row = assessment.rows.row(at, named=True)
    found: list[Finding] = []
    for family, contributions in scores.families.items():
        left = int(contributions[at])
        mine = _measured(at, assessment, family, scores.noise)
        model = min(left, int(scores.model[family][at]))
        if model and mine:
            strongest = mine[0]
            measures = tuple(measure_of(at, assessment, feature) for feature in mine)
            headline = sentence(strongest, measures[0], assessment, at)
            found.append(
                Finding(
                    f"{family}.{strongest.name}",
                    _level(model),
                    model / 100,
                    headline,
                    row["first"],
                    row["last"],
                    measures,
                )
            )
            left -= model
        elif model:
            headline = _("its combination of figures is rare among tonight's accounts")
            found.append(Finding(family, _level(model), model / 100, headline, row["first"], row["last"], ()))
            left -= model
        for hit in sorted((h for h in hits if h.family == family), key=lambda h: (-h.score, h.rule)):
            share = max(0, min(left, hit.score * 10))
            left -= share
            found.append(_from_rule(hit, share, assessment.nights if family == "novelty" else None))
        if left and drifting is not None and family == "drift":
            found.append(_from_drift(drifting, at, left, row | {"held": assessment.nights}))
        elif left and links:
            found.append(_from_campaign(told_of(links), left, row["first"], row["last"]))
        elif left and fleet and family == "campaign":
            found.append(_from_campaign(told_of_fleet(fleet), left, row["first"], row["last"]))
    return tuple(sorted(found, key=lambda finding: -finding.points))


def why(reasons: Sequence[Finding]) -> str:
    """Join the strongest reasons into the sentence of a suspect."""
    told = [reason.headline for reason in reasons if reason.points > 0 and reason.measures][:REASONS]
    if len(told) < FEWEST:  # what has no figures raises a suspect, and explains only what little else does
        told += [reason.headline for reason in reasons if reason.points > 0 and not reason.measures]
    text = "; ".join(told) or _("nothing about that night is unusual")
    return text[:1].upper() + text[1:] + "."


def measure_of(at: int, assessment: Assessment, feature: Feature) -> Measure:
    """Give a feature's seen value beside the usual one and the range it comes from."""
    name = feature.name
    row = assessment.rows.row(at, named=True)
    nights = _nights(at, assessment, feature)
    if feature.of:
        value = round(row[name] / max(row[feature.of], 1), 4)
        own = bool(assessment.of_self[name][at])
        theirs = assessment.own.theirs.get(name) if assessment.known[at] and not own else None
        usual = round(float((theirs[0] if theirs else assessment.expected[name])[at]), 4)
        against: Against = "own" if own else "peers"
        return Measure(name, value, usual, None, None, feature.unit, against, nights, int(assessment.own.of_them[at]))
    if name not in assessment.own.dispersion:
        usual = float(assessment.expected[name][at])
        return Measure(name, row[name], None, None, usual, feature.unit, "own", nights, 0)
    return (
        _against_self(at, assessment, feature)
        if assessment.of_self[name][at]
        else _against_peers(at, assessment, feature)
    )


def _against_self(at: int, assessment: Assessment, feature: Feature) -> Measure:
    name, nights = feature.name, _nights(at, assessment, feature)
    mean, spread = float(assessment.expected[name][at]), float(assessment.own.dispersion[name][at])
    reach = USUAL_RANGE * np.sqrt(mean + spread * mean**2)
    low, high = max(0.0, mean - reach), mean + reach
    value = assessment.rows[name][at]
    return Measure(name, value, round(mean, 1), round(low), round(high), feature.unit, "own", nights, 0)


def _against_peers(at: int, assessment: Assessment, feature: Feature) -> Measure:
    name, nights = feature.name, _nights(at, assessment, feature)
    factor = float(assessment.factors[name][at])
    middle, spread = float(assessment.peers.middle[name][at]), float(assessment.peers.spread[name][at])
    usual, high = np.expm1(middle) * factor, np.expm1(middle + USUAL_RANGE * spread) * factor
    peers, value = int(assessment.peers.accounts[at]), assessment.rows[name][at]
    return Measure(name, value, round(float(usual), 1), None, round(float(high)), feature.unit, "peers", nights, peers)


def _nights(at: int, assessment: Assessment, feature: Feature) -> int:
    """Count the own nights that a usual value rests on: the first ones held tell neither who is new nor who is far."""
    usual = BY_NAME[feature.like or feature.name]
    early = usual.history or usual.family == "geography"
    held = assessment.own.history_nights if early else assessment.own.nights
    return int(held[at] + assessment.own.older.nights(usual.name)[at])


def beside(at: int, assessment: Assessment) -> tuple[Measure, ...]:
    """Give every measure of an account beside its own usual value and, of counts, beside its peers'."""
    both: list[Measure] = []
    for feature in assessment.features:
        if not feature.of and assessment.known[at] and feature.name in assessment.own.dispersion:
            both.append(_against_self(at, assessment, feature))
        if feature.of:
            both.append(measure_of(at, assessment, feature))
        elif feature.name in assessment.factors:
            both.append(_against_peers(at, assessment, feature))
    return tuple(both)


def sentence(feature: Feature, measure: Measure, assessment: Assessment, at: int) -> str:
    """Say a measure in words, with what the usual value rests on."""
    share = percent(measure.value) if feature.of else ""
    usual = percent(measure.usual or 0) if feature.of else number(measure.usual or 0)
    told = feature.one if feature.one and measure.value == 1 else feature.sentence
    first_seen = age(assessment.rows["account_age"][at]) if "{age}" in told else ""
    text = _(told).format(value=number(measure.value), share=share, usual=usual, age=first_seen)
    return f"{text} ({_against(measure, assessment, at, feature)})" if measure.usual is not None else text


def _against(measure: Measure, assessment: Assessment, at: int, feature: Feature) -> str:
    if measure.against == "own":
        text = ngettext("its own {n} night", "its own {n} nights", measure.nights).format(n=measure.nights)
        older = int(assessment.own.older.nights(feature.like or feature.name)[at])
        if older:
            return text + _(", {older} of them before the {held} held in full").format(
                older=older, held=assessment.nights
            )
        if feature.history:
            text += _(" of {held} held").format(held=assessment.nights)
            if assessment.own.nights[at] > assessment.own.history_nights[at]:
                text += _(", on the first of which everybody was new")
        return text
    # A share leans on everybody of the profession, wherever they are.
    group = (assessment.own.leans_on if feature.of else assessment.peers.group)[at]
    if assessment.nights == 0:
        return _("tonight's {n} accounts of {group}").format(n=measure.peers, group=group)
    text = _("{n} accounts of {group}").format(n=measure.peers, group=group)
    return f"{text}, {_in_held(assessment.nights)}" if feature.history else text


def _measured(at: int, assessment: Assessment, family: str, noise: int) -> list[Feature]:
    mine = [f for f in assessment.features if f.family == family and assessment.surprises[f.name][at] >= noise]
    return sorted(mine, key=lambda f: -int(assessment.surprises[f.name][at]))


def _from_rule(hit: Hit, points: int, held: int | None) -> Finding:
    """Tell what a rule found; who was never read before is told with the nights `held`."""
    rests = hit.rests or 0
    nights, peers = (rests, 0) if hit.against == "self" else (0, rests)
    measure = Measure(hit.rule, hit.peak, hit.usual, None, hit.limit, hit.unit, "rule", nights, peers)
    text = hit.headline if held is None else _("{text} ({held})").format(text=hit.headline, held=_in_held(held))
    return Finding(f"rule.{hit.rule}", hit.level, points / 100, text, hit.first, hit.last, (measure,))


def _in_held(nights: int) -> str:
    """Say on what "never read before" rests."""
    return ngettext("in the {n} night held", "in the {n} nights held", nights).format(n=nights)


def _from_campaign(told: tuple[str, Measure], points: int, first: datetime, last: datetime) -> Finding:
    text, measure = told
    return Finding("campaign.link", _level(points), points / 100, text, first, last, (measure,))


def _from_drift(drifting: Drifting, at: int, points: int, row: Mapping[str, Any]) -> Finding:
    """Tell the loudest of what adds up."""
    kinds = (drifting.little, drifting.desk, drifting.more, drifting.hand)
    little, desk, more, hand = (kind.told[at] for kind in kinds)
    if hand > max(little, desk, more):
        return _from_hand(drifting.hand, at, points, row)
    if desk >= more and desk > little:
        return _from_desk(drifting.desk, at, points, row)
    if more > little:
        return _from_newcomers(drifting.more, at, points, row)
    return _from_little(drifting.little, at, points, row)


def _from_desk(desk: Adding, at: int, points: int, row: Mapping[str, Any]) -> Finding:
    """Tell who reads strangers beside the owner, tonight and since when."""
    nights, since = int(desk.sums.nights[at]), desk.sums.since[at]
    tonight, more = int(row["strangers_apart"]), int(row["strangers_beside"])
    text = _(
        "{people} people that it never read before ({held}) came through networks that see nobody it knows, {more} "
        "more than it is used to, while it worked elsewhere as usual, so on {n} nights since {since}"
    ).format(people=number(tonight), held=_in_held(row["held"]), more=number(more), n=nights, since=since)
    measure = Measure("strangers_apart", tonight, None, None, None, "people", "population", nights, 0)
    return Finding("drift.desk", _level(points), points / 100, text, row["first"], row["last"], (measure,))


def _from_newcomers(more: Adding, at: int, points: int, row: Mapping[str, Any]) -> Finding:
    """Tell who reads more strangers than usual, night after night."""
    nights, since = int(more.sums.nights[at]), more.sums.since[at]
    tonight, usual = int(row["new_people"]), int(row["newcomers_usual"])
    text = _(
        "read {people} people it never read before ({held}), usually {usual}, more than usual night after night since "
        "{since} ({n} nights)"
    ).format(people=number(tonight), held=_in_held(row["held"]), usual=number(usual), since=since, n=nights)
    measure = Measure("new_people", tonight, usual, None, None, "people", "own", nights, 0)
    return Finding("drift.newcomers", _level(points), points / 100, text, row["first"], row["last"], (measure,))


def _from_hand(hand: Adding, at: int, points: int, row: Mapping[str, Any]) -> Finding:
    """Tell whose people and hours are no longer its own."""
    nights, since = int(hand.sums.nights[at]), hand.sums.since[at]
    read, strangers, usual = int(row["people"]), int(row["new_people"]), int(row["hand_known"])
    text = _("{known} of {read} people read were known to it, usually {usual} %").format(
        known=number(read - strangers), read=number(read), usual=usual
    )
    if row["hand_hours"] > 0:
        text += _(", at hours that are more others' than its own")
    text += _(", so since {since} ({n} nights): as if somebody else worked with the account").format(
        since=since, n=nights
    )
    share = (read - strangers) / read if read else 0.0
    measure = Measure("known_people", share, usual / 100, None, None, "share", "own", nights, 0)
    return Finding("drift.hand", _level(points), points / 100, text, row["first"], row["last"], (measure,))


def _from_little(little: Adding, at: int, points: int, row: Mapping[str, Any]) -> Finding:
    """Tell for how long a little too much has added up, beside what ordinary accounts come to."""
    nights, since = int(little.sums.nights[at]), little.sums.since[at]
    total, level = int(little.sums.total[at]) / 100, (little.level or 0) / 100
    text = ngettext(
        "on {n} night since {since} a little more than usual spoke of strangers, other departments or new networks",
        "on {n} nights since {since} a little more than usual spoke of strangers, other departments or new networks",
        nights,
    ).format(n=nights, since=since)
    rest = _("{total} points together, ordinary accounts stay below {level}").format(
        total=number(total), level=number(level)
    )
    measure = Measure("drift", total, None, None, level, "points", "population", nights, 0)
    return Finding("drift.sum", _level(points), points / 100, f"{text} ({rest})", row["first"], row["last"], (measure,))


def _level(points: int) -> Level:
    return next((level for least, level in LEVELS if points >= 100 * least), "informational")


def hits_of(rows: pl.DataFrame) -> list[Hit]:
    """Read rule hits (a row a rule and account) into values."""
    return [Hit(**row) for row in rows.iter_rows(named=True)]
