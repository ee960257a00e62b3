"""`tocsin init`: a settings file, a key, a first look at the logs, and past nights judged once."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.nightly import Scan
    from tocsin.privacy.tokens import TokenKey
    from tocsin.results import Report

Logs = Annotated[list[str] | None, typer.Argument(metavar="[LOG...]", help="Logs to look at, or to learn from.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    logs: Logs = None,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Learn and judge the nights of LOG... once, as one list; needs --state.")
    ] = False,
    state: Annotated[Path | None, typer.Option(help="New folder that will remember the nights.")] = None,
    config: Annotated[Path, typer.Option(help="Settings file to write; one that is there is kept and used.")] = Path(
        "tocsin.yml"
    ),
    key_file: Annotated[Path | None, typer.Option(help="Key for the tokens; made where it is missing.")] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Format; detected per file without it.")] = None,
    account_from: Annotated[str | None, typer.Option(help="`ip` where the log names no account.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the list of past nights as JSON.")] = False,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Write a commented tocsin.yml and a key, say what the logs can show, judge past nights. Exit 0.

    Overwrites nothing.
    """
    from rich.console import Console

    from tocsin.cli.asked import group_of, moment, settings_of
    from tocsin.nightly import Scan
    from tocsin.report import beginning
    from tocsin.watch.backfill import one_list
    from tocsin.watch.first_look import look

    settings = settings_of(config if config.exists() else None)
    group = group_of(settings.state.group)
    _check(logs, state, config, backfill=backfill)
    asked = Scan(logs=logs or [], now=moment(now), settings=settings, format_name=format_, account_from=account_from)
    console = Console(soft_wrap=False, highlight=False, stderr=json_)
    seen = look(asked) if logs else None
    with _undone_when_refused(state, group, asked):
        key = _key(key_file, state)
        report = _past(asked, key, state, group, quiet=quiet) if backfill and state else None
    _write_settings(config)
    if seen:
        beginning.show_look(seen, console)
    if report:
        rows = one_list(report.suspects)
        if json_:
            sys.stdout.write(beginning.past_as_json(report.nights, rows))
        else:
            beginning.show_past(report.nights, rows, console)


def _check(logs: list[str] | None, state: Path | None, config: Path, *, backfill: bool) -> None:
    """Refuse before anything is read or written."""
    from tocsin.errors import SettingsError, StoreError
    from tocsin.store.state import has_state
    from tocsin.words import _

    if backfill and not (logs and state):
        raise SettingsError(_("--backfill needs logs and a state"), hint=_("tocsin init --backfill LOG... --state DIR"))
    if state and has_state(state):
        raise StoreError(
            _("{state} holds a state already").format(state=state),
            hint=_("`tocsin scan LOG... --state` goes on with it"),
        )
    if not config.parent.is_dir():
        raise SettingsError(
            _("there is no folder {folder} for the settings").format(folder=config.parent), hint=_("make it first")
        )


@contextmanager
def _undone_when_refused(state: Path | None, group: int | None, asked: "Scan") -> Iterator[None]:
    """Make the state's folder and note its beginning; take the folder away again where nothing comes of it."""
    from tocsin.errors import TocsinError
    from tocsin.store import journal
    from tocsin.store.files import Files

    if state is None:
        yield
        return
    was_there = state.exists()
    files = Files(state, group)
    with files.named(state):
        files.make_folder(state)
    try:
        yield
    except TocsinError:
        if not was_there:
            shutil.rmtree(state)
        raise
    journal.append(files, "init", {"logs": len(asked.logs)}, asked.now)


def _key(key_file: Path | None, state: Path | None) -> "TokenKey":
    from tocsin.cli.standing_key import standing_key
    from tocsin.privacy.tokens import TokenKey
    from tocsin.words import _

    if key_file is None:
        return standing_key(state or Path())
    if key_file.exists():
        return TokenKey.load(key_file)
    key = TokenKey.create(key_file)
    sys.stderr.write(
        _("a new key was written to {path}; keep a copy apart from the state").format(path=key_file) + "\n"
    )
    return key


def _past(asked: "Scan", key: "TokenKey", state: Path, group: int | None, *, quiet: bool) -> "Report":
    from tocsin import watch
    from tocsin.cli.run import progress_bars
    from tocsin.rules.load import load_rules
    from tocsin.rules.pack import shipped

    rules = load_rules([shipped()], [shipped()])
    with progress_bars(quiet=quiet) as hear:
        return watch.scan(
            replace(asked, all_nights=True), rules, key, hear, watch.Watched(state, time.monotonic, group)
        )


def _write_settings(config: Path) -> None:
    from tocsin.errors import SettingsError
    from tocsin.settings_page import as_yaml
    from tocsin.words import _

    if config.exists():
        typer.echo(_("{path} is there already: kept and used as it is").format(path=config), err=True)
        return
    try:
        with config.open("x", encoding="utf-8") as file:
            file.write(as_yaml())
    except OSError as error:
        raise SettingsError(
            _("{path} cannot be written: {why}").format(path=config, why=error.strerror),
            hint=_("choose another place with --config"),
        ) from error
    typer.echo(_("settings written to {path}: look at the zone and the holidays").format(path=config), err=True)
