"""Identities put back beside tokens: for a reason, into a new private file, from the very logs, and journaled."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from tocsin.nightly import Scan
    from tocsin.privacy.tokens import TokenKey
    from tocsin.verdict.listing import ExposureList


@dataclass(frozen=True, slots=True)
class Revealing:
    """What is asked: the logs, the reason, the new file, and the folder whose journal hears of it."""

    logs: Sequence[str]
    reason: str | None
    out: Path | None
    state: Path | None

    @property
    def journal(self) -> Path | None:
        """Give the folder of the journal: the state, else where the list goes; None where there is neither."""
        folder = self.state or (self.out.absolute().parent if self.out else None)
        return folder if folder and folder.is_dir() else None


@contextmanager
def refusals_noted(asked: Revealing, now: datetime, accounts: Sequence[str]) -> Iterator[None]:
    """Note in the journal that identities were asked for and not shown, and why."""
    from tocsin.errors import TocsinError
    from tocsin.store import journal
    from tocsin.store.files import Files

    try:
        yield
    except TocsinError as error:
        if asked.logs and asked.journal:
            details = {"accounts": list(accounts), "reason": asked.reason, "why": error.message}
            journal.append(Files(asked.journal), "reveal refused", details, now)
        raise


def check(asked: Revealing) -> None:
    """Refuse what may not be shown, before anything is read."""
    from tocsin.errors import SettingsError

    if asked.logs and not (asked.reason or "").strip():
        raise SettingsError("identities are shown for a reason only", hint="give --reason TEXT; it goes to the journal")
    if asked.logs and asked.out is None:
        raise SettingsError("identities go to a file only", hint="name a new one with --out FILE")
    if asked.out is not None and (asked.out.exists() or asked.out.is_symlink()):
        raise SettingsError(f"{asked.out} is there already", hint="name a new file")


def reveal(listed: "ExposureList", asked: Revealing, scan: "Scan", key: "TokenKey") -> None:
    """Write the list with identities, and the showing of them in the journal."""
    from tocsin.report import exposure as report
    from tocsin.report.files import write_file
    from tocsin.reveal import identities, matched
    from tocsin.store import journal
    from tocsin.store.files import Files

    assert asked.out is not None  # noqa: S101 checked before
    logs, missing = matched(asked.logs, listed)
    found = identities(listed.people["patient"], logs, scan, key)
    left = listed.people.join(found, on="patient", how="anti")
    folder = asked.journal or asked.out.absolute().parent
    details = {
        "accounts": [told.account for told in listed.told],
        "reason": asked.reason,
        "people": found.height,
        "unrevealed": left.height,
        "file": str(asked.out),
    }
    journal.append(Files(folder), "reveal", details, scan.now)
    write_file(asked.out, report.as_csv(listed, found))
    typer.echo(f"{found.height:,} identities written to {asked.out}, noted in {folder / journal.NAME}", err=True)
    sources = listed.sources.join(left, on="patient", how="semi")
    for path in missing:
        count = sources.filter(sources["source"] == path)["patient"].n_unique()
        if count:
            typer.echo(
                f"{path} is not among the logs given to --reveal: {count:,} people are left unrevealed", err=True
            )
    if left.height:
        typer.echo(f"{left.height:,} people are left unrevealed in all: their identity is empty", err=True)
