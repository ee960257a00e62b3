"""`tocsin cases`: what is before the analysts."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("cases")(cases)


def cases(
    case: Annotated[str | None, typer.Argument(help="One case, or the account whose newest case is meant.")] = None,
    state: Annotated[Path, typer.Option(help="Folder that remembers the nights.")] = ...,  # type: ignore[assignment]
    status: Annotated[list[str] | None, typer.Option(help="Only cases of this status; repeatable.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Only cases of this campaign.")] = None,
    format_: Annotated[str, typer.Option("--format", help="text, csv or json.")] = "text",
    json_: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
) -> None:
    """List the cases of a state, the newest first, or tell one. Needs no key. Exit 0."""
    import sys

    from rich.console import Console

    from tocsin.cases.case import STATUSES
    from tocsin.cases.desk import desk, open_cases
    from tocsin.cli.asked import choice, moment, settings_of
    from tocsin.report import cases as page
    from tocsin.store.state import reading

    at = moment(now)
    format_ = "json" if json_ else choice("--format", format_, ("text", "csv", "json"))
    for one in status or []:
        choice("--status", one, STATUSES)
    opened = desk(reading(state), settings_of(config).alerting.case_nights)
    found = opened.campaign(campaign) if campaign else list(opened.cases)
    found = [opened.case(case)] if case else open_cases(found, status or [])
    if format_ == "json":
        sys.stdout.write(page.as_json(found))
    elif format_ == "csv":
        sys.stdout.write(page.as_csv(found))
    elif case:
        page.show_one(found[0], at, Console(soft_wrap=False, highlight=False))
    else:
        page.show(found, at, Console(soft_wrap=False, highlight=False))
