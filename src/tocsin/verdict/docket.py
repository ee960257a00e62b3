"""The docket: which accounts and campaigns are already before the analyst, so that news is told from what continues."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from tocsin.results import Measure, Suspect


@dataclass(frozen=True, slots=True)
class Open:
    """An account under alert: since when, the last hit, on how many nights."""

    first: date
    last: date
    nights: int


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """A campaign under alert and everybody who was ever in it."""

    id: str
    first: date
    last: date
    members: frozenset[str]
    merged: tuple[str, ...] = ()
    """Names of campaigns that turned out to be this one."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A suspect as it was told on the night on which it rang and found no place, and whose places it competed for.

    Of several such nights it is told of the one with the most points; `first_alerted` is the first of them, `last_rang`
    the last.
    """

    suspect: Suspect
    measures: tuple[Measure, ...]
    list_name: str
    last_rang: date | None = None

    @property
    def last(self) -> date:
        """The night since which it waits no longer than a case goes on."""
        return self.last_rang or self.suspect.night


@dataclass(frozen=True, slots=True)
class Docket:
    """What the earlier nights put before a person."""

    accounts: Mapping[str, Open] = field(default_factory=dict)
    campaigns: tuple[OpenCampaign, ...] = ()
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    """Who rang and found no place (verdict.waiting)."""

    def on(self, night: date, keep: int) -> "Docket":
        """Drop what had no further hit for `keep` nights."""
        return Docket(
            {name: case for name, case in self.accounts.items() if (night - case.last).days <= keep},
            tuple(group for group in self.campaigns if (night - group.last).days <= keep),
            {name: one for name, one in self.waiting.items() if (night - one.last).days <= keep},
        )

    def since(self, night: date) -> "Docket":
        """Forget who waits to be told of an earlier night."""
        return replace(self, waiting={name: one for name, one in self.waiting.items() if one.suspect.night >= night})

    def alert(self, night: date, accounts: Collection[str], rang: Mapping[str, date] | None = None) -> "Docket":
        """Open or continue the cases of tonight's suspects; of those that waited since the first night they `rang`."""
        cases = dict(self.accounts)
        for name in accounts:
            before = cases.get(name)
            cases[name] = (
                Open(before.first, night, before.nights + 1)
                if before
                else Open(first=(rang or {}).get(name, night), last=night, nights=1)
            )
        return replace(self, accounts=cases)

    def gather(self, night: date, members: Collection[str]) -> tuple["Docket", OpenCampaign]:
        """Open a campaign, or continue the oldest one that shares a member (it names those merged into it)."""
        mine = sorted((c for c in self.campaigns if c.members & set(members)), key=lambda c: (c.first, c.id))
        others = tuple(c for c in self.campaigns if c not in mine)
        everybody = frozenset(members).union(*(c.members for c in mine))
        if mine:
            names = {name for c in mine for name in (c.id, *c.merged)} - {mine[0].id}
            group = OpenCampaign(mine[0].id, mine[0].first, night, everybody, tuple(sorted(names)))
        else:
            group = OpenCampaign(f"{night.isoformat()}-{min(members)}", night, night, everybody)
        return replace(self, campaigns=(*others, group)), group
