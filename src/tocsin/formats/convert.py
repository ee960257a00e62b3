"""Turns columns of text into events; a row that cannot be one is a reject with a reason."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from tocsin.formats.base import FOUND_REJECTS, READ_EVENTS, Batch, ReadOptions
from tocsin.formats.times import EARLIEST, LEEWAY, are_epochs, read_times
from tocsin.schema import KIND, NETWORK_TYPE, OUTCOME, Kind, Outcome

NO_TIME = "no time"
UNREADABLE_TIME = "time not readable"
UNDATED = "undated"
NO_ACCOUNT = "no account"

_TRUE = ["true", "1", "yes", "y", "oui", "o", "vrai", "t"]
_FALSE = ["false", "0", "no", "n", "non", "faux", "f"]
_BLANKS = ["", "-", "null", "NULL"]
_BLANK_LENGTHS = sorted({len(blank) for blank in _BLANKS})
_LONGEST_BLANK = max(_BLANK_LENGTHS)
_NOTHING = {name: pl.Series(name, [None], dtype=dtype) for name, dtype in READ_EVENTS.items()}
_ALWAYS = ("time", "account", "line", "byte")


TimesOf = Callable[[pl.Series], pl.DataFrame]
"""Reads a column of texts as `time` and `offset_minutes`, as `read_times` does."""


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


def as_found(found: Found) -> Found:
    """Make nothing else of what was found."""
    return found


def fold(text: str) -> str:
    """Write a word in one way: lower case, no accents, one `_` for anything between letters and digits."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return "_".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def finish(found: Found, vocabulary: Vocabulary, options: ReadOptions, times_of: TimesOf | None = None) -> Batch:
    """Make events of rows of text; `times_of` reads the times where they are not written as usual (times.py)."""
    rows = _without_blanks(found.rows)
    times = times_of(rows["time"]) if times_of else read_times(rows["time"], options.zone, options.now)
    reason = _reasons(rows["time"], times["time"], rows["account"], options)
    refused = found.rejects
    rows = _replaced(rows, times["time"], _offsets(rows, times["offset_minutes"]))
    if reason is not None:
        bad = reason.is_not_null()
        refused = [*refused, *rows.select("line", "byte").with_columns(reason).filter(bad).iter_rows()]
        rows = rows.filter(~bad)
    kinds = _choose(rows, "kind", KIND, vocabulary.kind)
    outcomes = _choose(rows, "outcome", OUTCOME, vocabulary.outcome)
    # Whoever writes a kind column must fill it; an outcome may be left out.
    unknown_kinds = kinds.null_count()
    unknown_outcomes = _unknown(rows["outcome"], outcomes) if "outcome" in rows else 0
    if unknown_kinds:
        kinds = kinds.fill_null(Kind.OTHER.value)
    if outcomes.has_nulls():
        outcomes = outcomes.fill_null(Outcome.UNKNOWN.value)
    return Batch(
        events=_shaped(_replaced(rows, kinds, outcomes)),
        rejects=pl.DataFrame(sorted(refused), schema=FOUND_REJECTS, orient="row"),
        lines=found.rows.height + len(found.rejects) + found.ignored,
        ignored=found.ignored,
        unknown_kinds=unknown_kinds,
        unknown_outcomes=unknown_outcomes,
        repaired=found.repaired,
        zone="UTC" if are_epochs(found.rows["time"]) else options.zone,
    )


def _without_blanks(rows: pl.DataFrame) -> pl.DataFrame:
    """Make null what a log writes for nothing, and no account of blanks around an account; leave out empty columns.

    Only texts that stay texts: a blank is no number, no kind and no time either.
    """
    kept = [column for column in rows if column.name in _ALWAYS or column.null_count() < rows.height]
    names = [column.name for column in kept if READ_EVENTS[column.name] == pl.String()]
    rows = pl.DataFrame([column.str.strip_chars() if column.name == "account" else column for column in kept])
    shortest = rows.select(pl.col(names).str.len_bytes().min())
    # Few columns have texts so short, and fewer a blank: each is asked only then.
    short = [name for name in names if _at_most(shortest[name][0], _LONGEST_BLANK)]
    likely = rows.select(pl.col(short).str.len_bytes().is_in(_BLANK_LENGTHS).any()) if short else shortest
    some = [name for name in short if likely[name][0]]
    return _replaced(rows, *(_not_blank(rows[name]) for name in some)) if some else rows


