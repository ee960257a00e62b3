"""Peers: where each of tonight's accounts stands among those of its profession and region, on the nights held."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.each import each
from tocsin.model.factors import NOBODY, named
from tocsin.model.nights import Held
from tocsin.model.sums import Sums
from tocsin.model.surprise import Floats
from tocsin.settings import Baselines
from tocsin.words import _

LEAST_SPREAD = 0.25
"""Accounts of one profession differ by at least a quarter (in logarithms)."""

QUANTILES = (0.50, 0.95, 0.99)
"""Middle, and how far the upper side reaches."""


@dataclass(frozen=True, slots=True)
class ByGroup(Mapping[str, Floats]):
    """Figures by name, one for each of tonight's accounts: held once a group, they take next to no room."""

    of_groups: Mapping[str, Floats]
    mine: NDArray[np.int32]
    """The group of each account."""

    def __getitem__(self, name: str) -> Floats:
        """Give a figure of every account."""
        return self.of_groups[name][self.mine]

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(self.of_groups)

    def __len__(self) -> int:
        """Count the names."""
        return len(self.of_groups)


@dataclass(frozen=True, slots=True)
class Peers:
    """Per account of tonight: its peer group, and the middle and spread of log(1 + value) in it."""

    group: pl.Series
    accounts: Floats
    middle: ByGroup
    spread: ByGroup


def peers(tonight: pl.DataFrame, pool: Sums, features: Sequence[Feature], habits: Baselines) -> Peers:
    """Place each of tonight's accounts among its peers: same profession and region, else profession, else everybody.

    `pool` holds the learned nights (tonight's own rows while there are none). A group counts from `peer_accounts`
    accounts or `peer_account_nights` active account-nights.
    """
    mine = tonight.select(group=pl.col("profession").fill_null(NOBODY), area=pl.col("region").fill_null(NOBODY))
    near = _Circle.of(pool, mine, ("group", "area"), np.ones(mine.height, np.bool_))
    alone = ~near.enough(habits)
    # Where a profession has enough peers in every region nobody asks for wider circles: they cost as much again.
    middle = _Circle.of(pool, mine, ("group",), alone)
    alone &= ~middle.enough(habits)
    far = _Circle.of(pool, mine, (), alone)
    chosen = np.where(near.enough(habits), 0, np.where(alone, 2, 1))
    levels = (near, middle, far)
    said = mine.select(
        group=pl.col("group").replace(NOBODY, _("unknown profession")),
        area=pl.col("area").replace(NOBODY, _("an unknown region")),
    )
    names = said.select(
        near=pl.format(_("{} in {}"), "group", "area"),
        middle=pl.col("group"),
        far=pl.lit(_("every profession")),
    )
    group = pl.Series(
        "peers", np.choose(chosen, [names[c].to_numpy() for c in ("near", "middle", "far")]), dtype=pl.String
    )

    mine_of = [level.mine + start for level, start in zip(levels, _starts(levels), strict=True)]
    mine_in = np.choose(chosen, mine_of).astype(np.int32)

    def placed(feature: Feature) -> tuple[Floats, Floats]:
        figures = [level.figures(feature.name) for level in levels]
        spread = np.concatenate([told for _middle, told in figures])
        return np.concatenate([told for told, _spread in figures]), np.maximum(spread, LEAST_SPREAD)

    told = dict(zip((feature.name for feature in features), each(placed, features, pool.past.height), strict=True))
    return Peers(
        group,
        np.choose(chosen, [level.accounts for level in levels]),
        ByGroup({name: middle for name, (middle, _spread) in told.items()}, mine_in),
        ByGroup({name: spread for name, (_middle, spread) in told.items()}, mine_in),
    )


def _starts(levels: Sequence["_Circle"]) -> list[int]:
    """Give where the groups of each level begin, each with one more for those without a group."""
    return [0, *accumulate(level.of_accounts.size + 1 for level in levels)][: len(levels)]


