"""Measure the planned nights from the lake and judge them, each going on from what the one before left."""

from dataclasses import replace

from tocsin.nightly import Progress, Scan
from tocsin.results import InputRecord, Night
from tocsin.rules.baselined import Watched, who_was_active
from tocsin.rules.rule import RuleSet
from tocsin.store.lake import Lake
from tocsin.store.manifest import Manifest, Verdict
from tocsin.store.state import State
from tocsin.verdict.beginnings import with_beginnings
from tocsin.verdict.colleagues import with_colleagues
from tocsin.verdict.conclusions import kept_night
from tocsin.verdict.decisions import Decisions
from tocsin.verdict.degraded import with_degraded, with_sources
from tocsin.verdict.evidence import with_evidence
from tocsin.verdict.hits import Hits
from tocsin.verdict.judge import Asked, Before, judge_on
from tocsin.verdict.kept import kept_before
from tocsin.verdict.sources import by_source, with_usual
from tocsin.watch.held import before_night, with_earlier
from tocsin.watch.measuring import measured_from, with_late
from tocsin.watch.plan import Plan
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
    manifest, measured = measured_from(
        plan, asked, rules, state, replace(taken, manifest=manifest), decisions, progress
    )
    whole = with_earlier(measured, manifest, first, state)
    profiles = who_was_active(whole.nights)
    hits = Hits(Watched(measured.episodes, whole.peaks, profiles, rules))
    question = Asked(
        frozenset(plan.nights), plan.holidays, asked.budget, asked.with_model, asked.overlays, asked.region
    )
    question = replace(question, decisions=decisions, mark=rules.mark(asked.settings.sha256))
    lake = Lake.of(state.files, manifest)
    nights: list[Night] = []
    tonight = replace(with_beginnings(whole), nights=measured.nights)
    sources = by_source(whole.totals, asked.settings.sources)
    for concluded, after in judge_on(tonight, hits.on, asked.settings, question, before_night(manifest, first, state)):
        known = decisions.on(concluded.night).sessions()
        shown = with_colleagues(concluded, lake, whole.nights, asked.settings.innocent)
        shown = with_evidence(shown, lake, asked.settings, known)
        shown = with_degraded(shown, taken.inputs, asked.settings)
        shown = with_sources(shown, sources, plan.holidays, asked.settings)
        manifest, shown = _with_verdict(manifest, shown, after, state)
        nights.append(shown)
        progress(_("judging"), len(nights), len(plan.nights))
    records = with_usual(taken.records, sources, asked.settings)
    return replace(manifest, frames=state.manifest.frames), nights, records


def _with_verdict(manifest: Manifest, night: Night, after: Before, state: State) -> tuple[Manifest, Night]:
    held = manifest.nights[night.night]
    night = replace(night, revision=held.verdict.revision + 1 if held.verdict else 0)
    name = f"{night.night.isoformat()}-{state.prefix}.json"
    left, frames = kept_before(after, state)
    verdict = Verdict(
        revision=night.revision,
        left=state.files.write(f"left/{name}", left),
        result=state.files.write(f"nights/{name}", kept_night(night)),
        frames=tuple(sorted(frames)),
    )
    return manifest.with_night(night.night, replace(held, verdict=verdict)), night
