"""`tocsin investigate`: one account's story."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


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
    from functools import cache

    from rich.console import Console

    from tocsin.cases.desk import desk
    from tocsin.cli.run import Question, progress_bars
    from tocsin.errors import SettingsError
    from tocsin.inquiry import investigate as inquire
    from tocsin.nightly import Scan
    from tocsin.report import dossier
    from tocsin.report.folder import write_file
    from tocsin.rules.overlay import Overlays, load_rules_and_overlays
    from tocsin.rules.pack import shipped
    from tocsin.store.state import reading
    from tocsin.watch.story import story_of

    question = Question(
        logs=logs or [],
        rules=rules or [],
        out=Path(),
        json=json_,
        config=config,
        key_file=key_file,
        lang="en",
        now=now,
        quiet=quiet,
        regions=regions,
    )
    loaded = cache(lambda: load_rules_and_overlays(question.rules or [shipped()], [shipped()], regions))
    asked = Scan(
        logs=logs or [],
        now=question.moment(),
        with_model=not no_model,
        format_name=format_,
        account_from=account_from,
        settings=question.settings(),
        overlays=loaded()[1] if regions else Overlays(),
    )
    when = night.date() if night else None
    if bool(logs) == (state is not None):
        raise SettingsError("give logs or a state", hint="name logs after the account, or a folder with --state DIR")
    if state is not None:
        story = story_of(
            account, asked, lambda: loaded()[0], desk(reading(state), asked.settings.alerting.case_nights), when
        )
    else:
        with progress_bars(quiet=quiet) as hear:
            story = inquire(account, asked, loaded()[0], question.key(), hear, when)
    if html:
        write_file(html, dossier.as_html(story))
    if json_:
        sys.stdout.write(json.dumps(dossier.as_dict(story), ensure_ascii=True, indent=1) + "\n")
    else:
        dossier.show(story, Console(soft_wrap=False, highlight=False))
