"""Forget what no night to come needs: old events, old lessons, frames that nobody refers to."""

from dataclasses import replace
from datetime import date, timedelta

from tocsin.settings import StateSettings
from tocsin.store.manifest import HeldNight, Manifest
from tocsin.store.seen import folded
from tocsin.store.state import State
from tocsin.watch.plan import LOOKED_BACK


def tidied(manifest: Manifest, state: State, habits: StateSettings) -> Manifest:
    """Keep what the settings ask: lessons for replays, measured rows for comparisons, events for stories.

    Replays are counted in judged nights: a portal may rest for weeks.
    """
    judged = manifest.judged
    if judged:
        oldest = judged[-habits.replay_nights - 1 :][0]
        nights = {night: _kept(held, night, oldest) for night, held in manifest.nights.items()}
        manifest = replace(manifest, nights=nights)
        manifest = folded(state.files, manifest, state.prefix, oldest - timedelta(days=1))
        manifest = without_events(manifest, judged[-1] - timedelta(days=habits.events_days))
    needed = {name for held in manifest.nights.values() if held.verdict for name in held.verdict.frames}
    return replace(manifest, frames={name: kept for name, kept in manifest.frames.items() if name in needed})


def without_events(manifest: Manifest, before: date) -> Manifest:
    """Forget the events of nights before this one, and the inputs that hold no later ones."""
    nights = {
        night: replace(held, events=(), measured={}) if night < before else held
        for night, held in manifest.nights.items()
    }
    inputs = tuple(one for one in manifest.inputs if one.last is None or one.last[:10] >= before.isoformat())
    return replace(manifest, nights=nights, inputs=inputs)


def _kept(held: HeldNight, night: date, oldest: date) -> HeldNight:
    """Forget lessons from before the oldest night that a replay may go on from, and rows that it would not look at."""
    verdict = replace(held.verdict, frames=()) if held.verdict and night < oldest else held.verdict
    measured = held.measured if night >= oldest - timedelta(days=LOOKED_BACK) else {}
    return replace(held, verdict=verdict, measured=measured)
