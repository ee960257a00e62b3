"""The feature catalogue: every feature once, in the order of families."""

from collections import defaultdict
from collections.abc import Collection

import polars as pl

from tocsin.features import credentials, geography, identifiers, novelty, origin, rhythm, state, volume
from tocsin.features.feature import Feature, Table, Work

FEATURES: tuple[Feature, ...] = (
    *volume.FEATURES,
    *novelty.FEATURES,
    *identifiers.FEATURES,
    *geography.FEATURES,
    *rhythm.FEATURES,
    *origin.FEATURES,
    *credentials.FEATURES,
    *state.FEATURES,
)

BY_NAME = {feature.name: feature for feature in FEATURES}

JUDGED = tuple(feature for feature in FEATURES if feature.judged)
"""The features that have a surprise; the others are denominators."""


def account_nights(work: Work) -> pl.DataFrame:
    """Compute every feature: who, night and one Int64 column a feature (0 where nothing was counted)."""
    by_table: defaultdict[Table, list[Feature]] = defaultdict(list)
    for feature in FEATURES:
        by_table[feature.table].append(feature)
    rows = work.events.group_by("who", "night").agg(events=pl.len().cast(pl.Int64))
    for table, features in by_table.items():
        counted = (
            table(work)
            .group_by("who", "night")
            .agg(feature.value.cast(pl.Int64).alias(feature.name) for feature in features)
        )
        rows = rows.join(counted, on=["who", "night"], how="left")
    return rows.with_columns(pl.col(feature.name).fill_null(0) for feature in FEATURES).sort("who", "night")


def with_all(rows: pl.DataFrame) -> pl.DataFrame:
    """Add what rows of an earlier program lack of today's features, as nothing that was counted."""
    lacking = (feature.name for feature in FEATURES if feature.name not in rows.columns)
    return rows.with_columns(pl.lit(0, pl.Int64).alias(name) for name in lacking)


def judgeable(filled: Collection[str]) -> tuple[list[Feature], list[Feature]]:
    """Split the judged features into those whose columns are filled and those to be named in not_judged."""
    wanted = [feature for feature in JUDGED if not any(column in filled for column in feature.unless)]
    can = [feature for feature in wanted if all(column in filled for column in feature.needs)]
    return can, [feature for feature in wanted if feature not in can]
