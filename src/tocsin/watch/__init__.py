"""The watch: a portal scanned night after night, each call going on where the last one stopped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from tocsin import __version__
from tocsin.cases.book import Entry, entries_of, heard_anew
from tocsin.cases.case import cases_of, closed_from, decisions_of, missed
from tocsin.cases.holding import held_by
from tocsin.cases.nights import result_of
from tocsin.cases.register import kept_register, read_register
from tocsin.cases.shown import with_cases
from tocsin.errors import SettingsError
from tocsin.intake import Ledger
from tocsin.nightly import Progress, Scan, nothing_read, report_of
from tocsin.privacy.tokens import TokenKey
from tocsin.results import Night, Report
from tocsin.rules.overlay import tuned
from tocsin.rules.rule import RuleSet
from tocsin.settings import StateSettings
from tocsin.store import journal
from tocsin.store.manifest import Manifest
from tocsin.store.state import State, writing
from tocsin.verdict.degraded import with_missing_hours
from tocsin.watch.accepted import kept_rules
from tocsin.watch.judging import judged
from tocsin.watch.plan import Plan, planned
from tocsin.watch.record import read_records, recorded
from tocsin.watch.renamed import renamed_since
from tocsin.watch.take import Taken, take
from tocsin.watch.tidy import tidied
from tocsin.words import _, ngettext

STEPS = ("read", "judge")
"""What a run record tells the time of."""


HEARD = "heard"
"""What the journal calls the newest entry of the book that a run has read."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Where the state is and how a run may touch it."""

    folder: Path
    clock: Callable[[], float]
    """Seconds that pass, for the run record."""
    group: int | None = None
    dry: bool = False
    """Judge, say who is gained and lost, and leave the state as it is."""
    rules: bytes = b""
    """The files of the rules (rules.packed), for a run whose own are broken."""


def scan(asked: Scan, rules: RuleSet, key: TokenKey, progress: Progress, watched: Watched) -> Report:
    """Read new logs into the state, judge what they complete or change, and report that.

    Where nothing is new the last list is given again. Raises as nightly.scan, and StoreError or KeyFileError where the
    state cannot be used.
    """
    rules = tuned(rules, asked.overlays)
    times = [watched.clock()]
    with writing(watched.folder, key.fingerprint, watched.group) as state:
        known = {held.sha256: held for held in state.manifest.inputs}
        ledger = Ledger(lambda done, total: progress(_("reading"), done, total), known=known)
        taken = take(asked, key, ledger, state)
        if not taken.manifest.nights:
            raise nothing_read(ledger)
        times.append(watched.clock())
        before, state.manifest = state.manifest, replace(state.manifest, renames=taken.manifest.renames)
        entries = _entries(state, asked.now, dry=watched.dry)
        plan = planned(asked, rules, taken.manifest, taken.touched)
        manifest, nights, records = judged(plan, asked, rules, state, taken, decisions_of(entries), progress)
        times.append(watched.clock())
        keep = asked.settings.alerting.case_nights
        register = read_register(state).with_nights(nights, keep, closed_from(entries))
        held = held_by(cases_of(register, entries, manifest.judged[-1] if manifest.judged else None, keep))
        notes = [*_notes(plan, nights, taken, state), *_held(held, manifest, asked.settings.state)]
        shown = _shown(asked, [night for night in nights if night.night in plan.due], plan, state)
        if plan.partial and plan.partial_over and shown and shown[-1].night < plan.partial:
            shown[-1] = with_missing_hours(shown[-1], plan.partial)
        shown = [replace(night, degraded=(*asked.troubles, *night.degraded)) for night in shown]
        shown = with_cases(shown, register, entries)
        report = report_of(asked, rules, ledger, records, shown, partial=plan.partial, partial_over=plan.partial_over)
        report = replace(report, notes=(*report.notes, *notes, *renamed_since(before, taken.manifest, state)))
        if not watched.dry:
            manifest = kept_register(register, manifest, state)
            manifest = tidied(manifest, state, asked.settings.state, held)
            heard = max((one.number for one in entries), default=0)
            nights_told = [night.isoformat() for night in plan.nights]
            details = {"run": state.manifest.sequence + 1, HEARD: heard, "nights": nights_told}
            head = journal.append(state.files, "scan", details, asked.now)
            seconds = {step: after - before for step, (before, after) in zip(STEPS, pairwise(times), strict=True)}
            run = recorded(state, report, plan.nights, seconds, head, asked.now)
            manifest = replace(manifest, rules=rules.sha256, settings=asked.settings.sha256, program=__version__)
            manifest = replace(manifest, accepted=kept_rules(state, watched.rules) if watched.rules else None)
            state.finish(replace(manifest, runs=(*manifest.runs, run)))
    return report


