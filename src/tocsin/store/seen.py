"""Who saw what before: for each account and person, network or browser, the last night on which it was used.

A pair is kept as a mark, 48 bits of a hash; sorted, a mark and its night take about six bytes on disk. Every night has
a file of the marks that it showed; those of long past nights are folded into the base, one file a shelf. Where a shelf
holds a million pairs, a new pair is taken for a known one once in 280 million times.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.past import PERSON, SINCE, known_before, last_night, last_seen
from tocsin.settings_fixed import REMEMBERED
from tocsin.store.files import Files, Kept
from tocsin.store.manifest import Manifest
from tocsin.store.marks import MARK_BITS, Noticed, marks_of
from tocsin.store.names import Names
from tocsin.store.spool import SHELVES, on_shelves

SHAPE = {"shelf": pl.UInt8(), "mark": pl.Int64(), "last": pl.Date()}

NEVER = np.iinfo(np.int32).min
"""No night at all."""

FOLDED = 7
"""Nights that are folded into the base at once: reading and writing it costs the same for one as for seven."""


class Base:
    """The marks of nights long past: reading them all takes seconds, so they are read once a run."""

    def __init__(self, files: Files, manifest: Manifest) -> None:
        self._files = files
        self._shelves = {int(Path(kept.name).stem.rpartition("-")[2]): kept for kept in manifest.base}
        self._expected: dict[int, NDArray[np.int64]] = {}
        self._found: dict[int, tuple[NDArray[np.int64], pl.Series]] = {}

    def expect(self, marks: pl.DataFrame) -> None:
        """Look these marks (shelf, mark) up when their shelf is read for others: they will be asked for later."""
        for (shelf,), rows in marks.partition_by("shelf", as_dict=True).items():
            before = self._expected.get(int(shelf), np.empty(0, np.int64))
            self._expected[int(shelf)] = np.union1d(before, rows["mark"].to_numpy())

    def search(self, shelf: int, marks: NDArray[np.int64], latest: NDArray[np.int32]) -> None:
        """Raise `latest` to the last nights of the marks, sorted, that are known."""
        if shelf in self._found and np.isin(marks, self._found[shelf][0], assume_unique=True).all():
            _search(*self._found[shelf], marks, latest)
        elif shelf in self._shelves:
            rows = pl.read_parquet(self._files.path(self._shelves[shelf]), glob=False, columns=["mark", "last"])
            held, last = rows["mark"].to_numpy(), rows["last"]
            _search(held, last, marks, latest)
            if shelf in self._expected:
                expected = self._expected.pop(shelf)
                nights = np.full(expected.size, NEVER, np.int32)
                _search(held, last, expected, nights)
                self._found[shelf] = expected, pl.Series(nights)


@dataclass(frozen=True, slots=True)
class Told:
    """Events, and what is noticed in them; those of nights that the past tells of itself stand apart."""

    events: pl.DataFrame
    noticed: Sequence[Noticed]


class Seen:
    """The marks of the nights before a given one."""

    def __init__(self, files: Files, manifest: Manifest, before: date, base: Base | None = None) -> None:
        self.before = before
        self.base = base or Base(files, manifest)
        self.names = Names.of(files, manifest.renames)
        self._files = files
        self._nights = sorted(
            (night, kept) for night, held in manifest.nights.items() if night < before for kept in held.seen
        )

    def last(self, marks: pl.DataFrame, cuts: Collection[date]) -> pl.DataFrame:
        """Look marks (shelf, mark) up: gives for each, in their order, the last night before each of the `cuts`.

        The columns are named by the cuts, and null where no such night is known. Every file is sorted, and so are the
        marks: one search a file, and no more than a file in memory.
        """
        ordered = marks.with_row_index("row").sort("shelf", "mark")
        latest = np.full(marks.height, NEVER, np.int32)
        own = ordered["mark"].to_numpy()
        for shelf, first, count in _runs(ordered["shelf"]):
            mine = slice(first, first + count)
            self.base.search(shelf, own[mine], latest[mine])
        asked = on_shelves(marks["shelf"].unique())
        places = _places(ordered)
        before: dict[date, NDArray[np.int32]] = {}
        waiting = sorted(cuts)
        for night, kept in self._nights:
            while waiting and waiting[0] <= night:
                before[waiting.pop(0)] = latest.copy()
            rows = pl.scan_parquet(self._files.path(kept), glob=False).filter(asked).collect()
            _search(_places(rows), rows["last"], places, latest)
        before |= dict.fromkeys(waiting, latest)
        told = pl.DataFrame({"row": ordered["row"], **{str(cut): nights for cut, nights in before.items()}}).sort("row")
        return told.select(
            pl.when(pl.col(str(cut)) > NEVER).then(str(cut)).cast(pl.Date).alias(str(cut)) for cut in before
        )


def _runs(shelves: pl.Series) -> Iterator[tuple[int, int, int]]:
    """Give the shelves of sorted rows: which, where it begins, and how many rows it has."""
    counted = shelves.rle().struct.unnest()
    yield from zip(counted["value"], counted["len"].cum_sum() - counted["len"], counted["len"], strict=True)


def _places(marks: pl.DataFrame) -> NDArray[np.int64]:
    """Give shelf and mark as one number, which orders as both do."""
    place = pl.col("shelf").cast(pl.Int64) * 2**MARK_BITS + pl.col("mark")
    return marks.select(place).to_series().to_numpy()


def in_order(marks: pl.DataFrame) -> pl.DataFrame:
    """Sort marks of a night by shelf and mark, each once: as one number, several times faster than by two."""
    places = _places(marks)
    order = pl.Series(places).arg_sort().to_numpy()
    ordered = places[order]
    once: NDArray[np.int64] = order[np.append(np.True_, ordered[1:] != ordered[:-1])[: order.size]]
    return pl.DataFrame(marks[once])


def _search(held: NDArray[np.int64], last: pl.Series, places: NDArray[np.int64], latest: NDArray[np.int32]) -> None:
    """Raise `latest` to the `last` nights of those of `held`, sorted, that are among `places`."""
    if held.size == 0:
        return
    at = np.minimum(np.searchsorted(held, places), held.size - 1)
    hits = np.flatnonzero(held[at] == places)
    latest[hits] = np.maximum(latest[hits], last.gather(at[hits]).cast(pl.Int32).to_numpy())


def with_past(parts: Sequence[Told], seen: Seen, since: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of the past (tocsin.past) to events, and stack them; `since`: when each account was first seen.

    What rules ask, `last_seen`, leaves out the nights on which a value is new still (settings_fixed.STAYS_NEW).
    """
    nights = [night for part in parts for night in part.events["night"].unique().to_list()]
    known = _last(
        seen,
        [one for part in parts for one in part.noticed],
        {seen.before, *(known_before(n, seen.before) for n in nights)},
    )
    told = [part.events.with_columns(_past_of(part, known, seen)) for part in parts]
    events = pl.concat(told, how="diagonal")
    # One narrow join: with all columns it would copy them.
    begun = events.select("account").join(since, on="account", how="left", maintain_order="left")["since"]
    return events.with_columns(begun.alias(SINCE))


