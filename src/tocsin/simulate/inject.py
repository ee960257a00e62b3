"""Plays attacks into the events of a real portal: background and scenarios in, the intruder's events and truth out.

Nothing of the background is changed. Where a scenario reads an account's own people, they are people of the background,
written as there; strangers are made up.
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl

from tocsin.simulate.actions import OWNER
from tocsin.simulate.background import Background, background
from tocsin.simulate.naming import names, ordered
from tocsin.simulate.nir import Numbers
from tocsin.simulate.plays import Play, actions, cast
from tocsin.simulate.population import Integers
from tocsin.simulate.scenarios.spec import Attack
from tocsin.simulate.scenarios.stage import Stage
from tocsin.simulate.truth import Truth, accounts_table
from tocsin.simulate.writers.native import native_table
from tocsin.simulate.writers.page import Page
from tocsin.simulate.writers.publish import LINES


@dataclass(frozen=True, slots=True)
class Injected:
    """What an intruder would have done: `events` in native columns, and tables of truth as the simulator writes."""

    events: pl.DataFrame
    accounts: pl.DataFrame
    nights: pl.DataFrame
    sessions: pl.DataFrame
    exposed: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _RealStage(Stage):
    """A stage on which own people are those of the real logs."""

    real: Background = field(kw_only=True)

    def own_people(self, account: int, numbers: Integers, year: int) -> Numbers:
        """Give people the account has really read; the year does not matter to them."""
        del year
        return self.real.own_people(account, numbers)


def inject(events: pl.DataFrame, attacks: tuple[Attack, ...], seed: int) -> Injected:
    """Play attacks into a portal's events (columns of the normalised event; time, kind and account at least).

    Nights are days of the portal's clock and count from the first event's; the same arguments always give the same
    answer. SettingsError when an attack does not fit.
    """
    real = background(events, seed)
    plays = tuple(
        Play(play.attack, _RealStage(*(getattr(play.stage, name) for name in Stage.__dataclass_fields__), real=real))
        for play in cast(real.population, real.plan, real.days, attacks, frozenset())
    )
    truth = Truth(tuple(play.name for play in plays))
    written = [_night(real, plays, truth, night, day) for night, day in enumerate(real.days.dates)]
    return Injected(
        events=pl.concat(written),
        accounts=accounts_table(truth.by_night()),
        nights=truth.by_night(),
        sessions=truth.by_session(),
        exposed=_exposed(truth.exposed(), real),
    )


def _night(real: Background, plays: tuple[Play, ...], truth: Truth, night: int, day: date) -> pl.DataFrame:
    """Play one night and note it; the native table of the intruder's lines."""
    owners = real.actions(night)
    parts = actions(plays, owners, night, day, real.days.dates[0].year)
    everything = ordered(pl.concat([owners, *parts]), day, names(real.population), np.zeros(len(real.population)))
    truth.note(Page(day, everything), pl.DataFrame(schema=LINES))
    intruder = everything.filter(pl.col("scenario") != OWNER)
    table = native_table(Page(day, intruder))
    return table.with_columns(patient=_as_there(intruder["nir"], table["patient"], real))


def _exposed(table: pl.DataFrame, real: Background) -> pl.DataFrame:
    code = table["patient"].str.to_integer(strict=False, dtype=pl.Int64)
    return table.with_columns(patient=_as_there(code, table["patient"], real))


def _as_there(code: pl.Series, written: pl.Series, real: Background) -> pl.Series:
    """Write people of the background as it does: their codes are smaller than any made-up number."""
    known = pl.Series(code.is_between(1, len(real.patients)).fill_null(value=False))
    place = pl.Series(np.where(known.to_numpy(), code.fill_null(1).to_numpy() - 1, 0))
    if real.patients.is_empty():
        return written
    return real.patients.gather(place).zip_with(known, written)
