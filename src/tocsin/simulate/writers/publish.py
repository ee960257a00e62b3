"""Puts sheets on disk, plain or compressed: the same sheet always gives the same bytes."""

import gzip
import io
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import zstandard

from tocsin.simulate.writers.page import Sheet

Compression = Literal["gz", "zst"]
LINES: dict[str, pl.DataType] = {"row": pl.UInt32(), "source": pl.String(), "line": pl.UInt64()}
"""Where the actions of a page stand: place in the page, file, line from 1."""


def text_of(sheet: Sheet) -> bytes:
    """Write a sheet's lines."""
    buffer = io.BytesIO()
    match sheet.layout:
        case "csv":
            sheet.table.write_csv(buffer)
        case "semicolons":
            sheet.table.write_csv(buffer, separator=";")
        case "ndjson":
            sheet.table.write_ndjson(buffer)
        case "lines":
            sheet.table.write_csv(buffer, include_header=False, quote_style="never")
    return buffer.getvalue()


def publish(sheet: Sheet, folder: Path, compression: Compression | None) -> pl.DataFrame:
    """Write a sheet into a folder and say where each action stands (columns LINES)."""
    name = f"{sheet.name}.{compression}" if compression else sheet.name
    (folder / name).write_bytes(compressed(text_of(sheet), compression))
    lines = np.arange(sheet.table.height, dtype=np.uint64) + np.uint64(1 + sheet.header_lines)
    return pl.DataFrame({"row": sheet.rows, "source": pl.Series([name]).new_from_index(0, len(lines)), "line": lines}, schema=LINES)


def compressed(text: bytes, compression: Compression | None) -> bytes:
    """Compress without a time stamp, so that equal text gives equal bytes."""
    match compression:
        case "gz":
            return gzip.compress(text, 6, mtime=0)
        case "zst":
            return zstandard.ZstdCompressor(level=9).compress(text)
        case None:
            return text
