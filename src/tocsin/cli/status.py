"""`tocsin status`: how a watch stands, for people and for monitoring."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    state: Annotated[Path, typer.Option(help="Folder that remembers the nights.")],
    json_: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml): how long the state keeps.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
) -> None:
    """Tell the last nights, gaps, last run, false alerts, disk and journal of a state. Needs no key. Exit 0."""
    import shutil
    import sys
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from tocsin.cli.asked import moment, settings_of
    from tocsin.report import status as page
    from tocsin.watch.standing import standing

    settings = settings_of(config)
    today = moment(now).astimezone(ZoneInfo(settings.portal.zone)).date()
    told = standing(state, today, settings, shutil.disk_usage(state if state.is_dir() else "/").free)
    if json_:
        sys.stdout.write(page.as_json(told))
    else:
        page.show(told, Console(soft_wrap=False, highlight=False))
