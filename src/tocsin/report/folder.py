"""The report folder: written aside, then renamed into place whole, readable by its owner only."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from tocsin.enrich.calendar import as_utc
from tocsin.errors import StoreError
from tocsin.report.html import as_html
from tocsin.report.json import as_json
from tocsin.report.ocsf import as_ocsf
from tocsin.report.table import as_csv
from tocsin.results import Report

NAMES = ("report.html", "report.json", "suspects.csv", "findings.ocsf.ndjson", "manifest.json")


def write_folder(report: Report, folder: Path, now: datetime, *, each_night: bool = False) -> None:
    """Write all files of the report; raises StoreError where the folder holds something else or cannot be written.

    With `each_night` every night of the report has them too, in a folder of its own (`2022-03-14/`). Such folders of
    earlier reports stay.
    """
    check_folder(folder)
    files = _files(report, now)
    nights = report.nights if each_night else ()
    for night in nights:
        alone = _files(replace(report, nights=(night,)), now)
        files |= {f"{night.night.isoformat()}/{name}": text for name, text in alone.items()}
    try:
        _swap(files, folder)
    except OSError as error:
        raise StoreError(
            f"the report cannot be written to {folder}: {error.strerror}", hint="choose another folder with --out"
        ) from error


def check_folder(folder: Path) -> None:
    """Refuse to replace a folder that is not a report: nothing of the user's is ever deleted."""
    if folder.is_dir():
        foreign = sorted(path.name for path in folder.iterdir() if path.name not in NAMES and not _is_night(path))
        if foreign:
            raise StoreError(
                f"{folder} is not a report folder: it also holds {foreign[0]}", hint="choose another folder with --out"
            )
    elif folder.exists():
        raise StoreError(f"{folder} is a file", hint="choose another folder with --out")


def _is_night(path: Path) -> bool:
    """Tell the folder of a night: its name is a date, and it holds nothing but a report."""
    try:
        date.fromisoformat(path.name)
    except ValueError:
        return False
    return path.is_dir() and all(inner.name in NAMES for inner in path.iterdir())


def _files(report: Report, now: datetime) -> dict[str, str]:
    return {
        "report.html": as_html(report),
        "report.json": as_json(report),
        "suspects.csv": as_csv(report),
        "findings.ocsf.ndjson": as_ocsf(report),
        "manifest.json": _manifest(report, now),
    }


def _swap(files: Mapping[str, str], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in files.items():
            path = fresh / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
        if folder.exists():
            _keep_nights(folder, fresh)
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            folder.rename(old / folder.name)
            fresh.rename(folder)
            shutil.rmtree(old)
        else:
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _keep_nights(folder: Path, fresh: Path) -> None:
    """Bring the folders of earlier nights along as links: until the swap the old folder stays whole."""
    for night in folder.iterdir():
        if _is_night(night) and not (fresh / night.name).exists():
            (fresh / night.name).mkdir(mode=0o700)
            for path in night.iterdir():
                os.link(path, fresh / night.name / path.name)


def _manifest(report: Report, now: datetime) -> str:
    content = {
        "tool": {"name": "tocsin", "version": report.version},
        "now": as_utc(now),
        "rules_sha256": report.rules_sha256,
        "settings_sha256": report.settings_sha256,
        "nights": [night.night.isoformat() for night in report.nights],
        "inputs": [{"path": r.path, "sha256": r.sha256, "lines": r.lines, "events": r.events} for r in report.inputs],
    }
    return json.dumps(content, indent=1) + "\n"
