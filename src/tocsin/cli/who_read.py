"""`tocsin who-read`: the accounts that read one person."""

import re
from pathlib import Path
from typing import Annotated

import typer

_TOKEN = re.compile(r"[0-9a-f]{32}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("who-read")(who_read)


def who_read(
    token: Annotated[str | None, typer.Argument(help="The person's token, of the same --key-file.")] = None,
    logs: Annotated[list[str] | None, typer.Option(help="Log file, folder or glob; repeatable.")] = None,
    patient_file: Annotated[
        Path | None, typer.Option(help="File that holds the raw identifier; - asks for it without showing it.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why the identifier is looked up; needed with it.")] = None,
    format_: Annotated[str | None, typer.Option("--format", help="Format; detected per file without it.")] = None,
    account_from: Annotated[str | None, typer.Option(help="`ip` where the log names no account.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    key_file: Annotated[Path | None, typer.Option(help="The key that made the token.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
) -> None:
    """List the accounts that asked for a person: CSV on standard output. Exit 0."""
    import sys

    from tocsin.cli.run import Question
    from tocsin.errors import SettingsError
    from tocsin.nightly import Scan
    from tocsin.readers_of import readers_of, token_of

    if not logs:
        raise SettingsError("no logs are given", hint="name them with --logs PATH")
    question = Question(
        logs=logs, rules=[], out=Path(), json=False, config=config, key_file=key_file, lang="en", now=now, quiet=True
    )
    settings = question.settings()
    key = question.key()
    if token is not None:
        _check(token, patient_file, key_file)
    elif patient_file is None:
        raise SettingsError("nobody is asked about", hint="give a token, or --patient-file FILE with --reason TEXT")
    elif not (reason or "").strip():
        raise SettingsError("a raw identifier is looked up for a reason only", hint="give --reason TEXT")
    wanted = token or token_of(_identifier(patient_file or Path("-")), settings.portal.patient_kind, key)
    asked = Scan(
        logs=logs, now=question.moment(), format_name=format_, account_from=account_from, settings=settings
    )  # fmt: skip
    table = readers_of(wanted, asked, key)
    sys.stdout.write(table.write_csv())
    if table.is_empty():
        typer.echo("nobody asked for this person in these logs", err=True)


def _check(token: str, patient_file: Path | None, key_file: Path | None) -> None:
    """Refuse what is no token: an identifier on the command line stays in the shell's history."""
    from tocsin.errors import SettingsError

    if not _TOKEN.fullmatch(token):
        raise SettingsError(
            "this is no token of tocsin (32 digits and letters a to f)",
            hint="never write an identifier on the command line: use --patient-file FILE or --patient-file -",
        )
    if patient_file is not None:
        raise SettingsError("both a token and --patient-file are given", hint="give one")
    if key_file is None:
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
