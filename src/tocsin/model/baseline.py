"""Baselines: what is usual for the account itself and for its peers, from learned nights only.

Sums are kept in integers (factors in thousandths), so that neither row order nor the engine's threads can change a
figure. A learned row has account, night, profession, region, the features and `peer_NAME` (settled peer surprises).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.surprise import Floats
from tocsin.model.weather import Skies
from tocsin.settings import Baselines
from tocsin.words import _

NOBODY = "-"
"""Stands for an unknown profession or region."""

PRIOR_SHAPE = 1.0
"""Shape of the gamma law of accounts' means within a profession: they differ by as much as their own size."""

SHARE_WEIGHT, SHARE_RARE = 20.0, 5_000.0
"""Observations that the peers' share weighs in an account's own share: more where the thing is rare, so that an
account that never did it is not taken for one that never will."""

LEAST_SAMENESS = 0.002
"""No night is a perfect draw: a share differs from night to night by at least this correlation."""

POOL_MOST = 500.0
"""Observations by which one account may form its profession's share: a robot asks as often as a hundred colleagues."""

FEW_NIGHTS, FIRST_SAMENESS = 5, 0.05
"""Until accounts have this many nights, how much they differ from night to night is not known but supposed."""

SHARE_MOST = 300.0
"""Observations an own share may weigh: habits drift, a year of requests is not a law of nature."""

LEAST_SPREAD = 0.25
"""Accounts of one profession differ by at least a quarter (in logarithms)."""


@dataclass(frozen=True, slots=True)
class Own:
    """Per account of tonight: active nights held, and each feature's mean and dispersion (or share and sameness)."""

    nights: Floats
    history_nights: Floats
    mean: Mapping[str, Floats]
    dispersion: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Peers:
    """Per account of tonight: its peer group, and the middle and spread of log(1 + value) in it."""

    group: pl.Series
    accounts: Floats
    middle: Mapping[str, Floats]
    spread: Mapping[str, Floats]


def with_factors(rows: pl.DataFrame, skies: Skies, features: Sequence[Feature]) -> pl.DataFrame:
    """Add `f_NAME`, the weather factor of each count feature in thousandths, to learned rows.

    Rows that do not tell the class of their `day` (learned by an earlier version) have the portal's.
    """
    weather: list[dict[str, object]] = []
    professions = rows["profession"].fill_null(NOBODY).unique().sort().to_list()
    for night, day, factors in skies.nights:
        for profession in professions:
            row: dict[str, object] = {"night": night, "day": day, "group": profession}
            for feature in features:
                row[f"f_{feature.name}"] = round(1000 * factors.get((profession, feature.name), 1.0))
            weather.append(row)
    columns = [f"f_{feature.name}" for feature in features]
    keys: dict[str, pl.DataType] = {"night": pl.Date(), "day": pl.String(), "group": pl.String()}
    table = pl.DataFrame(weather, schema={**keys, **dict.fromkeys(columns, pl.Int64())})
    portals = {night: day for night, day, _factors in reversed(skies.nights)}
    usual = pl.col("night").replace_strict(portals, default=None, return_dtype=pl.String)
    told = pl.coalesce("day", usual) if "day" in rows.columns else usual
    keyed = rows.with_columns(told.alias("day"), group=pl.col("profession").fill_null(NOBODY))
    return keyed.join(table, on=[*keys], how="left").with_columns(pl.col(columns).fill_null(1000))


def own_sums(past: pl.DataFrame, counts: Sequence[Feature], shares: Sequence[Feature]) -> pl.DataFrame:
    """Sum what each account did: account, n and, a feature, the sums that mean and dispersion need (Int64)."""
    sums: list[pl.Expr] = [pl.len().cast(pl.Int64).alias("n"), _held(counts, shares).alias("n_history")]
    for feature in counts:
        name = feature.name
        x, f = pl.col(name), pl.when(pl.col(name).is_not_null()).then(pl.col(f"f_{name}"))
        sums += [x.sum().alias(f"{name}:x"), (x * x).sum().alias(f"{name}:xx"), f.sum().alias(f"{name}:f")]
        sums += [(f * f).sum().alias(f"{name}:ff"), (x * f).sum().alias(f"{name}:xf")]
    for feature in shares:
        k, name = pl.col(feature.name), feature.name
        whole = pl.when(k.is_not_null()).then(pl.col(feature.of or ""))
        sums += [k.sum().alias(f"{name}:k"), whole.sum().alias(f"{name}:n"), (k * k).sum().alias(f"{name}:kk")]
        sums += [(whole * whole).sum().alias(f"{name}:nn"), (k * whole).sum().alias(f"{name}:kn")]
    return past.group_by("account").agg(pl.col("group").min(), *sums)


def _held(counts: Sequence[Feature], shares: Sequence[Feature]) -> pl.Expr:
    """Count the learned nights that could tell what was new: the first nights of a history are learned as null."""
    told = next((feature.name for feature in (*counts, *shares) if feature.history), None)
    return (pl.col(told).is_not_null().sum() if told else pl.lit(0)).cast(pl.Int64)


