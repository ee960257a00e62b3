"""The name of the source of a log file, the same every night."""

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from tocsin.settings_portal import SourceName

_PACKED: Final = re.compile(r"(?i)\.(?:gz|zst|zstd|xz|bz2)$")
_WRITTEN: Final = re.compile(r"(?i)\.(?:csv|tsv|ndjson|jsonl|json|log|txt|xml|parquet)$")
_ROTATED: Final = re.compile(r"(?<=[A-Za-z])\.[0-9]{1,3}$")
_DATED: Final = re.compile(
    r"[-_.]?(?:(?:19|20)[0-9]{2}([-_.]?)[01][0-9]\1[0-3][0-9]|[0-3][0-9]([-_.])[01][0-9]\2(?:19|20)[0-9]{2})"
    r"(?:[-_.T]?[0-2][0-9](?:[-_.h:]?[0-5][0-9]){0,2}(?![0-9]))?"
    r"|[-_.]?(?:19|20)[0-9]{2}[-_.][01][0-9](?![0-9])"
)
_NUMBERED: Final = re.compile(r"[-_.]?(?:[0-9]{4,}|\[nir [0-9a-f]+\])")
"""Numbers, also those that stand for a masked one (intake.protect.file_name)."""


def name_of(path: str, named: Sequence[SourceName] = ()) -> str:
    """Name the source of a file, the same every night: folder and name without dates, numbers and endings.

    `logs/2026/03/portal-2026-03-07.csv.gz` and `logs/2026/04/portal-2026-04-01.csv` are both `logs/portal`; `web1` and
    `web2` stay two. The first pattern of the settings that is found in the path decides instead.
    """
    for each in named:
        if re.search(each.pattern, path):
            return each.name
    *folders, file = path.replace("\\", "/").split("/")
    folder = next((plain for part in reversed(folders) if (plain := _undated(part)) and not plain.isdecimal()), "")
    bare = _WRITTEN.sub("", _undated(_ROTATED.sub("", _PACKED.sub("", file))))
    return "/".join(part for part in (folder, bare) if part and part != ".") or path


def source_names(paths: pl.Series, named: Sequence[SourceName]) -> pl.Series:
    """Name the source of each path, under the name of the column; each different path is looked at once."""
    different = paths.unique()
    names = pl.Series([name_of(path, named) for path in different], dtype=pl.String)
    return paths.replace_strict(different, names, return_dtype=pl.String)


def _undated(part: str) -> str:
    return _NUMBERED.sub("", _DATED.sub("", part))
