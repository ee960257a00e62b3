"""The watch: a portal scanned night after night, each call going on where the last one stopped."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from pathlib import Path

import polars as pl

from tocsin.engine import local
from tocsin.engine.memory import Remembered
from tocsin.engine.overlap import once_more, overlapping
from tocsin.enrich.calendar import complete_nights, end_of_night, holidays_between, start_of_night
from tocsin.formats.lines import DAMAGED
from tocsin.intake import Ledger
from tocsin.measure import Measured
from tocsin.nightly import Progress, Scan, counted, nothing_read, read_in, report_of, spans_of, views
from tocsin.privacy.tokens import TokenKey
from tocsin.results import InputRecord, Night, Report
from tocsin.rules.baselined import night_by_night
from tocsin.rules.overlay import tuned
from tocsin.rules.reach import novel_columns, reach
from tocsin.rules.rule import RuleSet
from tocsin.store.lake import Lake, write_events
from tocsin.store.manifest import HeldInput, HeldNight, Manifest, Verdict
from tocsin.store.seen import Seen, folded, since_of
from tocsin.store.spool import Spool
from tocsin.store.state import State, writing
from tocsin.verdict.degraded import Inputs, with_degraded
from tocsin.verdict.evidence import with_evidence
from tocsin.verdict.hits import hits_of_rules
from tocsin.verdict.judge import Asked, Before, judge_on
from tocsin.verdict.kept import kept_before, kept_night, read_before
from tocsin.words import _

LOOKED_BACK = 90
"""Nights of measured rows that judging a night may look at: origins of links, peaks of rules."""


def scan(asked: Scan, rules: RuleSet, key: TokenKey, progress: Progress, folder: Path) -> Report:
    """Read new logs into the state, judge what they complete or change, and report that.

    Raises as nightly.scan, and StoreError or KeyFileError where the state cannot be used.
    """
    rules = tuned(rules, asked.overlays)
    with writing(folder, key.fingerprint) as state:
        known = {held.sha256: held for held in state.manifest.inputs}
        ledger = Ledger(lambda done, total: progress(_("reading"), done, total), known=known)
        taken = _take(asked, key, ledger, state)
        if not taken.manifest.nights:
            raise nothing_read(ledger)
        plan = _planned(asked, rules, taken)
        manifest, judged = _judged(plan, asked, rules, state, taken, progress)
        manifest = _tidied(manifest, rules, asked, state)
        state.finish(manifest)
    return report_of(asked, rules, ledger, taken.records, judged, partial=plan.partial, partial_over=plan.partial_over)


@dataclass(frozen=True, slots=True)
class _Taken:
    """The state with new events, the nights these touch, and the account of the inputs."""

    manifest: Manifest
    touched: frozenset[date]
    records: tuple[InputRecord, ...]
    damaged: frozenset[str]


def _take(asked: Scan, key: TokenKey, ledger: Ledger, state: State) -> _Taken:
    """Read the logs into the lake; what it holds already, or another file has, is counted as a duplicate."""
    manifest, lake = state.manifest, Lake.of(state.files, state.manifest)
    hours: dict[date, set[int]] = {}
    duplicates: dict[str, int] = {}
    firsts: list[pl.DataFrame] = []
    with Spool() as spool:
        for events in read_in(asked, key, ledger):
            spool.add(events)
        records = ledger.records()
        among = overlapping(spans_of(records))
        for index in range(spool.buckets):
            events = spool.bucket(index, spool.buckets)
            nights = events["night"].unique().to_list()
            fresh, dropped = once_more(events, among, lake.bucket(nights, index, spool.buckets))
            for source, count in dropped.group_by("source").len().iter_rows():
                duplicates[source] = duplicates.get(source, 0) + count
            firsts.append(since_of(fresh))
            for night, kept in write_events(state.files, f"{state.prefix}-{index:02d}", fresh).items():
                held = manifest.nights.get(night, HeldNight())
                manifest = manifest.with_night(night, replace(held, events=(*held.events, kept)))
            for night, hour in fresh.select("night", pl.col("time").dt.epoch("s") // 3600).unique().iter_rows():
                hours.setdefault(night, set()).add(hour)
    for night, more in hours.items():
        held = manifest.nights[night]
        manifest = manifest.with_night(night, replace(held, hours=tuple(sorted({*held.hours, *more}))))
    before = state.files.read_frame(manifest.accounts) if manifest.accounts else None
    if firsts:
        since = pl.concat(firsts) if before is None else pl.concat([before, *firsts])
        since = since.group_by("account").agg(pl.col("since").min()).sort("account")
        manifest = replace(manifest, accounts=state.files.write_frame(f"seen/accounts-{state.prefix}.parquet", since))
    records = counted(records, duplicates)
    damaged = frozenset(reject.path for reject in ledger.rejects if reject.reason == DAMAGED)
    return _Taken(_with_inputs(manifest, records), frozenset(hours), records, damaged)


def _with_inputs(manifest: Manifest, records: Sequence[InputRecord]) -> Manifest:
    held = {one.sha256: one for one in manifest.inputs}
    for one in records:
        if one.sha256 and one.sha256 not in held:
            first, last = (at.isoformat() if at else None for at in (one.first, one.last))
            held[one.sha256] = HeldInput(one.path, one.sha256, one.size, one.format, one.lines, one.events, first, last)
    return replace(manifest, inputs=tuple(held.values()))


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which nights are judged, and from where on events are needed for that."""

    nights: tuple[date, ...]
    reach_back: date
    holidays: frozenset[date]
    newest: date
    partial: date | None
    partial_over: bool
    too_late: tuple[date, ...]
    why: str | None = None


