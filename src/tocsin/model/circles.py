"""Circles of peers: accounts of a pool put into groups, and where the middle and the upper reach of each group lie.

Of a group the account's own structure is left out, where it is large enough to move a figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.model.held import Held
from tocsin.model.likeness import Codes
from tocsin.model.sums import Sums
from tocsin.model.surprise import Floats

QUANTILES = (0.50, 0.95, 0.99)
"""Middle, and how far the upper side reaches."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Groups of a pool by number, and behind them those less one structure; the last number is for no group at all.

    `mine`: the group of each of tonight's accounts. `of_accounts`, `of_rows`: accounts and account-nights of each.
    `groups`, `parts`: of each account of the pool, its group and which of the parts that are left out it is (-1: none).
    `without`: the group that each part is left out of, in order.
    """

    pool: Sums
    mine: NDArray[np.intp]
    of_accounts: NDArray[np.int64]
    of_rows: NDArray[np.int64]
    groups: Codes
    parts: Codes
    without: Codes

    @classmethod
    def of(
        cls,
        pool: Sums,
        keys: tuple[Codes, Codes],
        structures: tuple[Codes, Codes],
        asked: NDArray[np.bool_],
        least: float,
    ) -> "Circle":
        """Put together the accounts of the pool whose key is the same, for those of tonight's that are `asked`.

        Keys and structures are given of the pool's accounts and of tonight's; a key of -1 is no group. A structure
        counts from this share of a group's account-nights.
        """
        wanted = np.unique(keys[1][asked & (keys[1] >= 0)])
        groups, mine = _found(wanted, keys[0]), np.where(asked, _found(wanted, keys[1]), -1)
        ones, rows = np.ones(groups.size, np.int64), pool.nights()
        accounts_in, rows_in = _sums(groups, wanted.size, ones), _sums(groups, wanted.size, rows)
        # A structure within a group: its number tells both.
        width = 1 + max(structures[0].max(initial=0), structures[1].max(initial=0))
        pair = np.where(groups >= 0, groups * width + structures[0], -1)
        my_pair = np.where((mine >= 0) & (structures[1] >= 0), mine * width + structures[1], -1)
        pairs = np.unique(my_pair[my_pair >= 0])
        large = _sums(_found(pairs, pair), pairs.size, rows) > least * rows_in[pairs // width]
        pairs = pairs[large]
        parts, without = _found(pairs, pair), pairs // width
        accounts = np.concatenate([accounts_in, accounts_in[without] - _sums(parts, pairs.size, ones), [0]])
        nights = np.concatenate([rows_in, rows_in[without] - _sums(parts, pairs.size, rows), [0]])
        my_part = _found(pairs, my_pair)
        placed = np.where(my_part >= 0, wanted.size + my_part, np.where(mine >= 0, mine, accounts.size - 1))
        return cls(pool, placed.astype(np.intp), accounts, nights, groups, parts, without)

    @property
    def size(self) -> int:
        """Count the groups, with those less a structure and none."""
        return self.of_accounts.size

    def ordered(self, taken: NDArray[np.bool_]) -> "Ordered":
        """Put the rows of the groups in order that these of tonight's accounts are in."""
        plain = self.size - 1 - self.without.size
        group = np.append(np.concatenate([np.arange(plain), self.without]), -1)
        used = np.zeros(plain + 1, np.bool_)
        used[group[self.mine[taken]]] = True
        used[-1] = False
        mine = np.where(used[self.groups], self.groups, -1)
        parts = self.parts if used[self.without].any() else np.zeros(0, np.int64)
        past, skies = self.pool.past, self.pool.factors.by_account
        nights = tuple(_Rows.of(held, sky, mine, parts, plain) for held, sky in zip(past.nights, skies, strict=True))
        starts = np.searchsorted(self.without, np.arange(plain + 1))
        return Ordered(self.pool, self.size, np.flatnonzero(used), starts, nights)


@dataclass(frozen=True, slots=True)
class Ordered:
    """The rows of the groups `used` of a circle of this `size`, night by night, group by group.

    `parts`: where the parts left out of each group begin among all of them.
    """

    pool: Sums
    size: int
    used: NDArray[np.intp]
    parts: NDArray[np.intp]
    nights: Sequence["_Rows"]

    def figures(self, name: str) -> tuple[Floats, Floats]:
        """Give middle and spread of log(1 + value) in each group; 0 where none is told."""
        if self.pool.past.is_still(name):  # the portal's logs do not tell it, or nobody does it
            return np.zeros(self.size), np.zeros(self.size)
        told = np.zeros(self.size, np.int64)
        ends = np.full((self.size, 2 * len(QUANTILES)), np.nan)
        plain = self.parts.size - 1
        factor = self.pool.factors.of_feature(name).astype(np.float64)
        held = zip(self.nights, self.pool.past.nights, strict=True) if self.used.size else ()
        by_night = [rows.told(night, name) for rows, night in held]
        for group in self.used:
            mine = [(rows, slice(rows.starts[group], rows.starts[group + 1])) for rows in by_night]
            values = _measured(mine, factor)
            told[group] = values.size
            first, last = self.parts[group], self.parts[group + 1]
            if not values.size:
                continue
            (ranks,) = _ranks(np.array([values.size]))
            if first == last:
                values.partition(sorted(set(ranks.tolist())))
                ends[group] = values[ranks]
                continue
            parts = np.concatenate([rows.parts[where] for rows, where in mine])
            order = np.argsort(values)
            values, parts = values[order], parts[order]
            behind = slice(plain + first, plain + last)
            ends[group] = values[ranks]
            told[behind], ends[behind] = _less_each(values, np.where(parts >= 0, parts - first, -1), last - first)
        return _middle_and_spread(told, ends)


