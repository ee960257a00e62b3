"""The ceiling: a night's list has so many places, a campaign takes one with all its members."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from tocsin.settings import Alerting

EVERYBODY = ""
"""The list of all who have none of their own."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account-night that deserves a place: new ones compete, continuing ones take none."""

    account: str
    points: int
    continues: bool
    campaign: str | None
    first: bool = False
    """By a hard rule, or because a person confirmed before that somebody else uses the account: it is still used."""
    list_name: str = EVERYBODY
    """Whose places it competes for (verdict.lists)."""
    shown: int = 0
    """People or rows that it was shown tonight beyond its usual."""
    adds_up: bool = False
    """Whether what adds up over nights rings: it seldom has the points of one night's burst."""


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
    cut_accounts: dict[str, float]
    """Points of those that were cut, the most first."""


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
    drift_each: int = 5,
) -> Places:
    """Fill the list; a campaign takes one place with all its members, and one already before the analyst no new one.

    Hard rules and confirmed accounts come first. Where not all fit, every other place, beginning with the first, goes
    to who was shown most beyond its usual (docs/decisions/0015-places-by-what-was-shown.md), and one in `drift_each` to
    who rings by what adds up over nights; the ranks of those who have one are by points. `limits` are the places of
    each list (verdict.lists) within the `limit` of the night; all of it where not given.
    """
    ordered = sorted(candidates, key=lambda c: (not c.first, -c.points, c.account))
    continuing = [c for c in ordered if c.continues or c.campaign in open_campaigns]
    entries = _entries([c for c in ordered if not c.continues and c.campaign not in open_campaigns])
    chosen, taken = _within(entries, limit, limits, drift_each)
    ranks = {one.account: rank for rank, entry in enumerate(chosen, start=1) for one in entry.members}
    cut = [one for entry in entries if entry not in chosen for one in entry.members]
    return Places(
        ranks=ranks,
        continuing=tuple(c.account for c in continuing),
        cut=tuple(c.account for c in cut),
        cut_points=max((c.points for c in cut), default=None),
        new=len(chosen),
        taken=taken,
        cut_accounts={c.account: c.points / 100 for c in sorted(cut, key=lambda c: -c.points)},
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """What takes one place: an account, or a campaign with its members, the first by points first."""

    members: tuple[Candidate, ...]

    @property
    def lists(self) -> tuple[str, ...]:
        """Whose places it may take."""
        return tuple(dict.fromkeys(one.list_name for one in self.members))

    def most_shown(self) -> tuple[bool, int]:
        """Sort those that come first, then by what all of them were shown."""
        return not self.members[0].first, -sum(one.shown for one in self.members)


def _entries(ordered: Sequence[Candidate]) -> list[_Entry]:
    together: dict[tuple[str | None, str], list[Candidate]] = {}
    for one in ordered:
        key = (one.campaign, "") if one.campaign is not None else (None, one.account)
        together.setdefault(key, []).append(one)
    return [_Entry(tuple(members)) for members in together.values()]


def _within(
    entries: Sequence[_Entry], limit: int, limits: Mapping[str, int] | None, drift_each: int
) -> tuple[list[_Entry], Counter[str]]:
    """Give the entries that have a place, in their order, and how many places each list gave."""
    if limits is None:
        limits = {name: limit for entry in entries for name in entry.lists}
    given: dict[_Entry, str] = {}
    for name, places in limits.items():  # a campaign of several lists takes a place of one
        competing = [entry for entry in entries if name in entry.lists and entry not in given]
        given |= dict.fromkeys(_in_turn(competing, places, drift_each), name)
    kept = set(_in_turn([entry for entry in entries if entry in given], limit, drift_each))
    chosen = [entry for entry in entries if entry in kept]
    return chosen, Counter(given[entry] for entry in chosen)


def _in_turn(entries: Sequence[_Entry], places: int, drift_each: int) -> list[_Entry]:
    """Choose in turn by what was shown and by points (their order); a single place goes by points.

    The last of so many places goes to the first of those that add up over nights, if one has none yet.
    """
    by_shown = sorted(entries, key=_Entry.most_shown) if places > 1 else entries
    orders = cycle((iter(by_shown), iter(entries)))
    adding = iter([entry for entry in entries if any(one.adds_up for one in entry.members)])
    chosen: dict[_Entry, None] = {}
    while len(chosen) < min(places, len(entries)):
        first = any(entry.members[0].first and entry not in chosen for entry in entries)
        drifts = (len(chosen) + 1) % drift_each == 0 and not first
        left = next((entry for entry in adding if entry not in chosen), None) if drifts else None
        chosen[left or next(entry for entry in next(orders) if entry not in chosen)] = None
    return list(chosen)
