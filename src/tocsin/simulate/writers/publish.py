"""Puts sheets on disk, plain or compressed: the same sheet always gives the same bytes."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import zstandard

from tocsin.simulate.writers.page import Sheet

Compression = Literal["gz", "zst"]
Damage = Callable[[str, bytes], bytes]
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


def publish(sheet: Sheet, folder: Path, compression: Compression | None, damage: Damage | None = None) -> pl.DataFrame:
    """Write a sheet into a folder and say where each action stands (columns LINES).

    `damage` may break the text on purpose, in ways that leave the line numbers of attacks right.
    """
    name = f"{sheet.name}.{compression}" if compression else sheet.name
    text = text_of(sheet)
    (folder / name).write_bytes(compressed(damage(name, text) if damage else text, compression))
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