def _measured(mine: Sequence[tuple["_Told", slice]], factor: Floats) -> Floats:
    """Give the values of some rows of each night under their weather (Factors.of_feature)."""
    values = np.concatenate([rows.values[where] for rows, where in mine], dtype=np.float64)
    values *= 1000
    with np.errstate(divide="ignore", invalid="ignore"):
        values /= factor[np.concatenate([rows.sky[where] for rows, where in mine])]
    return values


def _less_each(values: Floats, parts: NDArray[np.int32], count: int) -> tuple[NDArray[np.int64], Floats]:
    """Give how many ordered values are left without each part (-1: of none), and those between which quantiles lie."""
    places = np.flatnonzero(parts >= 0)
    places = places[np.argsort(parts[places], kind="stable")]
    of_part = np.bincount(parts[places], minlength=count)
    starts = np.concatenate([[0], np.cumsum(of_part)[:-1]])
    left = values.size - of_part
    # Before the nth value of a part lie `place - n` values that stay: the kth that stays has all with fewer before it.
    before = places - (np.arange(places.size) - np.repeat(starts, of_part))
    wide = values.size + 1
    ends = np.full((count, 2 * len(QUANTILES)), np.nan)
    some = np.flatnonzero(left)
    ranks = _ranks(left[some])
    known = before + np.repeat(np.arange(count), of_part) * wide
    passed = np.searchsorted(known, ranks + some[:, None] * wide, side="right") - starts[some][:, None]
    ends[some] = values[ranks + passed]
    return left, ends


def _ranks(counts: NDArray[np.int64]) -> NDArray[np.intp]:
    """Give between which of so many ordered values each quantile lies: those below, then those above."""
    at = (counts[:, None] - 1.0) * np.array(QUANTILES)
    return np.concatenate([np.floor(at), np.ceil(at)], axis=1).astype(np.intp)


def _middle_and_spread(told: NDArray[np.int64], ends: Floats) -> tuple[Floats, Floats]:
    # The logarithm keeps the order of values, so that only those between which a quantile lies are taken.
    levels = np.log1p(ends)
    lower, upper = levels[:, : len(QUANTILES)], levels[:, len(QUANTILES) :]
    places = (told[:, None] - 1.0) * np.array(QUANTILES)
    with np.errstate(invalid="ignore"):
        between = np.where(lower == upper, lower, (places - np.floor(places)) * (upper - lower) + lower)
    q50, q95, q99 = between.T
    # Standard normal quantiles of 95 and 99 %: the wider of the two says how far the upper side reaches.
    spread = np.maximum((q95 - q50) * (1 / 1.645), (q99 - q50) * (1 / 2.326))
    return _defined(q50), _defined(spread)


def _defined(figures: Floats) -> Floats:
    return np.nan_to_num(figures, nan=0.0, posinf=np.inf, neginf=-np.inf)


def _found(known: Codes, asked: Codes) -> NDArray[np.int64]:
    """Give the place of each among known ones (sorted), -1 where it is not there."""
    if not known.size:
        return np.full(asked.size, -1, np.int64)
    at = np.minimum(np.searchsorted(known, asked), known.size - 1)
    return np.where(known[at] == asked, at, -1)


def _sums(groups: NDArray[np.int64], count: int, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum whole numbers by group; -1 is none."""
    here = groups >= 0
    return np.bincount(groups[here], weights=values[here], minlength=count).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Told:
    """Values of a night that are told, group by group, the weather and the part of each (where there are any).

    `starts`: where each group begins. They stay as narrow as they are held: of 28 nights there are millions.
    """

    values: NDArray[np.integer]
    sky: NDArray[np.uint16] | NDArray[np.uint32]
    parts: NDArray[np.int32]
    starts: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a night that are in a group, group by group, where each group begins, and which part each row is.

    `sky`: the weather of each row (Factors.by_account).
    """

    rows: NDArray[np.uint32]
    sky: NDArray[np.uint16] | NDArray[np.uint32]
    parts: NDArray[np.int32]
    starts: NDArray[np.intp]

    @classmethod
    def of(
        cls, held: Held, sky: NDArray[np.uint16] | NDArray[np.uint32], groups: Codes, parts: Codes, count: int
    ) -> "_Rows":
        """Put the rows in the order of their accounts' groups; those of group -1 are left out."""
        mine = groups[held.accounts]
        here = np.flatnonzero(mine >= 0)
        # Numbers of 16 bits are ordered digit by digit, several times faster.
        mine = mine[here].astype(np.min_scalar_type(count))
        rows = here[np.argsort(mine, kind="stable")].astype(np.uint32)
        accounts = held.accounts[rows]
        of_rows = parts[accounts].astype(np.int32) if parts.size else np.zeros(0, np.int32)
        starts = np.concatenate([[0], np.cumsum(np.bincount(mine, minlength=count))])
        return cls(rows, sky[accounts], of_rows, starts)

    def told(self, held: Held, name: str) -> _Told:
        """Give what is told of a figure on the night of these rows."""
        values, is_told = held.figures_of(name, self.rows)
        if is_told is None:
            return _Told(values, self.sky, self.parts, self.starts)
        starts = np.concatenate([[0], np.cumsum(is_told)])[self.starts]
        parts = self.parts[is_told] if self.parts.size else self.parts
        return _Told(values[is_told], self.sky[is_told], parts, starts)
