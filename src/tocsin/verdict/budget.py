"""The ceiling: a night's list has so many places, a campaign takes one with all its members."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tocsin.settings import Alerting

EVERYBODY = ""
"""The list of all who have none of their own."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account-night that deserves a place: new ones compete, continuing ones take none."""

    account: str
    points: int
    hard: bool
    continues: bool
    campaign: str | None
    list_name: str = EVERYBODY
    """Whose places it competes for (verdict.lists)."""


@dataclass(frozen=True, slots=True)
class Places:
    """Who is shown: `ranks` of new cases (members of a campaign share one), `continuing`, and who was cut."""

    ranks: Mapping[str, int]
    continuing: tuple[str, ...]
    cut: tuple[str, ...]
    cut_points: int | None
    new: int
    taken: Mapping[str, int]
    """Of `new`, how many each list gave."""


def ceiling(accounts: int, rules: Alerting, asked: int | None) -> int:
    """Give the number of places: as asked, else in proportion to the accounts, at least the settings' least."""
    if asked is not None:
        return asked
    return max(rules.ceiling_least, -(-rules.ceiling * accounts // rules.ceiling_accounts))


def give_places(
    candidates: Sequence[Candidate],
    limit: int,
    open_campaigns: Collection[str],
    limits: Mapping[str, int] | None = None,
) -> Places:
    """Fill the list: hard rules first, then by points; a campaign already before the analyst takes no new place.

    `limits` are the places of each list (verdict.lists) within the `limit` of the night; all of it where not given.
    """
    ordered = sorted(candidates, key=lambda c: (not c.hard, -c.points, c.account))
    ranks: dict[str, int] = {}
    place: dict[str, int] = {}
    continuing: list[str] = []
    cut: list[Candidate] = []
    taken: Counter[str] = Counter()
    for candidate in ordered:
        campaign = candidate.campaign
        if candidate.continues or campaign in open_campaigns:
            continuing.append(candidate.account)
        elif campaign is not None and campaign in place:
            ranks[candidate.account] = place[campaign]
        elif taken.total() < limit and (limits is None or taken[candidate.list_name] < limits[candidate.list_name]):
            taken[candidate.list_name] += 1
            ranks[candidate.account] = taken.total()
            if campaign is not None:
                place[campaign] = taken.total()
        else:
            cut.append(candidate)
    late = {c.account: place[c.campaign] for c in cut if c.campaign in place}
    ranks.update(late)
    cut = [c for c in cut if c.account not in late]
    return Places(
        ranks=ranks,
        continuing=tuple(continuing),
        cut=tuple(c.account for c in cut),
        cut_points=max((c.points for c in cut), default=None),
        new=taken.total(),
        taken=taken,
    )
