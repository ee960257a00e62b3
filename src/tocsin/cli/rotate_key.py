"""`tocsin rotate-key`: a new key for a state, from the logs that it holds."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rotate-key")(rotate_key)


def rotate_key(
    state: Annotated[Path, typer.Option(help="Folder that remembers the nights.")],
    logs: Annotated[list[str], typer.Option(help="Logs that the state holds: file, folder or glob; repeatable.")],
    new_key_file: Annotated[
        Path | None, typer.Option(help="New file for the new key; without it one beside the user's own key.")
    ] = None,
    format_: Annotated[str | None, typer.Option("--format", help="As in the nightly scan.")] = None,
    account_from: Annotated[str | None, typer.Option(help="As in the nightly scan.")] = None,
    rules: Annotated[list[Path] | None, typer.Option(help="As in the nightly scan.")] = None,
    regions: Annotated[Path | None, typer.Option(help="As in the nightly scan.")] = None,
    budget: Annotated[int | None, typer.Option(help="As in the nightly scan.")] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="As in the nightly scan.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml), as in the nightly scan.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Make every token of a state anew, with a new key, from the very logs that the state was made of.

    Swapped whole at the end; the old tokens are deleted then. The lists of past nights stay as they were. Exit 0.
    """
    from tocsin.cli.asked import moment, settings_of
    from tocsin.cli.run import progress_bars
    from tocsin.cli.standing_key import path_by_fingerprint
    from tocsin.nightly import Scan
    from tocsin.privacy.tokens import TokenKey
    from tocsin.rules.overlay import load_rules_and_overlays
    from tocsin.rules.pack import shipped
    from tocsin.store.state import changing
    from tocsin.watch.rotate import rotate
    from tocsin.words import _

    loaded, overlays = load_rules_and_overlays(rules or [shipped()], [shipped()], regions)
    asked = Scan(
        logs=logs,
        now=moment(now),
        budget=budget,
        with_model=not no_model,
        format_name=format_,
        account_from=account_from,
        settings=settings_of(config),
        overlays=overlays,
    )
    key = TokenKey.throwaway()
    path = new_key_file or path_by_fingerprint(key.fingerprint)
    key.check_place(path)
    with changing(state) as opened, progress_bars(quiet=quiet) as hear:
        done = rotate(asked, loaded, key, hear, opened, lambda: key.write(path))
    text = _("{nights} nights of {logs} logs have new tokens; the new key is {path}, fingerprint {fingerprint}")
    typer.echo(text.format(nights=done.nights, logs=done.logs, path=path, fingerprint=key.fingerprint))
    if done.carried:
        text = _("{n} older nights, whose logs the state no longer holds, keep only their lists")
        typer.echo(text.format(n=done.carried))
    if done.different:
        nights = ", ".join(night.isoformat() for night in done.different)
        text = _(
            "read again, the logs would name others on {nights} (late logs, older rules): the lists stay as they were"
        )
        typer.echo(text.format(nights=nights))
    if new_key_file:
        typer.echo(_("give --key-file {path} from now on").format(path=path), err=True)
    typer.echo(_("keep a copy of the new key apart; destroy the old one when no report needs it any more"), err=True)
