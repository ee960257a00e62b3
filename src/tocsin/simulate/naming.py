"""Puts a night in order and names in place of numbers: what a log line says of each account."""

from datetime import date

import numpy as np
import polars as pl

from tocsin.simulate.actions import OWNER
from tocsin.simulate.days import utc_milliseconds
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.population import Floats, Population
from tocsin.simulate.professions import PROFESSIONS


def names(population: Population) -> pl.DataFrame:
    """Name what a log says of each account."""
    return pl.DataFrame(
        {
            "name": population.accounts,
            "profession": [PROFESSIONS[place].name for place in population.profession],
            "structure": [population.structures[place] for place in population.structure],
            "region": [DEPARTMENTS.codes[place] for place in population.department],
            "client": population.clients,
            "long_identifier": population.long_identifier,
        }
    )


def ordered(actions: pl.DataFrame, day: date, names: pl.DataFrame, skew_seconds: Floats) -> pl.DataFrame:
    """Sort a night by time, put names in place of numbers, and stamp lines with the clock that serves the account."""
    actions = actions.sort("wall", maintain_order=True)
    skew = (skew_seconds[actions["account"].to_numpy()] * 1_000).astype(np.int64)
    # A file may so hold minutes of the night before or after.
    epoch, offset = utc_milliseconds(day, actions["wall"].to_numpy() + skew)
    timed = actions.with_columns(epoch=pl.Series(epoch), offset=pl.Series(offset, dtype=pl.Int16))
    about = names[timed["account"]].rename({"name": "account", "client": "usual_client"})
    intruder = pl.col("scenario") != OWNER
    return (
        timed.drop("wall", "account")
        .hstack(about)
        .with_columns(
            client=pl.coalesce("client", "usual_client"),
            # A robot writes numbers in one way, whatever the software of the account does.
            long_identifier=pl.when(intruder).then(pl.col("scenario") % 2 == 0).otherwise("long_identifier"),
        )
        .drop("usual_client")
    )
