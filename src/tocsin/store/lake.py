"""The lake: tokenised events by night, each file ordered by shelf and account, so that little is read for a few."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from tocsin.schema import STORED, empty
from tocsin.store.files import Files, Kept
from tocsin.store.manifest import Manifest
from tocsin.store.names import Names
from tocsin.store.spool import ALL, SHELF, SHELVES, View, on_shelves, shelf_of

SHELF_ROWS = 8_192
"""Events that can only be read together: a few dozen accounts, so that the story of one is a matter of seconds
(docs/decisions/0091)."""

PORTION_ROWS = 32 * SHELF_ROWS
"""Events given at once where a night is read whole: about 100 MB."""


def write_events(files: Files, prefix: str, events: pl.DataFrame) -> dict[date, Kept]:
    """Write events (schema.STORED, some shelves) as one new file a night."""
    rows = events.with_columns(shelf_of("account").cast(pl.UInt8).alias(SHELF)).rechunk()
    accounts = rows.select(SHELF, "account").unique().sort(SHELF, "account").with_row_index("place")
    placed = rows.select("account", "time", "night").join(accounts, on="account", how="left", maintain_order="left")
    # Twice as fast as to sort all columns; what a night has then stands together.
    rows = rows[placed.select(pl.arg_sort_by("night", "place", "time")).to_series()]
    written: dict[date, Kept] = {}
    for night, count in rows["night"].rle().struct.unnest().select("value", "len").iter_rows():
        name = f"lake/{night.isoformat()}/{prefix}.parquet"
        written[night] = files.write_frame(name, rows.head(count), rows_together=SHELF_ROWS)
        rows = rows[count:]
    return written


class Lake:
    """The events of a state."""

    def __init__(self, files: Files, nights: Mapping[date, Sequence[Kept]], names: Names | None = None) -> None:
        self._files = files
        self._nights = nights
        self._names = names or Names()

    @classmethod
    def of(cls, files: Files, manifest: Manifest) -> "Lake":
        """Open the lake that a manifest names."""
        nights = {night: held.events for night, held in manifest.nights.items()}
        return cls(files, nights, Names.of(files, manifest.renames))

    def parts(self, nights: Iterable[date], columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """Give the events of nights in portions, with all columns of schema.STORED or some."""
        for night in sorted(nights):
            for kept in self._nights.get(night, ()):
                found = pl.scan_parquet(self._files.path(kept), glob=False)
                rows = found.select(pl.len()).collect().item()
                for first in range(0, rows, PORTION_ROWS):
                    part = found.slice(first, PORTION_ROWS).select(columns or list(STORED)).collect()
                    yield self._names.on(night).rows(part)

    def rows(self, nights: Iterable[date], test: pl.Expr | None = None) -> int:
        """Count the events of nights, all or those that pass a test."""
        held = [self._files.path(kept) for night in nights for kept in self._nights.get(night, ())]
        found = pl.scan_parquet(held, glob=False) if held else pl.LazyFrame(schema=dict(STORED))
        return int((found if test is None else found.filter(test)).select(pl.len()).collect().item())

    def bucket(
        self,
        nights: Iterable[date],
        index: int,
        buckets: int,
        columns: Sequence[str] = tuple(STORED),
        only: pl.Series | None = None,
        since: datetime | None = None,
    ) -> pl.DataFrame:
        """Give the events of some nights whose accounts are in a bucket (as Spool.bucket), of all accounts or some."""
        test = on_shelves(range(index, SHELVES, buckets))
        test = test if since is None else test & (pl.col("time") >= since)
        return self.where(nights, test if only is None else test & pl.col("account").is_in(only.implode()), columns)

    def like(self, events: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """Give the held events that agree with one of these in some columns, the time and account among them."""
        events = events.filter(pl.col("night").is_in([night for night, files in self._nights.items() if files]))
        some = events.select(columns).unique()
        spans = events.group_by("night").agg(
            first=pl.col("time").min(), last=pl.col("time").max(), shelves=shelf_of("account").unique()
        )
        parts: list[pl.DataFrame] = []
        for night, first, last, shelves in spans.sort("night").iter_rows():
            # Of a night that is held a log brings a few late events: of their shelves alone anything is read.
            here = pl.col("time").is_between(first, last) & on_shelves(shelves)
            # Nearly always there is none: that is told by a few columns.
            found = self.where([night], here, columns).join(some, on=list(columns), how="semi", nulls_equal=True)
            if found.height:
                accounts = found["account"].unique()
                parts.append(self.where([night], here & pl.col("account").is_in(accounts.implode()), tuple(STORED)))
        held = pl.concat(parts) if parts else empty(STORED)
        return held.join(some, on=list(columns), how="semi", nulls_equal=True)

    @property
    def begins(self) -> date | None:
        """Give the first night of which events are held."""
        return min((night for night, files in self._nights.items() if files), default=None)

    def of_accounts(self, accounts: Sequence[str], columns: Sequence[str], since: date = date.min) -> pl.DataFrame:
        """Give the held events of a few accounts from a night on, reading only their shelves."""
        names = self._names.of_accounts(accounts)
        wanted = pl.Series("account", [*accounts, *names.table["former"]], dtype=pl.String).unique()
        is_wanted = on_shelves(_shelves(wanted)) & pl.col("account").is_in(wanted.implode())
        nights = [night for night in sorted(self._nights) if night >= since]
        paths = [self._files.glance(kept) for night in nights for kept in self._nights[night]]
        if not paths:
            return empty(STORED).select(columns)
        needed = list(dict.fromkeys((*columns, "account", "night")))
        found = self._names.rows(pl.scan_parquet(paths, glob=False).filter(is_wanted).select(needed).collect())
        return found.filter(pl.col("account").is_in(list(accounts))).select(columns)

    def where(self, nights: Iterable[date], test: pl.Expr, columns: Sequence[str]) -> pl.DataFrame:
        """Give the events of some nights that pass a test."""
        parts = [
            part.filter(test).select(columns).collect()
            for night in sorted(nights)
            for kept in self._nights.get(night, ())
            for part in self._under_todays_names(night, pl.scan_parquet(self._files.path(kept), glob=False))
        ]
        return pl.concat(parts) if parts else empty(STORED).select(columns)

    def _under_todays_names(self, night: date, held: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
        """Give a file of events; the few under a former name apart, on the shelf of today's."""
        names = self._names.on(night)
        former = names.table["former"]
        if former.is_empty():
            yield held
            return
        is_former = pl.col("account").is_in(former.implode())
        yield held.filter(~is_former)
        theirs = names.rows(held.filter(on_shelves(_shelves(former)) & is_former).collect())
        yield theirs.with_columns(shelf_of("account").cast(pl.UInt8).alias(SHELF)).lazy()


