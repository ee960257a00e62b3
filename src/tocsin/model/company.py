"""Company: how many work behind one address tonight, beside how many did on the nights before.

A hospital's way out and a group's VPN always have hundreds; an intruder's machine has the accounts that it took, of
practices which never shared an address. Accounts of one structure are one: it may change its provider.
"""

from datetime import date, timedelta

import polars as pl

from tocsin.settings import Desks

ADDRESSES = {"ip": pl.String(), "holders": pl.Int64(), "last": pl.Date()}
"""How many structures, or accounts of none, an address is known to have, and when it last had two or more."""


def with_company(tonight: pl.DataFrame, origins: pl.DataFrame, addresses: pl.DataFrame, rules: Desks) -> pl.DataFrame:
    """Fill in `company`: how many hold accounts behind an address of tonight that had far fewer (0: none had)."""
    behind = _behind(tonight, origins)
    shared = (
        _counted(behind)
        .filter(pl.col("now") >= rules.company_least)
        .join(addresses, on="ip", how="left")
        .filter(pl.col("now") >= rules.company_times * pl.col("holders").fill_null(0))
    )
    most = behind.join(shared, on="ip").group_by("account").agg(company=pl.col("now").max())
    rows = tonight.drop("company", strict=False).join(most, on="account", how="left", maintain_order="left")
    return rows.with_columns(pl.col("company").fill_null(0))


def learn_addresses(
    tonight: pl.DataFrame,
    night: date,
    origins: pl.DataFrame | None,
    addresses: pl.DataFrame,
    rules: Desks,
    *,
    first: bool,
) -> pl.DataFrame:
    """Give the addresses after tonight, sorted.

    But on `first` nights a night adds little to what is known, so that nobody teaches at once that an address has many.
    """
    if origins is None:
        return addresses
    here = _counted(_behind(tonight, origins)).join(addresses, on="ip", how="left")
    known = pl.col("holders").fill_null(0)
    most = pl.col("now") if first else known + pl.max_horizontal(pl.lit(rules.company_adds), known // 4)
    here = here.select(
        "ip",
        holders=pl.max_horizontal(known, pl.min_horizontal("now", most)).cast(pl.Int64),
        last=pl.lit(night),
    )
    held = addresses.filter(pl.col("last") > night - timedelta(days=rules.held_days))
    return pl.concat([held.join(here, on="ip", how="anti"), here]).sort("ip")


def _behind(tonight: pl.DataFrame, origins: pl.DataFrame) -> pl.DataFrame:
    """Give who is behind which address tonight: account, ip and whose account it is."""
    holder = pl.coalesce("structure", "account").alias("holder")
    used = origins.filter(pl.col("ip").is_not_null()).select("account", "ip").unique()
    return used.join(tonight.select("account", holder), on="account")


def _counted(behind: pl.DataFrame) -> pl.DataFrame:
    """Count the holders of each address that has two or more."""
    several = behind.filter(pl.col("ip").is_duplicated()).group_by("ip").agg(now=pl.col("holder").n_unique())
    return several.filter(pl.col("now") > 1).with_columns(pl.col("now").cast(pl.Int64))
