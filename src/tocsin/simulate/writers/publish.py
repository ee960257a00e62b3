"""Puts sheets on disk, plain or compressed: the same sheet always gives the same bytes."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal

import numpy as np
import polars as pl
import zstandard

from tocsin.simulate.writers.page import Sheet

Compression = Literal["gz", "zst"]
Damage = Callable[[str, bytes], bytes]
LINES: dict[str, pl.DataType] = {"row": pl.UInt32(), "source": pl.String(), "line": pl.UInt64()}
"""Where the actions of a page stand: place in the page, file, line from 1."""


def publish(sheet: Sheet, folder: Path, compression: Compression | None, damage: Damage | None = None) -> pl.DataFrame:
    """Write a sheet into a folder and say where each action stands (columns LINES).

    `damage` may break the text on purpose, in ways that leave the line numbers of attacks right.
    """
    name = f"{sheet.name}.{compression}" if compression else sheet.name
    with (folder / name).open("wb") as file:
        if compression or damage:
            text = io.BytesIO()
            _write(sheet, text)
            whole = text.getvalue()
            file.write(compressed(damage(name, whole) if damage else whole, compression))
        else:
            _write(sheet, file)
    lines = np.arange(sheet.table.height, dtype=np.uint64) + np.uint64(1 + sheet.header_lines)
    source = pl.Series([name], dtype=pl.String).new_from_index(0, len(lines))
    return pl.DataFrame({"row": sheet.rows, "source": source, "line": lines}, schema=LINES)


def compressed(text: bytes, compression: Compression | None) -> bytes:
    """Compress without a time stamp, so that equal text gives equal bytes."""
    match compression:
        case "gz":
            return gzip.compress(text, 6, mtime=0)
        case "zst":
            return zstandard.ZstdCompressor(level=9).compress(text)
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
