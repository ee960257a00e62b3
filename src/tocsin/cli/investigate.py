"""`tocsin investigate`: one account's story."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.nightly import Scan
    from tocsin.results import Night
    from tocsin.rules.rule import RuleSet
    from tocsin.verdict.dossier import Dossier


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("investigate")(investigate)


def investigate(
    account: Annotated[str, typer.Argument(help="The account, as the logs write it; or a case of a state.")],
    logs: Annotated[
        list[str] | None, typer.Argument(metavar="[LOG...]", help="Log files, folders, globs, or -.")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="Folder that remembers the nights, instead of logs.")] = None,
    night: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The night; else the last on which the account was named, or active."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the story as a page too.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
    format_: Annotated[str | None, typer.Option("--format", help="Format; detected per file without it.")] = None,
    rules: Annotated[list[Path] | None, typer.Option(help="Rule file or folder, instead of the shipped pack.")] = None,
    regions: Annotated[Path | None, typer.Option(help="Folder of overlays, what regions set of the rules.")] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Leave the outlier model out, as in the scan.")] = False,
    account_from: Annotated[str | None, typer.Option(help="`ip` where the log names no account.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Key for the tokens; else one that is thrown away.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Tell what an account did: whose sessions, what is usual, who was exposed, who is related. Exit 0.

    From a state it takes seconds, and needs no key.
    """
    import json

    from rich.console import Console

    from tocsin.errors import SettingsError
    from tocsin.report import dossier

    if bool(logs) == (state is not None):
        raise SettingsError("give logs or a state", hint="name logs after the account, or a folder with --state DIR")
    question = Asked(account, logs or [], rules or [], regions, no_model, format_, account_from, config, now)
    when = night.date() if night else None
    if state is not None:
        story = _from_state(question, state, when)
    else:
        story = _from_logs(question, key_file, when, quiet=quiet)
    if html:
        from tocsin.report.dossier_page import as_html
        from tocsin.report.files import write_file

        write_file(html, as_html(story))
    if json_:
        sys.stdout.write(json.dumps(dossier.as_dict(story), ensure_ascii=True, indent=1) + "\n")
    else:
        dossier.show(story, Console(soft_wrap=False, highlight=False))


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked about, and what a scan of the same logs would be told."""

    account: str
    logs: Sequence[str]
    rules: Sequence[Path]
    regions: Path | None
    no_model: bool
    format_name: str | None
    account_from: str | None
    config: Path | None
    now: str | None

    def scan(self) -> "tuple[Scan, RuleSet]":
        """Give the scan with its overlays, and its rules: to load them takes longer than a story from a state."""
        from tocsin.cli.asked import moment, settings_of
        from tocsin.nightly import Scan
        from tocsin.rules.overlay import Overlays, load_rules_and_overlays
        from tocsin.rules.pack import shipped

        rules, overlays = load_rules_and_overlays(list(self.rules) or [shipped()], [shipped()], self.regions)
        scan = Scan(
            logs=self.logs,
            now=moment(self.now),
            with_model=not self.no_model,
            format_name=self.format_name,
            account_from=self.account_from,
            settings=settings_of(self.config),
            overlays=overlays if self.regions else Overlays(),
        )
        return scan, rules


def _from_state(asked: Asked, state: Path, night: date | None) -> "Dossier":
    from tocsin.cases.desk import desk
    from tocsin.cases.story import story_of
    from tocsin.cli.asked import settings_of
    from tocsin.store.state import reading

    settings = settings_of(asked.config)
    opened = desk(reading(state), settings.alerting.case_nights)

    def judge_again(night: date, account: str) -> "Night":
        from tocsin.watch.again import judged_again

        return judged_again(night, account, *asked.scan(), opened)

    return story_of(asked.account, opened, settings, judge_again, night)


def _from_logs(asked: Asked, key_file: Path | None, night: date | None, *, quiet: bool) -> "Dossier":
    from tocsin.cli.run import progress_bars
    from tocsin.cli.standing_key import key_of
    from tocsin.inquiry import investigate as inquire

    scan, rules = asked.scan()
    with progress_bars(quiet=quiet) as hear:
        return inquire(asked.account, scan, rules, key_of(key_file, None), hear, night)
