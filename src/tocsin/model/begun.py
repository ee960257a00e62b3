"""Figures that the nights held only begin to tell: of a newer program, or a log that has a new column.

A state of a program before lacks them. Until some nights tell what is usual they say nothing, else every account would
be unusual on one night.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from tocsin.features.feature import Feature
from tocsin.model.nights import Past
from tocsin.model.surprise import Hundredths
from tocsin.settings import Baselines

SINCE_7 = ("repeated_gaps", "even_clock", "people_new_country", "new_addresses", "company", "delegations")
"""Judged features that states of layouts before 7 do not tell."""

KNOWN_BY_NOBODY = ("people_new_country", "company")
"""Those of them whose first night is no figure: what it is compared with begins with it, so that all would be new."""


def first_figures(tonight: pl.DataFrame, past: Past | None, features: Sequence[Feature]) -> pl.DataFrame:
    """Put 0 where a first night knows nothing to compare with."""
    names = [one.name for one in features if one.name in KNOWN_BY_NOBODY and past is not None]
    untold = [name for name in names if past is not None and not told_on(past, name)]
    return tonight.with_columns(pl.lit(0, pl.Int64).alias(name) for name in untold)


def not_yet(past: Past, surprises: Mapping[str, Hundredths], habits: Baselines) -> dict[str, Hundredths]:
    """Silence what fewer nights tell than are needed, though more nights are held; a first night is its own measure."""
    held = told_on(past, "people")
    silent = (
        name
        for name in SINCE_7
        if name in surprises and (told := told_on(past, name)) < habits.novelty_own_nights and told < held
    )
    return {name: np.zeros_like(surprises[name]) for name in silent}


def told_on(past: Past, name: str) -> int:
    """Count the nights held that tell a figure of anybody."""
    columns = (night.columns[name] for night in past.nights if name in night.columns)
    return sum(column.told is None or bool(column.told.any()) for column in columns)
