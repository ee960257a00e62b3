"""Turns the fields of a log into the columns of the schema as a mapping says, a whole column at once."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from tocsin.formats.mapping_parts import Plan, Value, Words, column_of

UNKNOWN = "?"
"""Stands for a value that the mapping does not list: no name of the schema, so that it is counted as unknown."""

_OFFSET = r"^\s*(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d\d)?\s*$"


def columns_of(fields: pl.DataFrame, plan: Plan, *, account_is_ip: bool) -> pl.DataFrame:
    """Give the rows that convert.finish reads: time, account and what else the mapping names, as text."""
    clean = _clean(fields, plan.missing)
    made = {name: _column(value, clean) for name, value in plan.columns.items()}
    made["time"] = _column(plan.time, clean)
    made["kind"] = _named(plan.kind, clean)
    if plan.outcome:
        made["outcome"] = _named(plan.outcome, clean, blanks=False)
    rows = pl.DataFrame([column.alias(name) for name, column in made.items()]).hstack(fields.select("line", "byte"))
    if "offset_minutes" in rows.columns:
        rows = rows.with_columns(_minutes("offset_minutes"))
    return rows.with_columns(_account(rows, account_is_ip=account_is_ip))


def not_listed(fields: pl.DataFrame, plan: Plan, value: Value) -> dict[str, int]:
    """Count the values that the table of a column does not list."""
    words = value.words or Words({})
    texts = _column(replace(value, words=None), _clean(fields, plan.missing)).drop_nulls()
    counts = texts.alias("text").value_counts().iter_rows()
    return {text: count for text, count in counts if words.meaning(text) is None}


def _clean(fields: pl.DataFrame, missing: Sequence[str]) -> pl.DataFrame:
    """Take the blanks around texts away, and make null what stands for nothing."""
    text = pl.col(pl.String).str.strip_chars()
    clean = fields.drop("line", "byte").select(text)
    return clean.select(pl.when(~pl.all().is_in(["", *missing])).then(pl.all()))


def _column(value: Value, fields: pl.DataFrame) -> pl.Series:
    """Give one column; null where no field of it is there."""
    if value.constant is not None:
        return pl.Series([value.constant], dtype=pl.String()).new_from_index(0, fields.height)
    there = [pl.col(name) for name in map(column_of, value.fields) if name in fields.columns]
    if not there:
        return pl.Series([None], dtype=pl.String()).new_from_index(0, fields.height)
    text = pl.concat_str(there, separator=" ", ignore_nulls=True) if value.joined else pl.coalesce(there)
    if value.extract:
        text = text.str.extract(value.extract, 1)
    column = fields.select(text.alias("text")).to_series()
    return _translated(column, value.words) if value.words else column


def _translated(column: pl.Series, words: Words) -> pl.Series:
    """Write the meaning of each value that is listed, and what the mapping says for the others."""
    distinct = column.unique()
    meant = [_meaning(text, words) for text in distinct]
    return column.replace_strict(distinct, pl.Series(meant, dtype=pl.String()), return_dtype=pl.String())


def _meaning(text: str | None, words: Words) -> str | None:
    listed = words.meaning(text)
    if listed is not None:
        return listed
    return text if words.otherwise is None else words.otherwise


def _named(value: Value, fields: pl.DataFrame, *, blanks: bool = True) -> pl.Series:
    """Give kinds or outcomes by their names in the schema; UNKNOWN for what is not listed."""
    words = value.words
    plain = _column(replace(value, words=None), fields)
    if words is None:
        return plain
    distinct = plain.unique()
    meant = [_name(text, words, blanks=blanks) for text in distinct]
    return plain.replace_strict(distinct, pl.Series(meant, dtype=pl.String()), return_dtype=pl.String())


def _name(text: str | None, words: Words, *, blanks: bool) -> str | None:
    listed = words.meaning(text)
    if listed is not None:
        return listed
    is_vague = words.otherwise in {None, "other", "unknown"}
    if is_vague:
        return UNKNOWN if blanks or text else None
    return words.otherwise


def _minutes(name: str) -> pl.Expr:
    """Read an offset written `+02:00` as minutes; a plain number stays."""
    part = pl.col(name).str.extract_groups(_OFFSET).struct
    hours = part.field("2").cast(pl.Int32(), strict=False)
    minutes = part.field("3").cast(pl.Int32(), strict=False).fill_null(0)
    sign = pl.when(part.field("1") == "-").then(-1).otherwise(1)
    return pl.coalesce((sign * (hours * 60 + minutes)).cast(pl.String()), pl.col(name)).alias(name)


def _account(rows: pl.DataFrame, *, account_is_ip: bool) -> pl.Expr:
    logged = pl.col("account") if "account" in rows.columns else pl.lit(None, pl.String())
    if not account_is_ip or "ip" not in rows.columns:
        return logged.alias("account")
    return pl.when(logged.is_null() | (logged == "-")).then("ip").otherwise(logged).alias("account")
