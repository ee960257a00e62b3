"""The ceiling: a night's list has so many places, a campaign takes one with all its members."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tocsin.settings import Alerting


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account-night that deserves a place: new ones compete, continuing ones take none."""

    account: str
    points: int
    hard: bool
    continues: bool
    campaign: str | None


@dataclass(frozen=True, slots=True)
class Places:
    """Who is shown: `ranks` of new cases (members of a campaign share one), `continuing`, and who was cut."""

    ranks: Mapping[str, int]
    continuing: tuple[str, ...]
    cut: tuple[str, ...]
    cut_points: int | None
    new: int


def ceiling(accounts: int, rules: Alerting, asked: int | None) -> int:
    """Give the number of places: as asked, else in proportion to the accounts, at least the settings' least."""
    if asked is not None:
        return asked
    return max(rules.ceiling_least, -(-rules.ceiling * accounts // rules.ceiling_accounts))


def give_places(candidates: Sequence[Candidate], limit: int, open_campaigns: Collection[str]) -> Places:
    """Fill the list: hard rules first, then by points; a campaign already before the analyst takes no new place."""
    ordered = sorted(candidates, key=lambda c: (not c.hard, -c.points, c.account))
    ranks: dict[str, int] = {}
    place: dict[str, int] = {}
    continuing: list[str] = []
    cut: list[Candidate] = []
    taken = 0
    for candidate in ordered:
        campaign = candidate.campaign
        if candidate.continues or campaign in open_campaigns:
            continuing.append(candidate.account)
        elif campaign is not None and campaign in place:
            ranks[candidate.account] = place[campaign]
        elif taken < limit:
            taken += 1
            ranks[candidate.account] = taken
            if campaign is not None:
                place[campaign] = taken
        else:
            cut.append(candidate)
    return Places(
        ranks=ranks,
        continuing=tuple(continuing),
        cut=tuple(c.account for c in cut),
        cut_points=max((c.points for c in cut), default=None),
        new=taken,
    )
