"""Compare two columns of one event (`fieldref`): once per different pair of values."""

import polars as pl

from tocsin.rules.fields import is_text
from tocsin.rules.folding import folded
from tocsin.rules.tree import Reference


def refers(events: pl.DataFrame, column: str, other: Reference) -> pl.Series:
    """Say for each event whether `column` holds the value of the other column; false where one is null.

    Texts are compared without case, by Unicode's simple case folding as everywhere in rules.
    """
    if not is_text(events.schema[column]):
        return events.select(pl.col(column).eq(pl.col(other.column)).fill_null(value=False)).to_series()
    pairs = events.select(
        pl.col(column).cast(pl.String).alias("own"), pl.col(other.column).cast(pl.String).alias("other")
    )
    different = pairs.drop_nulls().unique()
    known = {text: folded(text) for side in different.get_columns() for text in side.unique()}
    answers = [_holds(known[own], known[text], other) for own, text in different.iter_rows()]
    answered = different.with_columns(answer=pl.Series(answers, dtype=pl.Boolean))
    return pairs.join(answered, on=["own", "other"], how="left", maintain_order="left")["answer"].fill_null(value=False)


def _holds(own: str, other: str, reference: Reference) -> bool:
    match reference.at_start, reference.at_end:
        case True, True:
            return other in own
        case True, False:
            return own.startswith(other)
        case False, True:
            return own.endswith(other)
        case _:
            return own == other
