"""W3C extended logs as IIS writes them: `#Fields:` names the fields of the lines below it and may change inside a file.

Times are UTC; where the lines have no date the last `#Date:` above gives it, with the midnights since. The account is
`cs-username`; the address is `cs-uri-stem` with `cs-uri-query`, read by the table of addresses; the status as web.py
says. IIS writes blanks in fields as `+`, which is undone in the user agent. Fields are separated by blanks (tabs where
`#Fields:` has tabs).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, finish
from tocsin.formats.lines import TOO_LONG, Source
from tocsin.formats.midnights import Midnights
from tocsin.formats.quoted import Record
from tocsin.formats.separated import Layout, LineAt, read_lines
from tocsin.formats.units import Units, units
from tocsin.formats.urls import DEFAULT_URLS, read_requests
from tocsin.formats.web import VOCABULARY, account_of, behind_proxies, with_requests
from tocsin.words import _

NO_FIELDS = "no #Fields line above"

_NAMES = {
    "date": "date",
    "time": "clock",
    "cs-method": "method",
    "cs-uri-stem": "stem",
    "cs-uri-query": "query",
    "cs-username": "account",
    "c-ip": "ip",
    "cs(user-agent)": "user_agent",
    "sc-status": "status",
    "sc-bytes": "bytes",
    "x-forwarded-for": "forwarded",
    "cs(x-forwarded-for)": "forwarded",
}
"""Field of the log -> what is wanted of it."""

_WANTED = tuple(dict.fromkeys(_NAMES.values()))
_COLUMNS = {**dict.fromkeys((*_WANTED, "directed"), pl.String()), "line": pl.UInt64(), "byte": pl.UInt64()}
_DIRECTIVE = re.compile(r"#(fields|date):\s*(.*)", re.IGNORECASE | re.DOTALL)
_FIELDS = re.compile(rb"^#Fields:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_REQUEST = {"cs-method", "cs-uri-stem", "sc-status"}
_SURE = 95
_FEW = 200
"""Shorter stretches are read line by line: a log may change its fields at every line."""
_MAX_FIELDS = 1_000


class Iis:
    """Logs of Microsoft's web server."""

    name = "iis"
    title = "IIS and other W3C extended logs (#Fields)"
    gives = Gives(
        {
            "time": "`date` and `time` (UTC), else the date of `#Date:`",
            "kind": "`cs-method` and address, by the table of addresses",
            "outcome": "`sc-status`, as for combined",
            "account": "`cs-username`",
            "ip": "`c-ip`, behind a proxy `X-Forwarded-For` (`network.forwarded_for`)",
            "user_agent": "`cs(User-Agent)`",
            "service": "`cs-uri-stem`, by the table of addresses",
            "patient": "`cs-uri-stem` and `cs-uri-query`, by the table of addresses",
            "bytes": "`sc-bytes`",
        },
        lacks="sessions, second factors and credential changes other than by address; the offset the user saw",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for the directive that names the fields."""
        found = _FIELDS.search(head.text)
        if found is None:
            return Likeness(0, _("no line begins with #Fields:"))
        names = set(found[1].decode("utf-8", "replace").lower().split())
        if "time" in names and names & _REQUEST:
            return Likeness(_SURE, _("#Fields: names {columns}").format(columns=", ".join(_fields_known(names))))
        return Likeness(0, _("#Fields: names no time or no request"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a log; lines above the first #Fields are rejected."""
        midnights = Midnights()
        for found in ahead(_read(source, options)):
            dated = replace(found, rows=midnights.dated(found.rows))
            yield finish(_events(dated, options), VOCABULARY, replace(options, zone="UTC"))


def _fields_known(names: set[str]) -> list[str]:
    return [name for name in _NAMES if name in names]


@dataclass(frozen=True, slots=True)
class _Directed:
    """What the directives above a line said: the fields' places, how many there are, their separator, and the date."""

    places: dict[str, int] = field(default_factory=dict)
    width: int = 0
    separator: str = " "
    date: str | None = None

    def after(self, line: str) -> "_Directed":
        found = _DIRECTIVE.match(line)
        if found is None:
            return self
        said = found[2].strip()
        if found[1].lower() == "date":
            return replace(self, date=said)
        fields = said.lower().split()[:_MAX_FIELDS]
        places: dict[str, int] = {}
        for place, name in enumerate(fields):
            if name in _NAMES:
                places.setdefault(_NAMES[name], place)
        return replace(self, places=places, width=len(fields), separator="\t" if "\t" in said else " ")


def _read(source: Source, options: ReadOptions) -> Iterator[Found]:
    directed = _Directed()
    for block in source.blocks(options.block_bytes):
        if block.fault:
            yield Found(pl.DataFrame(schema=_COLUMNS), [(block.line, block.byte, block.fault)])
        else:
            reader = _Reader(units(block), directed, careful=options.careful)
            yield reader.read()
            directed = reader.directed


class _Reader:
    """Reads the lines of one block, stretch after stretch of lines under the same directives."""

    def __init__(self, lines: Units, directed: _Directed, *, careful: bool) -> None:
        self.directed = directed
        self._lines = lines
        self._careful = careful
        self._frames: list[pl.DataFrame] = []
        self._records: list[tuple[str | int | None, ...]] = []
        self._rejects: list[tuple[int, int, str]] = []

    def read(self) -> Found:
        lines = self._lines
        first = 0
        for index in map(int, np.flatnonzero(lines.ignored)):
            directed = self.directed.after(lines.line(index))
            if directed != self.directed:
                self._read_stretch(first, index)
                self.directed, first = directed, index + 1
        self._read_stretch(first, len(lines))
        frames = [*self._frames, pl.DataFrame(self._records, schema=_COLUMNS, orient="row")]
        rows = pl.concat([frame for frame in frames if frame.height] or frames[:1]).sort("line")
        return Found(rows, self._rejects, int(lines.ignored.sum()), lines.repaired)

    def _read_stretch(self, first: int, last: int) -> None:
        if self._careful or last - first <= _FEW or not self.directed.width:
            self._read_by_hand(first, last)
            return
        directed = self.directed
        layout = Layout(
            separator=directed.separator,
            columns=tuple(f"field {place}" for place in range(directed.width)),
            record=self._record,
            quotes="plain",
            fits=_all_filled,
        )
        rows = read_lines(self._lines.part(first, last), layout)
        self._rejects += rows.rejects
        self._frames.append(
            rows.frame.select(
                *(
                    pl.col(f"field {directed.places[name]}").alias(name)
                    if name in directed.places
                    else pl.lit(None, pl.String()).alias(name)
                    for name in _WANTED
                ),
                pl.lit(directed.date, pl.String()).alias("directed"),
                "line",
                "byte",
            )
        )

    def _read_by_hand(self, first: int, last: int) -> None:
        lines, directed = self._lines, self.directed
        for index in map(int, np.flatnonzero(~lines.ignored[first:last]) + first):
            place = (int(lines.numbers[index]), int(lines.offsets[index]))
            record = Record((), 1, TOO_LONG) if lines.too_long[index] else self._split(lines.line(index))
            if record.reason:
                self._rejects.append((*place, record.reason))
                continue
            texts = (record.fields[directed.places[name]] if name in directed.places else None for name in _WANTED)
            self._records.append((*texts, directed.date, *place))

    def _record(self, line_at: LineAt) -> Record:
        return self._split(line_at(0) or "")

    def _split(self, text: str) -> Record:
        if not self.directed.width:
            return Record((), 1, NO_FIELDS)
        # W3C asks for white space between fields, not for one blank; an empty field is written `-`.
        fields = tuple(each for each in text.split(self.directed.separator) if each)
        if len(fields) != self.directed.width and "\t" in text:
            # CloudFront names its fields between blanks and writes them between tabs.
            fields = tuple(text.rstrip("\r\n").split("\t"))
        if len(fields) == self.directed.width:
            return Record(fields, 1)
        return Record((), 1, f"{len(fields)} fields instead of {self.directed.width}")


def _all_filled(frame: pl.DataFrame) -> pl.Series:
    return frame.select(pl.all_horizontal(pl.exclude("line", "byte").is_not_null()).alias("fits")).to_series()


def _events(found: Found, options: ReadOptions) -> Found:
    """Name what the fields say as columns of the schema."""
    said = found.rows
    query = pl.when(pl.col("query") != "-").then(pl.lit("?") + pl.col("query")).otherwise(pl.lit(""))
    rows = said.select(
        pl.concat_str("date", pl.lit(" "), "clock").alias("time"),
        account_of(options),
        _addresses(options),
        "bytes",
        pl.col("status").alias("outcome"),
        pl.col("user_agent").str.replace_all("+", " ", literal=True),
        "line",
        "byte",
    )
    requests = said.select(method=pl.col("method").str.to_uppercase(), target=pl.col("stem") + query.fill_null(""))
    return replace(found, rows=with_requests(rows, read_requests(requests, options.urls or DEFAULT_URLS)))


def _addresses(options: ReadOptions) -> pl.Expr:
    """Give the address that asked, behind those that a proxy passed on where the settings say so."""
    if options.forwarded_for == "none":
        return pl.col("ip")
    return behind_proxies(pl.col("forwarded").str.replace_all("+", " ", literal=True))
