"""What a format is: something that recognises a log by its beginning and turns it into events and rejects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal, Protocol

import polars as pl

from tocsin.formats.lines import BLOCK_BYTES, HEAD_BYTES, Source, readable
from tocsin.schema import EVENTS, RAW_EVENTS, REJECTS
from tocsin.settings import UrlPattern

SAID_BY_SOME = ("patient_region", "automatic")
"""Columns that intake derives where the log does not say them itself."""

READ_EVENTS = {**RAW_EVENTS, **{name: EVENTS[name] for name in SAID_BY_SOME}}
"""Columns and dtypes of `Batch.events`."""

FOUND_REJECTS = {name: dtype for name, dtype in REJECTS.items() if name != "source"}
"""Columns and dtypes of `Batch.rejects`."""


@dataclass(frozen=True)
class Head:
    """The first bytes of a log, decompressed, without byte order mark and NUL bytes."""

    text: bytes

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Whole lines that are neither blank nor comments."""
        cut = len(self.text) >= HEAD_BYTES and b"\n" in self.text
        whole = self.text[: self.text.rfind(b"\n")] if cut else self.text
        lines = (readable(line).decode().rstrip("\r") for line in whole.split(b"\n"))
        return tuple(line for line in lines if line.strip() and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a log looks like a format (0 to 100) and the reason in words."""

    score: int
    why: str


@dataclass(frozen=True, slots=True)
class Gives:
    """What a format says of an event: column of the schema -> where the log has it, in the log's own words."""

    fields: Mapping[str, str]
    lacks: str
    """What the format cannot say, in plain words; empty where nothing is missing."""

    def __str__(self) -> str:
        return ", ".join(self.fields)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a reader must be told: the zone of times without offset, the present, and where names hide in URLs."""

    zone: str
    now: datetime
    urls: tuple[UrlPattern, ...] = ()
    account_from: Literal["log", "ip"] = "log"
    forwarded_for: str = "none"
    """`last_field`: an access log ends with the X-Forwarded-For of the request."""
    careful: bool = False
    """Read every unit by the slow path (the tests compare both)."""
    block_bytes: int = BLOCK_BYTES


@dataclass(frozen=True, slots=True)
class Batch:
    """A stretch of a log: lines (units) = events - further + rejects + ignored."""

    events: pl.DataFrame
    rejects: pl.DataFrame
    lines: int
    ignored: int
    unknown_kinds: int = 0
    unknown_outcomes: int = 0
    repaired: int = 0
    """Units read after invalid UTF-8 or NUL bytes were replaced."""
    further: int = 0
    """Rows beyond the first of units that name several people: such a unit is one event of the account of units."""
    patient_kind: str | None = None
    """What people's identifiers are (nir, number, opaque), where the format knows better than the settings."""
    zone: str | None = None
    """The zone in which times without offset were read: UTC for epochs, None for the portal's."""


class Format(Protocol):
    """A kind of log."""

    name: str
    title: str
    gives: Gives

    def likeness(self, head: Head) -> Likeness:
        """Say how much this beginning looks like the format."""
        ...

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a whole log; raises InputError when it is not of this format."""
        ...
