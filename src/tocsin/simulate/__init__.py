"""Makes logs of a portal that does not exist, with attacks whose truth is known."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from tocsin.errors import SettingsError
from tocsin.simulate.portal import build, pages
from tocsin.simulate.scenarios.spec import Attack
from tocsin.simulate.truth import Truth, attacks_table
from tocsin.simulate.writers import WRITERS
from tocsin.simulate.writers.publish import Compression, publish


@dataclass(frozen=True, slots=True)
class Simulation:
    """What to make; the same values always give the same bytes."""

    accounts: int = 2_000
    nights: int = 30
    start: date = date(2026, 3, 2)
    seed: int = 1
    attacks: tuple[Attack, ...] = ()
    format: str = "native"
    compression: Compression | None = None
    without: frozenset[str] = frozenset()
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """How much was made."""

    events: int
    files: int
    attack_events: int


def simulate(wanted: Simulation, out: Path, progress: Callable[[int], None] | None = None) -> Made:
    """Write logs into `out/logs` and truth into `out/truth`; `progress` hears the number of nights done.

    SettingsError when a value is impossible or `out` is not empty; nothing is written then.
    """
    portal = build(
        seed=wanted.seed, accounts=wanted.accounts, nights=wanted.nights, start=wanted.start,
        attacks=wanted.attacks, departments=wanted.departments,
    )  # fmt: skip
    logs = out / "logs"
    logs.mkdir(parents=True)
    truth = Truth(tuple(attack.scenario.name for attack in wanted.attacks))
    events = files = attack_events = 0
    for done, page in enumerate(pages(portal, wanted.without), 1):
        sheets = WRITERS[wanted.format](page)
        lines = pl.concat([publish(sheet, logs, wanted.compression) for sheet in sheets])
        truth.note(page, lines)
        events += page.actions.height
        files += len(sheets)
        attack_events += int((page.actions["scenario"] != 0).sum())
        if progress:
            progress(done)
    truth.write(out / "truth", portal.population, portal.plan, portal.days, attacks_table(portal.stolen()))
    return Made(events, files, attack_events)
