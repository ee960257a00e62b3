"""Measure the planned nights from the lake: new nights whole, those measured before only where late events touch."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import polars as pl

from tocsin.engine import local
from tocsin.engine.memory import COLUMNS, Remembered
from tocsin.enrich.calendar import end_of_night, start_of_night
from tocsin.features.work import COLUMNS as OF_FEATURES
from tocsin.measure import Measured, totals_of
from tocsin.nightly import Progress, Scan, views
from tocsin.rules.comparisons import PROFILE
from tocsin.rules.reach import novel_columns, parted
from tocsin.rules.rule import COUNTED_AS, RuleSet
from tocsin.schema import STORED
from tocsin.settings_fixed import REACHED
from tocsin.store.files import Kept
from tocsin.store.lake import Earlier, Lake, Shelved
from tocsin.store.manifest import Manifest
from tocsin.store.names import Names
from tocsin.store.seen import Base, Seen
from tocsin.store.spool import buckets_of
from tocsin.store.state import State
from tocsin.verdict.decisions import Decisions
from tocsin.watch.distant import Distant
from tocsin.watch.held import measured_on
from tocsin.watch.late_runs import nights_with_other_runs
from tocsin.watch.plan import Plan
from tocsin.watch.take import Taken
from tocsin.watch.windows import alike, confirmed_on
from tocsin.words import _

Only = Mapping[str, pl.Series]
"""Accounts, addresses and so on, by grouping."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What the nights of a run are measured with."""

    plan: Plan
    asked: Scan
    near: RuleSet
    novel: Sequence[str]
    """The columns of which rules ask what is new."""
    state: State
    base: Base
    decisions: Decisions
    progress: Progress

    def counted_from(self, first: date) -> datetime:
        """Give the moment from which features count what came before a night, in windows that reach over midnight."""
        portal = self.asked.settings.portal
        begins = end_of_night(first - timedelta(days=1), portal.zone, start_of_night(portal.night_starts))
        return begins.astimezone(UTC) - REACHED - timedelta(minutes=self.asked.settings.reading.repeat_minutes)

    def engine(self, first: date, past: Remembered | None, only: Only | None, buckets: int) -> local.Plan:
        """Plan how buckets are measured."""
        portal = self.asked.settings.portal
        return local.Plan(
            rules=self.near,
            zone=portal.zone,
            holidays=sorted(self.plan.holidays),
            repeat=timedelta(minutes=self.asked.settings.reading.repeat_minutes),
            overlapping=(),
            buckets=buckets,
            calendars=self.asked.overlays.calendars,
            sources=self.asked.settings.sources,
            past=past,
            first=first,
            only=only,
        )


def measured_from(
    plan: Plan, asked: Scan, rules: RuleSet, state: State, taken: Taken, decisions: Decisions, progress: Progress
) -> tuple[Manifest, Measured]:
    """Measure the planned nights; gives the manifest that holds their rows and what they showed.

    Windows that `decisions` confirm are not known to their accounts; nights that hear the same are measured together.
    """
    near, far = parted(rules)
    base = Base(state.files, taken.manifest)
    work = _Work(plan, asked, near, novel_columns(rules), state, base, decisions, progress)
    manifest, new = taken.manifest, plan.nights[len(plan.again) :]
    distant = (
        [Distant.of(plan, far, state, manifest, base, some, decisions) for some in alike(plan.nights, decisions)]
        if far
        else []
    )
    parts: list[Measured] = []
    if plan.again:
        manifest, rows = _again(work, manifest, taken.late.filter(pl.col("night") <= plan.again[-1]))
        parts.append(rows)
    if new:
        manifest, rows = _anew(work, manifest, new, plan.new_back)
        parts.append(rows)
    measured = _stacked(parts)
    if distant:
        prepared = work.engine(plan.nights[0], None, None, 1).with_local_time
        found = [episodes for some in distant for episodes in some.episodes(prepared)]
        measured = replace(measured, episodes=pl.concat([measured.episodes, *found]))
    for night in plan.nights:
        manifest = _with_rows(manifest, night, measured, state)
    return manifest, measured


