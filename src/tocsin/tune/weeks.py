"""What the coming weeks hold: their days may not be as those replayed.

Whoever is heard of daily is heard of anew on the first day after a closed one; so weeks with public holidays ring more,
or less, than weeks without (docs/decisions/0129).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl

from tocsin.enrich.calendar import day_class
from tocsin.rules.overlay import Overlays
from tocsin.rules.tuning import covers

COMING = 28
"""Nights that alerts are reckoned for: four weeks."""

TOLD = 0.05
"""By less than this share of the alerts the coming weeks do not differ: nights differ by more."""

Kind = Literal["working", "after", "saturday", "saturday_after", "closed"]
"""What a night's day is: `after` is the first working day after a closed one, `saturday_after` a Saturday after one."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """What kind of day each night is of those replayed and of those to come, which begin on `first`."""

    first: date
    replayed: tuple[Kind, ...]
    coming: tuple[Kind, ...]

    def reckoned(self, new: Sequence[int], named: Sequence[int]) -> float | None:
        """Say how many new alerts a night the coming weeks will bring; None where that is all but the same.

        `new` are those of each replayed night, `named` is how many it names at all. The mean of a kind is trusted as
        far as it is further from the mean of all than chance explains: by 1 - variance / distance squared (James and
        Stein 1961, positive part). The variance is that of a mean of as many nights, which differ by as much as they do
        within a kind, and by no less than counts do (Poisson). Kinds that were not replayed count as the mean of all.
        """
        count, mean = len(new), sum(new) / len(new)
        sizes = Counter(self.replayed)
        means = {kind: sum(self._of(kind, new)) / size for kind, size in sizes.items()}
        within = sum((one - means[kind]) ** 2 for one, kind in zip(new, self.replayed, strict=True))
        varies = max(mean, within / max(count - len(sizes), 1))
        saturdays = self._saturdays(named)
        due = mean
        for kind, size in sizes.items():
            beyond = means[kind] - mean
            due += self._more(kind, sizes, saturdays) * _trust(beyond, varies / size) * beyond
        return max(due, 0.0) if abs(due - mean) > TOLD * mean else None

    def _of(self, kind: Kind, new: Sequence[int]) -> list[int]:
        return [one for one, its in zip(new, self.replayed, strict=True) if its == kind]

    def _saturdays(self, named: Sequence[int]) -> float:
        """Say how many are named on a Saturday for each one on a working day."""
        saturday, working = (self._of(kind, named) for kind in ("saturday", "working"))
        if not (saturday and sum(working)):
            return 0.0
        return min(1.0, sum(saturday) / len(saturday) / (sum(working) / len(working)))

    def _more(self, kind: Kind, sizes: Mapping[Kind, int], saturdays: float) -> float:
        """Say by which share of the nights there will be more of a kind.

        Where no Saturday after a closed day was replayed, one is a Saturday that has of what a closed day adds to a
        working day as much as it names accounts.
        """
        more = self._share(kind)
        if "saturday_after" not in sizes:
            as_kind = {"saturday": 1.0, "after": saturdays, "working": -saturdays}
            more += self._share("saturday_after") * as_kind.get(kind, 0.0)
        return more

    def _share(self, kind: Kind) -> float:
        return self.coming.count(kind) / len(self.coming) - self.replayed.count(kind) / len(self.replayed)


def weeks_of(nights: Sequence[date], first: date, holidays: Collection[date]) -> Weeks:
    """Tell the days of the nights replayed and of those from `first` on."""
    coming = [first + timedelta(days=day) for day in range(COMING)]
    return Weeks(first, kinds_of(nights, holidays), kinds_of(coming, holidays))


def calendar_of(overlays: Overlays, mine: pl.DataFrame) -> str | None:
    """Give the holidays that an overlay sets for more than half of the account-nights; None where none does."""
    for one in overlays.calendars:
        if 2 * mine.filter(covers(one.when)).height > mine.height:
            return one.holidays
    return None


def kinds_of(nights: Sequence[date], holidays: Collection[date]) -> tuple[Kind, ...]:
    """Say what kind of day each night is; `holidays` are those of the days before as well."""
    closed = frozenset(holidays)
    return tuple(_kind(night, closed) for night in nights)


def _kind(night: date, holidays: frozenset[date]) -> Kind:
    today, before = (day_class(day, holidays) for day in (night, night - timedelta(days=1)))
    if today == "closed" or before != "closed":
        return today
    return "saturday_after" if today == "saturday" else "after"


def _trust(distance: float, variance: float) -> float:
    """Say how far a mean that is so far from that of all is more than chance."""
    return max(0.0, 1 - variance / distance**2) if distance else 0.0