def _planned(asked: Scan, rules: RuleSet, taken: _Taken) -> _Plan:
    """Choose the nights: every complete one not judged yet or touched by new events, and all that follow."""
    manifest, portal = taken.manifest, asked.settings.portal
    held = sorted(manifest.nights)
    holidays = holidays_between(portal.holidays, held[0], held[-1])
    rows = [(night, hour) for night in held[-LOOKED_BACK:] for hour in manifest.nights[night].hours]
    covered = pl.DataFrame(rows, schema={"night": pl.Date, "hour": pl.Int64}, orient="row")
    recent, partial = complete_nights(covered, holidays)
    complete = [*held[:-LOOKED_BACK], *recent]
    judged = manifest.judged
    earliest = judged[-1] - timedelta(days=asked.settings.retention.late_days) if judged else date.min
    due = [night for night in complete if night in taken.touched or manifest.nights[night].verdict is None]
    first = min((night for night in due if night >= earliest), default=None)
    starts = start_of_night(portal.night_starts)
    nights = tuple(night for night in complete if first is not None and night >= first)
    return _Plan(
        nights=nights,
        reach_back=_reach_back(first, rules, asked) if first else held[-1],
        holidays=holidays,
        newest=complete[-1] if complete else held[-1],
        partial=partial,
        partial_over=partial is not None and end_of_night(partial, portal.zone, starts) <= asked.now,
        too_late=tuple(night for night in due if night < earliest),
    )


def _reach_back(night: date, rules: RuleSet, asked: Scan) -> date:
    """Give the night in which the oldest event may lie that a window of this night rests on."""
    portal = asked.settings.portal
    starts = start_of_night(portal.night_starts)
    begins = end_of_night(night - timedelta(days=1), portal.zone, starts)
    oldest = (begins.astimezone(UTC) - reach(rules)).astimezone(begins.tzinfo)
    return min(night - timedelta(days=1), (oldest.replace(tzinfo=None) - starts).date())


