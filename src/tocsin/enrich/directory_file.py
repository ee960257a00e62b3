"""Reads the file of an account directory; what is wrong with it has its line and column."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tocsin.enrich.directory import PEOPLE, RENAMES, TOLD, Directory
from tocsin.enrich.open_directory import SEPARATOR, is_open_directory, plain, read_open_directory
from tocsin.errors import Place, SettingsError
from tocsin.located import did_you_mean
from tocsin.words import _

COLUMNS = ("account", *TOLD, "former_account")
"""What a directory of one's own may say: any of these beside the account; other columns are left out."""

Form = Callable[[pl.Series], pl.Series]
"""Writes a column (told by its name) as events have it: without social security numbers, a login as its token."""

_SEPARATORS = (",", ";", "\t", SEPARATOR)
_MOST_HEADER_BYTES = 64 << 10
_PACKED = ((b"PK", "zip"), (b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class _Table:
    """A directory file: where it is, how it is written, and the place of each of COLUMNS that it has."""

    path: Path
    encoding: str
    separator: str
    width: int
    places: dict[str, int]


def read_directory(path: Path, form: Form) -> Directory:
    """Read either kind of directory; raises SettingsError with the place of the first fault."""
    try:
        head = _head(path)
        fields = head.split(SEPARATOR)
        if is_open_directory(fields):
            return _formed(read_open_directory(path, fields), form)
        return _formed(_read_own(_layout(path, head)), form)
    except OSError as error:
        message = _("the directory {path} cannot be read: {why}").format(path=path, why=error.strerror)
        raise SettingsError(message, hint=_("check --directory, or `directory` in the settings")) from error


def _formed(directory: Directory, form: Form) -> Directory:
    """Give the directory in the form of events; two logins that are one then stay one."""
    people = directory.people
    logins = form(people["account"])
    texts = [_formed_text(people[name], form) for name in TOLD]
    people = people.with_columns(logins, *texts).unique("account", keep="first", maintain_order=True).sort("account")
    renames = directory.renames
    renames = renames.with_columns(
        form(renames["former"].alias("account")).alias("former"), form(renames["account"])
    ).sort("former")
    return Directory(people, renames)


def _formed_text(texts: pl.Series, form: Form) -> pl.Series:
    if texts.dtype == pl.String():
        return form(texts)
    known = texts.unique().drop_nulls().cast(pl.String())
    changed = form(known.alias(texts.name))
    return texts if (known == changed).all() else form(texts.cast(pl.String()))


def _head(path: Path) -> str:
    """Give the first line."""
    with path.open("rb") as file:
        start = file.read(_MOST_HEADER_BYTES)
    for magic, name in _PACKED:
        if start.startswith(magic):
            message = _("the directory {path} is packed ({name})").format(path=path, name=name)
            raise SettingsError(message, hint=_("unpack it and name the file inside"))
    line = start.split(b"\n", 1)[0]
    return line.decode("utf-8", "replace").removeprefix(_BOM).rstrip("\r")


def _layout(path: Path, head: str) -> _Table:
    """Find the separator that gives the most columns, and their places."""
    tables = [_as_table(path, head, separator) for separator in _SEPARATORS]
    best = max(tables, key=lambda table: len(table.places))
    if "account" in best.places and len(best.places) > 1:
        return best
    told = [plain(field).replace(" ", "_") for field in next(csv.reader([head], delimiter=best.separator), [])]
    near = next((_near(field) for field in told if _near(field)), None)
    missing = "account" if "account" not in best.places else ", ".join(COLUMNS[1:])
    message = _("the directory has no column '{name}'").format(name=missing)
    hint = near or _("its first line must name account and any of {names}").format(names=", ".join(COLUMNS[1:]))
    raise SettingsError(message, place=Place(str(path), 1, 1), hint=hint)


def _near(field: str) -> str | None:
    """Say which of COLUMNS an unknown one may be meant for."""
    hint = did_you_mean(field, COLUMNS) if field not in COLUMNS else None
    return _("its column '{field}' is not known, {hint}").format(field=field, hint=hint) if hint else None


def _as_table(path: Path, head: str, separator: str) -> _Table:
    fields = next(csv.reader([head], delimiter=separator), [])
    places: dict[str, int] = {}
    for place, field in enumerate(fields):
        name = plain(field).replace(" ", "_")
        if name in COLUMNS:
            places.setdefault(name, place)
    return _Table(path, "utf-8-sig", separator, len(fields), places)


def _read_own(table: _Table) -> Directory:
    frame = _rows(table)
    if frame["account"].has_nulls():
        raise _fault(table, _("this row names no account"), "account", lambda row: not row["account"])
    for name in TOLD:
        _refuse_contradiction(table, frame, "account", name)
    _refuse_contradiction(table, frame, "former_account", "account")
    people = frame.group_by("account").agg(pl.col(name).drop_nulls().first() for name in TOLD)
    return Directory(people.select(*PEOPLE).sort("account"), _renames(table, frame))


def _rows(table: _Table) -> pl.DataFrame:
    """Read the file's own columns as text, blanks around them taken off, empty is null; rows of nothing are left out.

    A file that is not UTF-8 is read as Windows-1252, as spreadsheets in France write it.
    """
    try:
        frame = _parsed(table, table.path)
    except pl.exceptions.PolarsError as error:
        raw = table.path.read_bytes()
        try:
            raw.decode()
        except UnicodeDecodeError:
            table = _Table(table.path, "cp1252", table.separator, table.width, table.places)
            frame = _parsed(table, raw.decode("cp1252", "replace").encode())
        else:
            raise _unreadable(table) from error
    columns = [_text(table.places, name).alias(name) for name in COLUMNS]
    frame = frame.select(columns)
    return frame.filter(pl.any_horizontal(pl.all().is_not_null()))


def _parsed(table: _Table, source: Path | bytes) -> pl.DataFrame:
    schema = {f"field {place}": pl.String() for place in range(table.width)}
    return pl.read_csv(source, separator=table.separator, has_header=False, skip_rows=1, schema=schema)


def _text(places: dict[str, int], name: str) -> pl.Expr:
    if name not in places:
        return pl.lit(None, pl.String())
    text = pl.col(f"field {places[name]}").str.strip_chars()
    return pl.when(text.str.len_bytes() > 0).then(text)


def _refuse_contradiction(table: _Table, frame: pl.DataFrame, key: str, name: str) -> None:
    """Refuse two rows that say different things of one account (or give one former login to two)."""
    told = frame.drop_nulls((key, name)).group_by(key).agg(pl.col(name).n_unique())
    twice = told.filter(pl.col(name) > 1)
    if twice.is_empty():
        return
    suspects = set(twice[key])
    seen: dict[str, tuple[int, str]] = {}
    for line, row, columns in _walk(table):
        if row[key] in suspects and row[name]:
            before = seen.setdefault(row[key], (line, row[name]))
            if before[1] != row[name]:
                message = _("the {key} of this row has another {name} on line {line}")
                place = Place(str(table.path), line, columns[name])
                raise SettingsError(
                    message.format(key=key, name=name, line=before[0]), place=place, hint=_("keep the row that is true")
                )


def _renames(table: _Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Follow renamed logins to the last name; a ring of them is refused."""
    pairs = frame.select("former_account", "account").drop_nulls().filter(pl.col("former_account") != pl.col("account"))
    step = dict(pairs.unique().iter_rows())
    last: dict[str, str] = {}
    for former in step:
        chain, at = [], former
        while at in step and at not in last:
            chain.append(at)
            at = step[at]
            if at in chain:
                raise _ring(table, chain[chain.index(at) :])
        last.update(dict.fromkeys(chain, last.get(at, at)))
    return pl.DataFrame({"former": list(last), "account": list(last.values())}, schema=RENAMES).sort("former")


def _ring(table: _Table, logins: Sequence[str]) -> SettingsError:
    message = _("former logins lead in a ring, of which this one is part")
    return _fault(table, message, "former_account", lambda row: row["former_account"] in logins)


def _fault(table: _Table, message: str, name: str, is_it: Callable[[dict[str, str]], bool]) -> SettingsError:
    """Make the error of the first row for which this holds."""
    for line, row, columns in _walk(table):
        if any(row.values()) and is_it(row):
            return SettingsError(message, place=Place(str(table.path), line, columns[name]))
    return SettingsError(message, place=Place(str(table.path)))


def _unreadable(table: _Table) -> SettingsError:
    for line, _row, columns in _walk(table):
        if columns["fields"] > table.width:
            message = _("this row has {n} columns, the first line names {width}")
            return SettingsError(
                message.format(n=columns["fields"], width=table.width), place=Place(str(table.path), line, 1)
            )
    return SettingsError(_("the directory {path} is no table").format(path=table.path))


def _walk(table: _Table) -> Iterator[tuple[int, dict[str, str], dict[str, int]]]:
    """Read row by row: first line of the row, our columns, and where each starts in the line (and `fields`: how many).

    Raises SettingsError where a quote is never closed. Only to find the place of a fault that is known to be there.
    """
    with io.open(table.path, encoding=table.encoding, errors="replace", newline="") as file:  # noqa: UP020 newline
        reader = csv.reader(file, delimiter=table.separator, strict=True)
        line = 1
        while True:
            try:
                fields = next(reader, None)
            except csv.Error as error:
                place = Place(str(table.path), line, 1)
                raise SettingsError(_("a quote opens here and is not closed as it should"), place=place) from error
            if fields is None:
                return
            if line > 1:
                row = {name: fields[at].strip() if at < len(fields) else "" for name, at in _all(table)}
                yield line, row, {**_starts(fields, table), "fields": len(fields)}
            line = reader.line_num + 1


def _all(table: _Table) -> Sequence[tuple[str, int]]:
    return [(name, table.places.get(name, table.width)) for name in COLUMNS]


def _starts(fields: Sequence[str], table: _Table) -> dict[str, int]:
    """Give the column where each field starts, quotes not counted."""
    return {name: sum(len(field) + 1 for field in fields[:at]) + 1 for name, at in _all(table)}
