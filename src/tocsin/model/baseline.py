"""Baselines: what is usual for the account itself, from learned nights only, leaning on its profession."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.each import each
from tocsin.model.factors import NOBODY
from tocsin.model.held import Whole
from tocsin.model.older import Older
from tocsin.model.settled import SETTLED
from tocsin.model.sums import Sums
from tocsin.model.surprise import Floats
from tocsin.settings import Baselines
from tocsin.words import _

Figures = tuple[Floats, NDArray[np.float32]]
"""An account's mean (or share) of a feature and its dispersion, arrays in the order of tonight's accounts."""


@dataclass(frozen=True, slots=True)
class Own:
    """Per account of tonight: active nights held, and each feature's mean and dispersion (or share and sameness).

    `mean` is let go of once surprises are told, for the sake of room; `dispersion` is held in single precision, ask
    `dispersion_of`.

    `older`: nights before those (Older.counted), on which the figures of a few features rest too.

    `leans_on`: whose figures stand for its own while it has few: those of its profession, or everybody's; `of_them`
    counts them. `theirs`: their share of some features, and how alike requests of one of their nights are.
    """

    nights: Floats
    history_nights: Floats
    older: Older
    mean: Mapping[str, Floats]
    dispersion: Mapping[str, NDArray[np.float32]]
    leans_on: pl.Series
    of_them: Floats
    theirs: Mapping[str, tuple[Floats, Floats]]

    def dispersion_of(self, feature: str) -> Floats:
        """Give a feature's dispersion from night to night (of a share, how alike requests of one night are)."""
        return self.dispersion[feature].astype(np.float64)


def own(
    places: NDArray[np.intp],
    professions: pl.Series,
    past: Sums,
    pool: Sums,
    features: Sequence[Feature],
    habits: Baselines,
    older: Older,
) -> Own:
    """Estimate each of tonight's accounts from the sums of its learned nights, and of what it did before them.

    `places`: the accounts' numbers in `past` (-1: it has no night there), `professions`: tonight's, in the same order.
    `pool` has the nights that stand for a profession: the learned ones, tonight's own while there are none.
    """
    counts = [feature for feature in features if not feature.of]
    shares = [feature for feature in features if feature.of]
    mean: dict[str, Floats] = {}
    dispersion: dict[str, NDArray[np.float32]] = {}
    theirs: dict[str, tuple[Floats, Floats]] = {}
    groups = _Groups.of(professions, pool)

    def mine(sums: Mapping[str, Whole]) -> dict[str, Floats]:
        return {name: _picked(values, places) for name, values in sums.items()}

    nights = _picked(past.nights(), places)
    of_pool = pool.nights()

    def count(feature: Feature) -> Figures:
        sums = past.count(feature.name)
        held = nights + older.weight * older.nights(feature.name)
        mean, spread = _count(
            held,
            older.with_count(feature.name, mine(sums)),
            sums if pool is past else pool.count(feature.name),
            groups,
            habits,
        )
        return mean, spread.astype(np.float32)

    def share(feature: Feature) -> Figures:
        sums = past.share(feature.name, feature.of or "")
        held = mine(sums)
        pooled = sums if pool is past else pool.share(feature.name, feature.of or "")
        if feature.family in SETTLED:
            theirs[feature.name] = _among(pooled, groups)
        mean, alike = _share(older.with_share(feature.name, held, groups.mine), held, of_pool, pooled, groups, habits)
        return mean, alike.astype(np.float32)

    for some, estimate in ((counts, count), (shares, share)):
        for feature, figures in zip(some, each(estimate, some, past.past.height), strict=True):
            mean[feature.name], dispersion[feature.name] = figures
    # The first nights of a history are learned as null: they could not tell what was new.
    told = next((feature.name for feature in features if feature.history), None)
    history = _picked(past.nights_told(told), places)
    leans_on = groups.names.cast(pl.Categorical).gather(groups.mine)
    return Own(nights, history, older.counted(), mean, dispersion, leans_on, groups.spread(groups.accounts), theirs)


