"""Events wait here by account bucket, in memory while few, then in private files."""

import io
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

import polars as pl
import polars_hash as plh

from tocsin.errors import StoreError
from tocsin.schema import STORED, empty
from tocsin.words import _

HOLD_ROWS = 500_000
"""Events held in memory before the whole hold is written out: about 200 MB."""

SHELVES = 64
"""Files a hold is written to: how many buckets are measured at once is decided when all events are counted."""

SHELF = "shelf"
"""Column of a stored file: the shelf of its row, an 8-bit number."""

BUCKET_EVENTS = 500_000
"""Events a bucket should hold at most: measuring them takes about 400 MB."""


@dataclass(frozen=True, slots=True)
class View:
    """The same events bucketed by another column, with only the columns that grouping needs."""

    by: str
    columns: tuple[str, ...]


ALL = View(by="account", columns=())
"""Every column, by account."""


class Spool:
    """Buckets of events on one machine; use as a context manager, the files go with it.

    A bucket holds every event of its accounts (wyhash of the key, modulo SHELVES, modulo the number of buckets), so
    that whatever is computed for an account needs one bucket only.
    """

    def __init__(self, views: Sequence[View] = (), hold_rows: int = HOLD_ROWS) -> None:
        self._views = (ALL, *views)
        self._hold_rows = hold_rows
        self._held: list[pl.DataFrame] = []
        self._rows = 0
        self._spilled = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.events = 0
        self.begins: date | None = None
        """The first night of which an event was kept."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()
        self._held = []

    @property
    def buckets(self) -> int:
        """How many buckets keep each below BUCKET_EVENTS, if accounts are alike."""
        return buckets_of(self.events)

    def add(self, events: pl.DataFrame) -> None:
        """Keep a frame of schema.STORED."""
        first = events["night"].min()
        if isinstance(first, date):
            self.begins = first if self.begins is None else min(self.begins, first)
        self._held.append(events)
        self._rows += events.height
        self.events += events.height
        if self._rows > self._hold_rows:
            self._spill()

    def bucket(self, index: int, buckets: int, by: str = "account") -> pl.DataFrame:
        """Give all events of one bucket of a view; row order is not promised."""
        view = next(view for view in self._views if view.by == by)
        parts = [
            pl.read_parquet(path, glob=False)
            for shelf in range(index, SHELVES, buckets)
            for path in self._parts(view, shelf)
        ]
        is_here = shelf_of(by) % buckets == index
        parts.extend(
            _project(frame, view).filter(is_here) if buckets > 1 else _project(frame, view) for frame in self._held
        )
        return pl.concat(parts) if parts else _project(empty(STORED), view)

    def of_accounts(self, accounts: Sequence[str], columns: Sequence[str], since: date = date.min) -> pl.DataFrame:
        """Give the events of a few accounts from a night on, reading only their shelves."""
        wanted = pl.Series("account", accounts, dtype=pl.String)
        shelves = sorted(set(wanted.to_frame().select(shelf_of("account")).to_series()))
        is_wanted = pl.col("account").is_in(wanted.implode()) & (pl.col("night") >= since)
        parts = [
            pl.scan_parquet(path, glob=False).filter(is_wanted).select(columns).collect()
            for shelf in shelves
            for path in self._parts(ALL, shelf)
        ]
        parts.extend(frame.filter(is_wanted).select(columns) for frame in self._held)
        return pl.concat(parts) if parts else empty(STORED).select(columns)

    def accounts(self) -> list[str]:
        """Name every account, sorted."""
        parts = [
            pl.read_parquet(path, glob=False, columns=["account"]).unique()
            for shelf in range(SHELVES)
            for path in self._parts(ALL, shelf)
        ]
        parts.extend(frame.select("account").unique() for frame in self._held)
        return pl.concat(parts)["account"].unique().sort().to_list() if parts else []

    def _spill(self) -> None:
        held = pl.concat(self._held)
        self._held, self._rows = [], 0
        try:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="tocsin-")
            for view in self._views:
                keyed = _project(held, view).with_columns(__shelf=shelf_of(view.by))
                for key, part in keyed.partition_by("__shelf", as_dict=True, include_key=False).items():
                    self._write(part, self._path(view, int(key[0]), self._spilled))
        except OSError as error:
            raise StoreError(
                _("the working files in {folder} cannot be written: {why}").format(
                    folder=tempfile.gettempdir(), why=error.strerror
                ),
                hint=_("free some disk, or point TMPDIR at a larger one"),
            ) from error
        self._spilled += 1

    @staticmethod
    def _write(part: pl.DataFrame, path: Path) -> None:
        buffer = io.BytesIO()  # polars has another error for a full disk than the system
        part.write_parquet(buffer, compression="lz4", statistics=False, row_group_size=250_000)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(buffer.getbuffer())

    def _path(self, view: View, shelf: int, part: int) -> Path:
        assert self._folder is not None  # noqa: S101 only called once something was spilled
        return Path(self._folder.name, f"{view.by}-{shelf:02d}-{part:05d}.parquet")

    def _parts(self, view: View, shelf: int) -> list[Path]:
        if self._folder is None:
            return []
        paths = (self._path(view, shelf, part) for part in range(self._spilled))
        return [path for path in paths if path.exists()]


def buckets_of(events: int) -> int:
    """Say into how many buckets so many events are parted."""
    return min(SHELVES, -(-events // BUCKET_EVENTS) or 1)


def _project(events: pl.DataFrame, view: View) -> pl.DataFrame:
    return events.select(view.columns).filter(pl.col(view.by).is_not_null()) if view.columns else events


def shelf_of(column: str) -> pl.Expr:
    """Give the shelf of a row by one of its columns: the same everywhere and for ever."""
    hashed: pl.Expr = plh.col(column).nchash.wyhash()
    return hashed % SHELVES


def on_shelves(shelves: Iterable[int]) -> pl.Expr:
    """Tell the rows of a stored file that are on some shelves.

    The numbers are of the type of the column: 64 numbers of another type are compared one after the other, and a file
    of a few hundred events takes twenty times as long.
    """
    return pl.col(SHELF).is_in(pl.Series(list(shelves), dtype=pl.UInt8).implode())
