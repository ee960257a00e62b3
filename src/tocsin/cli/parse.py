"""`tocsin parse`: logs as normalised events."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.results import InputRecord


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("parse")(parse)


def parse(
    logs: Annotated[list[str], typer.Argument(metavar="LOG...", help="Files, folders, globs, or - for stdin.")],
    out: Annotated[Path | None, typer.Option(help="File to write (.ndjson, .csv, .parquet); else stdout.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="File for what became no event, and why (NDJSON).")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after this many events.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Leave people's identifiers as the log has them.")] = False,
    format_: Annotated[str | None, typer.Option("--format", help="Format; detected per file without it.")] = None,
    account_from: Annotated[str | None, typer.Option(help="`ip` where the log names no account.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    key_file: Annotated[Path | None, typer.Option(help="Key for the tokens; else one that is thrown away.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No counts.")] = False,
) -> None:
    """Write logs as normalised events, people as tokens. Exit 0, also where lines were rejected (counts on stderr)."""
    from tocsin.cli.parsed import EventsFile, RejectsFile
    from tocsin.cli.run import Question
    from tocsin.enrich.address_database import AddressDatabases, placed
    from tocsin.intake import IntakeOptions, Ledger, take_in
    from tocsin.privacy.tokens import TokenKey

    question = Question(
        logs=logs, rules=[], out=Path(), json=False, config=config, key_file=key_file, lang="en", now=now, quiet=quiet
    )
    settings = question.settings()
    portal = settings.portal
    options = IntakeOptions(
        zone=portal.zone,
        now=question.moment(),
        format_name=format_,
        patient_kind=portal.patient_kind,
        urls=settings.urls,
        account_from=account_from,
        network=settings.network,
    )
    key = TokenKey.load(key_file) if key_file else TokenKey.throwaway()
    databases = AddressDatabases(settings.network.databases)
    with databases, EventsFile(out, private=raw) as events, RejectsFile(rejects) as refused:
        ledger = Ledger(each_rejects=refused.add)
        frames = take_in(logs, options, key, ledger, raw=raw)
        events.write((placed(frame, databases) for frame in frames), limit)
    if not quiet:
        for record in ledger.records():
            typer.echo(counts_of(record), err=True)


def counts_of(record: "InputRecord") -> str:
    """Say in one line what became of an input."""
    counts = f"{record.lines} lines = {record.events} events + {record.rejected} rejected + {record.ignored} ignored"
    twins = f" + {record.duplicates} duplicates" if record.duplicates else ""
    notes = "".join(f"; {note}" for note in record.notes)
    return f"{record.path}: {record.format}, {counts}{twins}{notes}"