def own(
    tonight: pl.DataFrame,
    sums: pl.DataFrame,
    pool: pl.DataFrame,
    counts: Sequence[Feature],
    shares: Sequence[Feature],
    habits: Baselines,
) -> Own:
    """Estimate each of tonight's accounts (in the order given) from the sums of its learned nights.

    `pool` holds the sums that stand for a profession: the learned ones, tonight's own while there are none.
    """
    rows = tonight.select("account", tonight_group=pl.col("profession").fill_null(NOBODY)).join(
        sums, on="account", how="left", maintain_order="left"
    )
    mean: dict[str, Floats] = {}
    dispersion: dict[str, Floats] = {}
    groups = _Groups.of(rows, pool)
    for feature in counts:
        mean[feature.name], dispersion[feature.name] = _count(rows, pool, groups, feature.name, habits)
    for feature in shares:
        mean[feature.name], dispersion[feature.name] = _share(rows, pool, groups, feature.name)
    return Own(nights=_floats(rows["n"]), history_nights=_floats(rows["n_history"]), mean=mean, dispersion=dispersion)


@dataclass(frozen=True, slots=True)
class _Groups:
    """The profession of each account of a pool and of each of tonight's, by number; the last stands for everybody."""

    pool: NDArray[np.intp]
    mine: NDArray[np.intp]
    count: int

    @classmethod
    def of(cls, rows: pl.DataFrame, pool: pl.DataFrame) -> "_Groups":
        """Give each profession a number; one that was never seen before borrows everybody's figures."""
        names = pool["group"].unique().sort().to_list()
        numbers = {name: at for at, name in enumerate(names)}
        mine = [numbers.get(name, len(names)) for name in rows["tonight_group"].to_list()]
        return cls(
            np.array([numbers[name] for name in pool["group"].to_list()], np.intp), np.array(mine, np.intp), len(names)
        )

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
    rows: pl.DataFrame, sums: pl.DataFrame, groups: _Groups, name: str, habits: Baselines
) -> tuple[Floats, Floats]:
    typical, alike = _pooled(sums, groups, name)
    typical, common = np.maximum(typical, 1e-3), np.maximum(alike, habits.least_dispersion)
    n, x, f = _floats(rows["n"]), _floats(rows[f"{name}:x"]), _floats(rows[f"{name}:f"]) / 1e3
    xx, xf = _floats(rows[f"{name}:xx"]), _floats(rows[f"{name}:xf"]) / 1e3
    ff = _floats(rows[f"{name}:ff"]) / 1e6
    mean = (x + PRIOR_SHAPE) / (f + PRIOR_SHAPE / typical)
    plain = np.divide(x, f, out=np.zeros_like(x), where=f > 0)
    excess = (xx - 2 * plain * xf + plain**2 * ff) - x
    scale = plain**2 * ff
    seen = np.clip(np.divide(excess, scale, out=np.zeros_like(x), where=scale > 0), 0, 5)
    weight = habits.dispersion_nights
    within = np.maximum((n * seen + weight * common) / (n + weight), habits.least_dispersion)
    return mean, within * (1 + 1 / np.maximum(n, 1)) + 1 / (x + PRIOR_SHAPE)


def _pooled(sums: pl.DataFrame, groups: _Groups, name: str) -> tuple[Floats, Floats]:
    """Give the profession's typical mean of an account, and the dispersion from night to night within accounts."""
    x, f, xx = (_floats(sums[f"{name}:{part}"]) for part in ("x", "f", "xx"))
    xf, ff = _floats(sums[f"{name}:xf"]) / 1e3, _floats(sums[f"{name}:ff"]) / 1e6
    plain = np.divide(x, f / 1e3, out=np.zeros_like(x), where=f > 0)
    excess = np.rint((xx - 2 * plain * xf + plain**2 * ff) - x)
    beyond = groups.summed(np.clip(excess, -(2**52), 2**52).astype(np.int64))
    scale = groups.summed(np.clip(np.rint(plain**2 * ff), 0, 2**52).astype(np.int64))
    with np.errstate(divide="ignore", invalid="ignore"):
        typical = groups.summed(sums[f"{name}:x"].to_numpy()) / (groups.summed(sums[f"{name}:f"].to_numpy()) / 1000)
    return groups.spread(typical), groups.spread(np.clip(beyond / np.maximum(scale, 1), 0, 5))


def _share(rows: pl.DataFrame, sums: pl.DataFrame, groups: _Groups, name: str) -> tuple[Floats, Floats]:
    """Give each account's share, and how alike requests of one night are (intraclass correlation)."""
    nights, common, alike = _pooled_share(sums, groups, name)
    alike = np.maximum(alike, np.where(nights < FEW_NIGHTS, FIRST_SAMENESS, LEAST_SAMENESS))
    k, n = _floats(rows[f"{name}:k"]), _floats(rows[f"{name}:n"])
    keep = np.minimum(1.0, SHARE_MOST / np.maximum(n, 1.0))
    prior = np.clip(PRIOR_SHAPE / np.maximum(common, 1e-9), SHARE_WEIGHT, SHARE_RARE)
    weight = prior + n * keep
    mean = (common * prior + k * keep) / weight
    return mean, alike + 1.0 / (weight + 1.0)


