"""Newcomers: how far tonight's people never read before lie above what is usual for the account, night for night.

Counts are compared as twice their square roots, whose spread does not grow with them (Anscombe, Biometrika 1948), and
less what the account's profession has more of tonight, in its region where that can be told: an epidemic, the day
after a holiday.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.factors import NOBODY
from tocsin.model.memory import Memory
from tocsin.model.nights import Past
from tocsin.model.older import Older, root
from tocsin.model.surprise import Floats
from tocsin.model.usual import settled
from tocsin.settings import MoreStrangers

QUARTILES = 1.349
"""Spreads between the first and the third quartile of a normal law."""


def with_newcomers(tonight: pl.DataFrame, memory: Memory, older: Older, rules: MoreStrangers) -> pl.DataFrame:
    """Fill in `newcomers_above` (hundredths of the account's own spread) and `newcomers_usual` (people).

    What is usual rests on the learned nights held and on those before them (`older`, of tonight's accounts). Accounts
    with too few have none.
    """
    rows, past = tonight.drop("newcomers_above", "newcomers_usual", strict=False), memory.past
    if past is None or "new_people" not in past.schema:
        zero = pl.lit(0, pl.Int64)
        return rows.with_columns(newcomers_above=zero, newcomers_usual=zero)
    group = pl.col("profession").fill_null(NOBODY).alias("group")
    own = rows.select(group, "new_people").with_columns(_own(past, rows, memory.seen, older, rules))
    known = _leaning(own, rules)
    above = (_root(pl.col("new_people")) - pl.col("middle")) / pl.max_horizontal("spread", pl.lit(rules.least_spread))
    told = known.select(
        above=pl.when(pl.col("held") >= rules.own_nights).then(above.fill_nan(None)), group="group", middle="middle"
    )
    alone = pl.col("above") - pl.Series(_common(told["above"], rows, rules))
    return rows.with_columns(
        told.select(
            newcomers_above=(100 * alone.clip(0, rules.most_spreads)).round().fill_null(0).cast(pl.Int64),
            newcomers_usual=((pl.col("middle") / 2) ** 2 - 0.375).clip(0).round().fill_null(0).cast(pl.Int64),
        )
    )


def _common(above: pl.Series, rows: pl.DataFrame, rules: MoreStrangers) -> pl.Series:
    """Give what an account shares with others tonight: with its profession in its region, else with all of it.

    Where a region has too few of a profession, what everybody there has more of counts as well, if it is more: an
    epidemic or a snowfall is of a region.
    """
    told = rows.select(pl.col("profession", "region").fill_null(NOBODY), above=above)
    somewhere = pl.col("region") != NOBODY

    def shared(*by: str) -> pl.Expr:
        many = pl.col("above").count().over(by) >= rules.peers
        return pl.when(many).then(pl.col("above").median().over(by).clip(0))

    near = pl.when(somewhere).then(shared("profession", "region"))
    wide = pl.max_horizontal(shared("profession"), pl.when(somewhere).then(shared("region")))
    return told.select(common=pl.coalesce(near, wide, pl.lit(0.0)))["common"]


def _own(past: Past, rows: pl.DataFrame, seen: pl.DataFrame, older: Older, rules: MoreStrangers) -> list[pl.Series]:
    """Give `middle` and `spread` of the roots of each account's nights, and how many tell it (`held`)."""
    places = past.places(rows["account"])
    count, mean, apart = (_picked(figures, places) for figures in _held(past, seen, rules))
    settled_in, roots, squares = (older.sums[name].to_numpy() for name in ("settled", "roots", "squares"))
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = np.where(settled_in > 0, roots / 100 / settled_in, np.nan)
        since = _since_then(rows["profession"], np.where(count >= rules.own_nights, mean, np.nan) - plain, rules)
        known = ~np.isnan(plain + since)  # else what changed for everybody is not known
        more = np.where(known, rules.older_weight * settled_in, 0)
        before, beyond = np.where(known, plain + since, 0), np.where(known, squares / 1e4 / settled_in - plain**2, 0)
        nights = count + more
        middle = (count * mean + more * before) / nights
        between = np.where(count > 0, (before - mean) ** 2 * count * more / nights, 0)
        spread = np.sqrt((apart + more * np.maximum(beyond, 0) + between) / (nights - 1))
    held = count + np.where(more > 0, settled_in, 0)
    told = middle, np.where(nights > 1, spread, np.nan), held
    return [pl.Series(name, figures) for name, figures in zip(("middle", "spread", "held"), told, strict=True)]


def _since_then(professions: pl.Series, rise: Floats, rules: MoreStrangers) -> Floats:
    """Give what a whole profession has more (or less) of now than on its older nights, in roots; undefined for few.

    The longer logs are held the fewer people are new, and seasons change; what one account has more of is its own.
    """
    rises = pl.DataFrame({"group": professions.fill_null(NOBODY), "rise": pl.Series(rise).fill_nan(None)})
    many = pl.col("rise").count().over("group") >= rules.peers
    told = rises.select(pl.when(many).then(pl.col("rise").median().over("group")))
    since: Floats = told.to_series().fill_null(np.nan).to_numpy()
    return since


def _held(past: Past, seen: pl.DataFrame, rules: MoreStrangers) -> tuple[Floats, Floats, Floats]:
    """Give of the nights held in full how many tell it, the mean root, and the sum of squares about it (Past.names)."""
    counted = settled(past, seen, rules.settling_days)
    held, middle, apart = (np.zeros(past.names.len()) for _kind in range(3))
    for block in past.blocks():
        people, told = past.table("new_people", block)
        told &= counted(block)
        held[block] = count = np.count_nonzero(told, axis=0)
        roots = np.where(told, root(people), 0)
        middle[block] = mean = roots.sum(axis=0) / np.maximum(count, 1)
        apart[block] = np.where(told, (roots - mean) ** 2, 0).sum(axis=0)
    return held, middle, apart


def _leaning(own: pl.DataFrame, rules: MoreStrangers) -> pl.DataFrame:
    """Let what is usual of an account lean on its profession, as much as it has few nights of its own.

    The profession weighs as many nights as make the mean of an account's nights as uncertain as its accounts are apart
    (empirical Bayes: Efron and Morris, JASA 1973), and no more than `peer_nights`: small and large practices of one
    profession say little about each other.
    """
    told = pl.when(pl.col("held") >= rules.own_nights)
    middle, spread = (told.then(name) for name in ("middle", "spread"))
    apart = (middle.quantile(0.75, "linear") - middle.quantile(0.25, "linear")) / QUARTILES
    group = own.fill_nan(None).with_columns(
        many=(pl.col("held") >= rules.own_nights).sum().over("group") >= rules.peers,
        theirs=middle.median().over("group"),
        spreads=spread.median().over("group"),
        apart=apart.over("group"),
    )
    weight = (pl.col("spreads") / pl.col("apart")).pow(2).clip(0, rules.peer_nights)
    lent = pl.when("many").then(weight.fill_nan(rules.peer_nights)).otherwise(0.0)
    leaning = group.with_columns(lent=lent.fill_null(0.0))
    nights, degrees = pl.col("held"), pl.col("held") - 1
    middles = (nights * pl.col("middle") + pl.col("lent") * pl.col("theirs")) / (nights + pl.col("lent"))
    within = degrees * pl.col("spread").pow(2) + pl.col("lent") * pl.col("spreads").pow(2)
    spreads = (within / (degrees + pl.col("lent"))).sqrt()
    some = pl.col("lent") > 0
    return leaning.with_columns(
        middle=pl.when(some).then(middles).otherwise("middle"), spread=pl.when(some).then(spreads).otherwise("spread")
    )


def _picked(figures: Floats, places: NDArray[np.intp]) -> Floats:
    """Give the figures of tonight's accounts, 0 for those that have none."""
    return np.where(places >= 0, figures[places], 0.0) if figures.size else np.zeros(places.size)


def _root(count: pl.Expr) -> pl.Expr:
    return 2 * (count + 0.375).sqrt()
