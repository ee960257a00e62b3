"""The files that `tocsin parse` writes: whole or not at all, and never more than a batch in memory."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

import polars as pl

from tocsin.errors import SettingsError
from tocsin.report.cells import cells
from tocsin.schema import EVENTS
from tocsin.words import _

SUFFIXES = (".ndjson", ".csv", ".parquet")


class EventsFile:
    """Events as NDJSON, CSV or Parquet, by the name of the file; without one as NDJSON on standard output."""

    def __init__(self, path: Path | None, *, private: bool) -> None:
        if path is not None and path.suffix not in SUFFIXES:
            raise SettingsError(
                _("--out {path} has no known ending").format(path=path),
                hint=_("choose from {names}").format(names=", ".join(SUFFIXES)),
            )
        self._path = path
        self._mode = 0o600 if private else 0o666
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._folder = _beside(self._path)
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def write(self, frames: Iterator[pl.DataFrame], limit: int | None) -> None:
        """Write the frames, up to `limit` events, and put the file in its place."""
        chosen = _readable(frames, limit)
        if self._path is None or self._folder is None:
            for frame in chosen:
                # polars itself would report a closed pipe as an error of its own.
                sys.stdout.buffer.write(_with_text_times(frame).write_ndjson().encode())
            sys.stdout.flush()
            return
        made = Path(self._folder.name, "events")
        if self._path.suffix == ".parquet":
            _write_parquet(chosen, made)
        else:
            _write_text(chosen, made, csv=self._path.suffix == ".csv")
        made.chmod(self._mode & ~_umask())
        made.replace(self._path)


class RejectsFile:
    """Places and reasons of what became no event, as NDJSON; or nothing where no file is asked for."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._folder = _beside(self._path)
            self._file = Path(self._folder.name, "rejects").open("w", encoding="utf-8")
        return self

    def __exit__(self, error: object, *_: object) -> None:
        if self._path is None or self._folder is None or self._file is None:
            return
        self._file.close()
        if error is None:
            Path(self._folder.name, "rejects").replace(self._path)
        self._folder.cleanup()

    def add(self, path: str, rejects: pl.DataFrame) -> None:
        """Write the rejects of one batch."""
        if self._file is not None:
            for line, byte, reason in rejects.iter_rows():
                row = {"path": path, "line": line, "byte": byte, "reason": reason}
                self._file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _readable(frames: Iterator[pl.DataFrame], limit: int | None) -> Iterator[pl.DataFrame]:
    """Cut to the columns of the schema and stop at the limit."""
    left = limit
    for frame in frames:
        chosen = frame.select(name for name in EVENTS if name in frame.columns)
        yield chosen if left is None else chosen.head(left)
        if left is not None:
            left -= min(left, chosen.height)
            if not left:
                return


def _with_text_times(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("time").dt.to_string("%Y-%m-%dT%H:%M:%S%.f%:z"))


def _write_text(frames: Iterator[pl.DataFrame], path: Path, *, csv: bool) -> None:
    with path.open("wb") as file:
        for number, frame in enumerate(frames):
            if csv:
                cells(_with_text_times(frame)).write_csv(file, include_header=not number)
            else:
                _with_text_times(frame).write_ndjson(file)


def _write_parquet(frames: Iterator[pl.DataFrame], path: Path) -> None:
    parts = []
    for number, frame in enumerate(frames):
        parts.append(path.with_name(f"part-{number:06}"))
        frame.write_parquet(parts[-1])
    pl.scan_parquet(parts).sink_parquet(path)


def _beside(path: Path) -> "tempfile.TemporaryDirectory[str]":
    """Make a private folder on the same disk, so that the finished file only has to be renamed."""
    try:
        return tempfile.TemporaryDirectory(dir=path.parent, prefix=".tocsin-")
    except OSError as error:
        raise SettingsError(_("{path} cannot be written: {why}").format(path=path, why=error.strerror)) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