def _pooled_share(sums: pl.DataFrame, groups: _Groups, name: str) -> tuple[Floats, Floats, Floats]:
    """Give the profession's nights an account, its share (summed in thousandths), and the correlation within nights.

    By the method of moments.
    """
    k, n, kk, nn, kn = (_floats(sums[f"{name}:{part}"]) for part in ("k", "n", "kk", "nn", "kn"))
    share = np.divide(k, n, out=np.zeros_like(k), where=n > 0)
    binomial = share * (1 - share)
    kept = np.minimum(1.0, POOL_MOST / np.maximum(n, 1.0))
    excess = kk - 2 * share * kn + share**2 * nn - binomial * n

    def summed(values: Floats) -> NDArray[np.int64]:
        return groups.summed(np.rint(1e3 * values).astype(np.int64))

    beyond, scale = summed(np.clip(excess, -1e12, 1e12)), summed(np.clip(binomial * (nn - n), 0, 1e12))
    with np.errstate(divide="ignore", invalid="ignore"):
        nights = groups.summed(sums["n"].to_numpy()) / groups.summed(np.ones(sums.height, np.int64))
    alike = np.clip(beyond / np.maximum(scale, 1), 0.0, 0.5)
    return (
        groups.spread(nights),
        groups.spread((summed(k * kept) + 500) / (summed(n * kept) + 1000)),
        groups.spread(alike),
    )


def peers(tonight: pl.DataFrame, pool: pl.DataFrame, features: Sequence[Feature], habits: Baselines) -> Peers:
    """Place each of tonight's accounts among its peers: same profession and region, else profession, else everybody.

    `pool` holds the learned nights (tonight's own rows while there are none) with `f_NAME`. A group counts from
    `peer_accounts` accounts or `peer_account_nights` active account-nights.
    """
    keys = pool.select(
        "account",
        *(name for feature in features for name in (feature.name, f"f_{feature.name}")),
        group=pl.col("profession").fill_null(NOBODY),
        area=pl.col("region").fill_null(NOBODY),
        all=pl.lit("all"),
    )
    mine = tonight.select(
        group=pl.col("profession").fill_null(NOBODY), area=pl.col("region").fill_null(NOBODY), all=pl.lit("all")
    )
    near = _level(keys, mine, ["group", "area"], features)
    alone = ~_enough(near, habits)
    # Where a profession has enough peers in every region nobody asks for wider circles: they cost as much again.
    lonely = mine.filter(pl.Series(alone))["group"].unique()
    middle = _level(keys.filter(pl.col("group").is_in(lonely.implode())), mine, ["group"], features)
    alone &= ~_enough(middle, habits)
    levels = [near, middle, _level(keys if alone.any() else keys.clear(), mine, ["all"], features)]
    chosen = np.where(_enough(near, habits), 0, np.where(alone, 2, 1))

    def pick(column: str) -> Floats:
        return np.choose(chosen, [_floats(level[column]) for level in levels])

    names = mine.select(
        near=pl.format(_("{} in {}"), "group", "area"),
        middle=pl.col("group"),
        far=pl.lit(_("every profession")),
    )
    group = pl.Series(
        "peers", np.choose(chosen, [names[c].to_numpy() for c in ("near", "middle", "far")]), dtype=pl.String
    )
    spread = {f.name: np.maximum(pick(f"{f.name}:spread"), LEAST_SPREAD) for f in features}
    return Peers(group, pick("accounts"), {f.name: pick(f"{f.name}:middle") for f in features}, spread)


def _enough(level: pl.DataFrame, habits: Baselines) -> NDArray[np.bool_]:
    enough: NDArray[np.bool_] = (_floats(level["accounts"]) >= habits.peer_accounts) | (
        _floats(level["rows"]) >= habits.peer_account_nights
    )
    return enough


def _level(pool: pl.DataFrame, mine: pl.DataFrame, by: list[str], features: Sequence[Feature]) -> pl.DataFrame:
    figures: list[pl.Expr] = [pl.col("account").n_unique().alias("accounts"), pl.len().alias("rows")]
    for feature in features:
        level = (1 + pl.col(feature.name) * 1000 / pl.col(f"f_{feature.name}")).log()
        q50, q95, q99 = (level.quantile(q, interpolation="linear") for q in (0.50, 0.95, 0.99))
        figures.append(q50.alias(f"{feature.name}:middle"))
        # Standard normal quantiles of 95 and 99 %: the wider of the two says how far the upper side reaches.
        figures.append(pl.max_horizontal((q95 - q50) / 1.645, (q99 - q50) / 2.326).alias(f"{feature.name}:spread"))
    return mine.join(pool.group_by(by).agg(figures), on=by, how="left", maintain_order="left")


def _floats(column: pl.Series) -> Floats:
    """Give a column as numbers; what is missing or undefined is 0."""
    told: Floats = np.nan_to_num(column.cast(pl.Float64).to_numpy(), nan=0.0, posinf=np.inf, neginf=-np.inf)
    return told
