"""How a watch stands: its last nights, what is missing, who ran it last, its disk, its journal; needs no key."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

from tocsin.cases.case import Case
from tocsin.cases.desk import desk
from tocsin.cases.nights import result_of
from tocsin.results import Night
from tocsin.settings import Settings, StateSettings
from tocsin.settings_fixed import LOOKED_BACK
from tocsin.store import journal
from tocsin.store.journal import Break
from tocsin.store.manifest import HeldNight, Manifest
from tocsin.store.state import State, reading
from tocsin.watch.record import RunRecord, read_records

SHOWN = 14
"""Nights that are told one by one: two weeks."""

ANSWERED_OVER = 90
"""Nights over which expected false alerts are added up: a quarter."""

PACE = 28
"""Nights whose files say how much a night takes."""

YEAR = 365

Calm = Literal["calm", "suspects", "degraded", "not judged"]


@dataclass(frozen=True, slots=True)
class NightLine:
    """One held night in a line; a night with suspects may be degraded too."""

    night: date
    answer: Calm
    revision: int
    accounts: int
    events: int
    suspects: int
    new_suspects: int
    degraded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Nights of which the state holds nothing, between nights that it holds."""

    first: date
    last: date

    @property
    def nights(self) -> int:
        """Count them."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run record in short."""

    at: str
    version: str
    judged: tuple[str, ...]
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FalseAlerts:
    """How many names ordinary nights would have brought, over `nights` judged nights, and what people answered."""

    nights: int
    alerts: int
    """New suspects that were put before a person."""
    expected: float | None
    """In all of the nights that could say; None where none could: too few nights are known yet."""
    nights_expected: int = 0
    """Nights that could say."""
    answered_false: int = 0
    """Cases of these nights that a person called benign or an error: what `expected` is to be held against."""
    answered_true: int = 0
    open: int = 0
    """Cases that wait for an answer; those that lapsed without one are in none of the three."""


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes by part of the state, what they will be in a year at today's pace, and what is free."""

    parts: Mapping[str, int]
    in_a_year: Mapping[str, int]
    free: int

    @property
    def total(self) -> int:
        """Add the parts up."""
        return sum(self.parts.values())

    @property
    def total_in_a_year(self) -> int:
        """Add the forecast up."""
        return sum(self.in_a_year.values())


@dataclass(frozen=True, slots=True)
class Standing:
    """How a watch stands."""

    folder: Path
    key: str
    """Fingerprint of the key that the state needs."""
    first: date | None
    last: date | None
    held: int
    judged: int
    nights: tuple[NightLine, ...]
    gaps: tuple[Gap, ...]
    silent: int
    """Nights that have ended since the last held one."""
    runs: int
    last_run: LastRun | None
    false_alerts: FalseAlerts
    disk: Disk
    journal_entries: int
    journal_breaks: tuple[Break, ...]


def standing(folder: Path, today: date, settings: Settings, free: int) -> Standing:
    """Read how the state of the last finished run stands; raises StoreError where there is none or it is damaged."""
    state = reading(folder)
    manifest = state.manifest
    held = sorted(manifest.nights)
    records = read_records(state)
    results = _results(state, held[-ANSWERED_OVER:])
    return Standing(
        folder=folder,
        key=manifest.key,
        first=held[0] if held else None,
        last=held[-1] if held else None,
        held=len(held),
        judged=len(manifest.judged),
        nights=tuple(_line(night, results.get(night)) for night in held[-SHOWN:]),
        gaps=tuple(_gaps(held)),
        silent=max((today - held[-1]).days - 1, 0) if held else 0,
        runs=len(records),
        last_run=_last_run(records),
        false_alerts=_false_alerts(results, desk(state, settings.alerting.case_nights).cases),
        disk=_disk(state, settings.state, free),
        journal_entries=journal.head_of(state.files).entries,
        journal_breaks=tuple(journal.verify(state.files, known_heads(state))),
    )


