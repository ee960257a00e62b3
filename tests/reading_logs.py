"""What the tests of formats share: read bytes with a format, and account for every unit."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tocsin.formats import by_name
from tocsin.formats.base import ReadOptions
from tocsin.formats.lines import Source

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Reading:
    events: pl.DataFrame
    rejects: list
    lines: int
    ignored: int
    repaired: int
    unknown_kinds: int
    unknown_outcomes: int
    further: int

    def column(self, name):
        return self.events[name].to_list()

    @property
    def adds_up(self):
        return self.lines == self.events.height - self.further + len(self.rejects) + self.ignored


class Trickle(io.BytesIO):
    """Gives few bytes at once: blocks are cut where pieces end, so a small log in one piece would be one block."""

    def __init__(self, data, piece):
        super().__init__(data)
        self.piece = piece

    def read(self, size=-1):
        return super().read(self.piece if size < 0 else min(size, self.piece))


def read(data, name="native", **options):
    # A hundred pieces are enough: a large log is here for another reason.
    piece = max(options.get("block_bytes", 1 << 20), len(data) // 100)
    source = Source("log", Trickle(data, piece))
    known = by_name(name) if isinstance(name, str) else name
    batches = list(known.read(source, ReadOptions(**({"zone": "Europe/Paris", "now": NOW} | options))))
    return Reading(
        pl.concat([batch.events for batch in batches]) if batches else pl.DataFrame(),
        [row for batch in batches for row in batch.rejects.iter_rows()],
        *(
            sum(getattr(batch, count) for batch in batches)
            for count in ("lines", "ignored", "repaired", "unknown_kinds", "unknown_outcomes", "further")
        ),
    )


READ_ONE_WAY = ("cef", "leef", "fhir", "atna")
"""Formats that have no fast path beside the careful one (see test_any_bytes.py)."""


def read_both_ways(data, name="native", tiny=((False, 100), (True, 100)), **options):
    """Read fast and carefully, in one block and in tiny ones (carefully or not, bytes): all must say the same."""
    fast = read(data, name, **options)
    ways = tiny[:1] if name in READ_ONE_WAY else [(True, 1 << 20), *tiny]
    for careful, block_bytes in ways:
        other = read(data, name, careful=careful, block_bytes=block_bytes, **options)
        assert other.rejects == fast.rejects
        assert other.events.rows() == fast.events.rows()
        assert (other.lines, other.ignored) == (fast.lines, fast.ignored)
    assert fast.adds_up
    return fast


def samples(name):
    """Give the real samples of a folder that may lie beside this project; skips where it does not."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "shared" / "samples" / name).is_dir():
            return {path.name: path.read_bytes() for path in sorted((folder / "shared" / "samples" / name).iterdir())}
    pytest.skip("the real samples are not beside this project")
    return {}
