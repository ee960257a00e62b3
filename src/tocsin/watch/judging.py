"""Measure the planned nights from the lake and judge them, each going on from what the one before left."""

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from tocsin.measure import Measured
from tocsin.nightly import Progress, Scan
from tocsin.results import InputRecord, Night
from tocsin.rules.baselined import Watched, who_was_active
from tocsin.rules.rule import RuleSet
from tocsin.store.lake import Lake
from tocsin.store.manifest import Manifest, Verdict
from tocsin.store.state import State
from tocsin.verdict.decisions import Decisions
from tocsin.verdict.degraded import with_degraded, with_sources
from tocsin.verdict.evidence import with_evidence
from tocsin.verdict.hits import Hits
from tocsin.verdict.judge import Asked, Before, judge_on
from tocsin.verdict.kept import kept_before, kept_night, read_before, read_night
from tocsin.verdict.sources import by_source, with_usual
from tocsin.watch.measuring import measured_from, with_late
from tocsin.watch.plan import LOOKED_BACK, Plan
from tocsin.watch.take import Taken
from tocsin.words import _


def judged(
    plan: Plan, asked: Scan, rules: RuleSet, state: State, taken: Taken, decisions: Decisions, progress: Progress
) -> tuple[Manifest, list[Night], tuple[InputRecord, ...]]:
    """Measure and judge the planned nights, hearing what persons decided.

    Gives the manifest that holds what they left, and the account of the inputs with what is usual of their sources.
    """
    manifest = with_late(taken.manifest, plan, rules, state)
    if not plan.nights:
        return manifest, [], taken.records
    first = plan.nights[0]
    manifest, measured = measured_from(plan, asked, rules, state, replace(taken, manifest=manifest), progress)
    whole = with_earlier(measured, manifest, first, state)
    profiles = who_was_active(whole.nights)
    hits = Hits(Watched(measured.episodes, whole.peaks, profiles, rules))
    question = Asked(
        frozenset(plan.nights), plan.holidays, asked.budget, asked.with_model, asked.overlays, asked.region
    )
    question = replace(question, decisions=decisions)
    lake = Lake.of(state.files, manifest)
    nights: list[Night] = []
    tonight = replace(whole, nights=measured.nights)
    sources = by_source(whole.totals, asked.settings.sources)
    for concluded, after in judge_on(tonight, hits.on, asked.settings, question, before_night(manifest, first, state)):
        shown = with_degraded(with_evidence(concluded, lake, asked.settings), taken.inputs, asked.settings)
        shown = with_sources(shown, sources, plan.holidays, asked.settings)
        manifest, shown = _with_verdict(manifest, shown, after, state)
        nights.append(shown)
        progress(_("judging"), len(nights), len(plan.nights))
    records = with_usual(taken.records, sources, asked.settings)
    return replace(manifest, frames=state.manifest.frames), nights, records


def result_of(manifest: Manifest, night: date, state: State) -> Night | None:
    """Read what was concluded of a night; None where it was not judged."""
    held = manifest.nights.get(night)
    if held is None or held.verdict is None:
        return None
    return read_night(state.files.read_json(held.verdict.result))


def with_earlier(measured: Measured, manifest: Manifest, first: date, state: State) -> Measured:
    """Put the rows of the nights before in front."""
    earlier = [night for night in manifest.judged if first - timedelta(days=LOOKED_BACK) <= night < first]

    def rows(name: str) -> Sequence[pl.DataFrame]:
        return [state.files.read_frame(manifest.nights[night].measured[name]) for night in earlier]

    names = [field.name for field in dataclasses.fields(measured)]
    return Measured(**{name: pl.concat([*rows(name), getattr(measured, name)], how="diagonal") for name in names})


def before_night(manifest: Manifest, first: date, state: State) -> Before:
    """Give what the last judged night before `first` left."""
    earlier = [night for night in manifest.judged if night < first]
    if not earlier:
        return Before()
    verdict = manifest.nights[earlier[-1]].verdict
    assert verdict is not None  # noqa: S101 it is among the judged
    return read_before(state.files.read_json(verdict.left), state.fetch_frame)


def _with_verdict(manifest: Manifest, night: Night, after: Before, state: State) -> tuple[Manifest, Night]:
    held = manifest.nights[night.night]
    night = replace(night, revision=held.verdict.revision + 1 if held.verdict else 0)
    name = f"{night.night.isoformat()}-{state.prefix}.json"
    left, frames = kept_before(after, state.keep_frame)
    verdict = Verdict(
        revision=night.revision,
        left=state.files.write(f"left/{name}", left),
        result=state.files.write(f"nights/{name}", kept_night(night)),
        frames=tuple(sorted(frames)),
    )
    return manifest.with_night(night.night, replace(held, verdict=verdict)), night
