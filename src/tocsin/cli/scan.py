"""`tocsin scan`: the nightly job."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

Logs = Annotated[
    list[str], typer.Argument(metavar="LOG...", help="Log files, folders, globs, or - for standard input.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("scan")(scan)


def scan(
    logs: Logs,
    format_: Annotated[
        str | None, typer.Option("--format", help="Format of the logs; detected per file without it.")
    ] = None,
    rules: Annotated[list[Path] | None, typer.Option(help="Rule file or folder, instead of the shipped pack.")] = None,
    regions: Annotated[Path | None, typer.Option(help="Folder of overlays, what regions set of the rules.")] = None,
    region: Annotated[str | None, typer.Option(help="List only the suspects of this region.")] = None,
    state: Annotated[
        Path | None, typer.Option(help="Folder that remembers the nights; made when missing. Reads only new logs.")
    ] = None,
    compare: Annotated[
        bool, typer.Option("--compare", help="With --state: say who is gained and lost, and change nothing.")
    ] = False,
    directory: Annotated[
        Path | None, typer.Option(help="CSV of accounts, or the open directory of professionals: who holds a login.")
    ] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First night to judge.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last night to judge.")] = None,
    all_nights: Annotated[
        bool, typer.Option("--all-nights", help="Judge every complete night, not only the last.")
    ] = False,
    budget: Annotated[int | None, typer.Option(help="Places of a night's list (a ceiling, not a quota).")] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Leave the outlier model out.")] = False,
    account_from: Annotated[str | None, typer.Option(help="`ip` where the log names no account.")] = None,
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("tocsin-report"),
    json_: Annotated[bool, typer.Option("--json", help="Print report.json instead of the table.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="Key for the tokens; without it a key is made and thrown away.")
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of the messages: en or fr.")] = "en",
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Judge the last complete night of the logs and name the suspects.

    Exit 0 calm, 1 suspects, 2 refused, 3 nothing found on a degraded night.
    """
    from tocsin.cli.run import Question, exit_code, run
    from tocsin.errors import SettingsError
    from tocsin.nightly import Scan

    if account_from not in {None, "ip"}:
        raise SettingsError(
            f"--account-from {account_from!r} is not known", hint="ip takes the address for the account"
        )
    if compare and state is None:
        raise SettingsError("--compare compares with a state", hint="name it with --state DIR")
    question = Question(
        logs=logs,
        rules=rules or [],
        out=out,
        json=json_,
        config=config,
        key_file=key_file,
        lang=lang,
        now=now,
        quiet=quiet,
        regions=regions,
        state=state,
        compare=compare,
    )
    asked = Scan(
        logs=logs,
        now=question.moment(),
        since=_day(since),
        until=_day(until),
        all_nights=all_nights,
        budget=budget,
        with_model=not no_model,
        format_name=format_,
        account_from=account_from,
        settings=question.settings(),
        region=region,
        directory=directory,
    )
    raise typer.Exit(exit_code(run(question, asked)))


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