def _entries(state: State, now: datetime, *, dry: bool) -> list[Entry]:
    """Read the book; what was answered while the last run judged is heard from the next night on."""
    entries, judged = entries_of(state), state.manifest.judged
    told = (one.get(HEARD) for one in journal.entries(state.files) if one.get("what") == "scan")
    heard = [number for number in told if isinstance(number, int)]
    late = missed(entries, heard[-1] if heard else None, judged[-1] if judged else None)
    if not late or dry:
        return entries
    heard_anew(state.files, late, judged[-1] + timedelta(days=1), now)
    return entries_of(state)


def _held(held: Mapping[date, Sequence[str]], manifest: Manifest, habits: StateSettings) -> list[str]:
    """Say which nights would be forgotten by their age and are not, because cases hold them."""
    if not manifest.judged:
        return []
    before = manifest.judged[-1] - timedelta(days=habits.events_days)
    older = [night for night in sorted(held) if night < before and night in manifest.nights]
    cases = sorted({case for night in older for case in held[night]})
    text = _("older than {days} days, and held for open or confirmed cases ({cases}): {nights}")
    nights = ", ".join(night.isoformat() for night in older)
    return [text.format(days=habits.events_days, cases=", ".join(cases), nights=nights)] if older else []


def _shown(asked: Scan, nights: Sequence[Night], plan: Plan, state: State) -> list[Night]:
    """Choose what the report tells: the news, in the window asked for; without news the last list again."""
    if not nights and not plan.nights and state.manifest.runs:
        last = [date.fromisoformat(night) for night in read_records(state)[-1].reported]
        again = (result_of(state.manifest, night, state) for night in last)
        nights = [night for night in again if night is not None]
    first, last_night = asked.since or date.min, asked.until or date.max
    chosen = [night for night in nights if first <= night.night <= last_night]
    if nights and not chosen:
        hint = _("this run judges {first} to {last}").format(first=nights[0].night, last=nights[-1].night)
        raise SettingsError(_("no night lies in the window asked for"), hint=hint)
    return chosen


def _notes(plan: Plan, nights: Sequence[Night], taken: Taken, state: State) -> list[str]:
    notes: list[str] = []
    if not plan.nights:
        notes.append(_("no new night is complete: this is the last list again"))
    if plan.too_late:
        text = _("events came too late to judge these nights again, they are only remembered: {nights}")
        notes.append(text.format(nights=", ".join(night.isoformat() for night in plan.too_late)))
    if plan.changed:
        notes += _gains_and_losses(nights, state)
    revised = [night for night in nights if night.revision and night.night in taken.touched]
    if revised:
        text = _("late events: judged again, as a new revision: {nights}")
        notes.append(text.format(nights=", ".join(night.night.isoformat() for night in revised)))
    return notes


def _gains_and_losses(nights: Sequence[Night], state: State) -> list[str]:
    """Say whom the last nights name since the rules or settings changed, and whom no longer."""
    before: set[tuple[date, str]] = set()
    after: set[tuple[date, str]] = set()
    for night in nights:
        old = result_of(state.manifest, night.night, state)
        if old is not None:
            before |= {(night.night, suspect.account) for suspect in old.suspects}
            after |= {(night.night, suspect.account) for suspect in night.suspects}
    count = sum(1 for night in nights if night.revision)
    one, many = "{n} night judged again", "{n} nights judged again"
    text = _("rules or settings changed: {nights}; gained: {gained}; lost: {lost}")
    told = text.format(
        nights=ngettext(one, many, count).format(n=count), gained=_listed(after - before), lost=_listed(before - after)
    )
    return [told]


def _listed(found: set[tuple[date, str]]) -> str:
    return ", ".join(f"{account} ({night.isoformat()})" for night, account in sorted(found)) or _("nobody")