def known_heads(state: State) -> list[journal.Head]:
    """List the journal heads that run records, and the manifest, know."""
    return [*(record.head for record in read_records(state)), state.manifest.journal]


def _results(state: State, nights: Iterable[date]) -> dict[date, Night]:
    found = {night: result_of(state.manifest, night, state) for night in nights}
    return {night: result for night, result in found.items() if result is not None}


def _line(night: date, result: Night | None) -> NightLine:
    if result is None:
        return NightLine(night, "not judged", 0, 0, 0, 0, 0, ())
    answer: Calm = "suspects" if result.suspects else "degraded" if result.degraded else "calm"
    new = sum(1 for suspect in result.suspects if suspect.rank is not None)
    return NightLine(
        night, answer, result.revision, result.accounts, result.events, len(result.suspects), new, result.degraded
    )


def _gaps(held: Sequence[date]) -> Iterable[Gap]:
    day = timedelta(days=1)
    for before, after in pairwise(held):
        if after - before > day:
            yield Gap(before + day, after - day)


def _last_run(records: Sequence[RunRecord]) -> LastRun | None:
    if not records:
        return None
    last = records[-1]
    return LastRun(last.at, last.versions["tocsin"], last.judged, last.seconds)


def _false_alerts(results: Mapping[date, Night], cases: Sequence[Case]) -> FalseAlerts:
    alerts = sum(1 for result in results.values() for suspect in result.suspects if suspect.rank is not None)
    expected = [r.budget.expected_false for r in results.values() if r.budget.expected_false is not None]
    # A case that a person opened is no alert of these nights.
    statuses = Counter(case.status for case in cases if case.nights and case.nights[0] in results)
    return FalseAlerts(
        nights=len(results),
        alerts=alerts,
        expected=round(sum(expected), 1) if expected else None,
        nights_expected=len(expected),
        answered_false=statuses["benign"] + statuses["error"],
        answered_true=statuses["confirmed"],
        open=statuses["open"] + statuses["waiting"],
    )


def _disk(state: State, habits: StateSettings, free: int) -> Disk:
    parts: dict[str, int] = {}
    with state.files.named(state.files.folder):
        for path in state.files.folder.rglob("*"):
            if path.is_file():
                part = path.relative_to(state.files.folder).parts[0]
                part = "manifest" if part.startswith("manifest-") else part.partition(".")[0]
                parts[part] = parts.get(part, 0) + path.stat().st_size
    return Disk(parts, _in_a_year(state.manifest, parts, habits), free)


def _in_a_year(manifest: Manifest, parts: Mapping[str, int], habits: StateSettings) -> dict[str, int]:
    """Multiply what a recent night takes by the nights that a state one year older keeps; the rest grows with them.

    Marks of people seen before are an upper bound: they are folded together, and each is kept once.
    """
    held = len(manifest.nights)
    if not held:
        return dict(parts)
    older = held + YEAR
    kept = {
        "lake": min(older, habits.events_days),
        "measured": min(older, LOOKED_BACK),
        "seen": min(older, YEAR),
        "left": older,
        "nights": older,
    }
    recent = [_sizes(manifest.nights[night]) for night in sorted(manifest.nights)[-PACE:]]
    forecast = {part: round(size * older / held) for part, size in parts.items() if part not in kept}
    replayed = min(older, habits.replay_nights) / min(held, habits.replay_nights)
    forecast["frames"] = round(parts.get("frames", 0) * max(replayed, 1))
    for part, nights in kept.items():
        sizes = [night[part] for night in recent if night[part]]
        a_night = sum(sizes) / len(sizes) if sizes else 0
        forecast[part] = max(round(a_night * nights), parts.get(part, 0))
    return forecast


def _sizes(night: HeldNight) -> dict[str, int]:
    verdict = night.verdict
    files = {
        "lake": night.events,
        "measured": night.measured.values(),
        "seen": night.seen,
        "left": (verdict.left,) if verdict else (),
        "nights": (verdict.result,) if verdict else (),
    }
    return {part: sum(kept.size for kept in some) for part, some in files.items()}
