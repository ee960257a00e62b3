r"""The access log of Apache and nginx: combined, and common (without referer and user agent).

`address identity account [time] "request" status bytes "referer" "user agent"`; further fields are left out, unless
the settings say that the last one is X-Forwarded-For, and so is the `site:port` of vhost_combined. The address may be
a list (`client, proxy`). The account is the authenticated user. The request is read by a table of addresses (urls.py),
the status as web.py says. Escapes (`\"`, `\x16`) stay as the server wrote them.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

import polars as pl

from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.clocks import ENDING, offset_of, read_clocks
from tocsin.formats.convert import Found, TimesOf, finish
from tocsin.formats.lines import Source
from tocsin.formats.quoted import Record, split
from tocsin.formats.separated import Layout, LineAt, Rows, read_rows
from tocsin.formats.times import instants, read_times
from tocsin.formats.web import VOCABULARY, account_of, behind_proxies, requests_of, with_requests
from tocsin.words import _

NOT_COMBINED = "not a line of an access log"

_FIELDS = ("ip", "identity", "account", "clock", "zone", "asked", "status", "bytes", "referer", "user_agent")
_COMMON = 8
"""Fields of a common line."""

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    r"([^\s,]+(?:, ?[^\s,]+)*|\S+) (\S+) (.+?) "
    rf"(\[\d\d/[A-Za-z]{{3}}/\d{{4}}:\d\d:\d\d:\d\d) ([+-]\d{{4}}\]) {_QUOTED} (\d{{3}}) (\d+|-)"
    rf"(?: {_QUOTED} {_QUOTED})?(?: (.*))?"
)
_SITE = re.compile(r"\A[^\s:]+:\d{1,5} (?=[0-9a-fA-F]*[.:][0-9a-fA-F.:]+ )")
"""What Apache's vhost_combined puts before the address: the name and port of the site."""

_LAST = re.compile(rf"(?:^| )(?:{_QUOTED}|([^ \"]+))$")
_CLOCK = "[DD/BBB/YYYY:hh:mm:ss"
_CLOCK_BYTES, _ZONE_BYTES, _STATUS_BYTES = len(_CLOCK), len("+0000]"), 3
_SURE, _SAMPLE = 90, 50