@dataclass(frozen=True, slots=True)
class _Circle:
    """Groups of the pool by number.

    `mine`: the group of each of tonight's accounts, the last number for those without one. `of_accounts`, `of_rows`:
    accounts and account-nights of each group. `nights`: the rows of each night, group by group.
    """

    pool: Sums
    mine: NDArray[np.intp]
    of_accounts: NDArray[np.int64]
    of_rows: NDArray[np.int64]
    nights: Sequence["_Ordered"]

    @classmethod
    def of(cls, pool: Sums, mine: pl.DataFrame, by: Sequence[str], asked: NDArray[np.bool_]) -> "_Circle":
        """Put the rows together that agree in `by`, for the groups of those of tonight's accounts that are `asked`."""
        numbers: dict[tuple[str, ...], int] = {}
        wanted = mine.filter(pl.Series(asked)).select(*by, all=pl.lit("")).unique(maintain_order=True)
        for key in wanted.iter_rows():
            numbers[key] = len(numbers)
        table = wanted.with_row_index("number")
        found = mine.with_columns(all=pl.lit("")).join(table, on=[*by, "all"], how="left", maintain_order="left")
        of_mine = found["number"].cast(pl.Int64).fill_null(len(numbers)).to_numpy().astype(np.intp)
        if not numbers:
            return cls(pool, of_mine, np.zeros(0, np.int64), np.zeros(0, np.int64), ())
        groups = [_groups_of(held, by, numbers) for held in pool.past.nights]
        nights = [_Ordered.of(rows, len(numbers)) for rows in groups]
        of_rows = np.sum([np.diff(night.starts) for night in nights], axis=0)
        return cls(pool, of_mine, _accounts_of(pool, groups, len(numbers)), of_rows, nights)

    @property
    def accounts(self) -> Floats:
        """Count the accounts in the group of each of tonight's."""
        return _with_none(self.of_accounts.astype(np.float64))[self.mine]

    def enough(self, habits: Baselines) -> NDArray[np.bool_]:
        """Tell whose group is large enough."""
        rows = _with_none(self.of_rows.astype(np.float64))[self.mine]
        enough: NDArray[np.bool_] = (self.accounts >= habits.peer_accounts) | (rows >= habits.peer_account_nights)
        return enough

    def figures(self, name: str) -> tuple[Floats, Floats]:
        """Give middle and spread of log(1 + value) in each group, and 0 for those without one or where none is told."""
        if not self.of_accounts.size:
            return np.zeros(1), np.zeros(1)
        by_night = self._by_night(name)
        told = np.zeros(self.of_rows.size, np.int64)
        ends = np.full((told.size, 2 * len(QUANTILES)), np.nan)
        for group in range(told.size):
            mine = np.concatenate([ratios[starts[group] : starts[group + 1]] for ratios, starts in by_night])
            told[group] = mine.size
            if mine.size:
                at = (mine.size - 1.0) * np.array(QUANTILES)
                ranks = [*np.floor(at).astype(np.intp), *np.ceil(at).astype(np.intp)]
                mine.partition(sorted(set(ranks)))
                ends[group] = mine[ranks]
        places = (told[:, None] - 1.0) * np.array(QUANTILES)
        low = np.floor(places)
        # The logarithm keeps their order, so that only those between which a quantile lies are taken.
        levels = (1 + pl.Series(ends.ravel())).log().to_numpy().reshape(ends.shape)
        lower, upper = levels[:, : len(QUANTILES)], levels[:, len(QUANTILES) :]
        with np.errstate(invalid="ignore"):
            between = np.where(lower == upper, lower, (places - low) * (upper - lower) + lower)
        q50, q95, q99 = between.T
        # Standard normal quantiles of 95 and 99 %: the wider of the two says how far the upper side reaches.
        spread = np.maximum((q95 - q50) * (1 / 1.645), (q99 - q50) * (1 / 2.326))
        return _with_none(q50), _with_none(spread)

    def _by_night(self, name: str) -> list[tuple[Floats, NDArray[np.intp]]]:
        """Give what is told of a figure under each night's weather, group by group, and where each begins."""
        factor, found = self.pool.factors.of_feature(name), []
        for at, (held, night) in enumerate(zip(self.pool.past.nights, self.nights, strict=True)):
            values, is_told = (column[night.rows] for column in held.figures(name))
            sky = self.pool.factors.by_account[at, held.accounts[night.rows]]
            starts = night.starts
            if not is_told.all():
                starts = np.concatenate([[0], np.cumsum(is_told)])[starts]
                values, sky = values[is_told], sky[is_told]
            with np.errstate(divide="ignore", invalid="ignore"):
                found.append((values * 1000 / factor[sky], starts))
        return found


def _with_none(figures: Floats) -> Floats:
    """Add the figure of those without a group; an undefined one is 0."""
    return np.append(np.nan_to_num(figures, nan=0.0, posinf=np.inf, neginf=-np.inf), 0.0)


@dataclass(frozen=True, slots=True)
class _Ordered:
    """The rows of a night that are in a group, group by group, and where each group begins."""

    rows: NDArray[np.uint32]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, groups: NDArray[np.int32], count: int) -> "_Ordered":
        """Put the rows in order; those of group -1 are left out."""
        here = np.flatnonzero(groups >= 0)
        rows = here[np.argsort(groups[here], kind="stable")].astype(np.uint32)
        return cls(rows, np.concatenate([[0], np.cumsum(np.bincount(groups[here], minlength=count))]))


def _groups_of(held: Held, by: Sequence[str], numbers: Mapping[tuple[str, ...], int]) -> NDArray[np.int32]:
    """Give the number of each row's group, -1 where nobody asks for it."""
    combined = np.zeros(held.height, np.intp)
    words: list[tuple[str, ...]] = [("",)]
    for name in reversed(by):
        mine, of_mine = held.words({"group": "profession", "area": "region"}[name])
        combined = mine * len(words) + combined
        words = [(named(word), *rest) for word in of_mine for rest in words]
    number = np.full(len(words), -1, np.int32)
    for one in np.flatnonzero(np.bincount(combined, minlength=len(words))):
        number[one] = numbers.get(words[one], -1)
    return number[combined]


def _accounts_of(pool: Sums, groups: Sequence[NDArray[np.int32]], count: int) -> NDArray[np.int64]:
    """Count the accounts that were ever in each group."""
    last = np.full(pool.past.names.len(), -1, np.int32)
    pairs = []
    for held, rows in zip(pool.past.nights, groups, strict=True):
        changed = (rows >= 0) & (last[held.accounts] != rows)
        pairs.append(held.accounts[changed].astype(np.int64) * count + rows[changed])
        last[held.accounts] = rows
    distinct = np.unique(np.concatenate(pairs)) if pairs else np.zeros(0, np.int64)
    return np.bincount(distinct % max(count, 1), minlength=count)