def _past_of(part: Told, known: Iterator[pl.DataFrame], seen: Seen) -> Iterator[pl.Series]:
    cuts: dict[date, pl.Series] = {}
    for night in part.events["night"].unique().sort():
        cuts.setdefault(known_before(night, seen.before), part.events["night"] >= night)
    for one in part.noticed:
        past, (name, column) = next(known), (one.space.name, one.space.column)
        if column == PERSON or name == last_seen(column):
            told = pl.Series([], dtype=pl.Date)
            for cut, is_later in cuts.items():
                mine = past[str(cut)][one.pair]
                told = mine.zip_with(is_later, told) if told.len() else mine
            yield told.alias(last_seen(column))
        if name == last_night(column):
            yield past[str(seen.before)][one.pair].alias(name)


def _last(seen: Seen, told: Sequence[Noticed], cuts: Collection[date]) -> Iterator[pl.DataFrame]:
    """Look up the pairs of each space, under all names of their accounts."""
    known = seen.last(marks_of(told), cuts)
    latest = str(max(cuts))
    begins, then = 0, sum(one.marks.height for one in told)
    for one in told:
        nights = known.slice(begins, one.marks.height)
        begins += one.marks.height
        if one.former.height:
            theirs = one.former.select("pair", "until").hstack(known.slice(then, one.former.height))
            # What came after `until` under that name was another account.
            before = theirs.filter(pl.col(latest) <= pl.col("until")).group_by("pair").agg(pl.col(nights.columns).max())
            both = nights.with_row_index("pair").join(before, on="pair", how="left", maintain_order="left")
            nights = both.select(pl.max_horizontal(name, f"{name}_right").alias(name) for name in nights.columns)
            then += one.former.height
        yield nights


def folded(files: Files, manifest: Manifest, prefix: str, until: date) -> Manifest:
    """Fold the marks of nights up to `until` into the base, if there are FOLDED of them; forget what is too old."""
    old = {night: held for night, held in manifest.nights.items() if night <= until and held.seen}
    if len(old) < FOLDED:
        return manifest
    base = {int(Path(kept.name).stem.rpartition("-")[2]): kept for kept in manifest.base}
    oldest = until - timedelta(days=REMEMBERED + 1)
    written: list[Kept] = []
    for shelf in range(SHELVES):
        parts = [pl.scan_parquet(files.path(kept), glob=False) for held in old.values() for kept in held.seen]
        here = [part.filter(pl.col("shelf") == shelf) for part in parts]
        here += [pl.scan_parquet(files.path(base[shelf]), glob=False)] if shelf in base else []
        rows = (
            pl.concat(here)
            .group_by("shelf", "mark")
            .agg(pl.col("last").max())
            .filter(pl.col("last") >= oldest)
            .sort("mark")
            .collect()
        )
        if rows.height:
            written.append(files.write_frame(f"seen/{prefix}-{shelf:02d}.parquet", rows))
    nights = {night: replace(held, seen=()) if night in old else held for night, held in manifest.nights.items()}
    return replace(manifest, nights=nights, base=tuple(written), base_until=until)


def forgotten(files: Files, manifest: Manifest, prefix: str, before: date) -> tuple[Manifest, int]:
    """Forget in the base what was last used before a night; gives how many marks went."""
    base: list[Kept] = []
    gone = 0
    for kept in manifest.base:
        rows = files.read_frame(kept)
        recent = rows.filter(pl.col("last") >= before)
        gone += rows.height - recent.height
        if recent.height == rows.height:
            base.append(kept)
        elif recent.height:
            shelf = int(Path(kept.name).stem.rpartition("-")[2])
            base.append(files.write_frame(f"seen/{prefix}-{shelf:02d}.parquet", recent))
    return replace(manifest, base=tuple(base)), gone


def since_of(events: pl.DataFrame) -> pl.DataFrame:
    """Give account and the first moment it was seen."""
    return events.group_by("account").agg(since=pl.col("time").min())