def with_late(manifest: Manifest, plan: Plan, rules: RuleSet, state: State) -> Manifest:
    """Remember what nights showed whose events came too late for a verdict."""
    for night in plan.too_late:
        lake = Lake.of(state.files, manifest)
        past = Remembered(Seen(state.files, manifest, date.min), pl.DataFrame(), novel_columns(rules), night)
        for part in lake.parts([night]):
            past.note(part)
        manifest = _with_marks(manifest, night, past, state, ())
        manifest = manifest.with_night(night, replace(manifest.nights[night], learned=True))
    return manifest


def _again(work: _Work, manifest: Manifest, late: pl.DataFrame) -> tuple[Manifest, Measured]:
    """Measure the nights measured before where late events touch them; gives all their rows."""
    nights, back = work.plan.again, work.plan.reach_back
    only = {group: late[group].drop_nulls().unique() for group in {"account", *work.near.groups}}
    # Who has a new name is measured under it: on a night on which both were used, its rows are those of both.
    renamed = Names.of(work.state.files, manifest.renames).since(nights[0]).table["account"]
    only["account"] = pl.concat([only["account"], renamed]).unique()
    untouched = _untouched(work, manifest, only)
    marked, fresh = _in_parts(work, manifest, nights, back, only)
    if not _alike(untouched, fresh):  # another version of the program had other columns
        return _anew(work, manifest, nights, back)
    late_events = _late_events(work, manifest)
    rows = _joined(untouched, fresh, _late_totals(work, late_events))
    return marked, _with_runs(work, manifest, rows, late_events)


def _with_runs(work: _Work, manifest: Manifest, rows: Measured, late_events: Lake) -> Measured:
    """Look for runs over all accounts again on the nights whose runs late events may have changed."""
    held = Lake.of(work.state.files, manifest)
    others = nights_with_other_runs(held, late_events, work.plan.again, work.asked.settings.alerting)
    if not others:
        return rows
    back = work.plan.reach_back - work.plan.again[0]
    whole = [_measured(work, manifest, [night], night + back, None)[0] for night in others]
    stays = rows.runs.filter(~pl.col("night").is_in(others))
    return replace(rows, runs=pl.concat([stays, *(one.runs for one in whole)]))


def _anew(work: _Work, manifest: Manifest, nights: Sequence[date], reach_back: date) -> tuple[Manifest, Measured]:
    return _in_parts(work, manifest, nights, reach_back, None)


def _in_parts(
    work: _Work, manifest: Manifest, nights: Sequence[date], reach_back: date, only: Only | None
) -> tuple[Manifest, Measured]:
    """Measure nights, those together that hear the same answers, and keep the marks that they show."""
    parts: list[Measured] = []
    for some in alike(nights, work.decisions):
        rows, past = _measured(work, manifest, some, reach_back + (some[0] - nights[0]), only)
        for night in some:
            kept = () if only is None else manifest.nights[night].seen
            manifest = _with_marks(manifest, night, past, work.state, kept)
        parts.append(rows)
    return manifest, _stacked(parts)


def _measured(
    work: _Work, manifest: Manifest, nights: Sequence[date], reach_back: date, only: Only | None
) -> tuple[Measured, Remembered]:
    """Measure some nights, with the events that their windows reach back to; gives what they showed besides.

    Every night before has its marks: it was measured, or came too late and was learned.
    """
    first, last = nights[0], nights[-1]
    since = work.state.files.read_frame(manifest.accounts) if manifest.accounts else pl.DataFrame()
    seen = Seen(work.state.files, manifest, first, work.base)
    lake = Lake.of(work.state.files, manifest)
    past = Remembered(seen, since, work.novel, first, confirmed=confirmed_on(first, work.decisions, lake))
    nights = [night for night in manifest.nights if reach_back <= night <= last]
    asked = {*work.near.columns("account"), *PROFILE}
    earlier = Earlier(
        _stored(asked - {"line", "byte"}), work.counted_from(first), _stored({*asked, *OF_FEATURES, *COLUMNS})
    )
    # A token that no rule reads is as long as the rest of an event: its id stands for it.
    needed = [name for name in STORED if name not in COUNTED_AS or name in asked]
    events = Shelved(lake, nights, views(work.near, work.asked.overlays), only, first, earlier, needed)
    # Of a few accounts, and of the addresses that they share with others, so much at most is read at once.
    share = only["account"].len() / max(since.height, 1) if only else 1.0
    buckets = work.asked.buckets or buckets_of(int(share * lake.rows(nights)))
    engine = work.engine(first, past, only, buckets)
    run = local.run(events, engine, lambda done, total: work.progress(_("measuring"), done, total))
    return run.measured, past