def _shelves(accounts: pl.Series) -> list[int]:
    return sorted(set(accounts.alias("account").to_frame().select(shelf_of("account")).to_series()))


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is read of the nights before, by account: some columns, and from a moment on more of them."""

    columns: Sequence[str]
    since: datetime
    more: Sequence[str]


class Shelved:
    """Some nights of a lake bucket by bucket, as a spool gives them: each bucket is read when it is asked for.

    With `only`, the events of some accounts, addresses and so on, by view. By account, the nights from `first` on have
    only the columns `needed`; nights before have only the events of those who go on from then, and of these what
    `earlier` says. The others are null.
    """

    def __init__(
        self,
        lake: Lake,
        nights: Collection[date],
        views: Sequence[View],
        only: Mapping[str, pl.Series] | None = None,
        first: date = date.min,
        earlier: Earlier | None = None,
        needed: Sequence[str] = tuple(STORED),
    ) -> None:
        self._lake = lake
        self._nights = [night for night in nights if night >= first]
        self._before = [night for night in nights if night < first]
        self._earlier = earlier
        self._views = {ALL.by: View(ALL.by, tuple(needed)), **{view.by: view for view in views}}
        self._only = only or {}

    def bucket(self, index: int, buckets: int, by: str = "account") -> pl.DataFrame:
        """Give all events of one bucket of a view; row order is not promised."""
        columns = self._views[by].columns
        if by == "account":
            here = on_shelves(range(index, SHELVES, buckets))
        else:
            here = pl.col(by).is_not_null() & (shelf_of(by) % buckets == index)
        if by in self._only:
            here &= pl.col(by).is_in(self._only[by].implode())
        if by == "account" and by in self._only:
            here &= on_shelves(_shelves(self._only[by]))
        parts = [self._lake.where(self._nights, here, columns)]
        if self._before:
            goes_on = here & pl.col(by).is_in(parts[0][by].unique().implode())
            if by != "account" or self._earlier is None:
                parts.append(self._lake.where(self._before, goes_on, columns))
            else:
                late = pl.col("time") >= self._earlier.since
                parts.append(self._lake.where(self._before, goes_on & ~late, self._earlier.columns))
                parts.append(self._lake.where(self._before, goes_on & late, self._earlier.more))
        return pl.concat(parts, how="diagonal")
