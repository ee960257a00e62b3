"""The review: which rules are noisy, silent or only ever hit benign accounts, and which regions ring too much."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tocsin.tune.known import CONFIRMED, Labelled
from tocsin.tune.sweep import Sweep
from tocsin.tune.tuning import Answer

NOISY_SHARE = 0.02
"""A rule that rings for more than one account-night in fifty says what everybody does."""

OFF = 2.0
"""A region rings too much, or too little, at twice or half the rate of all by its accounts."""

LEAST_ALERTS = 3
"""Fewer alerts than this are no rate."""


@dataclass(frozen=True, slots=True)
class RegionRate:
    """New alerts of a region: how many a night, and how many times what its accounts would have at the common rate."""

    region: str
    accounts: int
    alerts_a_night: float
    times: float | None

    @property
    def is_off(self) -> bool:
        """Say whether the region rings much more or much less than the others."""
        return self.times is not None and not 1 / OFF < self.times < OFF


@dataclass(frozen=True, slots=True)
class Review:
    """Rules by what is remarkable of them, and every region."""

    noisy: Sequence[Sweep]
    silent: Sequence[Sweep]
    only_benign: Sequence[Sweep]
    regions: Sequence[RegionRate]


def review(answer: Answer) -> Review:
    """Look at what today's rules came to in the scope of an answer."""
    mine = answer.ground.scope.within(answer.ground.hits.active)
    mine = mine.filter(mine["night"].is_in(list(answer.ground.nights)))
    often = NOISY_SHARE * mine.height
    first: dict[str, Sweep] = {}
    for one in answer.rules:  # threshold and factor of a rule have the same hits today
        first.setdefault(one.knob.name, one)
    rules = list(first.values())
    benign = {case.account for case in answer.cases if case.verdict == "benign"}
    return Review(
        noisy=[one for one in rules if one.today.hits.height > often],
        silent=[one for one in rules if one.today.hits.is_empty()],
        only_benign=[one for one in rules if _only(one, benign, answer.cases)],
        regions=_regions(answer, _sizes(mine)),
    )


def _only(one: Sweep, benign: set[str], cases: Sequence[Labelled]) -> bool:
    """Say whether all that a rule hit was said to be benign."""
    hit = set(one.today.hits["account"])
    return bool(hit) and hit <= benign and not hit & {case.account for case in cases if case.verdict == CONFIRMED}


def _sizes(mine: pl.DataFrame) -> dict[str, int]:
    """Count the accounts of each region."""
    return dict(mine.drop_nulls("region").group_by("region").agg(pl.col("account").n_unique()).iter_rows())


def _regions(answer: Answer, sizes: dict[str, int]) -> list[RegionRate]:
    alerts: Counter[str] = Counter()
    today = answer.before[0]
    for night in today.nights:
        alerts.update(night.by_region)
    everybody, total = sum(sizes.values()), sum(alerts.values())
    rates = []
    for region, accounts in sorted(sizes.items()):
        due = total * accounts / everybody
        times = alerts[region] / due if max(due, alerts[region]) >= LEAST_ALERTS and due else None
        rates.append(RegionRate(region, accounts, alerts[region] / len(today.nights), times))
    return rates
