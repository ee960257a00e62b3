"""`tocsin journal`: what was run, revealed and decided, by whom; and whether it is what was written."""

from pathlib import Path
from typing import Annotated

import typer

State = Annotated[Path, typer.Option(help="Folder that remembers the nights.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        no_args_is_help=True, rich_markup_mode=None, help="What was run, revealed and decided, and by whom."
    )
    group.command("verify")(verify)
    group.command("show")(show)
    app.add_typer(group, name="journal")


def verify(state: State) -> None:
    """Follow the chain of entries and compare it with what the run records know. Exit 0 intact, 2 broken."""
    from tocsin.errors import Place, StoreError
    from tocsin.store import journal
    from tocsin.store.state import reading
    from tocsin.watch.standing import known_heads
    from tocsin.words import _

    opened = reading(state)
    path = state / journal.NAME
    breaks = journal.verify(opened.files, known_heads(opened))
    if breaks:
        faults = [StoreError(found.what, place=Place(str(path), found.line)) for found in breaks]
        raise StoreError("\n".join(map(str, faults)), hint=_("compare it with a backup of the state"))
    head = journal.head_of(opened.files)
    typer.echo(_("intact: {n} entries, the newest is {hash}").format(n=head.entries, hash=head.hash))
    if journal.is_torn(opened.files):
        typer.echo(_("the last line was cut short by a kill; it never counted"), err=True)


def show(
    state: State, json_: Annotated[bool, typer.Option("--json", help="Print the entries as NDJSON.")] = False
) -> None:
    """Print the entries in order: when, who, what. Exit 0."""
    import json

    from tocsin.report.plain import plain
    from tocsin.store import journal
    from tocsin.store.state import reading

    for entry in journal.entries(reading(state).files):
        if json_:
            typer.echo(json.dumps(entry, ensure_ascii=True))
            continue
        chained = {"number", "at", "user", "what", "previous"}
        details = ", ".join(f"{name} {_said(value)}" for name, value in entry.items() if name not in chained)
        told = f"{entry['number']:>5}  {entry['at']}  {entry['user']}  {entry['what']}  {details}"
        typer.echo(plain(told, 1_000).rstrip())


def _said(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
