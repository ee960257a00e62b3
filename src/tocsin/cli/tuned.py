"""What `tune` does with its answer: prints it, writes the overlay or shows it, journals an accepted risk."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from pathlib import Path

from tocsin.cases.book import entries_of
from tocsin.cases.case import decisions_of
from tocsin.cli.standing_key import key_of
from tocsin.errors import KeyFileError, SettingsError
from tocsin.evaluate import read_truth
from tocsin.located import did_you_mean
from tocsin.privacy.tokens import TokenKey
from tocsin.report.files import replace_file, write_file
from tocsin.report.plain import screen
from tocsin.store import journal
from tocsin.store.files import Files
from tocsin.store.state import State, changing, reading
from tocsin.tune.floor import below_floor
from tocsin.tune.knobs import Knob
from tocsin.tune.known import Labelled, of_decisions, of_truth
from tocsin.tune.overlay_text import Written, overlay_of
from tocsin.tune.page import as_html
from tocsin.tune.sweep import Sweep
from tocsin.tune.tuning import Answer, Choose
from tocsin.tune.words import as_text
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Result:
    """What is to become of the answer."""

    report: Path | None
    write: bool
    dry_run: bool
    regions: Path | None
    state: Path | None
    accepted: str
    now: datetime
    season: date | None = None
    """The last night on which caps hold that are written."""

    def check(self) -> None:
        """Refuse, before anything is read, what could not be finished."""
        if self.write and self.dry_run:
            raise SettingsError("--write and --dry-run exclude each other", hint="leave one of them out")
        if self.report is not None and self.report.exists():
            raise SettingsError(f"{self.report} is there already", hint="name a new file for --report")
        if self.report is not None and not self.report.parent.is_dir():
            raise SettingsError(f"{self.report.parent} is no folder", hint="make it first, or name another --report")
        if (self.write or self.dry_run) and self.regions is None:
            raise SettingsError("an overlay needs a folder", hint="name it with --regions DIR")
        if self.write and self.regions is not None:
            _refuse_unwritable(self.regions)
        if self.season is not None and self.season < self.now.date():
            raise SettingsError(f"--season {self.season} is over", hint="name the last night on which the caps hold")


def _refuse_unwritable(folder: Path) -> None:
    """Refuse what is no folder or takes no file; a missing one is made in the nearest folder above it."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not there.is_dir():
        raise SettingsError(f"{there} is no folder", hint="name a folder with --regions DIR")
    if not os.access(there, os.W_OK | os.X_OK):
        raise SettingsError(f"nothing can be written into {there}", hint="name another --regions, or see its rights")


def nights_of(logs: Sequence[str], state: Path | None) -> State | None:
    """Open the state whose nights are replayed: where logs are named, it is asked for its verdicts alone."""
    return reading(state) if state is not None and not logs else None


def key_for(key_file: Path | None, nights: State | None, *, planting: bool) -> TokenKey:
    """Give the key: what is planted among the nights of a state must have the tokens of that state."""
    if nights is None or not planting:
        return key_of(key_file, None)
    key = key_of(key_file, nights.files.folder)
    if nights.manifest.key != key.fingerprint:
        raise KeyFileError("this is not the key of the state", hint="give the --key-file that it was made with")
    return key


def known_cases(truth: Path | None, state: Path | None) -> list[Labelled]:
    """Read what is known: the truth of simulated logs, and the verdicts of a state."""
    cases = of_truth(read_truth(truth)) if truth else []
    return cases + (of_decisions(decisions_of(entries_of(reading(state)))) if state else [])


def refuse_impossible(logs: Sequence[str], state: Path | None, wanted: float | None) -> None:
    """Refuse what needs no log to be seen as impossible."""
    if not logs and state is None:
        hint = "name files, folders or globs of seven nights or more, or a state with --state DIR"
        raise SettingsError("no log is named", hint=hint)
    if wanted is not None and not isfinite(wanted):
        raise SettingsError(f"--alerts-per-night {wanted:g} is no number of alerts", hint="write it as 3 or 0.5")
    if wanted is not None and wanted <= 0:
        raise SettingsError(f"--alerts-per-night is {wanted:g}: nothing would ever ring", hint="write more than 0")


def is_empty(regions: Path, *, new: bool) -> bool:
    """Say whether the folder of overlays is yet to be filled: only then may it be missing or empty."""
    return new and not any(regions.glob("**/*.y*ml"))


def chooser(taken: Mapping[str, float], *, interactive: bool) -> Choose:
    """Take the values that options name; else, where a person sits there, ask."""

    def choose(sweeps: Sequence[Sweep]) -> Mapping[Knob, float]:
        known = {one.knob.label: one.knob for one in sweeps}
        off = {one.knob.label for one in sweeps if one.is_off}
        for name, value in taken.items():
            if name not in known:
                message = f"--take {name}={value:g} is of nothing that is tuned"
                raise SettingsError(message, hint=did_you_mean(name, known) or f"tuned are {', '.join(known)}")
            if name in off:
                message = f"--take {name}={value:g} does nothing: an overlay switches the rule off for these accounts"
                raise SettingsError(message, hint="take `enabled: false` out of that overlay first")
            if value not in known[name].values:
                raise SettingsError(
                    f"--take {name}={known[name].said(value)} cannot be",
                    hint=f"tried are {', '.join(map(known[name].said, known[name].values))}",
                )
        if taken or not interactive:
            return {known[name]: value for name, value in taken.items()}
        from tocsin.cli.choosing import at_terminal

        return at_terminal(sweeps)

    return choose


def show(answer: Answer, result: Result) -> None:
    """Print the answer, then the overlay or where it was written."""
    sys.stdout.write(screen(as_text(answer)))
    if result.report is not None:
        write_file(result.report, as_html(answer))
        sys.stderr.write(_("page written to {path}").format(path=result.report) + "\n")
    if not (result.write or result.dry_run):
        return
    assert result.regions is not None  # noqa: S101 checked before
    if result.season is not None and not any(knob.is_family for knob in answer.chosen):
        message = _("--season is for the caps of families, and none is set")
        raise SettingsError(message, hint=_("set one, as with --take geography=2"))
    risks = below_floor(answer)
    if risks and not result.accepted:
        raise SettingsError("; ".join(risks), hint=_("nothing was written; --accept-risk REASON says why it is wanted"))
    accepted = result.accepted if risks else ""
    overlay = overlay_of(answer, result.regions, result.now.date(), accepted=accepted, season=result.season)
    for name in overlay.untested:
        sys.stderr.write(_("no test could be made of {name}").format(name=name) + "\n")
    if result.dry_run:
        sys.stdout.write(screen(f"\n# {overlay.path}\n{overlay.text}"))
        return
    _write(overlay, result, risks)


def _write(overlay: Written, result: Result, risks: Sequence[str]) -> None:
    """Write the overlay; a risk is journaled first: what could not be journaled is not written."""
    overlay.path.parent.mkdir(parents=True, exist_ok=True)
    if risks:
        details = {"overlay": overlay.path.name, "below": list(risks), "reason": result.accepted}
        if result.state is not None:
            with changing(result.state) as opened:
                journal.append(opened.files, "accept-risk", details, result.now)
        else:
            journal.append(Files(overlay.path.parent.absolute()), "accept-risk", details, result.now)
    replace_file(overlay.path, overlay.text)
    sys.stderr.write(_("overlay written to {path}").format(path=overlay.path) + "\n")
