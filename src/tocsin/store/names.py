"""Today's names of accounts that a state holds under former ones: files stay as written, what is read is translated.

A name is former for the nights that were held when a directory told of the new one. Whoever has the login after that is
another account (docs/decisions/0084).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from tocsin.schema import empty
from tocsin.store.files import Files, Kept

NAMES = {"former": pl.String(), "account": pl.String(), "last": pl.Date()}
"""A former login, today's, and the last night held under the former one."""

_NO_NAMES = empty(NAMES)


@dataclass(frozen=True, slots=True)
class Names:
    """Rows of NAMES, each former login once, chains followed."""

    table: pl.DataFrame = field(default_factory=lambda: _NO_NAMES)

    @classmethod
    def of(cls, files: Files, kept: Kept | None) -> "Names":
        """Read the names that a state keeps."""
        return cls(files.read_frame(kept)) if kept else cls()

    @property
    def last(self) -> date:
        """Give the last night of which anything is held under a former name."""
        newest = self.table["last"].max()
        return newest if isinstance(newest, date) else date.min

    def on(self, night: date) -> "Names":
        """Give those that are former in what was written of a night."""
        return Names(self.table.filter(pl.col("last") >= night)) if night <= self.last else Names()

    def since(self, night: date) -> "Names":
        """Give those under which anything from a night on is held."""
        return Names(self.table.filter(pl.col("last") >= night))

    def of_accounts(self, accounts: Collection[str]) -> "Names":
        """Give the former names of some accounts."""
        return Names(self.table.filter(pl.col("account").is_in(list(accounts))))

    def now(self, name: str) -> str:
        """Give today's name of an account."""
        found = self.table.filter(former=name)["account"]
        return str(found[0]) if found.len() else name

    def told(self, renames: pl.DataFrame, known: pl.Series, last: date) -> "Names":
        """Add what a directory says (former, account; chains followed) of the `known` accounts, held up to `last`."""
        new = renames.filter(pl.col("former").is_in(known.implode())).select("former", "account")
        earlier = self.table.join(new, on="former", how="anti")
        on = earlier.join(renames.rename({"former": "account", "account": "now"}), on="account", how="left")
        earlier = on.select("former", account=pl.coalesce("now", "account"), last="last")
        both = pl.concat([earlier, new.with_columns(last=pl.lit(last, pl.Date))]).sort("former")
        return Names(both.filter(pl.col("former") != pl.col("account")))

    def rows(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give rows with an `account` under today's names, in the same order; with a `night`, those held up to `last`.

        The `group_value` of what was counted by account goes along.
        """
        if self.table.is_empty() or "account" not in frame.columns:
            return frame
        names = self.table.rename({"former": "#former", "account": "#now", "last": "#last"})
        both = frame.join(names, left_on="account", right_on="#former", how="left", maintain_order="left")
        is_former = pl.col("#now").is_not_null()
        if "night" in frame.columns:
            is_former &= pl.col("night") <= pl.col("#last")
        changed = [pl.when(is_former).then("#now").otherwise("account").alias("account")]
        if "group_value" in frame.columns:
            of_account = is_former & (pl.col("group_value") == pl.col("account"))
            changed.append(pl.when(of_account).then("#now").otherwise("group_value").alias("group_value"))
        return both.with_columns(changed).select(frame.columns)

    def single(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give `rows` of a table that has one an account, and night, network or place, in the order of accounts.

        Where both names had one, that of today's stays; since when and until when is put together.
        """
        if self.table.is_empty() or "account" not in frame.columns:
            return frame
        renamed = self.rows(frame)
        was = frame["account"] != renamed["account"]
        if not was.any():
            return frame
        keys = [name for name in ("night", "account", "network", "code") if name in frame.columns]
        by_night = "night" in frame.columns
        if not by_night and {"first", "last"} <= set(frame.columns):
            renamed = renamed.with_columns(pl.col("first").min().over(keys), pl.col("last").max().over(keys))
        told = renamed.with_columns(was.alias("#was")).sort("#was", maintain_order=True)
        told = told.unique(keys, keep="first", maintain_order=True).drop("#was")
        return told.sort(*(["night"] if by_night else []), "account", maintain_order=True)
