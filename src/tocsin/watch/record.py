"""The record of a run: proof that the nights were looked at, by which rules, from which files; also on calm nights."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

from tocsin import __version__
from tocsin.results import Report
from tocsin.store.files import Kept
from tocsin.store.journal import Head
from tocsin.store.state import State

INPUT = ("path", "sha256", "format", "lines", "events", "rejected", "ignored", "duplicates")
"""What a record keeps of an input."""

LIBRARIES = ("polars", "polars-hash", "pyod", "numpy", "scikit-learn")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What one finished run did."""

    sequence: int
    at: str
    reported: tuple[str, ...]
    """The nights whose lists it gave."""
    judged: tuple[str, ...]
    suspects: dict[str, int]
    """By reported night."""
    degraded: dict[str, int]
    inputs: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    rules_sha256: str
    settings_sha256: str
    versions: dict[str, str]
    seconds: dict[str, float]
    journal: dict[str, Any]

    @property
    def head(self) -> Head:
        """The newest journal entry that this run knows."""
        return Head(**self.journal)


def recorded(
    state: State, report: Report, judged: Sequence[date], seconds: Mapping[str, float], head: Head, at: datetime
) -> Kept:
    """Write the record of a run that gives this report."""
    nights = report.nights
    record = RunRecord(
        sequence=state.manifest.sequence + 1,
        at=at.isoformat(),
        reported=tuple(night.night.isoformat() for night in nights),
        judged=tuple(night.isoformat() for night in judged),
        suspects={night.night.isoformat(): len(night.suspects) for night in nights},
        degraded={night.night.isoformat(): len(night.degraded) for night in nights if night.degraded},
        inputs=tuple({name: getattr(one, name) for name in INPUT} for one in report.inputs),
        notes=report.notes,
        rules_sha256=report.rules_sha256,
        settings_sha256=report.settings_sha256,
        versions={"tocsin": __version__, "python": platform.python_version(), **{n: version(n) for n in LIBRARIES}},
        seconds={step: round(took, 1) for step, took in seconds.items()},
        journal=asdict(head),
    )
    text = json.dumps(asdict(record), indent=1).encode()
    return state.files.write(f"runs/{state.prefix}.json", text)


def read_records(state: State) -> list[RunRecord]:
    """Read the records of all runs, the newest last."""
    return [read_record(state, kept) for kept in state.manifest.runs]


def read_record(state: State, kept: Kept) -> RunRecord:
    """Read the record of one run."""
    return RunRecord(**_tuples(state.files.read_json(kept)))


def _tuples(plain: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
