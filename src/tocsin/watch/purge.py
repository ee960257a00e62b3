"""Purge: what is older than an age is gone from the disk when this returns; what a case holds stays, and is said.

Gone are events, measures, lists, lessons, the logs' names, accounts and marks of people read that nothing younger
shows. What stays of those nights is that they were looked at: the run records, without their notes, and the journal.
"""

import dataclasses
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from tocsin.cases.book import strike_out
from tocsin.cases.register import kept_register, read_register
from tocsin.errors import SettingsError
from tocsin.model.nights import Past
from tocsin.model.older import Blocks
from tocsin.settings_fixed import LOOKED_BACK
from tocsin.store import journal
from tocsin.store.files import Kept
from tocsin.store.lake import Lake
from tocsin.store.manifest import Manifest
from tocsin.store.names import Names
from tocsin.store.seen import forgotten
from tocsin.store.state import State
from tocsin.verdict.docket import Docket
from tocsin.verdict.kept import kept_before, waiting_since
from tocsin.watch.held import left_by, measured_on
from tocsin.watch.record import RunRecord, read_record
from tocsin.watch.tidy import is_needed
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Purged:
    """What is gone, in numbers; `held` are the older nights that cases keep."""

    before: date
    nights: int
    logs: int
    accounts: int
    marks: int
    """Pairs of an account and a person, network or browser that nothing younger shows."""
    answers: int
    """What persons decided about cases that are closed and as old."""
    bytes: int
    held: tuple[date, ...]


def first_kept(today: date, days: int) -> date:
    """Give the first night that stays; raises SettingsError where the nights to come would miss what goes."""
    if days < LOOKED_BACK:
        raise SettingsError(
            _("the nights to come are compared with the last {least}: {days}d is too short").format(
                least=LOOKED_BACK, days=days
            ),
            hint=_("give {least}d or more; to forget everything, delete the folder").format(least=LOOKED_BACK),
        )
    return today - timedelta(days=days)


def purge(state: State, before: date, at: datetime, held: Collection[date] = (), answers: Sequence[int] = ()) -> Purged:
    """Forget every night before this one but those `held` by a case; deleted at once, noted in the journal.

    Of what persons decided the entries `answers` go (cases.holding.outlived), once the nights are gone: a kill between
    the two leaves them to the next purge.
    """
    old = state.manifest
    older = [night for night in sorted(old.nights) if night < before]
    kept = tuple(night for night in older if night in held)
    going = [night for night in older if night not in held]
    manifest, marks = _without_marks(state, going, before)
    active = _active(manifest, state)
    manifest, accounts = _without_accounts(manifest, active, state)
    manifest = _without_names(manifest, before, state)
    manifest = _without_lessons(manifest, _Young(active, before), state)
    inputs = tuple(one for one in manifest.inputs if is_needed(one, before, kept))
    runs = tuple(_without_notes(run, before, state) for run in manifest.runs)
    needed = {name for one in manifest.nights.values() if one.verdict for name in one.verdict.frames}
    frames = {name: one for name, one in state.manifest.frames.items() if name in needed}
    manifest = replace(manifest, inputs=inputs, runs=runs, frames=frames)
    if manifest.cases and going:
        manifest = kept_register(read_register(state).without(going), manifest, state)
    remaining = set(manifest.files())
    gone = Purged(
        before=before,
        nights=len(going),
        logs=len(old.inputs) - len(inputs),
        accounts=accounts,
        marks=marks,
        answers=len(answers),
        bytes=sum(one.size for one in set(old.files()) - remaining),
        held=kept,
    )
    plain = {**asdict(gone), "before": before.isoformat(), "held": [night.isoformat() for night in kept]}
    journal.append(state.files, "purge", plain, at)
    state.finish(manifest, at_once=True)
    strike_out(state.files, answers)
    return gone


