"""Drift: a little too much, night after night, which no single night shows (a cumulative sum, Page, Biometrika 1954).

An account's sum grows by what a night's evidence exceeds an allowance, never falls below zero, and keeps still on
nights without the account. It rings above the level that hardly any account of the portal reached on the nights
before, so that the portal's own locums and tourists set it: the third highest sum of different accounts, suspects left
out.
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.surprise import Hundredths
from tocsin.schema import empty
from tocsin.settings import AddingUp

SUMS = {"account": pl.String(), "sum": pl.Int64(), "nights": pl.Int64(), "since": pl.Date()}
"""The sums above zero: how high (hundredths), of how many nights, since when."""

TOPS = {"night": pl.Date(), "account": pl.String(), "sum": pl.Int64()}
"""The highest sums of each night held."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What the nights before add up to."""

    sums: pl.DataFrame = field(default_factory=lambda: empty(SUMS))
    tops: pl.DataFrame = field(default_factory=lambda: empty(TOPS))
    nights: int = 0

    def add(
        self,
        night: date,
        accounts: pl.Series,
        evidence: Hundredths,
        rules: AddingUp,
        still: NDArray[np.bool_] | None = None,
    ) -> "Sums":
        """Add tonight's evidence, an array in the order of `accounts`; where it says nothing the sum keeps `still`."""
        rows = pl.DataFrame({"account": accounts}).join(self.sums, on="account", how="left", maintain_order="left")
        before = rows["sum"].fill_null(0).to_numpy()
        gained = np.minimum(evidence, round(100 * rules.most_a_night)).astype(np.int64) - round(100 * rules.allowance)
        if still is not None:
            gained[still] = 0
        total = np.maximum(before + gained, 0)
        began = rows["since"].fill_null(night)
        return Sums(accounts, total, rows["nights"].fill_null(0).to_numpy() + 1, began)

    def level(self, rules: AddingUp) -> int | None:
        """Give the sum above which an account rings; None while too few nights are held."""
        if self.nights < rules.nights_before:
            return None
        highest = self.tops.group_by("account").agg(pl.col("sum").max()).sort("sum", descending=True)["sum"]
        least = round(100 * rules.least)
        return max(least, int(highest[rules.others - 1])) if highest.len() >= rules.others else least

    def learn(self, night: date, sums: "Sums", suspects: NDArray[np.bool_], rules: AddingUp) -> "Drift":
        """Give the drift after tonight; suspects start anew and set no level."""
        mine = pl.DataFrame(
            {"account": sums.accounts, "sum": sums.total, "nights": sums.nights, "since": sums.since}, schema=dict(SUMS)
        )
        kept = pl.concat([self.sums.join(mine, on="account", how="anti"), mine.filter(pl.Series(~suspects))])
        kept = kept.filter(pl.col("sum") > 0).sort("account")
        named = sums.accounts.filter(pl.Series(suspects)).implode()
        top = (
            mine.filter(pl.Series(~suspects) & (pl.col("sum") > 0))
            .sort(["sum", "account"], descending=[True, False])
            .head(rules.tops)
            .select(pl.lit(night).alias("night"), "account", "sum")
        )
        held = self.tops.filter(
            ((pl.lit(night) - pl.col("night")).dt.total_days() < rules.level_nights) & ~pl.col("account").is_in(named)
        )
        return Drift(kept, pl.concat([held, top]), self.nights + 1)


@dataclass(frozen=True, slots=True)
class Sums:
    """Tonight's sums, in the order of tonight's accounts."""

    accounts: pl.Series
    total: NDArray[np.int64]
    nights: NDArray[np.int64]
    since: pl.Series
