"""`tocsin simulate`: logs of a portal that does not exist, with attacks whose truth is known."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tocsin.words import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="simulate")(simulate)


def simulate(
    out: Annotated[Path, typer.Option("--out", help=_("Folder for logs/ and truth/; new or empty."))],
    accounts: Annotated[int, typer.Option(help=_("Accounts of the portal."))] = 2_000,
    nights: Annotated[int, typer.Option(help=_("Nights to write."))] = 30,
    start: Annotated[str, typer.Option(help=_("First night, as YYYY-MM-DD."))] = "2026-03-02",
    seed: Annotated[int, typer.Option(help=_("The same seed gives the same bytes."))] = 1,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help=_("An attack, as NAME[:accounts[@first-last]][,knob=value]...; repeatable. Nights count from 1.")
        ),
    ] = None,
    log_format: Annotated[
        str, typer.Option("--format", help=_("native, native-ndjson, amelipro or combined."))
    ] = "native",
    compress: Annotated[str | None, typer.Option(help=_("gz or zst; plain files otherwise."))] = None,
    without: Annotated[
        str | None, typer.Option(help=_("Columns that this portal does not log, as in profession,session."))
    ] = None,
    departments: Annotated[str | None, typer.Option(help=_("Only accounts of these, as in 22,29,35,56."))] = None,
    calm: Annotated[bool, typer.Option("--calm", help=_("No attack at all, only look-alikes."))] = False,
    sample: Annotated[
        bool, typer.Option("--sample", help=_("The sample logs of this repository; other options do not count."))
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help=_("No progress."))] = False,
) -> None:
    """Write logs by night with labelled attacks and benign look-alikes, and the truth beside them."""
    from tocsin.simulate import Dress, Simulation, request
    from tocsin.simulate import simulate as write

    wanted = Simulation(
        accounts=request.at_least_one("--accounts", accounts),
        nights=request.at_least_one("--nights", nights),
        start=request.first_night(start),
        seed=request.seed_number(seed),
        attacks=request.attacks(scenario or [], calm=calm),
        dress=(Dress(request.format_name(log_format), request.compression(compress)),),
        without=request.left_out(without),
        departments=request.department_codes(departments),
    )
    if sample:
        from tocsin.simulate.sample import sample as sample_logs

        wanted = sample_logs()
    folder = request.empty_folder(out)
    made = write(wanted, folder, None if quiet else _progress(wanted.nights))
    typer.echo(
        _("{events} events of {nights} nights in {logs}, {attack} of them attacks; truth in {truth}").format(
            events=made.events,
            nights=wanted.nights,
            logs=folder / "logs",
            attack=made.attack_events,
            truth=folder / "truth",
        ),
        err=True,
    )


def _progress(nights: int) -> Callable[[int], None] | None:
    """Count the nights on a terminal, and stay silent in a pipe."""
    if not sys.stderr.isatty():
        return None

    def show(done: int) -> None:
        end = "\n" if done == nights else ""
        sys.stderr.write("\r" + _("night {done} of {nights}").format(done=done, nights=nights) + end)
        sys.stderr.flush()

    return show
