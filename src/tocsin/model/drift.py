"""Drift: a little too much, night after night, which no single night shows (a cumulative sum, Page, Biometrika 1954).

An account's sum grows by what a night's evidence exceeds an allowance, never falls below zero, and keeps still on
nights without the account. It rings above the level that hardly any account of the portal reached on the nights
before, so that the portal's own locums and tourists set it: the third highest sum of different accounts, suspects left
out.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

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
        before = _known(self.sums, accounts, night)
        gained = np.minimum(evidence, round(100 * rules.most_a_night)).astype(np.int64) - round(100 * rules.allowance)
        if still is not None:
            gained[still] = 0
        return Sums(accounts, np.maximum(before.total + gained, 0), before.nights + 1, before.since)

    def level(self, rules: AddingUp) -> int | None:
        """Give the sum above which an account rings; None while too few nights are held."""
        if self.nights < rules.nights_before:
            return None
        highest = self.tops.group_by("account").agg(pl.col("sum").max()).sort("sum", descending=True)["sum"]
        least = round(100 * rules.least)
        return max(least, int(highest[rules.others - 1])) if highest.len() >= rules.others else least

    def learn(self, night: date, sums: "Sums", suspects: NDArray[np.bool_], rules: AddingUp) -> "Drift":
        """Give the drift after tonight; suspects start anew and set no level."""
        # On most nights of a small portal nothing adds up and nobody is suspected; there each step costs as much.
        stays = ~suspects & (sums.total > 0)
        mine, kept, held = sums.only(stays), self.sums, self.tops
        if not kept.is_empty():
            kept = kept.join(sums.accounts.to_frame("account"), on="account", how="anti")
        if not held.is_empty():
            held = held.filter(pl.col("night") > night - timedelta(days=rules.level_nights))
        if suspects.any():
            held = held.filter(~pl.col("account").is_in(sums.accounts.filter(pl.Series(suspects)).implode()))
        if mine.is_empty():
            return Drift(kept, held, self.nights + 1)
        highest = mine.sort(["sum", "account"], descending=[True, False]).head(rules.tops)
        top = highest.select(pl.lit(night).alias("night"), "account", "sum")
        return Drift(pl.concat([kept, mine]).sort("account"), pl.concat([held, top]), self.nights + 1)


@dataclass(frozen=True, slots=True)
class Sums:
    """Tonight's sums, in the order of tonight's accounts."""

    accounts: pl.Series
    total: NDArray[np.int64]
    nights: NDArray[np.int64]
    since: pl.Series

    def only(self, chosen: NDArray[np.bool_]) -> pl.DataFrame:
        """Give some of them, with the columns of SUMS."""
        if not chosen.any():
            return empty(SUMS)
        since = self.since.filter(pl.Series(chosen))
        return pl.DataFrame(
            {
                "account": self.accounts.filter(pl.Series(chosen)),
                "sum": self.total[chosen],
                "nights": self.nights[chosen],
                "since": since,
            },
            schema=dict(SUMS),
        )


def _known(sums: pl.DataFrame, accounts: pl.Series, night: date) -> Sums:
    """Give the sums that these accounts have had so far; of those without one, `since` is tonight."""
    if sums.is_empty():
        none = np.zeros(accounts.len(), np.int64)
        return Sums(accounts, none, none, pl.Series("since", [night]).new_from_index(0, accounts.len()))
    rows = pl.DataFrame({"account": accounts}).join(sums, on="account", how="left", maintain_order="left")
    total, nights = (rows[name].fill_null(0).to_numpy() for name in ("sum", "nights"))
    return Sums(accounts, total, nights, rows["since"].fill_null(night))
