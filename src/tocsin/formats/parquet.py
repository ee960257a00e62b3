"""Reads Parquet files whose columns carry the schema's names; a row is a unit, its line is its number.

Rows are read in slices, so that memory does not grow with the file. The bytes are first copied to a private file (they
may be packed, or come from standard input): Parquet is read from its end. Where a slice cannot be read its rows are
rejected and reading stops: nothing behind a damage can be trusted to stand where it says.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from tocsin.errors import InputError
from tocsin.formats.convert import Found
from tocsin.formats.lines import Source
from tocsin.schema import TIME
from tocsin.words import _

MAGIC = b"PAR1"
DAMAGED_ROW = "the Parquet file is damaged here"

_ROWS = 200_000
_BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""polars panics where a damaged file breaks what it takes for granted."""


def read_parquet(
    source: Source, name_of: Callable[[str], str | None], needed: tuple[str, ...], rows: int = _ROWS
) -> Iterator[Found]:
    """Read a Parquet file as columns of text.

    Raises InputError where it cannot be opened, or lacks a needed column, or holds no values in it.
    """
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        path = Path(folder, "log.parquet")
        _copy(source, path)
        frame, height = _opened(path, source.name)
        chosen = _columns(frame.collect_schema(), name_of, needed, source.name)
        for at in range(0, height, rows):
            found = _slice(frame.select(chosen), at, min(rows, height - at))
            yield found
            if found.rejects:
                return


def _copy(source: Source, path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in source.pieces():
            file.write(piece)


def _opened(path: Path, name: str) -> tuple[pl.LazyFrame, int]:
    try:
        frame = pl.scan_parquet(path, glob=False)
        return frame, int(frame.select(pl.len()).collect().item())
    except _BROKEN as error:
        raise InputError(
            _("{path} is a damaged Parquet file: it cannot be opened").format(path=name),
            hint=_("copy it again from where it was written; a file cut short has lost its table of contents"),
        ) from error


def _columns(
    schema: pl.Schema, name_of: Callable[[str], str | None], needed: tuple[str, ...], path: str
) -> list[pl.Expr]:
    """Choose the columns, as text; of two that have one name the first counts."""
    chosen: dict[str, pl.Expr] = {}
    for column, dtype in schema.items():
        name = name_of(column)
        if name is not None and name not in chosen and not dtype.is_nested():
            chosen[name] = _as_text(column, dtype).alias(name)
    for name in needed:
        if name not in chosen:
            said = next((dtype for column, dtype in schema.items() if name_of(column) == name), None)
            why = _("it has no column '{name}'") if said is None else _("its column '{name}' holds {dtype}, not values")
            raise InputError(
                _("{path} cannot be read as native: {why}").format(path=path, why=why.format(name=name, dtype=said)),
                hint=_("the file must have at least the columns {columns}").format(columns=", ".join(needed)),
            )
    return list(chosen.values())


def _as_text(column: str, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(column)
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is None:
            return value.dt.to_string("%Y-%m-%dT%H:%M:%S%.6f")
        # An instant: the file does not say which offset its writer saw.
        return value.dt.convert_time_zone("UTC").cast(TIME).dt.epoch("us").cast(pl.String())
    if dtype == pl.Date():
        return value.dt.to_string("%Y-%m-%dT00:00:00")
    # Bytes become text row by row: see _decoded.
    return value if dtype == pl.Binary() else value.cast(pl.String())


def _slice(frame: pl.LazyFrame, at: int, count: int) -> Found:
    rows: pl.DataFrame | None = None
    try:
        rows = frame.slice(at, count).collect()
    except _BROKEN:
        rows = None
    if rows is None or rows.height != count:
        return Found(_no_rows(frame.collect_schema()), [(at + row, 0, DAMAGED_ROW) for row in range(1, count + 1)])
    rows, repaired = _decoded(rows)
    lines = pl.int_range(at + 1, at + count + 1, dtype=pl.UInt64())
    return Found(rows.with_columns(line=lines, byte=pl.lit(0, pl.UInt64())), [], repaired=repaired)


def _decoded(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Read bytes (older writers know no text) as UTF-8, else as Windows-1252; also gives how many rows had to be."""
    odd = pl.Series([False]).new_from_index(0, rows.height)
    for name in [name for name, dtype in rows.schema.items() if dtype == pl.Binary()]:
        try:
            rows = rows.with_columns(pl.col(name).cast(pl.String()))
        except pl.exceptions.ComputeError:
            texts = [(None, False) if value is None else _text(value) for value in rows[name]]
            rows = rows.with_columns(pl.Series(name, [text for text, _odd in texts], dtype=pl.String()))
            odd |= pl.Series([is_odd for _text, is_odd in texts])
    return rows, int(odd.sum())


def _text(value: bytes) -> tuple[str, bool]:
    try:
        return value.decode(), False
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace"), True


def _no_rows(schema: pl.Schema) -> pl.DataFrame:
    return pl.DataFrame(schema={**schema, "line": pl.UInt64(), "byte": pl.UInt64()})