def _stored(columns: Collection[str]) -> list[str]:
    return [name for name in STORED if name in columns]


def _untouched(work: _Work, manifest: Manifest, only: Only) -> Measured:
    """Read the rows of the nights measured before, without those that are measured again."""
    groups = {rule.name: rule.group for rule in work.near.rules if rule.reports}
    touched = [
        pl.col("rule").is_in([name for name, group in groups.items() if group == kind])
        & pl.col("account" if kind == "account" else "group_value").is_in(values.implode())
        for kind, values in only.items()
    ]
    held = [measured_on(manifest, night, work.state) for night in work.plan.again]
    rows = {one.name: pl.concat([getattr(night, one.name) for night in held]) for one in dataclasses.fields(Measured)}
    is_mine = pl.col("account").is_in(only["account"].implode())
    # Far rules are asked anew of everybody.
    stays = pl.col("rule").is_in(list(groups)) & ~pl.any_horizontal(touched)
    return Measured(
        nights=rows["nights"].filter(~is_mine),
        origins=rows["origins"].filter(~is_mine),
        episodes=rows["episodes"].filter(stays),
        peaks=rows["peaks"].filter(~is_mine),
        totals=rows["totals"],
        # Late events of some accounts do not tell the runs of all: those that were found stay (but _with_runs).
        runs=rows["runs"],
    )


def _late_events(work: _Work, manifest: Manifest) -> Lake:
    """Open the late events of the nights measured before."""
    before = work.state.manifest.nights
    new = {
        night: tuple(kept for kept in manifest.nights[night].events if kept not in before[night].events)
        for night in work.plan.again
    }
    return Lake(work.state.files, new)


def _late_totals(work: _Work, late_events: Lake) -> pl.DataFrame:
    """Count the late events of the nights measured before."""
    engine = work.engine(work.plan.again[0], None, None, 1)
    parts = late_events.parts(work.plan.again)
    return pl.concat([totals_of(engine.with_local_time(part)) for part in parts])


def _alike(one: Measured, other: Measured) -> bool:
    return all(
        getattr(one, field.name).schema == getattr(other, field.name).schema for field in dataclasses.fields(one)
    )


def _joined(untouched: Measured, fresh: Measured, late: pl.DataFrame) -> Measured:
    totals = pl.concat([untouched.totals, late]).group_by("source", "night").agg(pl.all().sum())
    both = _stacked([untouched, fresh])
    return replace(both, totals=totals.sort("source", "night"))


def _stacked(parts: Sequence[Measured]) -> Measured:
    """Put the rows of different accounts and nights together, in the order of each frame."""
    frames = {
        field.name: pl.concat([getattr(part, field.name) for part in parts]) for field in dataclasses.fields(Measured)
    }
    return Measured(
        nights=frames["nights"].sort("account", "night"),
        origins=frames["origins"].sort("account", "night", "ip", "user_agent"),
        episodes=frames["episodes"],
        peaks=frames["peaks"],
        totals=frames["totals"].sort("source", "night"),
        runs=frames["runs"].unique(["night", "block", "first", "account"], keep="first", maintain_order=True),
    )


def _with_marks(manifest: Manifest, night: date, past: Remembered, state: State, kept: Sequence[Kept]) -> Manifest:
    name = f"seen/{night.isoformat()}-{state.prefix}.parquet"
    seen = state.files.write_frame(name, past.marks(night))
    return manifest.with_night(night, replace(manifest.nights[night], seen=(*kept, seen)))


def _with_rows(manifest: Manifest, night: date, measured: Measured, state: State) -> Manifest:
    rows = {
        field.name: state.files.write_frame(
            f"measured/{night.isoformat()}/{state.prefix}-{field.name}.parquet",
            getattr(measured, field.name).filter(pl.col("night") == night),
        )
        for field in dataclasses.fields(measured)
    }
    return manifest.with_night(night, replace(manifest.nights[night], measured=rows))
