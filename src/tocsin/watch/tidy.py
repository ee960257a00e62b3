"""Forget what no night to come needs: old events, old lessons, frames that nobody refers to."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta

from tocsin.settings import StateSettings
from tocsin.settings_fixed import LOOKED_BACK
from tocsin.store.manifest import HeldInput, HeldNight, Manifest
from tocsin.store.seen import folded
from tocsin.store.state import State

DAY = timedelta(days=1)

REACHED = timedelta(days=7)
"""How far before the oldest night that may be judged again marks stay apart by night: rules look back three."""


def tidied(manifest: Manifest, state: State, habits: StateSettings, held_by_cases: Collection[date] = ()) -> Manifest:
    """Keep what the settings ask: lessons for replays, measured rows for comparisons, events for stories.

    Replays are counted in judged nights: a portal may rest for weeks. The events of nights that cases hold stay.
    """
    judged = manifest.judged
    if judged:
        oldest = judged[-habits.replay_nights - 1 :][0]
        nights = {night: _kept(held, night, oldest) for night, held in manifest.nights.items()}
        manifest = replace(manifest, nights=nights)
        manifest = folded(state.files, manifest, state.prefix, oldest - REACHED - DAY)
        manifest = without_events(manifest, judged[-1] - timedelta(days=habits.events_days), held_by_cases)
    needed = {name for held in manifest.nights.values() if held.verdict for name in held.verdict.frames}
    return replace(manifest, frames={name: kept for name, kept in manifest.frames.items() if name in needed})


def without_events(manifest: Manifest, before: date, held_by_cases: Collection[date] = ()) -> Manifest:
    """Forget the events of nights before this one, but for those held, and the inputs that hold no others."""
    nights = {
        night: replace(held, events=(), measured={}) if night < before and night not in held_by_cases else held
        for night, held in manifest.nights.items()
    }
    older = [night for night in nights if night < before and night in held_by_cases]
    return replace(manifest, nights=nights, inputs=tuple(o for o in manifest.inputs if is_needed(o, before, older)))


def is_needed(one: HeldInput, before: date, held: Collection[date]) -> bool:
    """Say whether an input may hold events of a night from `before` on, or of one that is held."""
    if one.first is None or one.last is None:
        return True
    # Times are in UTC, nights in the portal's zone: a day more on both sides keeps what touches the border.
    first, last = (date.fromisoformat(moment[:10]) for moment in (one.first, one.last))
    return last + DAY > before or any(first - DAY <= night <= last + DAY for night in held)


def _kept(held: HeldNight, night: date, oldest: date) -> HeldNight:
    """Forget lessons from before the oldest night that a replay may go on from, and rows that it would not look at."""
    verdict = replace(held.verdict, frames=()) if held.verdict and night < oldest else held.verdict
    measured = held.measured if night >= oldest - timedelta(days=LOOKED_BACK) else {}
    return replace(held, verdict=verdict, measured=measured)
