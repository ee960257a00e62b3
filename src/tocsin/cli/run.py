"""What `scan` and `demo` share: check the question, run with progress, print, write the folder."""

import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tocsin import nightly, watch, words
from tocsin.cli.asked import group_of, moment, settings_of
from tocsin.cli.standing_key import key_of
from tocsin.errors import RuleErrors, SettingsError
from tocsin.privacy.tokens import TokenKey
from tocsin.report import folder, terminal
from tocsin.report.json import as_json
from tocsin.results import Report
from tocsin.rules.overlay import Overlays, caps_without_effect, load_rules_and_overlays
from tocsin.rules.pack import shipped
from tocsin.rules.packed import packed, unpacked
from tocsin.rules.rule import RuleSet
from tocsin.settings import Settings
from tocsin.watch.accepted import accepted_rules
from tocsin.words import _, ngettext


@dataclass(frozen=True, slots=True)
class Question:
    """The options that are not the core's: where things are and how to talk."""

    logs: Sequence[str]
    rules: Sequence[Path]
    out: Path
    json: bool
    config: Path | None
    key_file: Path | None
    lang: str
    now: str | None
    quiet: bool
    regions: Path | None = None
    state: Path | None = None
    compare: bool = False

    def key(self) -> TokenKey:
        """Give the key: as asked; for a state the one in the user's folder; else one for this run only."""
        return key_of(self.key_file, self.state)

    def moment(self) -> datetime:
        """Give the time to take for now: as asked, else the clock."""
        return moment(self.now)

    def settings(self) -> Settings:
        """Read the settings file, or take the defaults."""
        return settings_of(self.config)


def run(question: Question, asked: nightly.Scan) -> Report:
    """Scan, print and write; refuses before reading what it could not finish."""
    if asked.budget is not None and asked.budget < 1:
        raise SettingsError(f"--budget {asked.budget} leaves no place on the list", hint="give 1 or more")
    if question.lang not in words.LANGUAGES:
        raise SettingsError(f"--lang {question.lang!r} is not known", hint=f"choose from {', '.join(words.LANGUAGES)}")
    if not words.speak(question.lang) and not question.quiet:
        sys.stderr.write("tocsin: no French texts are installed yet, the messages are in English\n")
    folder.check_folder(question.out)
    rules, asked, files = _ruled(question, asked)
    _warn(rules, asked, question)
    key = question.key()
    with progress_bars(quiet=question.quiet) as hear:
        if question.state is None:
            report = nightly.scan(asked, rules, key, hear)
        else:
            group = group_of(asked.settings.state.group)
            watched = watch.Watched(question.state, time.monotonic, group, question.compare, files)
            report = watch.scan(asked, rules, key, hear, watched)
    folder.write_folder(report, question.out, asked.now, each_night=question.state is not None)
    if question.json:
        sys.stdout.write(as_json(report))
    else:
        terminal.show(report, Console(soft_wrap=False, highlight=False))
    if not question.quiet:
        sys.stderr.write(_("report written to {out}").format(out=question.out) + "\n")
    return report


def _ruled(question: Question, asked: nightly.Scan) -> tuple[RuleSet, nightly.Scan, bytes]:
    """Load rules and overlays; gives their files too.

    Broken ones are refused. A state goes on with the last that could be used, says so first, and is degraded.
    """
    try:
        rules, overlays = _loaded(question.rules, question.regions)
    except RuleErrors as error:
        last = accepted_rules(question.state) if question.state and not question.compare else None
        if last is None:
            raise
        text = _("the rules are broken, those of the last run are used: {fault}")
        told = text.format(fault=error.faults[0])
        sys.stderr.write(f"tocsin: {told}\n" + "".join(f"{fault}\n" for fault in error.faults[1:]))
        with TemporaryDirectory() as folder:
            rules, overlays = _loaded(*unpacked(last, Path(folder)))
        return rules, replace(asked, overlays=overlays, troubles=(told,)), last
    return rules, replace(asked, overlays=overlays), packed(question.rules, question.regions)


def _loaded(paths: Sequence[Path], regions: Path | None) -> tuple[RuleSet, Overlays]:
    return load_rules_and_overlays(list(paths) or [shipped()], [shipped()], regions)


def _warn(rules: RuleSet, asked: nightly.Scan, question: Question) -> None:
    """Say that rules and overlays are warned of, and which caps go unheard: on stderr, also where all else is quiet."""
    count = len((*rules.warnings, *asked.overlays.warnings))
    if count:
        regions = ["--regions", str(question.regions)] if question.regions else []
        command = shlex.join(["tocsin", "rules", "check", *map(str, question.rules), *regions])
        text = ngettext("{count} warning about the rules", "{count} warnings about the rules", count)
        sys.stderr.write(text.format(count=count) + _(", told by `{command}`").format(command=command) + "\n")
    for warning in caps_without_effect(asked.overlays, asked.settings.families.caps):
        sys.stderr.write(f"{warning}\n")


def exit_code(report: Report) -> int:
    """Translate a report to the contract: 1 suspects, 3 nothing found on a degraded night, 0 calm."""
    if report.suspects:
        return 1
    return 3 if report.degraded else 0


@contextmanager
def progress_bars(*, quiet: bool) -> Iterator[nightly.Progress]:
    """Show a bar a step on stderr, only where a person watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _step, _done, _total: None
        return
    bars = Progress(
        TextColumn("{task.description:>10}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
    tasks: dict[str, int] = {}

    def hear(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=max(total, 1))
        bars.update(tasks[step], completed=done, total=max(total, 1))  # type: ignore[arg-type]

    with bars:
        yield hear
