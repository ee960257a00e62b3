"""Turns the named values of messages to a SIEM (CEF, LEEF) into columns; each format says which of its keys hold what.

What was done is read from the words of the message (actions.py), else from the request by the table of addresses. The
account is who acted; for a credential change it is whose credentials were changed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from tocsin.formats.actions import by_distinct, kind_of, outcome_of_words
from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish, fold
from tocsin.formats.lines import Source
from tocsin.formats.perline import ReadLine, Texts, read_by_line
from tocsin.formats.web import outcome_of, with_web
from tocsin.schema import Kind, Outcome

COLUMNS = (
    "time", "account", "target", "profession", "structure", "region", "session", "ip", "country", "user_agent",
    "client", "service", "patient", "rows", "bytes", "request", "purpose", "method", "path", "query",
    "name", "action", "category", "said", "reason",
)  # fmt: skip
"""What a message may say; the last five are words about what was done and how it ended."""

_AS_THEY_ARE = (
    "time", "profession", "structure", "region", "session", "ip", "country", "user_agent", "client", "rows", "bytes",
    "request", "purpose", "line", "byte",
)  # fmt: skip
_DONE = ("name", "action", "category")

OWN_KEYS: Mapping[str, str] = {
    **dict.fromkeys(("patient", "patient_id", "nir", "ins", "matricule", "ipp"), "patient"),
    **dict.fromkeys(("session", "session_id", "sessionid", "id_session"), "session"),
    **dict.fromkeys(("profession", "role"), "profession"),
    **dict.fromkeys(("structure", "organization", "etablissement", "finess"), "structure"),
    **dict.fromkeys(("region", "department", "departement"), "region"),
    **dict.fromkeys(("purpose", "motif"), "purpose"),
    **dict.fromkeys(("user_agent", "useragent"), "user_agent"),
    **dict.fromkeys(("client", "client_id", "clientid", "application"), "client"),
    **dict.fromkeys(("rows", "nb_lignes"), "rows"),
}
"""Names that portals give to keys (or labels) of their own, folded -> column."""

_VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)
_SURE, _SAMPLE = 95, 50


def likeness(head: Head, start: re.Pattern[str], told: str) -> Likeness:
    """Count the first lines with the start of a message; `told` says `fitting` and `all` in words."""
    sample = head.lines[:_SAMPLE]
    fitting = sum(start.search(line) is not None for line in sample)
    return Likeness(_SURE * fitting // max(1, len(sample)), told.format(fitting=fitting, all=len(sample)))


def read_messages(source: Source, read_line: ReadLine, options: ReadOptions) -> Iterator[Batch]:
    """Read messages, one a line; `read_line` gives COLUMNS."""
    for found in ahead(read_by_line(source, COLUMNS, read_line, options.block_bytes)):
        yield finish(_events(found, options), _VOCABULARY, options)


def record(values: Mapping[str, str], keys: Mapping[str, Sequence[str]]) -> Texts:
    """Choose the columns from the values: the first key that has something, else a key of the portal's own."""
    own: dict[str, str] = {}
    for key, value in values.items():
        name = OWN_KEYS.get(fold(key))
        if name:
            own.setdefault(name, value)
    return tuple(
        next((values[key] for key in keys.get(name, ()) if values.get(key)), own.get(name)) for name in COLUMNS
    )


def _events(found: Found, options: ReadOptions) -> Found:
    """Name what the messages say as columns of the schema."""
    # Who only says the address has asked for it.
    asked = found.rows.with_columns(pl.coalesce("method", pl.when(pl.col("path").is_not_null()).then(pl.lit("GET"))))
    read = with_web(asked, options)
    read = read.with_columns(
        *(by_distinct(read[name], kind_of).alias(f"kind_{name}") for name in _DONE),
        *(by_distinct(read[name], outcome_of_words).alias(f"ended_{name}") for name in (*_DONE, "said", "reason")),
        by_distinct(read["said"], outcome_of).alias("answered"),
    )
    told = pl.when(pl.col("web_kind") != Kind.OTHER.value).then("web_kind")
    kind = pl.coalesce(*(f"kind_{name}" for name in _DONE), told, pl.lit(Kind.OTHER.value))
    read = read.with_columns(kind.alias("kind"), _outcome())
    changed = pl.col("kind") == Kind.CREDENTIAL_CHANGE.value
    owner = pl.when(changed).then(pl.coalesce("target", "account")).otherwise(pl.coalesce("account", "target"))
    rows = read.select(
        *_AS_THEY_ARE,
        "kind",
        "outcome",
        owner.alias("account"),
        pl.when(changed & (pl.col("target") != pl.col("account"))).then("account").alias("person"),
        pl.coalesce("service", "web_service").alias("service"),
        pl.coalesce("patient", "web_patient").alias("patient"),
    )
    return replace(found, rows=rows)


def _outcome() -> pl.Expr:
    """Take what is said to be the outcome, made finer by the other words; a failure may turn out a refusal."""
    words = [f"ended_{name}" for name in ("said", "reason", *_DONE)]
    finer = [Outcome.DENIED.value, Outcome.NOT_FOUND.value]
    bad = [Outcome.FAILURE.value, Outcome.ERROR.value]
    first = pl.coalesce("answered", *words)
    refined = pl.coalesce(pl.when(pl.col(name).is_in(finer)).then(name) for name in words)
    return pl.when(first.is_in(bad)).then(pl.coalesce(refined, first)).otherwise(first).alias("outcome")
