"""Peers: where each of tonight's accounts stands among those of its profession, region and size, on the nights held."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.by_group import ByGroup
from tocsin.model.circles import Circle, Ordered
from tocsin.model.each import each
from tocsin.model.likeness import Codes, Traits
from tocsin.model.sums import Sums
from tocsin.model.surprise import Floats
from tocsin.settings import Baselines
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Peers:
    """Per account of tonight: its peer group, and the middle and spread of log(1 + value) in it."""

    group: pl.Series
    accounts: Floats
    middle: ByGroup
    spread: ByGroup


def peers(tonight: pl.DataFrame, pool: Sums, features: Sequence[Feature], habits: Baselines) -> Peers:
    """Place each of tonight's accounts among its peers, as near as there are enough of them.

    Those of its profession, region and size; else of its profession and region; else of its profession; else
    everybody. Where nobody tells its profession: those of like size, hours and services in its region; else anywhere.
    `pool` holds the learned nights (tonight's own rows while there are none). A group counts from `peer_accounts`
    accounts or `peer_account_nights` active account-nights, the account's own structure left out.
    """
    traits = Traits.of(pool, tonight, habits)
    circles: list[Circle] = []
    ordered: list[Ordered] = []
    chosen = np.full(tonight.height, -1)
    levels = _levels(traits)
    for level, keys in enumerate(levels):
        # Where a near circle has enough peers nobody asks for wider ones: they cost as much again.
        circle = Circle.of(pool, keys, traits.structure, chosen < 0, habits.peer_structure)
        last = level == len(levels) - 1
        taken = (chosen < 0) & (_enough(circle, habits) | last)
        chosen[taken] = level
        circles.append(circle)
        ordered.append(circle.ordered(taken))
    starts = [0, *accumulate(circle.size for circle in circles)][: len(circles)]
    mine_of = [circle.mine + start for circle, start in zip(circles, starts, strict=True)]
    mine_in = np.choose(chosen, mine_of).astype(np.int32)

    def placed(feature: Feature) -> tuple[Floats, Floats]:
        figures = [circle.figures(feature.name) for circle in ordered]
        spread = np.concatenate([told for _middle, told in figures])
        return np.concatenate([told for told, _spread in figures]), np.maximum(spread, habits.peer_spread)

    told = dict(zip((feature.name for feature in features), each(placed, features, pool.past.height), strict=True))
    return Peers(
        _names(tonight, chosen),
        np.choose(chosen, [circle.of_accounts[circle.mine] for circle in circles]).astype(np.float64),
        ByGroup({name: middle for name, (middle, _spread) in told.items()}, mine_in),
        ByGroup({name: spread for name, (_middle, spread) in told.items()}, mine_in),
    )


def _enough(circle: Circle, habits: Baselines) -> NDArray[np.bool_]:
    accounts, rows = circle.of_accounts[circle.mine], circle.of_rows[circle.mine]
    enough: NDArray[np.bool_] = (accounts >= habits.peer_accounts) | (rows >= habits.peer_account_nights)
    return enough


def _levels(traits: Traits) -> list[tuple[Codes, Codes]]:
    """Give the keys of the circles from near to far, of the pool's accounts and of tonight's; -1: none at this level.

    Whose profession nobody tells has likeness in its place, with numbers behind those of professions.
    """
    professions = 1 + max(codes.max(initial=-1) for codes in traits.profession)
    regions = 2 + max(codes.max(initial=-1) for codes in traits.region)
    sizes = 1 + max(codes.max(initial=-1) for codes in traits.size)
    found: list[list[Codes]] = [[], [], [], []]
    for profession, region, size, like in zip(traits.profession, traits.region, traits.size, traits.like, strict=True):
        known, alike = profession >= 0, like >= 0
        kind = np.where(known, profession, professions + like)
        here = kind * regions + 1 + region
        told = known | alike
        found[0].append(np.where(told & (size >= 0), here * sizes + size, -1))
        found[1].append(np.where(told, np.where(known, here, kind * regions), -1))
        found[2].append(np.where(known, profession, professions))
        found[3].append(np.zeros(profession.size, np.int64))
    return [(one[0], one[1]) for one in found]


def _names(tonight: pl.DataFrame, chosen: NDArray[np.int_]) -> pl.Series:
    """Say in words who the peers of each account are."""
    has_profession, has_region = (pl.col(name).is_not_null() for name in ("profession", "region"))
    whose = pl.when(has_profession).then(pl.col("profession")).otherwise(pl.lit(_("like size, hours and services")))
    here = pl.when(has_region).then(pl.format(_("{} in {}"), whose, "region")).otherwise(whose)
    near = pl.when(has_profession).then(pl.format(_("{} of like size"), here)).otherwise(here)
    middle = pl.when(has_profession).then(here).otherwise(whose)
    wide = pl.col("profession").fill_null(_("unknown profession"))
    level = pl.col("level")
    told = pl.when(level == 0).then(near).when(level == 1).then(middle).when(level == 2).then(wide)
    levels = tonight.select("profession", "region", level=pl.Series(chosen, dtype=pl.Int8))
    # Few are different: a large portal has no room for a text an account.
    kinds = levels.unique(maintain_order=True)
    kinds = kinds.with_columns(peers=told.otherwise(pl.lit(_("every profession"))).cast(pl.Categorical))
    return levels.join(kinds, on=levels.columns, how="left", nulls_equal=True, maintain_order="left")["peers"]
