"""Known cases: accounts of which somebody has said what they were, and what a value does to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import polars as pl

from tocsin.evaluate import Truth
from tocsin.tune.outcome import Outcome
from tocsin.verdict.decisions import Decisions
from tocsin.words import _

LATE_NIGHTS = 7
"""Nights after the last one of a case on which an alert still counts for it, as `tocsin evaluate` counts."""

CONFIRMED = "true"

HABIT = 0.1
"""An account that rings on more of its nights than this rings by itself."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a person said of an account from a night to a night: `verdict` is true, benign, error or waiting.

    `read` says how many people were read on each night, where that is known; else all that the account read counts.
    """

    account: str
    first: date
    last: date
    verdict: str = CONFIRMED
    read: Mapping[date, int] = field(default_factory=dict)
    planted: bool = False
    """Whether it was planted among the events of these nights (tune.planted), and never was."""

    @property
    def name(self) -> str:
        """What it is called: by its account."""
        return _("{account} (planted)").format(account=self.account) if self.planted else self.account


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the confirmed cases: who rings (by name), and how many people were read before."""

    rings: tuple[str, ...]
    silent: tuple[str, ...]
    read_before: int
    """People read up to the night of the alert; of cases that do not ring, all of them."""


def of_truth(truth: Truth) -> list[Labelled]:
    """Take the attacks that `tocsin simulate` noted for confirmed cases."""
    counted = truth.nights.select("account", "night", read=pl.col("people") + pl.col("rows"))
    read: dict[str, dict[date, int]] = {}
    for account, night, people in counted.iter_rows():
        mine = read.setdefault(account, {})
        mine[date.fromisoformat(night)] = mine.get(date.fromisoformat(night), 0) + people
    return [Labelled(account, min(mine), max(mine), CONFIRMED, mine) for account, mine in sorted(read.items())]


def of_decisions(decisions: Decisions) -> list[Labelled]:
    """Take what persons answered in `tocsin triage`: of several answers about a case the last."""
    last = {one.case: one for one in decisions.answers}
    return [Labelled(one.account, one.first, one.last, one.answer) for one in last.values()]


def within(cases: Iterable[Labelled], nights: Sequence[date], mine: pl.DataFrame) -> list[Labelled]:
    """Keep the cases on the replayed nights of accounts of the scope (`mine`: account, night, people)."""
    there = set(mine["account"])
    kept = [case for case in cases if case.account in there and case.first <= nights[-1] and case.last >= nights[0]]
    asked = mine.filter(pl.col("account").is_in([case.account for case in kept]))
    people = {(account, night): count or 0 for account, night, count in asked.iter_rows()}
    return [case if case.read else _with_people(case, people) for case in kept]


def planted_names(cases: Iterable[Labelled]) -> frozenset[str]:
    """Give the names of the planted ones."""
    return frozenset(case.name for case in cases if case.planted)


def _with_people(case: Labelled, people: Mapping[tuple[str, date], int]) -> Labelled:
    read = {
        night: count
        for (account, night), count in people.items()
        if account == case.account and case.first <= night <= case.last
    }
    return replace(case, read=read)


def by_habit(cases: Iterable[Labelled], outcome: Outcome) -> dict[str, tuple[int, int]]:
    """Give the confirmed cases whose account rings on many nights without them: on how many, of how many other nights.

    An attack on such an account is noticed by chance.
    """
    found: dict[str, tuple[int, int]] = {}
    for case in cases:
        late = case.last + timedelta(days=LATE_NIGHTS)
        others = [one.night for one in outcome.nights if case.planted or not case.first <= one.night <= late]
        rang = len(set(others).intersection(outcome.nights_of(case.account)))
        if case.verdict == CONFIRMED and rang > HABIT * len(others):
            found[case.name] = rang, len(others)
    return found


def fate(cases: Sequence[Labelled], outcome: Outcome) -> Fate:
    """Say which confirmed cases ring, and how many people had been read by then."""
    rings: list[str] = []
    silent: list[str] = []
    read = 0
    for case in (one for one in cases if one.verdict == CONFIRMED):
        late = case.last + timedelta(days=LATE_NIGHTS)
        nights = [
            night for night in outcome.nights_of(case.account, planted=case.planted) if case.first <= night <= late
        ]
        (rings if nights else silent).append(case.name)
        read += sum(people for night, people in case.read.items() if not nights or night <= nights[0])
    return Fate(tuple(rings), tuple(silent), read)
