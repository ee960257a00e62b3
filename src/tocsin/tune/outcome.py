"""What a value comes to on the replayed nights: hits and new alerts of the accounts tuned for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from tocsin.results import Night


@dataclass(frozen=True, slots=True)
class Alerted:
    """One night's alerts in the scope: places taken anew, by profession, and everybody named or linked."""

    night: date
    new: int
    by_profession: Mapping[str, int]
    accounts: frozenset[str]
    loudest: Mapping[str, int]
    """How many of the new alerts each family was the strongest evidence of."""
    by_region: Mapping[str, int] = field(default_factory=dict)
    taking: frozenset[str] = frozenset()
    """Who took the places: of a campaign one account."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The hits of the rule (account, night, peak) and the alerts of every night, in order.

    Planted attacks are no alerts of these nights: `planted` are the same nights with them.
    """

    hits: pl.DataFrame
    nights: Sequence[Alerted]
    planted: Sequence[Alerted] = ()

    @property
    def hits_a_night(self) -> float:
        """Hits of the rule a night, on the average."""
        return self.hits.height / len(self.nights)

    @property
    def alerts(self) -> int:
        """New alerts of all nights."""
        return sum(night.new for night in self.nights)

    @property
    def alerts_a_night(self) -> float:
        """New alerts a night, on the average."""
        return self.alerts / len(self.nights)

    @property
    def places(self) -> frozenset[tuple[date, str]]:
        """Every new alert of all nights: the night, and who took the place."""
        return frozenset((night.night, account) for night in self.nights for account in night.taking)

    @property
    def worst(self) -> Alerted:
        """The night with the most new alerts, the first of several."""
        return max(self.nights, key=lambda night: night.new)

    @property
    def by_profession(self) -> Mapping[str, int]:
        """New alerts of all nights by profession, the most first."""
        total: Counter[str] = Counter()
        for night in self.nights:
            total.update(night.by_profession)
        return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))

    @property
    def loudest(self) -> Mapping[str, int]:
        """New alerts of all nights by their strongest family, the most first."""
        total: Counter[str] = Counter()
        for night in self.nights:
            total.update(night.loudest)
        return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))

    @property
    def accounts(self) -> frozenset[str]:
        """Everybody who was named, or linked to a campaign, on any of the nights."""
        return frozenset().union(*(night.accounts for night in self.nights))

    def nights_of(self, account: str, *, planted: bool = False) -> list[date]:
        """Give the nights on which an account was named or linked; with the `planted` attacks, or as they were."""
        return [night.night for night in (self.planted if planted else self.nights) if account in night.accounts]


def alerted(judged: Night, inside: frozenset[str]) -> Alerted:
    """Count what a judged night puts before a person of the scope; `inside` are its accounts that night."""
    mine = [one for one in judged.suspects if one.account in inside]
    places = {one.rank: one for one in reversed(mine) if one.rank is not None}
    linked = {member.account for campaign in judged.campaigns for member in campaign.accounts} & inside
    return Alerted(
        night=judged.night,
        new=len(places),
        by_profession=Counter(one.profession or "unknown" for one in places.values()),
        accounts=frozenset({one.account for one in mine} | linked),
        by_region=Counter(one.region for one in places.values() if one.region),
        taking=frozenset(one.account for one in places.values()),
        loudest=Counter(_strongest(one.families) for one in places.values() if one.families),
    )


def _strongest(families: Mapping[str, float]) -> str:
    return max(sorted(families), key=lambda family: families[family])
