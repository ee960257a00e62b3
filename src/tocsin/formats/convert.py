"""Turns columns of text into events; a row that cannot be one is a reject with a reason."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from tocsin.formats.base import FOUND_REJECTS, READ_EVENTS, Batch, ReadOptions
from tocsin.formats.times import EARLIEST, LEEWAY, read_times
from tocsin.schema import KIND, NETWORK_TYPE, OUTCOME, Kind, Outcome

NO_TIME = "no time"
UNREADABLE_TIME = "time not readable"
UNDATED = "undated"
NO_ACCOUNT = "no account"

_TRUE = ["true", "1", "yes", "y", "oui", "o", "vrai", "t"]
_FALSE = ["false", "0", "no", "n", "non", "faux", "f"]
_BLANKS = ["", "-", "null", "NULL"]
_LONGEST_BLANK = 4


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How a log says kinds and outcomes: folded words (see `fold`) to names of the schema, None where unknown."""

    kind: Callable[[str], str | None]
    outcome: Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a stretch: columns of text named as in the schema, with line and byte; and what was lost."""

    rows: pl.DataFrame
    rejects: list[tuple[int, int, str]]
    ignored: int = 0
    repaired: int = 0


def fold(text: str) -> str:
    """Write a word in one way: lower case, no accents, one `_` for anything between letters and digits."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return "_".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def finish(found: Found, vocabulary: Vocabulary, options: ReadOptions) -> Batch:
    """Make events of rows of text."""
    rows = _without_blanks(found.rows)
    times = read_times(rows["time"], options.zone)
    reason = _reasons(rows["time"], times["time"], rows["account"], options)
    bad = reason.is_not_null()
    refused = [*found.rejects, *rows.select("line", "byte").with_columns(reason).filter(bad).iter_rows()]
    rows = rows.with_columns(times["time"], _offsets(rows, times["offset_minutes"]))
    if bad.any():
        rows = rows.filter(~bad)
    kinds = _choose(rows, "kind", KIND, vocabulary.kind)
    outcomes = _choose(rows, "outcome", OUTCOME, vocabulary.outcome)
    # Whoever writes a kind column must fill it; an outcome may be left out.
    unknown_kinds = kinds.null_count()
    unknown_outcomes = int((outcomes.is_null() & rows["outcome"].is_not_null()).sum()) if "outcome" in rows else 0
    rows = rows.with_columns(kinds.fill_null(Kind.OTHER.value), outcomes.fill_null(Outcome.UNKNOWN.value))
    return Batch(
        events=_shaped(rows),
        rejects=pl.DataFrame(refused, schema=FOUND_REJECTS, orient="row").sort("line"),
        lines=found.rows.height + len(found.rejects) + found.ignored,
        ignored=found.ignored,
        unknown_kinds=unknown_kinds,
        unknown_outcomes=unknown_outcomes,
        repaired=found.repaired,
    )


def _without_blanks(rows: pl.DataFrame) -> pl.DataFrame:
    """Make null what a log writes for nothing, and no account of blanks around an account."""
    text = pl.col(pl.String)
    kept = pl.when(text.str.len_bytes() > _LONGEST_BLANK).then(text).otherwise(pl.when(~text.is_in(_BLANKS)).then(text))
    account = pl.col("account").str.strip_chars()
    return rows.with_columns(account).with_columns(kept.name.keep())


def _reasons(texts: pl.Series, times: pl.Series, accounts: pl.Series, options: ReadOptions) -> pl.Series:
    """Why a row can be no event; null where it can."""
    table = pl.DataFrame({"text": texts, "time": times, "account": accounts})
    time = pl.col("time")
    reason = (
        pl.when(pl.col("text").is_null())
        .then(pl.lit(NO_TIME))
        .when(time.is_null())
        .then(pl.lit(UNREADABLE_TIME))
        .when((time < EARLIEST) | (time > options.now + LEEWAY))
        .then(pl.lit(UNDATED))
        .when(pl.col("account").is_null())
        .then(pl.lit(NO_ACCOUNT))
    )
    return table.select(reason.alias("reason")).to_series()


def _offsets(rows: pl.DataFrame, read: pl.Series) -> pl.Series:
    """Give the offset written in the time, else in a column of its own."""
    if "offset_minutes" not in rows:
        return read
    return read.fill_null(_numbers(rows["offset_minutes"], pl.Int16()))


def _choose(rows: pl.DataFrame, name: str, names: pl.Enum, word: Callable[[str], str | None]) -> pl.Series:
    """Read words as names of an enumeration; null where the word is missing or unknown."""
    if name not in rows:
        return pl.Series(name, [None], dtype=names).new_from_index(0, rows.height)
    texts = rows[name]
    chosen = texts.cast(names, strict=False)
    if chosen.null_count() == texts.null_count():
        return chosen
    distinct = texts.filter(chosen.is_null()).drop_nulls().unique()
    meant = [_meaning(fold(text), names, word) for text in distinct]
    late = texts.replace_strict(distinct, pl.Series(meant, dtype=names), default=None, return_dtype=names)
    return chosen.fill_null(late)


def _meaning(folded: str, names: pl.Enum, word: Callable[[str], str | None]) -> str | None:
    return folded if folded in set(names.categories) else word(folded)


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    """Give every column of the schema its type; those that the log has not are null."""
    columns = []
    for name, dtype in READ_EVENTS.items():
        if name not in rows:
            columns.append(pl.lit(None, dtype).alias(name))
        elif rows[name].dtype != pl.String():
            columns.append(pl.col(name).cast(dtype))
        elif dtype == NETWORK_TYPE:
            columns.append(pl.col(name).str.to_lowercase().cast(dtype, strict=False))
        elif dtype.is_integer():
            columns.append(pl.lit(_numbers(rows[name], dtype)).alias(name))
        elif dtype == pl.Boolean():
            columns.append(_truth(name))
        else:
            columns.append(pl.col(name))
    return rows.select(columns)


def _numbers(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Read whole numbers, also where they are written `5.0`, ` 5` or `AS5`; null where they are none."""
    numbers = texts.cast(dtype, strict=False)
    if numbers.null_count() == texts.null_count():
        return numbers
    bare = texts.str.strip_chars().str.replace(r"^(?:AS|as)", "").str.replace(r"\.0*$", "")
    return numbers.fill_null(bare.cast(dtype, strict=False))


def _truth(name: str) -> pl.Expr:
    word = pl.col(name).str.strip_chars().str.to_lowercase()
    return pl.when(word.is_in(_TRUE)).then(statement=True).when(word.is_in(_FALSE)).then(statement=False).alias(name)
