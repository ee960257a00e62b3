"""Take new logs into the lake: what it holds already, or another file has, is a duplicate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from tocsin.engine.overlap import ROUGHLY, once, once_more, overlapping
from tocsin.intake import Ledger
from tocsin.nightly import Scan, counted, directory_of, read_in, spans_of
from tocsin.privacy.tokens import TokenKey
from tocsin.results import InputRecord
from tocsin.rules.rule import GROUPS
from tocsin.schema import STORED, empty
from tocsin.store.lake import Lake, write_events
from tocsin.store.manifest import HeldInput, HeldNight, Manifest
from tocsin.store.seen import since_of
from tocsin.store.spool import Spool
from tocsin.store.state import State
from tocsin.verdict.degraded import Inputs
from tocsin.watch.renamed import with_renames

HOLD_ROWS = 1_000_000
"""Events held in memory before they wait on the disk: twice as many as in a scan, as no bucket of rules waits beside
them (docs/decisions/0083). About 400 bytes an event."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The state with new events, the nights that these touch, and the account of the inputs."""

    manifest: Manifest
    touched: frozenset[date]
    inputs: Inputs
    late: pl.DataFrame
    """Whom new events of nights held before touch: night, and the columns by which rules group (rules.rule.GROUPS)."""

    @property
    def records(self) -> tuple[InputRecord, ...]:
        """The account of each input."""
        return tuple(self.inputs.records)


def take(asked: Scan, key: TokenKey, ledger: Ledger, state: State) -> Taken:
    """Read the logs into the lake; nothing counts before the state is finished."""
    duplicates: dict[str, int] = {}
    directory = directory_of(asked, key)
    with Spool(hold_rows=HOLD_ROWS) as spool:
        for events in read_in(asked, key, ledger, directory):
            spool.add(events)
        records = ledger.records()
        held = with_renames(state.manifest, directory.renames, state)
        manifest, touched, late = _poured(spool, overlapping(spans_of(records)), held, state, duplicates)
    records = counted(records, duplicates)
    return Taken(_with_inputs(manifest, records), touched, Inputs.of(ledger, records), late)


def _poured(
    spool: Spool, among: Sequence[str], manifest: Manifest, state: State, duplicates: dict[str, int]
) -> tuple[Manifest, frozenset[date], pl.DataFrame]:
    """Write what is new to the lake, bucket by bucket; fills `duplicates` by source."""
    lake = Lake.of(state.files, manifest)
    hours: dict[date, set[int]] = {}
    late = [empty(STORED).select("night", *GROUPS)]
    is_late = pl.col("night").is_in(list(manifest.nights))
    firsts = [state.files.read_frame(manifest.accounts)] if manifest.accounts else []
    for index in range(spool.buckets):
        events = spool.bucket(index, spool.buckets)
        single, repeats = once(events, among)
        fresh, held_too = once_more(single, lake.like(single, ROUGHLY))
        for source, count in pl.concat([repeats, held_too]).group_by("source").len().iter_rows():
            duplicates[source] = duplicates.get(source, 0) + count
        firsts.append(since_of(fresh))
        late.append(fresh.filter(is_late).select("night", *GROUPS).unique())
        for night, kept in write_events(state.files, f"{state.prefix}-{index:02d}", fresh).items():
            held = manifest.nights.get(night, HeldNight())
            manifest = manifest.with_night(night, replace(held, events=(*held.events, kept)))
        covered = fresh.select("night", pl.col("time").dt.epoch("s") // 3600).unique()
        for night, hour in covered.iter_rows():
            hours.setdefault(night, set()).add(hour)
    for night, more in hours.items():
        held = manifest.nights[night]
        manifest = manifest.with_night(night, replace(held, hours=tuple(sorted({*held.hours, *more}))))
    if hours:
        since = pl.concat(firsts).group_by("account").agg(pl.col("since").min()).sort("account")
        manifest = replace(manifest, accounts=state.files.write_frame(f"seen/accounts-{state.prefix}.parquet", since))
    return manifest, frozenset(hours), pl.concat(late).unique()


def _with_inputs(manifest: Manifest, records: Sequence[InputRecord]) -> Manifest:
    held = {one.sha256: one for one in manifest.inputs}
    for one in records:
        if one.sha256 and (one.sha256 not in held or one.events):
            first, last = (at.isoformat() if at else None for at in (one.first, one.last))
            held[one.sha256] = HeldInput(one.path, one.sha256, one.size, one.format, one.lines, one.events, first, last)
    return replace(manifest, inputs=tuple(held.values()))
