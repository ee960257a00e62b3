"""Fleet: many accounts of one software, or profession, that hurry as never before, and at the same hour.

Whoever holds a software, or its maker, has all its accounts: each reads its own people, from its own desk, and shows
nothing but haste. Software that renews rights does the same now and then, so a software is compared with its own
earlier nights, and the answer is one line that a person decides on, not a name for each account
(docs/decisions/0075-fleet.md).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from tocsin.model.surprise import Hundredths
from tocsin.results import Fleet
from tocsin.schema import empty
from tocsin.settings import FleetTest, Settings
from tocsin.settings_fixed import SURPRISES_END
from tocsin.verdict.points import Scores

HASTE = "people_10m"
"""The feature that tells haste."""

FLEETS = {"night": pl.Date(), "by": pl.String(), "group": pl.String(), "together": pl.Int64(), "rang": pl.Boolean()}
"""The most accounts of a group that hurried together, and whether that rang unheard: a row a night and group."""

GROUP = ("by", "group")

UNTOLD = "untold"
"""The group of all accounts whose software the logs do not tell: a software of doctors and nurses is in it whole."""


@dataclass(frozen=True, slots=True)
class Fleets:
    """What the nights held have seen of each group."""

    seen: pl.DataFrame = field(default_factory=lambda: empty(FLEETS))
    nights: int = 0

    def crowds(
        self, night: date, rows: pl.DataFrame, surprises: Mapping[str, Hundredths], rules: FleetTest
    ) -> list[Fleet]:
        """Give the largest crowd of each group that hurried together tonight, however small, sorted by name.

        `rows` (the night's accounts) with `client`, `profession` and `fastest_at` (minutes since 1970), in the order of
        `surprises`. A group is a software, or, of accounts whose software is not told, a profession; and all of these.
        """
        if HASTE not in surprises or not {"client", "profession", "fastest_at"} <= set(rows.columns):
            return []
        moved = pl.Series(surprises[HASTE] >= round(100 * rules.moved))
        if not moved.any():
            return []
        untold = pl.col("client").is_null()
        grouped = rows.select(
            "account",
            "fastest_at",
            moved=moved,
            by=pl.when(untold).then(pl.lit("profession")).otherwise(pl.lit("software")),
            group=pl.coalesce("client", "profession"),
        )
        every = grouped.filter(rows.select(untold).to_series()).with_columns(by=pl.lit(UNTOLD), group=pl.lit("*"))
        grouped = pl.concat([grouped, every])
        sizes = {tuple(key): size for *key, size in grouped.group_by(GROUP).len().iter_rows()}
        held = self.seen.filter((pl.lit(night) - pl.col("night")).dt.total_days() < rules.nights)
        usual = held.filter(~_unheard(night, rules)).group_by(GROUP).agg(pl.col("together").max())
        before = {tuple(key): most for *key, most in usual.iter_rows()}
        hurried = grouped.filter(pl.col("moved") & pl.col("group").is_not_null()).sort(*GROUP, "fastest_at", "account")
        crowds = []
        for key, mine in hurried.partition_by(GROUP, as_dict=True, maintain_order=True).items():
            crowd = _together(mine, rules.minutes)
            first, last = (_moment(crowd["fastest_at"][at]) for at in (0, -1))
            accounts = tuple(sorted(crowd["account"]))
            by, group = (str(part) for part in key)
            crowds.append(Fleet(by, group, accounts, sizes[key], before.get(key, 0), self.nights, first, last))
        return crowds

    def rings(self, night: date, crowds: Sequence[Fleet], rules: FleetTest) -> tuple[Fleet, ...]:
        """Give of tonight's crowds those that hurried together more than ever, or go on doing so."""
        known = self.nights >= rules.nights_before
        return tuple(one for one in crowds if known and len(one.accounts) >= self._needed(night, one, rules))

    def learn(self, night: date, crowds: Sequence[Fleet], rules: FleetTest, accepted: Collection[str]) -> "Fleets":
        """Give what is known after tonight: at most what would ring is learned, all of it where it was accepted.

        What rang counts as the group's own only after a week: whoever empties accounts goes on the next day.
        """
        known = self.nights >= rules.nights_before
        learned = []
        for one in crowds:
            count, most, heard = len(one.accounts), self._needed(night, one, rules), one.key in accepted
            rang = known and count >= most and not heard
            learned.append((night, one.by, one.group, count if heard else min(count, most), rang))
        held = self.seen.filter(pl.col("night") > night - timedelta(days=rules.nights))
        if not learned:
            return Fleets(held, self.nights + 1)
        return Fleets(pl.concat([held, pl.DataFrame(learned, schema=FLEETS, orient="row")]), self.nights + 1)

    def _needed(self, night: date, fleet: Fleet, rules: FleetTest) -> int:
        least = rules.accounts_again if self._goes_on(night, fleet, rules) else rules.accounts
        share = rules.share_untold if fleet.by == UNTOLD else rules.share
        return max(least, int(np.ceil(share * fleet.of)), int(np.ceil(rules.times * fleet.before)) + 1)

    def _goes_on(self, night: date, fleet: Fleet, rules: FleetTest) -> bool:
        return not self.seen.filter(_unheard(night, rules), by=fleet.by, group=fleet.group).is_empty()


def without_parts(fleet: Sequence[Fleet], rules: FleetTest) -> tuple[Fleet, ...]:
    """Leave out the professions that are part of a much larger crowd of untold software, or else that crowd."""
    every = next((one for one in fleet if one.by == UNTOLD), None)
    if every is None:
        return tuple(fleet)
    parts = [one for one in fleet if one.by == "profession" and set(one.accounts) <= set(every.accounts)]
    largest = max((len(one.accounts) for one in fleet if one.by == "profession"), default=0)
    left_out = parts if len(every.accounts) > rules.times * largest else [every]
    return tuple(one for one in fleet if one not in left_out)


def excess(
    fleet: Sequence[Fleet], accounts: Sequence[str], scores: Scores, settings: Settings, accepted: Collection[str]
) -> Hundredths:
    """Give what a fleet says of its accounts that show something of their own too; of the others nothing.

    Minus the decimal logarithm of the chance that so many hurry together, where the most so far is the usual (Poisson
    tail; at least one). A fleet of which no more show something of their own than the night's other accounts do, as
    far as chance goes (`fleet.own_chance`), says nothing: among a hundred accounts whose software renews rights one has
    a new network. Nor does what a person accepted.
    """
    said = np.zeros(len(accounts), np.int32)
    if not fleet:
        return said
    place = {account: at for at, account in enumerate(accounts)}
    own = np.maximum.reduce([scores.families[family] for family in settings.fleet.own])
    shown = own >= 100 * settings.alerting.counts
    members = [np.array([place[account] for account in one.accounts]) for one in fleet]
    others = np.ones(len(accounts), np.bool_)
    for mine in members:
        others[mine] = False
    usual = (int(shown[others].sum()) + 1) / (int(others.sum()) + 1)
    for one, mine in zip(fleet, members, strict=True):
        many = _by_chance(int(shown[mine].sum()), mine.size, usual) < settings.fleet.own_chance
        if many and one.key not in accepted:
            said[mine] = np.maximum(said[mine], _unlikely(len(one.accounts), max(one.before, 1)))
    return np.where(shown, said, 0).astype(np.int32)


def _by_chance(shown: int, of: int, usual: float) -> float:
    """Give the chance that so many of a fleet's accounts or more show something of their own (binomial tail)."""
    from scipy.special import betainc  # noqa: PLC0415 scipy costs 0.2 s, only scans need it

    return float(betainc(shown, of - shown + 1, usual)) if shown else 1.0


def _unlikely(together: int, usual: int) -> int:
    from scipy.special import gammainc  # noqa: PLC0415 scipy costs 0.2 s, only scans need it

    return min(SURPRISES_END, round(-100 * float(np.log10(max(gammainc(together, usual), 1e-300)))))


def _unheard(night: date, rules: FleetTest) -> pl.Expr:
    """Tell the crowds that rang of late, and that nobody accepted; those of an earlier version are none."""
    age = (pl.lit(night) - pl.col("night")).dt.total_days()
    return pl.col("rang").fill_null(value=False) & (age < rules.again_days)


def _together(hurried: pl.DataFrame, minutes: int) -> pl.DataFrame:
    """Take the most rows that lie within so many minutes; `hurried` sorted by when. The first crowd where two are."""
    at = hurried["fastest_at"].to_numpy()
    ends = np.searchsorted(at, at + minutes, side="right")
    start = int(np.argmax(ends - np.arange(at.size)))
    return hurried[start : int(ends[start])]


def _moment(minutes: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
