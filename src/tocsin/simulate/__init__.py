"""Makes logs of a portal that does not exist, with attacks whose truth is known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from tocsin.simulate.actions import OWNER
from tocsin.simulate.portal import build, pages
from tocsin.simulate.scenarios.spec import Attack
from tocsin.simulate.truth import Truth
from tocsin.simulate.writers import WRITERS
from tocsin.simulate.writers.publish import Dress, publish


@dataclass(frozen=True, slots=True)
class Simulation:
    """What to make; the same values always give the same bytes.

    `dress` is one for all nights, or one a night.
    """

    accounts: int = 2_000
    nights: int = 30
    start: date = date(2026, 3, 2)
    seed: int = 1
    attacks: tuple[Attack, ...] = ()
    dress: tuple[Dress, ...] = (Dress(),)
    without: frozenset[str] = frozenset()
    departments: tuple[str, ...] = ()
    besides: frozenset[str] = frozenset()  # names of ASKED_FOR


@dataclass(frozen=True, slots=True)
class Made:
    """How much was made."""

    events: int
    files: int
    attack_events: int


def simulate(wanted: Simulation, out: Path, progress: Callable[[int], None] | None = None) -> Made:
    """Write logs into `out/logs` and truth into `out/truth`; `progress` hears the number of nights done.

    SettingsError when an attack does not fit into the portal; nothing is written then.
    """
    portal = build(
        seed=wanted.seed,
        accounts=wanted.accounts,
        nights=wanted.nights,
        start=wanted.start,
        attacks=wanted.attacks,
        departments=wanted.departments,
        besides=wanted.besides,
    )
    logs = out / "logs"
    logs.mkdir(parents=True)
    truth = Truth(portal.names())
    events = files = attack_events = 0
    for night, page in enumerate(pages(portal, wanted.without)):
        dress = wanted.dress[night % len(wanted.dress)]
        shown = dress.alter(page) if dress.alter else page
        sheets = WRITERS[dress.format](shown)
        lines = pl.concat([publish(sheet, logs, dress) for sheet in sheets])
        truth.note(shown, lines)
        events += shown.actions.height
        files += len(sheets)
        attack_events += int((shown.actions["scenario"] != OWNER).sum())
        if progress:
            progress(night + 1)
    truth.write(out / "truth", portal.population, portal.plan, portal.days)
    return Made(events, files, attack_events)
