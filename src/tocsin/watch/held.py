"""What a state holds of its nights, read under today's names of accounts (store.names)."""

import dataclasses
from datetime import date, timedelta

import polars as pl

from tocsin.features.pooled import RUNS
from tocsin.measure import Measured
from tocsin.schema import empty
from tocsin.settings_fixed import LOOKED_BACK
from tocsin.store.manifest import Manifest
from tocsin.store.names import Names
from tocsin.store.state import State
from tocsin.verdict.judge import Before
from tocsin.verdict.kept import read_before
from tocsin.verdict.renaming import taught


def with_earlier(measured: Measured, manifest: Manifest, first: date, state: State) -> Measured:
    """Put the rows of the nights before in front."""
    earlier = [night for night in manifest.judged if first - timedelta(days=LOOKED_BACK) <= night < first]

    held = [measured_on(manifest, night, state) for night in earlier]
    parts = {one.name: [getattr(rows, one.name) for rows in (*held, measured)] for one in dataclasses.fields(measured)}
    return Measured(**{name: pl.concat(rows, how="diagonal") for name, rows in parts.items()})


def measured_on(manifest: Manifest, night: date, state: State) -> Measured:
    """Read the measured rows of a night, under today's names."""
    names = Names.of(state.files, manifest.renames).on(night)
    rows = {name: state.files.read_frame(kept) for name, kept in manifest.nights[night].measured.items()}
    told = {name: names.rows(frame) for name, frame in rows.items() if name != "nights"}
    # Layouts before 7 have no runs: nothing is pooled for their nights.
    return Measured(nights=names.single(rows["nights"]), **{"runs": empty(RUNS), **told})


def before_night(manifest: Manifest, first: date, state: State) -> Before:
    """Give what the last judged night before `first` left."""
    earlier = [night for night in manifest.judged if night < first]
    if not earlier:
        return Before()
    return left_by(earlier[-1], manifest, state)


def left_by(night: date, manifest: Manifest, state: State) -> Before:
    """Give what a judged night left."""
    verdict = manifest.nights[night].verdict
    assert verdict is not None  # noqa: S101 it is among the judged
    names = Names.of(state.files, manifest.renames).on(night)
    return taught(read_before(state.files.read_json(verdict.left), state.fetch_frame), names)