class Combined:
    """Access logs of web servers."""

    name = "combined"
    title = "Apache and nginx access log (combined or common)"
    gives = Gives(
        {
            "time": "time of the request, with its offset",
            "offset_minutes": "the offset of the time",
            "kind": "method and address, by the table of addresses",
            "outcome": "status: 2xx and 3xx success, 404 and 410 not found, 401 (of a login: failure) and 403 denied, "
            "other 4xx failure, 5xx error",
            "account": "authenticated user",
            "ip": "client address",
            "user_agent": "user agent (combined only)",
            "service": "address, by the table of addresses",
            "patient": "address, by the table of addresses",
            "bytes": "bytes of the answer",
        },
        lacks="sessions, second factors and credential changes other than by address; a person sent in the body",
    )

    def likeness(self, head: Head) -> Likeness:
        """Count the first lines that read as an access log."""
        sample = head.lines[:_SAMPLE]
        fitting = sum(_LINE.fullmatch(line) is not None for line in sample)
        why = _("{fitting} of the first {all} lines read as an access log").format(fitting=fitting, all=len(sample))
        return Likeness(_SURE * fitting // max(1, len(sample)), why)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read an access log; raises SettingsError where the table of addresses is wrong."""
        layout = combined_layout(Head(source.head()), careful=options.careful)
        requests = requests_of(_parted, options)

        def events(rows: Rows) -> Batch:
            return finish(_found(rows, requests, options), VOCABULARY, options, _times_in(rows.frame["zone"], options))

        return read_rows(source, layout, options.block_bytes, events)


def combined_layout(head: Head, *, careful: bool) -> Layout:
    """Say how the lines of a log that begins so are parted into fields."""
    width = _width(head)
    return Layout(
        separator=" ",
        columns=(*_FIELDS, *(f"field {place}" for place in range(len(_FIELDS), width)))[:width],
        record=partial(_record, width=width),
        quotes="around",
        fits=_fits,
        careful=careful,
    )


def _width(head: Head) -> int:
    """How many fields the first line that can be split has, at least those of a common line."""
    widths = (len(fields) for line in head.lines[:_SAMPLE] if not isinstance(fields := split(line, " "), str))
    return max(_COMMON, next(widths, len(_FIELDS)))


def _fits(frame: pl.DataFrame) -> pl.Series:
    """Say which rows have their fields in the right places (an account with blanks shifts them)."""
    clock, zone, status = pl.col("clock"), pl.col("zone"), pl.col("status")
    fits = (
        (clock.str.len_bytes() == _CLOCK_BYTES)
        & clock.str.starts_with("[")
        & (zone.str.len_bytes() == _ZONE_BYTES)
        & zone.str.ends_with("]")
        & (status.str.len_bytes() == _STATUS_BYTES)
    )
    return _column(frame, fits.fill_null(value=False))


def _record(line_at: LineAt, width: int) -> Record:
    """Read one line as the fast path would, else by its regular expression."""
    text = _SITE.sub("", line_at(0) or "")
    fields = split(text, " ")
    plain = '\\"' not in text and not any('"' in field for field in fields)
    if plain and not isinstance(fields, str) and len(fields) == width:
        clock, zone, status = fields[3], fields[4], fields[6]
        sizes = (len(clock.encode()), len(zone.encode()), len(status.encode()))
        fits = sizes == (_CLOCK_BYTES, _ZONE_BYTES, _STATUS_BYTES)
        if fits and clock.startswith("[") and zone.endswith("]"):
            return Record(fields, 1)
    found = _LINE.fullmatch(text)
    if found is None:
        return Record((), 1, NOT_COMBINED)
    *known, rest = (field or "" for field in found.groups())
    further = [""] * (width - len(known))
    if further and rest:
        # Of further fields only the last can be asked for.
        further[-1] = _last_field(rest)
    return Record((*known, *further)[:width], 1)


def _last_field(rest: str) -> str:
    found = _LAST.search(rest)
    return (found[1] if found[1] is not None else found[2]) if found else ""


def _parted(asked: pl.Series) -> pl.DataFrame:
    """Part `GET /path HTTP/1.1`: `method` in capitals and `target`, both null where it is nothing like it."""
    parts = asked.str.splitn(" ", 3).struct.unnest()
    words = parts["field_0"].drop_nulls().unique()
    methods = words.filter(words.str.contains("^[A-Za-z]+$"))
    method = parts["field_0"].replace_strict(methods, methods.str.to_uppercase(), default=None, return_dtype=pl.String)
    there = method.is_not_null() & (parts["field_1"] != "")
    parts = parts.select(method=method, target="field_1")
    return parts.with_columns(pl.when(there).then(pl.all()).name.keep())


def _addresses(frame: pl.DataFrame, options: ReadOptions) -> pl.Expr:
    """Give the address that asked, behind those it says it asks for."""
    last = frame.columns[-3]
    is_there = options.forwarded_for == "last_field" and last not in _FIELDS
    return behind_proxies(pl.col(last)) if is_there else pl.col("ip")


def _times_in(zones: pl.Series, options: ReadOptions) -> TimesOf:
    """Give what reads clocks `[17/May/2015:10:05:03` whose offsets `+0200]` these are: mostly one for all of them."""

    def read(clocks: pl.Series) -> pl.DataFrame:
        first = str(zones.first() or "")
        ending = ENDING.fullmatch(first.removesuffix("]"))
        offset = offset_of(ending) if ending and (zones == first).all() else None
        parsed = read_clocks(clocks, _CLOCK) if offset is not None else None
        if parsed is None or parsed["local"].has_nulls():
            texts = pl.select(pl.concat_str(clocks.str.slice(1), pl.lit(" "), zones.str.slice(0, 5))).to_series()
            return read_times(texts, options.zone, options.now)
        minutes = pl.Series("offset_minutes", [offset], dtype=pl.Int16()).new_from_index(0, len(clocks))
        return pl.DataFrame([instants(pl.DataFrame([parsed["local"], minutes]), options.zone).alias("time"), minutes])

    return read


def _found(rows: Rows, requests: Callable[[pl.Series], pl.DataFrame], options: ReadOptions) -> Found:
    """Name what the fields say as columns of the schema; `time` has the clocks alone."""
    frame = rows.frame
    address = _column(frame, _addresses(frame, options))
    columns = [
        frame["clock"].alias("time"),
        _column(pl.DataFrame([frame["account"], address]), account_of(options)),
        address,
        *(frame[name] for name in ("bytes", "user_agent", "line", "byte") if name in frame),
        frame["status"].alias("outcome"),
    ]
    events = with_requests(pl.DataFrame(columns), requests(frame["asked"]))
    return Found(events, rows.rejects, rows.ignored, rows.repaired)


def _column(frame: pl.DataFrame, column: pl.Expr) -> pl.Series:
    """Reckon a column of those it needs: of a frame in pieces of unlike length polars copies all columns first."""
    return pl.DataFrame([frame[name] for name in dict.fromkeys(column.meta.root_names())]).select(column).to_series()
