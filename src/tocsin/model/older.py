"""Nights that are no longer held in full, summed by account and four weeks: six features of volume and novelty.

Whole numbers as in model.sums, so that no order of nights can change a figure. The four weeks are counted from a fixed
day, so that a block is never begun anew. Nothing of it names a patient.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.nights import Held, Past, Whole
from tocsin.model.sums import Sums
from tocsin.model.surprise import Floats
from tocsin.model.usual import settled
from tocsin.model.weather import Skies
from tocsin.settings import OlderNights

COUNTS = ("people", "consultations", "people_10m", "people_1h", "answers")
"""The counts; of `bytes_kb` nothing is kept, which says the same as `answers` in another unit."""

SHARE = "new_share"

OF = "people"

WIDE = ("xx", "xf")
"""Sums that do not fit in 32 bits where an account is a robot."""

OLDER: dict[str, pl.DataType] = {
    "account": pl.String(),
    "night": pl.Date(),
    "last": pl.Date(),
    "nights": pl.Int32(),
    **{
        f"{part}_{name}": pl.Int64() if part in WIDE else pl.Int32()
        for name in COUNTS
        for part in ("x", "f", "xx", "ff", "xf")
    },
    **{f"{part}_{SHARE}": pl.Int32() for part in ("k", "n")},
    "told": pl.Int32(),
    "settled": pl.Int32(),
    "roots": pl.Int32(),
    "squares": pl.Int64(),
}
"""Rows an account and block. `night`: the first of the block, `last`: the last one summed; `nights` on which it was
active, `told`: those that tell who is new. Of those since it had `settled` in (usual.settled): the sum of twice the
roots of its new people (model.newcomers), in hundredths, and of their squares."""

KEYS = ("night", "account")


@dataclass(frozen=True, slots=True)
class Older:
    """What each account of tonight did on these nights (`of_accounts`), and what they weigh beside those in full."""

    sums: pl.DataFrame
    weight: float

    @classmethod
    def of(cls, older: pl.DataFrame, accounts: pl.Series, rules: OlderNights) -> "Older":
        """Look up some accounts."""
        return cls(of_accounts(older, accounts), rules.weight)

    def nights(self, name: str) -> Floats:
        """Count the nights that a feature's figures rest on too."""
        column = {SHARE: "told", **dict.fromkeys(COUNTS, "nights")}.get(name)
        return self.sums[column].to_numpy().astype(np.float64) if column else np.zeros(self.sums.height)

    def with_count(self, name: str, sums: Mapping[str, Floats]) -> Mapping[str, Floats]:
        """Add their sums of a count to those of the nights held in full (model.sums), as much as they weigh."""
        if name not in COUNTS:
            return sums
        return {part: told + self.weight * self.sums[f"{part}_{name}"].to_numpy() for part, told in sums.items()}

    def with_share(self, name: str, sums: Mapping[str, Floats], groups: NDArray[np.intp]) -> Mapping[str, Floats]:
        """Add part and whole of a share, the part changed as that of the whole profession (`groups`) has since.

        The longer logs are held the fewer people are new.
        """
        if name != SHARE:
            return sums
        k, n = (self.sums[f"{part}_{name}"].to_numpy().astype(np.float64) for part in ("k", "n"))
        both = (n > 0) & (sums["n"] > 0)
        now, whole, then, of = (np.bincount(groups, np.where(both, told, 0)) for told in (sums["k"], sums["n"], k, n))
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.nan_to_num((now / whole) / (then / of), nan=1.0, posinf=1.0)[groups]
        return {"k": sums["k"] + self.weight * np.minimum(k * change, n), "n": sums["n"] + self.weight * n}


def learn_older(
    older: pl.DataFrame,
    past: Past,
    nights: tuple[date, date],
    skies: Skies,
    seen: pl.DataFrame,
    settling_days: int,
    rules: OlderNights,
) -> pl.DataFrame:
    """Add the nights that `past` is going to lose tonight, and let go of blocks that began too long ago.

    `nights`: tonight, and the first one that stays; `past`, `skies` and `seen` (carried.SEEN) as they were before.
    """
    (night, since), kept = nights, older
    for held in past.nights:
        if held.night < since:
            kept = together(kept, _summed(held, past, skies, seen, settling_days, rules))
    return kept.filter(pl.col("night") > night - timedelta(days=rules.days))


def together(older: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """Add rows to those of the same account and block."""
    touched = pl.col("night").is_in(more["night"].unique().implode())
    both = pl.concat([older.filter(touched), more]).group_by(KEYS).agg(pl.col("last").max(), pl.exclude("last").sum())
    return pl.concat([older.filter(~touched), both.select(*OLDER)]).sort(KEYS)


def of_accounts(older: pl.DataFrame, accounts: pl.Series) -> pl.DataFrame:
    """Sum the blocks of each of some accounts, in their order; 0 of those that have none."""
    mine = older.drop("night", "last").join(accounts.to_frame("account"), on="account", how="semi")
    sums = mine.group_by("account").agg(pl.all().sum())
    told = accounts.to_frame("account").join(sums, on="account", how="left", maintain_order="left")
    return told.with_columns(pl.exclude("account").fill_null(0))


def block_of(night: date, rules: OlderNights) -> date:
    """Give the first night of the block in which a night lies."""
    return date.fromordinal(night.toordinal() // rules.block_days * rules.block_days)


def _summed(
    held: Held, past: Past, skies: Skies, seen: pl.DataFrame, settling_days: int, rules: OlderNights
) -> pl.DataFrame:
    """Give the rows of one night."""
    alone = replace(past, nights=(held,))
    told = dict(_columns(alone, skies, seen, settling_days))
    rows = {name: pl.Series(name, values[held.accounts], OLDER[name]) for name, values in told.items()}
    names = past.names.gather(held.accounts).alias("account")
    return pl.DataFrame({**rows, "account": names, "night": block_of(held.night, rules), "last": held.night}).select(
        *OLDER
    )


def _columns(alone: Past, skies: Skies, seen: pl.DataFrame, settling_days: int) -> Iterator[tuple[str, Whole]]:
    sums = Sums.of(alone, skies)
    yield "nights", sums.nights()
    for name in COUNTS:
        yield from ((f"{part}_{name}", values) for part, values in sums.count(name).items())
    share = sums.share(SHARE, OF)
    yield from ((f"{part}_{SHARE}", share[part]) for part in ("k", "n"))
    yield "told", sums.nights_told(SHARE)
    counted = settled(alone, seen, settling_days)
    told, roots = np.zeros(alone.names.len(), np.int64), np.zeros(alone.names.len(), np.int64)
    for block in alone.blocks():
        people, here = alone.table("new_people", block)
        here &= counted(block)
        told[block] = here.sum(axis=0)
        roots[block] = np.where(here, np.rint(100 * root(people)), 0).sum(axis=0)
    yield from (("settled", told), ("roots", roots), ("squares", roots * roots))


def root(people: Whole) -> Floats:
    """Give twice the root of a count, whose spread does not grow with it (Anscombe, Biometrika 1948)."""
    twice: Floats = 2 * np.sqrt(people + 0.375)
    return twice
