"""Who competes for a place, and who found none: named when one is free, as long as a case would go on.

A burst of one night is gone on the next, and what an alert teaches makes the nights after it look usual: without this
nobody would ever look at it (docs/decisions/0138-who-found-no-place.md).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.results import Suspect
from tocsin.verdict.budget import Candidate, Places
from tocsin.verdict.docket import Docket, OpenCampaign, Waiting
from tocsin.verdict.explain import beside
from tocsin.verdict.lists import Lists
from tocsin.verdict.points import Scores
from tocsin.verdict.told import Verdict, suspect_of
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Rang:
    """The night's accounts, which of them rang (`alerted`, by number), and what says how much."""

    accounts: Sequence[str]
    alerted: Sequence[int]
    scores: Scores
    adding_up: NDArray[np.bool_]
    beyond: NDArray[np.int64]


def candidates_of(
    rang: Rang, docket: Docket, campaigns: Mapping[str, OpenCampaign], lists: Lists, confirmed: Collection[str]
) -> list[Candidate]:
    """Give those that compete for a place tonight; of the `confirmed` a person said before that they are used."""
    named = [(at, rang.accounts[at]) for at in rang.alerted]
    return [
        Candidate(
            account=account,
            points=int(rang.scores.points[at]),
            continues=account in docket.accounts,
            campaign=campaigns[account].id if account in campaigns else None,
            first=bool(rang.scores.hard[at]) or account in confirmed,
            list_name=lists.names[at],
            shown=int(rang.beyond[at]),
            adds_up=bool(rang.adding_up[at]),
        )
        for at, account in named
    ]


def called(
    waiting: Mapping[str, Waiting], night: date, places: Places, lists: Lists, busy: Collection[str]
) -> tuple[tuple[Suspect, ...], Places]:
    """Give the free places of a night to those that wait, by points; `busy` are accounts that tonight is told of.

    Tonight's come first. A campaign that was not shown then is not one now: each account takes a place.
    """
    chosen: list[Suspect] = []
    taken = dict(places.taken)
    in_turn = sorted(waiting.values(), key=lambda one: (-one.suspect.points, one.suspect.account))
    for one in in_turn:
        mine = lists.of_another_night(one.suspect, one.list_name)
        free = lists.limits.get(mine, 0) > taken.get(mine, 0)
        if one.suspect.account in busy or not free or places.new + len(chosen) >= lists.limit:
            continue
        taken[mine] = taken.get(mine, 0) + 1
        chosen.append(_now(one.suspect, night, places.new + len(chosen) + 1))
    ranks = {**places.ranks, **{one.account: one.rank for one in chosen if one.rank is not None}}
    return tuple(chosen), replace(places, ranks=ranks, taken=taken, new=places.new + len(chosen))


def _now(suspect: Suspect, night: date, rank: int) -> Suspect:
    text = _("Rang on {night:%-d %B}, when the list was full. {why}")
    why = text.format(night=suspect.night, why=suspect.why)
    return replace(suspect, night=night, rang=suspect.night, rank=rank, nights_alerted=1, campaign=None, why=why)


def with_waiting(
    verdict: Verdict,
    candidates: Sequence[Candidate],
    shown: Collection[str],
    hits: pl.DataFrame | None,
    lists: Lists,
    nights: int,
) -> Docket:
    """Give the docket with who found no place tonight: of a list at most as many as the nights of waiting have places.

    Of two nights of an account it is told of the one with more points, and begins with the first. Whoever waits already
    is pushed out by more points, not by a night with fewer places. `hits` as for `told.suspect_of`.
    """
    before = [(lists.of_another_night(one.suspect, one.list_name), one) for one in verdict.docket.waiting.values()]
    held = Counter(name for name, _one in before)
    most = {name: max(places * nights, held[name]) for name, places in lists.limits.items()}
    cut = set(verdict.places.cut)
    tonight = [(one.list_name, one.points, one.account) for one in candidates if one.account in cut]
    first = [account for _name, _points, account in _within(tonight, most)]
    place = {account: at for at, account in enumerate(verdict.assessment.rows["account"])} if first else {}
    waiting = {account: one for account, one in verdict.docket.waiting.items() if account not in shown}
    for account in first:
        at, known = place[account], waiting.get(account)
        suspect = suspect_of(at, verdict, hits)
        if known is not None and known.suspect.points > suspect.points:
            waiting[account] = replace(known, last_rang=verdict.night)
            continue
        began = known.suspect.first_alerted if known else verdict.night
        measures = () if hits is None else beside(at, verdict.assessment)
        waiting[account] = Waiting(replace(suspect, first_alerted=began), measures, lists.names[at], verdict.night)
    every = [
        (lists.of_another_night(one.suspect, one.list_name), one.suspect.points, account)
        for account, one in waiting.items()
    ]
    return replace(verdict.docket, waiting={account: waiting[account] for _n, _p, account in _within(every, most)})


def _within(those: Iterable[tuple[str, float, str]], most: Mapping[str, int]) -> list[tuple[str, float, str]]:
    """Leave of each list so many accounts (list, points, account), the most points first."""
    left = Counter(most)
    kept: list[tuple[str, float, str]] = []
    for one in sorted(those, key=lambda told: (-told[1], told[2])):
        if left[one[0]] > 0:
            left[one[0]] -= 1
            kept.append(one)
    return kept
