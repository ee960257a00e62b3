"""The report folder: written aside, then renamed into place whole, readable by its owner only."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tocsin.enrich.calendar import as_utc
from tocsin.errors import StoreError
from tocsin.report.html import as_html
from tocsin.report.json import as_json
from tocsin.report.table import as_csv
from tocsin.results import Report

NAMES = ("report.html", "report.json", "suspects.csv", "manifest.json")


def write_folder(report: Report, folder: Path, now: datetime) -> None:
    """Write all files of the report; raises StoreError where the folder holds something else or cannot be written."""
    check_folder(folder)
    files = {
        "report.html": as_html(report),
        "report.json": as_json(report),
        "suspects.csv": as_csv(report),
        "manifest.json": _manifest(report, now),
    }
    try:
        _swap(files, folder)
    except OSError as error:
        raise StoreError(
            f"the report cannot be written to {folder}: {error.strerror}", hint="choose another folder with --out"
        ) from error


def write_file(path: Path, text: str) -> None:
    """Write one new file that only its owner may read; raises StoreError where it is there already or cannot be."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}", hint="name a new file") from error


def check_folder(folder: Path) -> None:
    """Refuse to replace a folder that is not a report: nothing of the user's is ever deleted."""
    if folder.is_dir():
        foreign = sorted(path.name for path in folder.iterdir() if path.name not in NAMES)
        if foreign:
            raise StoreError(
                f"{folder} is not a report folder: it also holds {foreign[0]}", hint="choose another folder with --out"
            )
    elif folder.exists():
        raise StoreError(f"{folder} is a file", hint="choose another folder with --out")


def _swap(files: Mapping[str, str], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in files.items():
            with os.fdopen(
                os.open(fresh / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(text)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
            folder.rename(old / folder.name)
            fresh.rename(folder)
            shutil.rmtree(old)
        else:
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


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
