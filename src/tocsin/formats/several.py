"""Events that name several people: read as one unit, then written as one row a person, tied by `request`."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import polars as pl

from tocsin.formats.base import Batch

_BETWEEN: Final = "\x1f"
"""ASCII's unit separator: no number of a person has it."""
_NIR: Final = r"^[0-9]{5}(?:[0-9]{2}|2[ABab])[0-9]{6}(?:[0-9]{2})?$"


def together(people: Iterable[str]) -> str | None:
    """Write several people into one text, each once."""
    return _BETWEEN.join(dict.fromkeys(person.replace(_BETWEEN, "") for person in people)) or None


def one_row_each(batch: Batch) -> Batch:
    """Give each person a row; where no number looks like a social security number, all are opaque."""
    events = batch.events
    listed = events["patient"].str.split(_BETWEEN)
    counts = listed.list.len().fill_null(1)
    if (counts > 1).any():
        tie = pl.concat_str(pl.lit("byte "), pl.col("byte").cast(pl.String()))
        several = pl.lit(counts > 1)
        request = pl.when(several & pl.col("request").is_null()).then(tie).otherwise("request").alias("request")
        events = events.with_columns(request, patient=listed).explode("patient")
    people = events["patient"]
    opaque = not people.str.contains(_NIR).any()
    return replace(
        batch,
        events=events,
        further=events.height - batch.events.height,
        patient_kind="opaque" if opaque and people.null_count() < len(people) else None,
    )
