"""Tries a format on a log: a few events as they would be kept, and what became of every line."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from tocsin.formats.base import ReadOptions
from tocsin.formats.detect import chosen
from tocsin.formats.inputs import STDIN, Input, expand
from tocsin.formats.lines import Source
from tocsin.formats.mapping import Mapped
from tocsin.intake.ledger import Ledger
from tocsin.intake.take import IntakeOptions, take_in
from tocsin.privacy.scrub import masked
from tocsin.privacy.tokens import TokenKey
from tocsin.results import InputRecord
from tocsin.schema import STORED, empty

_MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: a few events (tokens for people), the counts, and what the mapping has no word for."""

    events: pl.DataFrame
    records: Sequence[InputRecord]
    reasons: Mapping[str, tuple[int, int]]
    """Reason of rejects -> how many, and the line of the first."""
    unlisted: Mapping[str, Sequence[tuple[str, int]]]
    """Column -> values that its table does not list, the most frequent first."""
    columns: Sequence[str]
    """Columns that the format gives."""


def try_out(log: str, options: IntakeOptions, shown: int) -> Trial:
    """Read a log with the format that the options name; raises InputError and MappingError."""
    assert options.format_name is not None  # noqa: S101 the caller names one
    known = chosen(options.format_name)
    counts: Counter[str] = Counter()
    firsts: dict[str, int] = {}

    def hear(_path: str, rejects: pl.DataFrame) -> None:
        counts.update(rejects["reason"].to_list())
        for line, _byte, reason in rejects.iter_rows():
            firsts.setdefault(reason, line)

    ledger = Ledger(each_rejects=hear)
    kept = empty(STORED).drop("night")
    for frame in take_in([log], options, TokenKey.throwaway(), ledger):
        kept = _telling(pl.concat((kept, frame)), shown)
    return Trial(
        events=kept.with_columns(pl.col("time").dt.convert_time_zone(options.zone)),
        records=ledger.records(),
        reasons={reason: (count, firsts[reason]) for reason, count in counts.most_common()},
        unlisted=_unlisted(known, expand([log]).files, options) if isinstance(known, Mapped) and log != STDIN else {},
        columns=list(known.gives.fields),
    )


def _telling(events: pl.DataFrame, shown: int) -> pl.DataFrame:
    """Choose a few events: the first of each kind and outcome, then the first ones; people before nobody."""
    again = pl.int_range(pl.len()).over("kind", "outcome", pl.col("patient").is_null())
    order = events.select(again.alias("again"), nobody=pl.col("patient").is_null(), row=pl.int_range(pl.len()))
    return events[order.sort("again", "nobody", "row")["row"].head(shown)]


def _unlisted(known: Mapped, files: Sequence[Input], options: IntakeOptions) -> dict[str, list[tuple[str, int]]]:
    """Read the files once more, for the values alone; people's numbers among them are masked."""
    counts: dict[str, Counter[str]] = {}
    for file in files:
        with Source(file.path, file.open()) as source:
            for column, words in known.unlisted(source, ReadOptions(zone=options.zone, now=options.now)):
                counts.setdefault(column, Counter()).update(words)
    shown = {column: found.most_common(_MOST_WORDS) for column, found in counts.items()}
    return {
        column: [(text, count) for text, (_word, count) in zip(_safe(found), found, strict=True)]
        for column, found in shown.items()
        if found
    }


def _safe(found: Sequence[tuple[str, int]]) -> list[str]:
    return masked(pl.Series("words", [word for word, _count in found], dtype=pl.String())).to_list()
