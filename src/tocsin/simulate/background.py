"""Reads a portal's real events as the stage of an attack: who is there, what each reads, and each night's actions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.schema import NETWORK_TYPE, OUTCOME, Kind
from tocsin.simulate.actions import ACTIONS, OWNER, WEB
from tocsin.simulate.days import PORTAL_ZONE, Days, days
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.nir import Numbers
from tocsin.simulate.plan import Plan, empty_plan
from tocsin.simulate.population import SINCE_EVER, Integers, Population, populate
from tocsin.simulate.professions import GP, PROFESSIONS
from tocsin.simulate.randomness import scatter

if TYPE_CHECKING:
    from datetime import date

_OPTIONAL = {
    "outcome": OUTCOME, "profession": pl.String(), "structure": pl.String(), "region": pl.String(),
    "session": pl.String(),
    "ip": pl.String(), "network_type": NETWORK_TYPE, "user_agent": pl.String(), "client": pl.String(),
    "service": pl.String(), "patient": pl.String(), "rows": pl.UInt32(), "bytes": pl.UInt32(),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Background:
    """A real portal seen as a simulated one. `patients` are the people read there; their codes count from 1."""

    population: Population
    plan: Plan
    days: Days
    events: pl.DataFrame
    patients: pl.Series
    read: pl.DataFrame  # account, code: who has read whom

    def actions(self, night: int) -> pl.DataFrame:
        """Give a night's events as actions of the owners (schema ACTIONS)."""
        return (
            self.events.filter(pl.col("night") == self.days.dates[night]).select(list(ACTIONS)).cast(pl.Schema(ACTIONS))
        )

    def own_people(self, account: int, numbers: Integers) -> Numbers:
        """Give codes of people whom an account has read, at most as many as it has."""
        known = self.read.filter(pl.col("account") == account)["code"].to_numpy()
        return known[: len(numbers)].astype(np.int64)


def background(events: pl.DataFrame, seed: int) -> Background:
    """Read events (columns of the normalised event; time, kind and account at least) as a stage."""
    local = pl.col("time").dt.convert_time_zone(PORTAL_ZONE.key)
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in _OPTIONAL.items() if name not in events.columns]
    full = events.with_columns(*missing).with_columns(night=local.dt.date()).sort("time")
    accounts = full["account"].unique().sort()
    patients = full["patient"].drop_nulls().unique().sort()
    midnight = local.dt.truncate("1d")
    placed = full.with_columns(
        account_name=pl.col("account"),
        account=pl.col("account").replace_strict(accounts, np.arange(len(accounts)), return_dtype=pl.UInt32),
        wall=(local - midnight).dt.total_milliseconds(),
        nir=pl.col("patient").replace_strict(patients, np.arange(1, len(patients) + 1), return_dtype=pl.Int64),
        key=pl.lit(None, dtype=pl.UInt8),
        outcome=pl.col("outcome").cast(OUTCOME).fill_null("unknown"),
        rows=pl.col("rows").fill_null(0),
        bytes=pl.col("bytes").fill_null(0),
        scenario=pl.lit(OWNER, dtype=pl.UInt16),
    )
    first: date = full["night"].min()  # type: ignore[assignment]
    last: date = full["night"].max()  # type: ignore[assignment]
    calendar = days(first, (last - first).days + 1)
    lookups = placed.filter(pl.col("kind") == Kind.LOOKUP)
    read = lookups.filter(pl.col("nir").is_not_null())
    population = _population(placed, accounts, read, seed)
    plan = empty_plan(population, calendar)
    # Where the log names nobody, each lookup is somebody: what matters here is who is at work.
    counted = lookups.group_by("account", "night").agg(
        nir=pl.col("nir").drop_nulls().n_unique() + pl.col("nir").null_count()
    )
    at = (counted["night"] - first).dt.total_days().to_numpy()
    plan.people[counted["account"].to_numpy(), at] = counted["nir"].to_numpy()
    pairs = read.select("account", code="nir").unique(maintain_order=True)
    return Background(population, plan, calendar, placed, patients, pairs)


def _population(placed: pl.DataFrame, accounts: pl.Series, read: pl.DataFrame, seed: int) -> Population:
    """Describe the accounts as far as the log does; what it does not say is drawn."""
    about = placed.group_by("account").agg(
        pl.col(name).drop_nulls().mode().sort().first() for name in ("profession", "structure", "region", "client")
    ).sort("account")  # fmt: skip
    names = [profession.name for profession in PROFESSIONS]
    known = {name: place for place, name in enumerate(names)}
    profession = np.array([known.get(name, known[GP.name]) for name in about["profession"].to_list()], np.int64)
    codes = {code: place for place, code in enumerate(DEPARTMENTS.codes)}
    drawn = scatter(seed, np.arange(len(accounts))) % np.uint64(len(DEPARTMENTS.codes))
    region = [codes.get(code, int(word)) for code, word in zip(about["region"].to_list(), drawn, strict=True)]
    sizes = read.group_by("account").agg(size=pl.col("nir").n_unique())
    base_size = about.join(sizes, on="account", how="left")["size"].fill_null(0).to_numpy()
    structures = about["structure"].fill_null("").unique().sort()
    population = populate(seed, len(accounts))
    population.accounts = accounts.to_list()
    population.profession = profession
    population.structure = about["structure"].fill_null("").replace_strict(
        structures, np.arange(len(structures)), return_dtype=pl.Int64
    ).to_numpy()  # fmt: skip
    population.structures = structures.to_list()
    population.department = np.array(region, np.int64)
    population.base_size = base_size.astype(np.int64)
    population.open_from = np.full(len(accounts), SINCE_EVER, np.int64)
    population.long_identifier = _long(placed, len(accounts))
    population.clients = about["client"].fill_null(WEB).to_list()
    return population


def _long(placed: pl.DataFrame, accounts: int) -> NDArray[np.bool_]:
    """Say whether most lines write fifteen digits: the scenario of an even number does so as well."""
    digits = placed["patient"].drop_nulls().str.len_chars()
    return np.full(accounts, len(digits) > 0 and (digits >= 15).sum() * 2 > len(digits))