def _among(sums: Mapping[str, Whole], groups: "_Groups") -> tuple[Floats, Floats]:
    """Give the profession's share, and how alike the requests of one account-night are among all of them."""
    k, n = groups.summed(sums["k"]).astype(np.float64), groups.summed(sums["n"]).astype(np.float64)
    kk, nn, kn = (groups.summed(sums[part]).astype(np.float64) for part in ("kk", "nn", "kn"))
    share = (k + 0.5) / (n + 1)
    binomial = share * (1 - share)
    excess = kk - 2 * share * kn + share**2 * nn - binomial * n
    return groups.spread(share), groups.spread(np.clip(excess / np.maximum(binomial * (nn - n), 1), 0.0, 0.9))


def _picked(values: Whole, places: NDArray[np.intp]) -> Floats:
    """Give the values of tonight's accounts as numbers, 0 for those that have none."""
    if not values.size:
        return np.zeros(places.size)
    return np.where(places >= 0, values[places], 0).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Groups:
    """The profession of each account of a pool and of each of tonight's, by number; the last stands for everybody."""

    pool: NDArray[np.intp]
    mine: NDArray[np.intp]
    count: int
    names: pl.Series

    @classmethod
    def of(cls, professions: pl.Series, pool: Sums) -> "_Groups":
        """Give each profession a number; one that was never seen before borrows everybody's figures."""
        of_account, names = pool.professions()
        known = {name: at for at, name in enumerate(names)}
        mine = professions.replace_strict(known, default=len(names), return_dtype=pl.Int64)
        said = [_("unknown profession") if name == NOBODY else name for name in names]
        told = pl.Series("leans_on", [*said, _("every profession")], pl.String)
        return cls(of_account, mine.to_numpy().astype(np.intp), len(names), told)

    @property
    def accounts(self) -> Floats:
        """Count the accounts of each profession, and all of them."""
        return self.summed(np.ones_like(self.pool, np.int64)).astype(np.float64)

    def summed(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sum whole numbers of the pool's accounts by profession, and over all of them; whole, so order is nothing."""
        sums = np.zeros(self.count + 1, np.int64)
        np.add.at(sums, self.pool, values)
        sums[-1] = values.sum()
        return sums

    def spread(self, figures: Floats) -> Floats:
        """Give each of tonight's accounts its profession's figure; an undefined one is 0."""
        told: Floats = np.nan_to_num(figures[self.mine], nan=0.0, posinf=np.inf, neginf=-np.inf)
        return told


def _count(
    n: Floats, mine: Mapping[str, Floats], pool: Mapping[str, Whole], groups: _Groups, habits: Baselines
) -> tuple[Floats, Floats]:
    typical, alike = _pooled(pool, groups)
    typical, common = np.maximum(typical, 1e-3), np.maximum(alike, habits.least_dispersion)
    x, f, xx, xf, ff = mine["x"], mine["f"] / 1e3, mine["xx"], mine["xf"] / 1e3, mine["ff"] / 1e6
    mean = (x + habits.prior_shape) / (f + habits.prior_shape / typical)
    plain = np.divide(x, f, out=np.zeros_like(x), where=f > 0)
    excess = (xx - 2 * plain * xf + plain**2 * ff) - x
    scale = plain**2 * ff
    seen = np.clip(np.divide(excess, scale, out=np.zeros_like(x), where=scale > 0), 0, 5)
    weight = habits.dispersion_nights
    within = np.maximum((n * seen + weight * common) / (n + weight), habits.least_dispersion)
    return mean, within * (1 + 1 / np.maximum(n, 1)) + 1 / (x + habits.prior_shape)


def _pooled(sums: Mapping[str, Whole], groups: _Groups) -> tuple[Floats, Floats]:
    """Give the profession's typical mean of an account, and the dispersion from night to night within accounts."""
    x, f, xx = (sums[part].astype(np.float64) for part in ("x", "f", "xx"))
    xf, ff = sums["xf"] / 1e3, sums["ff"] / 1e6
    plain = np.divide(x, f / 1e3, out=np.zeros_like(x), where=f > 0)
    excess = np.rint((xx - 2 * plain * xf + plain**2 * ff) - x)
    beyond = groups.summed(np.clip(excess, -(2**52), 2**52).astype(np.int64))
    scale = groups.summed(np.clip(np.rint(plain**2 * ff), 0, 2**52).astype(np.int64))
    with np.errstate(divide="ignore", invalid="ignore"):
        typical = groups.summed(sums["x"]) / (groups.summed(sums["f"]) / 1000)
    return groups.spread(typical), groups.spread(np.clip(beyond / np.maximum(scale, 1), 0, 5))


def _share(
    mine: Mapping[str, Floats],
    own: Mapping[str, Floats],
    of_pool: Whole,
    pool: Mapping[str, Whole],
    groups: _Groups,
    habits: Baselines,
) -> tuple[Floats, Floats]:
    """Give each account's share, and how alike requests of one night are (intraclass correlation).

    `own` sums the nights held alone, `mine` what lies before them too.
    """
    nights, common, alike = _pooled_share(of_pool, pool, groups, habits)
    least = np.where(nights < habits.few_nights, habits.first_sameness, habits.least_sameness)
    alike = np.maximum(alike, least)
    # So many equal nights would hold these parts: one night's burst is one, whatever it held.
    held = np.divide(own["k"] ** 2, own["kk"], out=np.zeros_like(own["k"]), where=own["kk"] > 0)
    leaning = habits.dispersion_nights
    alike = np.maximum(alike, (held * _alike(own) + leaning * alike) / (held + leaning))
    k, n = mine["k"], mine["n"]
    keep = np.minimum(1.0, habits.share_most / np.maximum(n, 1.0))
    rare = np.clip(habits.prior_shape / np.maximum(common, 1e-9), habits.share_weight, habits.share_rare)
    prior = np.maximum(rare * (1.0 - held / habits.share_nights), habits.prior_shape)
    weight = prior + n * keep
    mean = (common * prior + k * keep) / weight
    return mean, alike + 1.0 / (weight + 1.0)


def _alike(own: Mapping[str, Floats]) -> Floats:
    """Give the correlation within nights of each account's own share, by the method of moments."""
    k, n = own["k"], own["n"]
    share = np.divide(k, n, out=np.zeros_like(k), where=n > 0)
    binomial = share * (1 - share)
    excess = own["kk"] - 2 * share * own["kn"] + share**2 * own["nn"] - binomial * n
    scale = binomial * (own["nn"] - n)
    alike: Floats = np.clip(np.divide(excess, scale, out=np.zeros_like(k), where=scale > 0), 0.0, 0.5)
    return alike


def _pooled_share(
    of_pool: Whole, sums: Mapping[str, Whole], groups: _Groups, habits: Baselines
) -> tuple[Floats, Floats, Floats]:
    """Give the profession's nights an account, its share (summed in thousandths), and the correlation within nights.

    By the method of moments.
    """
    k, n, kk, nn, kn = (sums[part].astype(np.float64) for part in ("k", "n", "kk", "nn", "kn"))
    share = np.divide(k, n, out=np.zeros_like(k), where=n > 0)
    binomial = share * (1 - share)
    kept = np.minimum(1.0, habits.pool_most / np.maximum(n, 1.0))
    excess = kk - 2 * share * kn + share**2 * nn - binomial * n

    def summed(values: Floats) -> NDArray[np.int64]:
        return groups.summed(np.rint(1e3 * values).astype(np.int64))

    beyond, scale = summed(np.clip(excess, -1e12, 1e12)), summed(np.clip(binomial * (nn - n), 0, 1e12))
    with np.errstate(divide="ignore", invalid="ignore"):
        nights = groups.summed(of_pool) / groups.summed(np.ones_like(of_pool))
    alike = np.clip(beyond / np.maximum(scale, 1), 0.0, 0.5)
    return (
        groups.spread(nights),
        groups.spread((summed(k * kept) + 500) / (summed(n * kept) + 1000)),
        groups.spread(alike),
    )
