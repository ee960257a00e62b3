"""Marks: a pair of account and value as 48 bits of a hash, which a state keeps in the place of who saw what.

Where a shelf holds a million pairs, a new pair is taken for a known one once in 280 million times.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
import polars_hash as plh

from tocsin.schema import empty
from tocsin.store.names import Names
from tocsin.store.spool import shelf_of

MARK_BITS = 48

MARKS = {"shelf": pl.UInt8(), "mark": pl.Int64()}


@dataclass(frozen=True, slots=True)
class Space:
    """What is remembered of a column: under which name, and which events show it."""

    name: str
    column: str
    test: pl.Expr
    knows_null: bool = False
    """A missing value is a value too: a browser that does not say its name."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A space in some events: the marks (shelf, mark) of the pairs of account and value, and the pair of each event.

    A pair that cannot be remembered has no mark. `former`: the marks that pairs had under former names of their
    accounts (pair, until, shelf, mark).
    """

    space: Space
    marks: pl.DataFrame
    pair: pl.Series
    former: pl.DataFrame


def marks_of(told: Sequence[Noticed]) -> pl.DataFrame:
    """Stack the marks of all spaces, then those under former names.

    One for a pair that cannot be remembered is negative, and so not known.
    """
    former = (one.former.select("shelf", "mark") for one in told)
    return pl.concat((empty(MARKS), *(one.marks for one in told), *former)).fill_null(-1)


def noticed(events: pl.DataFrame, spaces: Iterable[Space], names: Names) -> list[Noticed]:
    """Give what events show, space by space; `names`: accounts that were held under others."""
    who = events["account"].cast(pl.Categorical).to_physical()
    found: dict[str, tuple[pl.DataFrame, pl.Series]] = {}
    told: list[Noticed] = []
    for space in spaces:
        if space.column not in found:
            found[space.column] = _pairs(events, space.column, who)
        rows, pair = found[space.column]
        told.append(Noticed(space, _marks(rows, space), pair, _former(rows, space, names)))
    return told


def _pairs(events: pl.DataFrame, column: str, who: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Give the different pairs (account, value) and the number of that of each event.

    Pairs are told apart by one number: to sort those takes a fourth of the time of grouping by both columns.
    """
    # Texts are numbered, the number of the account stands above; other values are hashed to 64 bits with it, where two
    # of a million pairs are taken for one once in ten million nights, far less often than their marks are.
    if events.schema[column] == pl.String:
        value = pl.col("value").cast(pl.Categorical).to_physical().fill_null(2**32 - 1)
        number = pl.col("who").cast(pl.UInt64) * 2**32 + value
    else:
        number = pl.struct("who", "value").hash(seed=1)
    numbers = pl.DataFrame({"who": who, "value": events[column]}).select(number.alias("pair")).to_series()
    order = numbers.arg_sort().to_numpy()
    ordered = numbers.to_numpy()[order]
    opens = np.append(np.True_, ordered[1:] != ordered[:-1])[: order.size]
    pair = np.empty(order.size, np.uint32)
    pair[order] = np.cumsum(opens) - 1
    return events.select("account", value=column)[order[opens]], pl.Series("pair", pair)


def _marks(pairs: pl.DataFrame, space: Space) -> pl.DataFrame:
    """Hash pairs, with the name of the space, which keeps the values of different columns apart."""
    value = pl.col("value").cast(pl.String)
    text = pl.concat_str(
        pl.lit(space.name),
        "account",
        value.fill_null("\x00") if space.knows_null else value,
        separator="\x1f",
    )
    marked = pairs.select(text.alias("text"), shelf_of("account").cast(pl.UInt8).alias("shelf"))
    return marked.select(
        "shelf",
        mark=pl.when(pl.col("text").is_not_null()).then(plh.col("text").nchash.wyhash() // 65_536).cast(pl.Int64),
    )


def _former(pairs: pl.DataFrame, space: Space, names: Names) -> pl.DataFrame:
    """Give the marks that pairs had under former names of their accounts."""
    known = names.table.select("account", "former", until="last")
    rows = pairs.with_row_index("pair").join(known, on="account", maintain_order="left")
    return rows.select("pair", "until").hstack(_marks(rows.select("value", account="former"), space))


def marks_shown(events: pl.DataFrame, told: Sequence[Noticed], since: date) -> dict[date, pl.DataFrame]:
    """Give the marks that the nights from `since` on showed, each once."""
    shows = events.select(one.space.test.fill_null(value=False).alias(str(at)) for at, one in enumerate(told))
    parts: dict[date, pl.DataFrame] = {}
    for night in events["night"].unique().sort().to_list():
        if night >= since:
            then = events["night"] == night
            some = [
                one.marks.filter(_any_of(one, then & shown))
                for one, shown in zip(told, shows.get_columns(), strict=True)
            ]
            marks = pl.concat(some).drop_nulls().unique()
            parts[night] = marks.with_columns(last=pl.lit(night, pl.Date))
    return parts


def _any_of(one: Noticed, rows: pl.Series) -> pl.Series:
    """Tell the pairs of some events."""
    among = np.zeros(one.marks.height, np.bool_)
    among[one.pair.to_numpy()[rows.to_numpy()]] = True
    return pl.Series(among)
