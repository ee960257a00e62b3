"""Confirmed windows: what was done with an account while somebody else used it is not known to its owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tocsin.past import LEFT, PERSON, known_before, last_night, last_seen
from tocsin.settings_fixed import REMEMBERED
from tocsin.store.lake import Lake
from tocsin.store.marks import Noticed, Space

WINDOWS = {"account": pl.String(), "first": pl.Date(), "last": pl.Date()}

SHOWS = ("account", "night", "kind", "outcome", "ip", PERSON)
"""Event columns by which it is told what makes a value known."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Windows (WINDOWS) that are confirmed, and the lake, which knows what their accounts did outside of them."""

    windows: pl.DataFrame
    lake: Lake

    def flagged(self, events: pl.DataFrame) -> pl.DataFrame:
        """Add LEFT: which events lie in a window."""
        return events.with_columns(self._inside(events["account"], events["night"]).alias(LEFT))

    def doubted(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Forget in the columns of the past what accounts with a window used before: it may be an intruder's."""
        sure = ~pl.col("account").is_in(self.windows["account"].unique().implode())
        columns = [column for column in rows.columns if column.startswith(last_night(""))]
        return rows.with_columns(pl.when(sure).then(column).alias(column) for column in columns)

    def corrected(self, events: pl.DataFrame, told: Sequence[Noticed], before: date) -> pl.DataFrame:
        """Look the columns of the past (tocsin.past) that name a night in a window up again, outside of all windows.

        `before` is the night that the past of these events ends with (store.seen.Seen).
        """
        found = [
            (one.space, column)
            for one in told
            for column in dict.fromkeys((one.space.name, last_seen(one.space.column)))
            if column in events.columns and (one.space.column == PERSON or column == one.space.name)
        ]
        wrong = {column: self._inside(events["account"], events[column]) for _space, column in found}
        mine = pl.concat(
            [events["account"].clear(), *(events["account"].filter(rows) for rows in wrong.values())]
        ).unique()
        if mine.is_empty():
            return events
        columns = dict.fromkeys((*SHOWS, *(space.column for space, _column in found)))
        held = self.lake.of_accounts(list(mine), list(columns), before - timedelta(days=REMEMBERED + 1))
        own = held.filter((pl.col("night") < before) & ~self._inside(held["account"], held["night"]))
        for space, column in found:
            events = events.with_columns(
                _again(events, own, space, column, before).zip_with(wrong[column], events[column])
            )
        return events

    def _inside(self, accounts: pl.Series, nights: pl.Series) -> pl.Series:
        """Tell the account-nights in a window."""
        rows = pl.DataFrame({"account": accounts, "night": nights}).with_row_index("row")
        inside = rows.join(self.windows, on="account").filter(pl.col("night").is_between("first", "last"))["row"]
        return rows["row"].is_in(inside.unique().implode())


def _again(events: pl.DataFrame, own: pl.DataFrame, space: Space, column: str, before: date) -> pl.Series:
    """Give for each event the last night on which its account showed the value, of those that the column looks at."""
    nights = events["night"].unique().sort().to_list()
    cuts = {night: known_before(night, before) if column == last_seen(space.column) else before for night in nights}
    used = pl.col("night")
    earlier = (used.filter(used < cut).max().alias(str(cut)) for cut in set(cuts.values()))
    keys = list(dict.fromkeys(("account", space.column)))
    uses = own.filter(space.test).group_by(keys).agg(earlier)
    both = events.select("night", *keys).join(uses, on=keys, how="left", nulls_equal=True, maintain_order="left")
    mine = (pl.when(pl.col("night") == night).then(str(cut)) for night, cut in cuts.items())
    return both.select(pl.coalesce(mine).alias(column)).to_series()
