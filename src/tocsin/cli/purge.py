"""`tocsin purge`: forget what is older than an age."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("purge")(purge)


def purge(
    state: Annotated[Path, typer.Option(help="Folder that remembers the nights.")],
    older_than: Annotated[str, typer.Option(help="Age in days, as 365d; at least 90d.")],
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only say what is held for cases.")] = False,
) -> None:
    """Delete every night older than this from the state, at once and for good. Needs no key. Exit 0.

    What open and confirmed cases hold stays, and is said. Reports in other folders are not touched.
    """
    from tocsin.cases.desk import desk
    from tocsin.cases.holding import held_by, outlived
    from tocsin.cli.asked import days, moment, settings_of
    from tocsin.report.plain import size
    from tocsin.store.state import changing
    from tocsin.watch.purge import first_kept, purge
    from tocsin.words import _

    at = moment(now)
    before = first_kept(at.date(), days("--older-than", older_than))
    with changing(state) as opened:
        known = desk(opened, settings_of(config).alerting.case_nights)
        held = held_by(known.cases)
        gone = purge(opened, before, at, held, outlived(known.cases, known.entries, before))
    text = _(
        "Gone, all before {before}: {nights} nights, {logs} logs, {accounts:,} accounts,"
        " {marks:,} marks of people read or places used, {answers} answers to closed cases; {size}."
    )
    told = text.format(
        before=gone.before,
        nights=gone.nights,
        logs=gone.logs,
        accounts=gone.accounts,
        marks=gone.marks,
        answers=gone.answers,
        size=size(gone.bytes),
    )
    if not quiet:
        typer.echo(told)
    if gone.held:
        nights = ", ".join(f"{night} ({' '.join(held[night])})" for night in gone.held)
        typer.echo(_("Held for open or confirmed cases: {nights}.").format(nights=nights))
    if not quiet:
        typer.echo(_("Whoever was reading the state meanwhile may have to ask again."), err=True)
