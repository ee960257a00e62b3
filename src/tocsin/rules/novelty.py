"""Keep the events whose value is new to the account (`novel`, docs/decisions/0010)."""

from datetime import timedelta

import polars as pl

from tocsin.rules.comparisons import Novel
from tocsin.rules.rule import COUNTED_AS
from tocsin.schema import Outcome

STAYS_NEW = timedelta(days=1)
"""How long a value is new after it was first seen."""

_COUNTS = (Outcome.SUCCESS, Outcome.UNKNOWN)


def is_novel(events: pl.DataFrame, novel: Novel) -> pl.Series:
    """Say for each event whether one of its values is new to its account; `events` are all events of the accounts."""
    rows = events.with_row_index("#row")
    known_since = rows.group_by("account").agg(pl.col("time").min().alias("#since"))
    old_enough = rows.join(known_since, on="account", how="left", maintain_order="left").select(
        pl.col("#since") <= pl.col("time") - novel.min_history
    )
    named = [COUNTED_AS.get(column, column) for column in novel.any_of]
    columns = [one if one in rows.columns else column for one, column in zip(named, novel.any_of, strict=True)]
    answers = [_is_new(rows, column, novel) for column in columns if column in rows.columns]
    if not answers:
        return pl.repeat(value=False, n=events.height, eager=True)
    return pl.DataFrame(answers).select(pl.any_horizontal(pl.all())).to_series() & old_enough.to_series()


def _is_new(rows: pl.DataFrame, column: str, novel: Novel) -> pl.Series:
    """Say whether the value was not seen with the account between `over` and a day ago."""
    rows = rows.with_columns(pl.col(column).alias("#value"))
    asked = rows.select("#row", "account", "#value", "time").drop_nulls("#value")
    asked = asked.with_columns((pl.col("time") - STAYS_NEW).alias("#until")).sort("#until")
    seen = rows.filter(pl.col("outcome").is_in(_COUNTS)) if "outcome" in rows.columns else rows
    seen = seen.select("account", "#value", pl.col("time").alias("#last")).drop_nulls("#value").unique().sort("#last")
    found = asked.join_asof(
        seen,
        left_on="#until",
        right_on="#last",
        by=["account", "#value"],
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    is_known = (pl.col("#last") >= pl.col("time") - novel.over).fill_null(value=False)
    new = found.select("#row", (~is_known).alias(f"#new_{column}"))
    joined = rows.select("#row").join(new, on="#row", how="left", maintain_order="left")
    return joined[f"#new_{column}"].fill_null(value=False)
