"""What tonight's figures need of earlier nights: sums over several nights, days away, departments seldom read."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.nights import Past
from tocsin.model.places import with_far
from tocsin.model.usual import total
from tocsin.settings import Baselines

SEEN = {"account": pl.String(), "first": pl.Date(), "last": pl.Date(), "woke": pl.Date(), "slept": pl.Int64()}
"""When each account was first and last active, when it last came back from a long absence, and of how many days."""


def with_carried(
    tonight: pl.DataFrame,
    night: date,
    past: Past | None,
    seen: pl.DataFrame,
    mix: pl.DataFrame,
    features: Sequence[Feature],
    habits: Baselines,
) -> pl.DataFrame:
    """Fill in what stage one cannot know; what a summed feature was tonight alone is kept as `night_NAME`."""
    rows = _summed(tonight, night, past, [feature for feature in features if feature.over > 1])
    rows = _away(rows, night, seen, habits)
    if "far_people" in {feature.name for feature in features}:
        held = began(night, seen) <= night - timedelta(days=habits.novelty_nights)
        rows = with_far(rows, mix if held else mix.clear(), habits)
    return rows


def just_awake(rows: pl.DataFrame, habits: Baselines) -> NDArray[np.bool_]:
    """Tell who came back from a long absence, or first appeared, of late: what it did since is no owner's habit."""
    days = rows.select(days=pl.max_horizontal("days_away", "days_unseen"))["days"]
    return (days >= habits.away_days).fill_null(value=False).to_numpy()


def began(night: date, seen: pl.DataFrame) -> date:
    """Give the first night held; tonight while there is none."""
    first = seen["first"].min()
    return first if isinstance(first, date) else night


def learn_seen(tonight: pl.DataFrame, night: date, seen: pl.DataFrame, habits: Baselines) -> pl.DataFrame:
    """Give when each account was active, after tonight."""
    known = tonight.select("account").join(seen, on="account", how="left", maintain_order="left")
    absent = _absent(night, seen)
    wakes = absent >= habits.away_days
    here = known.select(
        "account",
        first=pl.col("first").fill_null(night),
        last=pl.lit(night),
        woke=pl.when(wakes).then(pl.lit(night)).otherwise("woke"),
        slept=pl.when(wakes).then(absent).otherwise("slept"),
    )
    return pl.concat([seen.join(here, on="account", how="anti"), here.cast(SEEN)]).sort("account")  # type: ignore[arg-type]


def _summed(tonight: pl.DataFrame, night: date, past: Past | None, features: Sequence[Feature]) -> pl.DataFrame:
    rows = tonight.with_columns(pl.col(feature.name).alias(f"night_{feature.name}") for feature in features)
    if past is None:
        return rows
    places = past.places(rows["account"])
    for feature in features:
        alone = f"night_{feature.name}"
        if alone not in past.schema:
            continue
        before = total(past, alone, night - timedelta(days=feature.over - 1))
        mine = np.where(places >= 0, before[places], 0) if before.size else np.zeros(places.size, np.int64)
        rows = rows.with_columns((pl.col(alone) + pl.Series(mine)).alias(feature.name))
    return rows


def _absent(night: date, seen: pl.DataFrame) -> pl.Expr:
    """Count the days since `last`, or since the first night held: whoever is new may have slept as long."""
    return (pl.lit(night) - pl.coalesce("last", pl.lit(began(night, seen)))).dt.total_days().cast(pl.Int64)


def _away(rows: pl.DataFrame, night: date, seen: pl.DataFrame, habits: Baselines) -> pl.DataFrame:
    """Count the days of absence, those before the first appearance, and the age.

    Who woke up or appeared lately keeps them, an intruder may warm up slowly. Who appeared slept since the first night
    held, for all that can be known.
    """
    known = rows.select("account").join(seen, on="account", how="left", maintain_order="left")
    lately = ((pl.lit(night) - pl.col("woke")).dt.total_days() < habits.awake_days).fill_null(value=False)
    appeared = pl.col("first").is_null() | (lately & (pl.col("woke") == pl.col("first")).fill_null(value=False))
    unseen = pl.when(pl.col("first").is_null()).then(_absent(night, seen)).when(appeared).then("slept").otherwise(0)
    awake = pl.when(lately & ~appeared).then(pl.max_horizontal(_absent(night, seen), "slept"))
    away = pl.when(pl.col("first").is_null()).then(0).otherwise(pl.coalesce(awake, _absent(night, seen)))
    age = (pl.lit(night) - pl.col("first")).dt.total_days().cast(pl.Int64).fill_null(0)
    return rows.with_columns(known.select(days_away=away, days_unseen=unseen, account_age=age))
