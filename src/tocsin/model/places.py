"""Places: the departments an account's people come from, and how many of tonight's come from elsewhere.

The usual mix is kept in whole numbers by account and department code (features.geography). It fades by a sixteenth with
every night on which the account worked, and a night adds no more than a quarter of what is held, so that one night's
robot does not make the whole country the account's home.
"""

import polars as pl

from tocsin.settings import Baselines
from tocsin.settings_fixed import PLACE_PARTS, PLACES

MIX = {"account": pl.String(), "code": pl.Int64(), "weight": pl.Int64()}
"""The usual mix: account, department code and people, in sixteenths so that fading loses nobody at once."""


def tonight_by_place(tonight: pl.DataFrame) -> pl.DataFrame:
    """Unpack the largest departments of the night: account, code, people."""
    columns = [f"place_{place + 1}" for place in range(PLACES)]
    packed = tonight.select("account", *columns).unpivot(columns, index="account").filter(pl.col("value") > 0)
    return packed.select("account", code=pl.col("value") // 2**32, people=pl.col("value") % 2**32)


def with_far(tonight: pl.DataFrame, mix: pl.DataFrame, habits: Baselines) -> pl.DataFrame:
    """Fill `far_people`: those from departments with under `far_share` of the usual mix, and from small departments.

    An account of whom little is held leans on those of its region. Without any history nothing can be told, and
    `placed_people` is 0.
    """
    if not mix.height:
        return tonight.with_columns(pl.lit(0, pl.Int64).alias(name) for name in ("far_people", "placed_people"))
    area = pl.col("region").fill_null("-")
    held = (
        tonight.select("account", area=area)
        .join(mix, on="account", how="left")
        .with_columns(pl.col("weight").fill_null(0))
    )
    own = held.group_by("account", "area").agg(total=pl.col("weight").sum())
    around = held.group_by("area", "code").agg(near=pl.col("weight").sum())
    areas = around.group_by("area").agg(near_total=pl.col("near").sum())
    mine = (
        tonight_by_place(tonight)
        .join(own, on="account")
        .join(areas, on="area")
        .join(mix.rename({"weight": "usual"}), on=["account", "code"], how="left")
        .join(around, on=["area", "code"], how="left")
        .with_columns(pl.col("usual", "near").fill_null(0))
    )
    leans = habits.far_leans * PLACE_PARTS
    # usual + leans * near / near_total < far_share * (total + leans), in whole numbers
    left = 1000 * (pl.col("usual") * pl.col("near_total") + leans * pl.col("near"))
    right = round(1000 * habits.far_share) * (pl.col("total") + leans) * pl.col("near_total")
    home = mine.filter(left >= right).group_by("account").agg(home=pl.col("people").sum())
    rows = tonight.join(home, on="account", how="left", maintain_order="left")
    return rows.with_columns(far_people=pl.col("placed_people") - pl.col("home").fill_null(0)).drop("home")


def learn_places(tonight: pl.DataFrame, mix: pl.DataFrame, habits: Baselines) -> pl.DataFrame:
    """Give the mix after tonight, sorted."""
    held = mix.group_by("account").agg(total=pl.col("weight").sum())
    weight, night = PLACE_PARTS * pl.col("people"), pl.col("night")
    most = pl.max_horizontal(pl.col("total").fill_null(0) // habits.far_adds, habits.far_first * PLACE_PARTS)
    seen = (
        tonight_by_place(tonight)
        .join(held, on="account", how="left")
        .with_columns(night=weight.sum().over("account"))
        .select("account", "code", weight=pl.when(night > most).then(weight * most // night).otherwise(weight))
    )
    is_active = pl.col("account").is_in(tonight["account"].implode())
    kept = pl.when(is_active).then(pl.col("weight") * (PLACE_PARTS - 1) // PLACE_PARTS).otherwise("weight")
    return (
        pl.concat([mix.with_columns(weight=kept), seen])
        .group_by("account", "code")
        .agg(pl.col("weight").sum())
        .filter(pl.col("weight") > 0)
        .sort("account", "code")
    )