def _without_marks(state: State, going: Collection[date], before: date) -> tuple[Manifest, int]:
    old = state.manifest
    shown = [state.files.path(kept) for night in going for kept in old.nights[night].seen]
    marks = sum(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item() for path in shown)
    # A held night keeps its events; that its people were seen is told by nights that are not so old.
    nights = {
        night: replace(one, seen=()) if night < before else one
        for night, one in old.nights.items()
        if night not in going
    }
    manifest, more = forgotten(state.files, replace(old, nights=nights), state.prefix, before)
    return manifest, marks + more


def _active(manifest: Manifest, state: State) -> pl.DataFrame:
    """List the accounts of the nights that stay."""
    found = [part.unique() for part in Lake.of(state.files, manifest).parts(manifest.nights, ["account"])]
    measured = [night for night, one in manifest.nights.items() if one.measured]
    found += [measured_on(manifest, night, state).nights.select("account").unique() for night in measured]
    return pl.concat([pl.DataFrame(schema={"account": pl.String}), *found]).unique()


def _without_accounts(manifest: Manifest, active: pl.DataFrame, state: State) -> tuple[Manifest, int]:
    if manifest.accounts is None:
        return manifest, 0
    since = state.files.read_frame(manifest.accounts)
    known = since.join(active, on="account", how="semi").sort("account")
    if known.height == since.height:
        return manifest, 0
    written = state.files.write_frame(f"seen/accounts-{state.prefix}.parquet", known)
    return replace(manifest, accounts=written), since.height - known.height


def _without_names(manifest: Manifest, before: date, state: State) -> Manifest:
    """Forget the former names under which nothing is held any more."""
    names = Names.of(state.files, manifest.renames)
    young = names.since(before)
    if young.table.height == names.table.height:
        return manifest
    kept = state.files.write_frame(f"seen/renames-{state.prefix}.parquet", young.table)
    return replace(manifest, renames=kept if young.table.height else None)


@dataclass(frozen=True, slots=True)
class _Young:
    """What may stay in lessons: accounts of the nights that stay, and what they did since."""

    accounts: pl.DataFrame
    before: date

    def of(self, value: Any) -> Any:
        """Take what is older out of all tables of a value, however deep they lie."""
        if isinstance(value, pl.DataFrame):
            return self._rows(value)
        if isinstance(value, (Past, Blocks)):
            return value.changed(self._rows)
        if isinstance(value, Docket):
            return value.since(self.before)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{one.name: self.of(getattr(value, one.name)) for one in dataclasses.fields(value)})
        return value

    def _rows(self, table: pl.DataFrame) -> pl.DataFrame:
        if "account" in table.columns:
            table = table.join(self.accounts, on="account", how="semi", maintain_order="left")
        for column in ("night", "last"):
            if column in table.columns:
                table = table.filter(pl.col(column) >= self.before)
        return table


def _without_lessons(manifest: Manifest, young: _Young, state: State) -> Manifest:
    """Take what is older out of what the nights that stay were taught: some lessons reach far back."""
    for night, one in manifest.nights.items():
        verdict = one.verdict
        if verdict is None:
            continue
        plain = state.files.read_json(verdict.left)
        told = waiting_since(plain, young.before)
        content, frames = json.dumps(told).encode(), set(verdict.frames)
        if frames:
            content, frames = kept_before(young.of(left_by(night, manifest, state)), state)
        if frames == set(verdict.frames) and told == plain:
            continue
        written = state.files.write(f"left/{night.isoformat()}-{state.prefix}.json", content)
        verdict = replace(verdict, left=written, frames=tuple(sorted(frames)))
        manifest = manifest.with_night(night, replace(one, verdict=verdict))
    return manifest


def _without_notes(kept: Kept, before: date, state: State) -> Kept:
    """Take the notes, which may name accounts, out of the record of a run that told older nights only."""
    record: RunRecord = read_record(state, kept)
    nights = (*record.reported, *record.judged)
    if not record.notes or not nights or max(nights) >= before.isoformat():
        return kept
    text = json.dumps(asdict(replace(record, notes=())), indent=1).encode()
    return state.files.write(f"runs/{state.prefix}-of-{record.sequence:06d}.json", text)