def _not_blank(texts: pl.Series) -> pl.Series:
    name = texts.name
    return texts.to_frame().select(pl.when(~_blank(pl.col(name))).then(name).alias(name)).to_series()


def _at_most(number: int | None, most: int) -> bool:
    return number is not None and number <= most


def _replaced(rows: pl.DataFrame, *columns: pl.Series) -> pl.DataFrame:
    """Give the rows with these columns, which may be new (polars would make a query of it)."""
    new = {column.name: column for column in columns}
    return pl.DataFrame([*(column for column in rows if column.name not in new), *columns])


def _blank(text: pl.Expr) -> pl.Expr:
    return (text.str.len_bytes() <= _LONGEST_BLANK) & text.is_in(_BLANKS)


def _reasons(texts: pl.Series, times: pl.Series, accounts: pl.Series, options: ReadOptions) -> pl.Series | None:
    """Why a row can be no event, null where it can; None where all can."""
    latest = options.now + LEEWAY
    if not (times.has_nulls() or accounts.has_nulls()):
        first, last = times.min(), times.max()
        if first is None or last is None or (first >= EARLIEST and last <= latest):  # type: ignore[operator]
            return None
    table = pl.DataFrame({"text": texts, "time": times, "account": accounts})
    time = pl.col("time")
    undated = (time < EARLIEST) | (time > latest)
    reason = (
        pl.when(pl.col("text").is_null() | _blank(pl.col("text")))
        .then(pl.lit(NO_TIME))
        .when(time.is_null())
        .then(pl.lit(UNREADABLE_TIME))
        .when(undated)
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


def _unknown(texts: pl.Series, chosen: pl.Series) -> int:
    """How many words say something that is not known."""
    if chosen.null_count() == texts.null_count():
        return 0
    left = texts.filter(chosen.is_null()).drop_nulls()
    return len(left) - int(left.is_in(_BLANKS).sum())


def _meaning(folded: str, names: pl.Enum, word: Callable[[str], str | None]) -> str | None:
    return folded if folded in set(names.categories) else word(folded)


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    """Give every column of the schema its type; those that the log has not are null."""
    written = rows.schema
    return pl.DataFrame(
        [
            _typed(rows[name], dtype) if name in written else _NOTHING[name].new_from_index(0, rows.height)
            for name, dtype in READ_EVENTS.items()
        ]
    )


def _typed(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    if column.dtype == dtype:
        return column
    if column.dtype != pl.String():
        return column.cast(dtype, strict=not dtype.is_integer())
    if dtype == NETWORK_TYPE:
        return _network_types(column)
    return _numbers(column, dtype) if dtype.is_integer() else _truths(column)


def _network_types(texts: pl.Series) -> pl.Series:
    chosen = texts.cast(NETWORK_TYPE, strict=False)
    if chosen.null_count() == texts.null_count():
        return chosen
    return texts.str.to_lowercase().cast(NETWORK_TYPE, strict=False)


def _numbers(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Read whole numbers, also where they are written `5.0`, ` 5` or `AS5`; null where they are none."""
    numbers = texts.cast(dtype, strict=False)
    if numbers.null_count() == texts.null_count():
        return numbers
    odd = (numbers.is_null() & texts.is_not_null()).arg_true()
    bare = texts.gather(odd).str.strip_chars().str.replace(r"^(?:AS|as)", "").str.replace(r"\.0*$", "")
    return numbers.scatter(odd, bare.cast(dtype, strict=False))


def _truths(texts: pl.Series) -> pl.Series:
    word = pl.col(texts.name).str.strip_chars().str.to_lowercase()
    truth = pl.when(word.is_in(_TRUE)).then(statement=True).when(word.is_in(_FALSE)).then(statement=False)
    return texts.to_frame().select(truth.alias(texts.name)).to_series()
