"""`tocsin who-read`: the accounts that read one person."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.typed import without_numbers

if TYPE_CHECKING:
    from polars import DataFrame

    from tocsin.cli.run import Question
    from tocsin.nightly import Scan

_TOKEN = re.compile(r"[0-9a-f]{32}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("who-read")(who_read)


def who_read(
    token: Annotated[str | None, typer.Argument(help="The person's token, of the same --key-file.")] = None,
    logs: Annotated[list[str] | None, typer.Option(help="Log file, folder or glob; repeatable.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder that remembers the nights, instead of logs.")] = None,
    patient_file: Annotated[
        Path | None, typer.Option(help="File that holds the raw identifier; - asks for it without showing it.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="Why the identifier is looked up; needed with it.", callback=without_numbers)
    ] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Format; detected per file without it.")] = None,
    account_from: Annotated[str | None, typer.Option(help="`ip` where the log names no account.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    key_file: Annotated[Path | None, typer.Option(help="The key that made the token.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
) -> None:
    """List the accounts that asked for a person: CSV on standard output. Exit 0.

    Every look-up, refused ones too, is noted: in the journal of the state, else in the user's own.
    """
    import sys

    from tocsin.cli.run import Question
    from tocsin.errors import TocsinError
    from tocsin.nightly import Scan
    from tocsin.report.cells import cells

    question = Question(
        logs=logs or [],
        rules=[],
        out=Path(),
        json=False,
        config=config,
        key_file=key_file,
        lang="en",
        now=now,
        quiet=True,
        state=state,
    )
    asked = Scan(
        logs=logs or [],
        now=question.moment(),
        format_name=format_,
        account_from=account_from,
        settings=question.settings(),
    )
    try:
        _check_place(logs, state)
        if token is not None:
            _check(token, patient_file, key_file, state)
        wanted, table = _found(token, patient_file, reason, question, asked)
    except TocsinError as error:
        _note("who-read refused", {"reason": reason, "why": error.message}, question, asked)
        raise
    folder = _note("who-read", {"patient": wanted, "reason": reason, "accounts": table.height}, question, asked)
    sys.stdout.write(cells(table).write_csv())
    typer.echo(f"noted in {folder}", err=True)
    if table.is_empty():
        typer.echo("nobody asked for this person in these logs", err=True)


def _found(
    token: str | None, patient_file: Path | None, reason: str | None, question: "Question", asked: "Scan"
) -> "tuple[str, DataFrame]":
    from tocsin.errors import SettingsError
    from tocsin.readers_of import readers_in, readers_of, token_of
    from tocsin.store.state import reading

    state = reading(question.state) if question.state else None
    if token is None:
        if patient_file is None:
            raise SettingsError("nobody is asked about", hint="give a token, or --patient-file FILE with --reason TEXT")
        if not (reason or "").strip():
            raise SettingsError("a raw identifier is looked up for a reason only", hint="give --reason TEXT")
        key = question.key()
        if state is not None and key.fingerprint != state.manifest.key:
            raise SettingsError("this is not the key of the state", hint="give the --key-file that it was made with")
        token = token_of(_identifier(patient_file), asked.settings.portal.patient_kind, key)
    if state is not None:
        return token, readers_in(token, state)
    return token, readers_of(token, asked, question.key())


def _note(what: str, details: "dict[str, object]", question: "Question", asked: "Scan") -> Path:
    """Note a look-up: in the state, else beside the user's key."""
    from tocsin.cli.standing_key import standing_path
    from tocsin.store import journal
    from tocsin.store.files import Files
    from tocsin.store.state import has_state

    folder = question.state if question.state and has_state(question.state) else standing_path().parent
    files = Files(folder)
    with files.named(folder):
        files.make_folder(folder)
    journal.append(files, what, {**details, "logs": list(question.logs)}, asked.now)
    return folder / journal.NAME


def _check_place(logs: list[str] | None, state: Path | None) -> None:
    from tocsin.errors import SettingsError

    if not logs and state is None:
        raise SettingsError("no logs are given", hint="name them with --logs PATH, or a state with --state DIR")
    if logs and state is not None:
        raise SettingsError("both logs and a state are given", hint="give one")


def _check(token: str, patient_file: Path | None, key_file: Path | None, state: Path | None) -> None:
    """Refuse what is no token: an identifier on the command line stays in the shell's history."""
    from tocsin.errors import SettingsError

    if not _TOKEN.fullmatch(token):
        raise SettingsError(
            "this is no token of tocsin (32 digits and letters a to f)",
            hint="never write an identifier on the command line: use --patient-file FILE or --patient-file -",
        )
    if patient_file is not None:
        raise SettingsError("both a token and --patient-file are given", hint="give one")
    if key_file is None and state is None:
        raise SettingsError("a token means nothing without its key", hint="give the --key-file that it was made with")


def _identifier(path: Path) -> str:
    from getpass import getpass

    from tocsin.errors import SettingsError

    if str(path) == "-":
        return getpass("identifier (not shown): ")
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", hint="check --patient-file") from error
