"""Puts sheets on disk, plain or compressed: the same sheet always gives the same bytes."""

import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np
import polars as pl
import zstandard

from tocsin.simulate.writers.page import Page, Sheet

Compression = Literal["gz", "zst"]
Damage = Callable[[str, bytes], bytes]
LINES: dict[str, pl.DataType] = {"row": pl.UInt32(), "source": pl.String(), "line": pl.UInt64()}
"""Where the actions of a page stand: place in the page, file, line from 1."""


@dataclass(frozen=True, slots=True)
class Dress:
    """How one night is written: its format, and what is done to it on purpose before and after.

    `damage` may break the text in ways that leave the line numbers of attacks right.
    """

    format: str = "native"
    compression: Compression | None = None
    tight: bool = False  # files as small as they get, six times slower
    alter: Callable[[Page], Page] | None = None
    damage: Damage | None = None


def publish(sheet: Sheet, folder: Path, dress: Dress) -> pl.DataFrame:
    """Write a sheet into a folder and say where each action stands (columns LINES)."""
    name = f"{sheet.name}.{dress.compression}" if dress.compression else sheet.name
    with (folder / name).open("wb") as file:
        if dress.compression or dress.damage:
            text = io.BytesIO()
            _write(sheet, text)
            whole = text.getvalue()
            file.write(_compressed(dress.damage(name, whole) if dress.damage else whole, dress))
        else:
            _write(sheet, file)
    lines = np.arange(sheet.table.height, dtype=np.uint64) + np.uint64(1 + sheet.header_lines)
    source = pl.Series([name], dtype=pl.String).new_from_index(0, len(lines))
    return pl.DataFrame({"row": sheet.rows, "source": source, "line": lines}, schema=LINES)


def _compressed(text: bytes, dress: Dress) -> bytes:
    """Compress without a time stamp, so that equal text gives equal bytes."""
    match dress.compression:
        case "gz":
            return gzip.compress(text, 9 if dress.tight else 4, mtime=0)
        case "zst":
            return zstandard.ZstdCompressor(level=19 if dress.tight else 3).compress(text)
        case None:
            return text


def _write(sheet: Sheet, file: IO[bytes]) -> None:
    match sheet.layout:
        case "csv":
            sheet.table.write_csv(file)
        case "semicolons":
            sheet.table.write_csv(file, separator=";")
        case "ndjson":
            sheet.table.write_ndjson(file)
        case "lines":
            sheet.table.write_csv(file, include_header=False, quote_style="never")
