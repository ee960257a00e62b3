"""What is usual of each account over the nights held: middles, high values, sums of the last nights."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.held import Whole
from tocsin.model.nights import Past
from tocsin.model.surprise import Floats
from tocsin.schema import empty

Mask = Callable[[slice], NDArray[np.bool_]]
"""Which nights of some accounts count: nights x accounts."""


def middle(past: Past, name: str, counted: Mask | None = None) -> Floats:
    """Give the median of a column over each account's nights, undefined where none tells it (Past.names)."""
    found = np.full(past.names.len(), np.nan)
    for block in past.blocks():
        ordered, told = _ordered(past, name, block, counted)
        lower, upper = (_ranked(ordered, np.maximum(rank, 0)) for rank in ((told - 1) // 2, told // 2))
        found[block] = np.where(told > 0, 0.5 * (upper - lower) + lower, np.nan)
    return found


def high(past: Past, name: str, share: float) -> Floats:
    """Give the value that is not exceeded on this share of each account's nights, rounded up to one that was seen."""
    found = np.full(past.names.len(), np.nan)
    ranks = [int(pl.Series(range(told)).quantile(share, "higher") or 0) for told in range(1, len(past.nights) + 1)]
    rank_of = np.array([0, *ranks], np.intp)
    for block in past.blocks():
        ordered, told = _ordered(past, name, block, None)
        found[block] = np.where(told > 0, _ranked(ordered, rank_of[told]), np.nan)
    return found


def no_more_than_ever(
    tonight: pl.DataFrame, past: Past, places: NDArray[np.intp], shares: Sequence[Feature], often: float
) -> dict[str, NDArray[np.bool_]]:
    """Tell by feature whose batch of numbers is no larger than `often` (a share of its nights): the rest is missing.

    A maternity ward's dozen is all that is left of a day on which the portal was down.
    """
    names = [feature.name for feature in shares if feature.family == "identifiers"]
    most = {name: picked(high(past, name, often), places) for name in names}
    return {name: (tonight[name] <= told).fill_null(value=False).to_numpy() for name, told in most.items()}


def total(past: Past, name: str, since: date) -> Whole:
    """Sum a column over each account's nights from one on."""
    sums = np.zeros(past.names.len(), np.int64)
    for held in past.nights:
        if held.night >= since:
            sums[held.accounts] += held.figures(name)[0]
    return sums


def last_told(past: Past, name: str, places: NDArray[np.intp]) -> pl.Series:
    """Give the word of the last night that told one, for accounts by number (-1: none)."""
    found = np.full(places.size, None, dtype=object)
    open_ = np.flatnonzero(places >= 0)
    for held in reversed(past.nights):
        values, words = held.words(name)
        if open_.size and len(words) > 1:
            of_account = np.full(past.names.len(), len(words) - 1, np.intp)
            of_account[held.accounts] = values
            mine = of_account[places[open_]]
            told = mine < len(words) - 1
            found[open_[told]] = np.array(words, dtype=object)[mine[told]]
            open_ = open_[~told]
    return pl.Series(name, found.tolist(), pl.String)


def told_of(past: Past, name: str, accounts: pl.Series) -> pl.DataFrame:
    """Give account, night and the value of each night on which one of these accounts has one above zero."""
    places = past.places(accounts)
    found = [empty({"account": pl.String(), "night": pl.Date(), name: pl.Int64()})]
    for held in past.nights if accounts.len() else ():
        of_account = np.zeros(past.names.len(), np.int64)
        of_account[held.accounts] = held.figures(name)[0]
        values = np.where(places >= 0, of_account[places], 0)
        some = pl.DataFrame({"account": accounts, "night": held.night, name: values})
        found.append(some.filter(pl.col(name) > 0))
    return pl.concat(found)


def _ordered(past: Past, name: str, block: slice, counted: Mask | None) -> tuple[Whole, NDArray[np.intp]]:
    """Give each account's values in order, accounts x nights, and how many there are; the rest stands behind."""
    values, told = past.table(name, block)
    if counted is not None:
        told = told & counted(block)
    if past.is_still(name):
        return values.T, np.count_nonzero(told, axis=0)
    ordered = np.where(told, values, np.iinfo(np.int64).max).T.copy()
    ordered.sort(axis=1)
    return ordered, np.count_nonzero(told, axis=0)


def _ranked(ordered: Whole, rank: NDArray[np.intp]) -> Floats:
    last = max(ordered.shape[1] - 1, 0)
    return np.take_along_axis(ordered, np.minimum(rank, last)[:, None], axis=1)[:, 0].astype(np.float64)


def settled(past: Past, seen: pl.DataFrame, settling_days: int, growing: pl.DataFrame | None = None) -> Mask:
    """Count the nights of an account from so many days after its first (carried.SEEN) on.

    Not the nights of a sum above zero (`growing`, drift.SUMS): the usual is that of the nights before it grew.
    Otherwise whoever stays is the usual within two weeks, and the sum falls again before it rings.
    """
    days = np.array([held.night.toordinal() for held in past.nights])[:, None]
    since = _days(past, seen, "first", never=date.max.toordinal()) + settling_days
    began = None if growing is None or growing.is_empty() else _days(past, growing, "since", date.max.toordinal())

    def counted(block: slice) -> NDArray[np.bool_]:
        told = past.here(block) & (days >= since[block])
        return told if began is None else told & (days < began[block])

    return counted


def _days(past: Past, table: pl.DataFrame, name: str, never: int) -> NDArray[np.int64]:
    """Give a date of each account as a number of days."""
    told = pl.DataFrame({"account": past.names}).join(table, on="account", how="left", maintain_order="left")[name]
    day = told.cast(pl.Int32).cast(pl.Int64) + date(1970, 1, 1).toordinal()
    return day.fill_null(never).to_numpy()


def picked(figures: Floats, places: NDArray[np.intp]) -> pl.Series:
    """Give the figures of tonight's accounts, null for those that have none."""
    if not figures.size:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, places.size)
    return pl.Series(np.where(places >= 0, figures[places], np.nan)).fill_nan(None)
