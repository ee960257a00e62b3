"""A small invented portal as account-night rows, for tests of the model and the verdict."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import polars as pl

from tocsin.features.catalogue import FEATURES
from tocsin.features.pooled import RUNS
from tocsin.measure import Measured
from tocsin.schema import EVENTS, empty

FIRST = date(2022, 2, 14)
NAMES = [feature.name for feature in FEATURES]


@cache
def rows(accounts=60, nights=15, mean=20.0, profession="gp", seed=1, prefix="A"):
    """Steady accounts: about `mean` people a night, a third of them new, nothing else remarkable."""
    chance = np.random.default_rng(seed)
    table = []
    for day in range(nights):
        for number in range(accounts):
            people = int(chance.poisson(mean))
            row = dict.fromkeys(NAMES, 0) | {
                "account": f"{prefix}{number:03d}",
                "night": FIRST + timedelta(days=day),
                "people": people,
                "consultations": people,
                "people_1h": people // 4,
                "people_10m": people // 10,
                "new_people": (new := int(chance.binomial(people, 0.33))),
                "new_share": new,
                "asked": people,
                "asked_people": people,
                "networks_at_once": 1,
            }
            table.append(row)
    frame = pl.DataFrame(table).with_columns(
        profession=pl.lit(profession),
        structure=pl.lit(None, pl.String),
        region=pl.lit("29"),
        first=pl.col("night").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        last=pl.col("night").cast(pl.Datetime("us")).dt.replace_time_zone("UTC") + pl.duration(hours=9),
        events=pl.col("people").cast(pl.Int64),
    )
    return frame.sort("account", "night")


def with_values(frame, account, day, **values):
    """Change what one account did on one night."""
    hit = (pl.col("account") == account) & (pl.col("night") == FIRST + timedelta(days=day))
    return frame.with_columns(
        pl.when(hit).then(value).otherwise(pl.col(name)).alias(name) for name, value in values.items()
    )


BURST = {
    "people": 4_000, "consultations": 4_000, "people_1h": 900, "people_10m": 200, "new_people": 3_990, "new_share": 3_990, "asked": 5_000,
    "asked_people": 5_000, "not_found": 1_000, "same_block": 4_900, "neighbours": 4_900, "in_sequence": 4_800,
}  # fmt: skip
"""What a robot that counts upwards leaves in a night."""


def origins(frame, addresses=None):
    """Everybody works from an address of their own; `addresses` maps (account, day) to another."""
    addresses = addresses or {}
    table = []
    firsts: dict[tuple[str, str], date] = {}
    for account, night in frame.select("account", "night").sort("night", "account").iter_rows():
        own = f"10.{int(account[1:]) // 250}.{int(account[1:]) % 250}.1"
        day = (night - FIRST).days
        for ip, agent in [
            (own, "firefox"),
            *([(addresses[account, day], "robot")] if (account, day) in addresses else []),
        ]:
            network = ip.rsplit(".", 1)[0]
            first = firsts.setdefault((account, ip), night)
            table.append((account, night, ip, network, agent, first == night))
    return pl.DataFrame(
        table,
        schema={
            "account": pl.String,
            "night": pl.Date,
            "ip": pl.String,
            "network": pl.String,
            "user_agent": pl.String,
            "is_new_ip": pl.Boolean,
        },
        orient="row",
    ).with_columns(read=pl.lit(0, pl.Int64), strangers=pl.lit(0, pl.Int64), sent=pl.lit(0, pl.Int64))


def measured(frame, addresses=None, missing=()):
    """Wrap rows as stage one would give them."""
    filled = {name: 1 for name in EVENTS if name not in {*missing, "source", "time"}}
    totals = (
        frame.group_by("night")
        .agg(pl.len().alias("events"))
        .with_columns(source=pl.lit("log.csv"), **{k: pl.lit(v) for k, v in filled.items()})
    )
    return Measured(
        nights=frame,
        origins=origins(frame, addresses),
        episodes=pl.DataFrame(),
        peaks=pl.DataFrame(),
        totals=totals,
        runs=empty(RUNS),
    )


def moment(day):
    """Noon of a night of the portal."""
    return datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=12)