def _judged(
    plan: _Plan, asked: Scan, rules: RuleSet, state: State, taken: _Taken, progress: Progress
) -> tuple[Manifest, list[Night]]:
    """Measure and judge the planned nights; gives the manifest that holds what they left."""
    manifest = taken.manifest
    if not plan.nights:
        return manifest, []
    first = plan.nights[0]
    lake = Lake.of(state.files, manifest)
    since = state.files.read_frame(manifest.accounts) if manifest.accounts else pl.DataFrame()
    past = Remembered(Seen(state.files, manifest, plan.reach_back), since, novel_columns(rules), first)
    with Spool(views(rules, asked.overlays)) as spool:
        for part in lake.parts(night for night in manifest.nights if plan.reach_back <= night <= plan.nights[-1]):
            spool.add(part)
        how = local.Plan(
            rules=rules,
            zone=asked.settings.portal.zone,
            holidays=sorted(plan.holidays),
            repeat=timedelta(minutes=asked.settings.reading.repeat_minutes),
            overlapping=(),
            buckets=asked.buckets or spool.buckets,
            calendars=asked.overlays.calendars,
            past=past,
            first=first,
        )
        measured = local.run(spool, how, lambda done, total: progress(_("measuring"), done, total)).measured
    for night in plan.nights:
        manifest = _with_measured(manifest, night, measured, past, state)
    whole = _with_earlier(measured, manifest, first, state)
    profiles = whole.nights.select("account", "night", "profession", "structure", "region")
    unusual = night_by_night(measured.episodes, whole.peaks, profiles, rules)
    hits = hits_of_rules(unusual, rules, profiles)
    question = Asked(
        frozenset(plan.nights), plan.holidays, asked.budget, asked.with_model, asked.overlays, asked.region
    )
    before = _before(manifest, first, state)
    judged: list[Night] = []
    tonight = replace(whole, nights=measured.nights)
    inputs = Inputs(taken.records, taken.damaged)
    for concluded, after in judge_on(tonight, hits, asked.settings, question, before):
        shown = with_degraded(with_evidence(concluded, lake), inputs, asked.settings)
        manifest, shown = _with_verdict(manifest, shown, after, state)
        judged.append(shown)
        progress(_("judging"), len(judged), len(plan.nights))
    return replace(manifest, frames=state.manifest.frames), judged


def _with_measured(manifest: Manifest, night: date, measured: Measured, past: Remembered, state: State) -> Manifest:
    held = manifest.nights[night]
    rows = {
        field.name: state.files.write_frame(
            f"measured/{night.isoformat()}/{state.prefix}-{field.name}.parquet",
            getattr(measured, field.name).filter(pl.col("night") == night),
        )
        for field in dataclasses.fields(measured)
    }
    seen = state.files.write_frame(f"seen/{night.isoformat()}-{state.prefix}.parquet", past.marks(night))
    return manifest.with_night(night, replace(held, measured=rows, seen=(seen,)))


def _with_earlier(measured: Measured, manifest: Manifest, first: date, state: State) -> Measured:
    """Put the rows of the nights before in front."""
    earlier = [night for night in manifest.judged if first - timedelta(days=LOOKED_BACK) <= night < first]
    frames = {
        field.name: pl.concat(
            [
                *(state.files.read_frame(manifest.nights[night].measured[field.name]) for night in earlier),
                getattr(measured, field.name),
            ]
        )
        for field in dataclasses.fields(measured)
    }
    return Measured(**frames)


def _before(manifest: Manifest, first: date, state: State) -> Before:
    """Give what the last judged night before `first` left."""
    earlier = [night for night in manifest.judged if night < first]
    if not earlier:
        return Before()
    verdict = manifest.nights[earlier[-1]].verdict
    assert verdict is not None  # noqa: S101 it is among the judged
    return read_before(state.files.read_json(verdict.left), state.fetch_frame)


def _with_verdict(manifest: Manifest, night: Night, after: Before, state: State) -> tuple[Manifest, Night]:
    held = manifest.nights[night.night]
    revision = held.verdict.revision + 1 if held.verdict else 0
    night = replace(night, revision=revision)
    name = f"{night.night.isoformat()}-{state.prefix}.json"
    left, frames = kept_before(after, state.keep_frame)
    verdict = Verdict(
        revision=revision,
        left=state.files.write(f"left/{name}", left),
        result=state.files.write(f"nights/{name}", kept_night(night)),
        frames=tuple(sorted(frames)),
    )
    return manifest.with_night(night.night, replace(held, verdict=verdict)), night


def _tidied(manifest: Manifest, rules: RuleSet, asked: Scan, state: State) -> Manifest:
    """Fold what is old, forget frames that no night needs."""
    judged = manifest.judged
    keep = asked.settings.retention.replay_days
    nights = dict(manifest.nights)
    for night in judged:
        held = nights[night]
        if held.verdict and (judged[-1] - night).days > keep and held.verdict.frames:
            nights[night] = replace(held, verdict=replace(held.verdict, frames=()))
    manifest = replace(manifest, nights=nights, rules=rules.sha256, settings=asked.settings.sha256)
    if judged:
        manifest = folded(state.files, manifest, state.prefix, judged[-1] - timedelta(days=keep))
    needed = {name for held in manifest.nights.values() if held.verdict for name in held.verdict.frames}
    return replace(manifest, frames={name: kept for name, kept in manifest.frames.items() if name in needed})
