"""Keeps account of what was read: for each input, what became of each of its units."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import polars as pl

from tocsin.formats.base import READ_EVENTS, Batch
from tocsin.formats.strays import Stray
from tocsin.intake.hours import Hours
from tocsin.results import SKIPPED, InputRecord, Reject
from tocsin.store.manifest import HeldInput
from tocsin.words import _, ngettext

KEPT_REJECTS = 1_000

Advance = Callable[[int, int], None]
"""Hears how many stored bytes are read, and how many there are (0 where nobody knows)."""

EachRejects = Callable[[str, pl.DataFrame], None]
"""Hears every reject: the path and a frame of line, byte, reason."""

_COLUMNS = tuple(name for name in READ_EVENTS if name not in {"line", "byte"})


@dataclass
class Tally:
    """The running account of one input."""

    path: str
    format: str
    counts: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    hours: Hours = field(default_factory=Hours)
    first: datetime | None = None
    last: datetime | None = None
    sha256: str = ""
    size: int = 0

    def add(self, batch: Batch) -> None:
        """Count a batch."""
        events = batch.events
        self.hours.add(batch)
        self.counts.update(
            lines=batch.lines,
            events=events.height - batch.further,
            rows=events.height,
            rejected=batch.rejects.height,
            ignored=batch.ignored,
            unknown_kinds=batch.unknown_kinds,
            unknown_outcomes=batch.unknown_outcomes,
            repaired=batch.repaired,
        )
        if events.height:
            nulls = events.null_count().row(0, named=True)
            self.filled.update({name: events.height - nulls[name] for name in _COLUMNS})
            first, last = events.select(first=pl.col("time").min(), last=pl.col("time").max()).row(0)
            self.first = min(first, self.first or first)
            self.last = max(last, self.last or last)

    def record(self) -> InputRecord:
        """Give the account as a result."""
        counts = self.counts
        events, rows = counts["events"], counts["rows"]
        return InputRecord(
            path=self.path,
            sha256=self.sha256,
            format=self.format,
            lines=counts["lines"],
            events=events,
            rejected=counts["rejected"],
            ignored=counts["ignored"],
            duplicates=0,
            first=self.first,
            last=self.last,
            filled={name: self.filled[name] / rows for name in _COLUMNS} if rows else {},
            unknown_kinds=counts["unknown_kinds"],
            unknown_outcomes=counts["unknown_outcomes"],
            notes=_notes(counts["repaired"]),
            size=self.size,
        )


class Ledger:
    """The account of a run; fills while `take_in` is iterated.

    `total_bytes` (stored bytes of all files) is known as soon as `take_in` returns. `rejects` holds the first 1,000,
    `each_rejects` hears all of them. `hours` tells by path when events and rejects were. `known` are the inputs of
    earlier runs by SHA-256.
    """

    def __init__(
        self,
        advance: Advance | None = None,
        each_rejects: EachRejects | None = None,
        known: Mapping[str, HeldInput] | None = None,
    ) -> None:
        self._known = known or {}
        self.total_bytes = 0
        self.rejects: list[Reject] = []
        self.rejects_total = 0
        self.notes: list[str] = []
        self.hours: dict[str, Hours] = {}
        self._strange: Counter[str] = Counter()
        self._done_bytes = 0
        self._advance = advance
        self._each_rejects = each_rejects
        self._records: list[InputRecord] = []

    @property
    def known_sizes(self) -> frozenset[int]:
        """The sizes of files read by earlier runs: only a file of such a size can be one of them."""
        return frozenset(held.size for held in self._known.values())

    def records(self) -> tuple[InputRecord, ...]:
        """Give the accounts of the inputs read so far, in order."""
        return tuple(self._records)

    def close(self, tally: Tally) -> None:
        """Close the account of one input."""
        record = tally.record()
        self._records.append(replace(record, notes=(*record.notes, *_strange_notes(self._strange[tally.path]))))
        self.hours[tally.path] = tally.hours

    def hear_strange(self, path: str, addresses: int) -> None:
        """Hear in how many more events of an input the address was none, before its account is closed."""
        self._strange[path] += addresses

    def close_twin(self, path: str, sha256: str) -> bool:
        """Account for an input with the bytes of an earlier one, of this run or before: its units are duplicates."""
        here = next((record for record in self._records if record.sha256 == sha256), None)
        twin = here or self._known.get(sha256)
        if twin is None:
            return False
        nothing = Tally(path, twin.format, sha256=sha256).record()
        self._records.append(replace(nothing, lines=twin.lines, duplicates=twin.lines))
        return True

    def was_unread(self, sha256: str) -> bool:
        """Say whether an earlier run had this input and could read nothing of it."""
        held = self._known.get(sha256)
        return held is not None and held.format == Stray.name

    def skip(self, path: str, why: str) -> None:
        """Note what was found beside the logs and is none."""
        self._records.append(replace(Tally(path, SKIPPED).record(), notes=(_("skipped: {why}").format(why=why),)))

    def add_rejects(self, path: str, rejects: pl.DataFrame) -> None:
        """Note rejects of an input."""
        if rejects.is_empty():
            return
        self.rejects_total += rejects.height
        room = KEPT_REJECTS - len(self.rejects)
        kept = rejects.head(room).iter_rows()
        self.rejects.extend(Reject(path, line, byte, reason) for line, byte, reason in kept)
        if self._each_rejects:
            self._each_rejects(path, rejects)

    def advance(self, bytes_read: int) -> None:
        """Say how many more stored bytes are read."""
        self._done_bytes += bytes_read
        if self._advance:
            self._advance(self._done_bytes, self.total_bytes)


def _notes(repaired: int) -> tuple[str, ...]:
    if not repaired:
        return ()
    one = "{count} line was not valid UTF-8 and was repaired"
    many = "{count} lines were not valid UTF-8 and were repaired"
    return (ngettext(one, many, repaired).format(count=repaired),)


def _strange_notes(addresses: int) -> tuple[str, ...]:
    if not addresses:
        return ()
    one = "{count} event has an address that is none: it is kept as written, in no network"
    many = "{count} events have an address that is none: they are kept as written, in no network"
    return (ngettext(one, many, addresses).format(count=addresses),)
