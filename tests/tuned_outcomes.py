"""Outcomes of values made by hand: who rings on which night."""

from datetime import date, timedelta

import polars as pl

from tocsin.tune.knobs import Knob
from tocsin.tune.known import fate
from tocsin.tune.outcome import Alerted, Outcome
from tocsin.tune.sweep import Sweep, Tried

KNOB = Knob("r", "correlation.condition.gte", (10, 20, 30))
FIRST = date(2026, 3, 2)
NO_HITS = pl.DataFrame(schema={"account": pl.String, "night": pl.Date, "peak": pl.Int64, "usual": pl.Float64})


def day(number):
    return FIRST + timedelta(days=number)


def outcome(*nights):
    """One text a night: the accounts that ring, each a new alert."""
    told = [
        Alerted(
            day(number),
            len(names.split()),
            {"gp": len(names.split())},
            frozenset(names.split()),
            {},
            taking=frozenset(names.split()),
        )
        for number, names in enumerate(nights)
    ]
    return Outcome(NO_HITS, told)


def sweep(today, cases, **values):
    """Values as v10=outcome."""
    tried = []
    for name, found in values.items():
        gained, lost = found.accounts - today.accounts, today.accounts - found.accounts
        tried.append(Tried(float(name[1:]), found, tuple(sorted(gained)), tuple(sorted(lost)), fate(cases, found)))
    return Sweep(KNOB, "R", (20.0,), today, fate(cases, today), tried)
