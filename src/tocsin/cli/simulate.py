"""`tocsin simulate`: logs of a portal that does not exist, with attacks whose truth is known."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tocsin.words import _

Out = Annotated[Path, typer.Option("--out", help=_("Folder for logs/ and truth/; new or empty."))]
Accounts = Annotated[int, typer.Option(help=_("Accounts of the portal."))]
Nights = Annotated[int, typer.Option(help=_("Nights to write."))]
Start = Annotated[str, typer.Option(help=_("First night, as YYYY-MM-DD."))]
Seed = Annotated[int, typer.Option(help=_("The same seed gives the same bytes."))]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        help=_(
            "An attack, as NAME[:accounts[@first-last]][,knob=value]...; repeatable; nights count from 1. "
            "A blitz on the last three nights if none is named."
        ),
    ),
]
Format = Annotated[str, typer.Option("--format", help=_("native, native-ndjson, amelipro or combined."))]
Compress = Annotated[str | None, typer.Option(help=_("gz or zst; plain files otherwise."))]
Without = Annotated[
    str | None, typer.Option(help=_("Columns that this portal does not log, as in profession,session."))
]
Besides = Annotated[
    str | None, typer.Option("--with", help=_("What this portal has and others have not, as in country,delegation."))
]
Departments = Annotated[str | None, typer.Option(help=_("Only accounts of these, as in 22,29,35,56."))]
Calm = Annotated[bool, typer.Option("--calm", help=_("No attack at all, only innocent look-alikes."))]
Sample = Annotated[bool, typer.Option("--sample", help=_("The repository's sample logs; other options do not count."))]
Quiet = Annotated[bool, typer.Option("--quiet", help=_("No progress."))]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="simulate")(simulate)


def simulate(
    out: Out,
    accounts: Accounts = 2_000,
    nights: Nights = 30,
    start: Start = "2026-03-02",
    seed: Seed = 1,
    scenario: Scenarios = None,
    log_format: Format = "native",
    compress: Compress = None,
    without: Without = None,
    besides: Besides = None,
    departments: Departments = None,
    calm: Calm = False,
    sample: Sample = False,
    quiet: Quiet = False,
) -> None:
    """Write logs by night with labelled attacks and benign look-alikes, and the truth beside them."""
    from tocsin.simulate import Simulation, request
    from tocsin.simulate import simulate as write
    from tocsin.simulate.writers.publish import Dress

    wanted = Simulation(
        accounts=request.at_least_one("--accounts", accounts),
        nights=request.at_least_one("--nights", nights),
        start=request.first_night(start),
        seed=request.seed_number(seed),
        attacks=request.attacks(scenario or [], accounts, calm=calm),
        dress=(Dress(request.format_name(log_format), request.compression(compress)),),
        without=request.left_out(without),
        departments=request.department_codes(departments),
        besides=request.besides(besides, log_format),
    )
    if sample:
        from tocsin.simulate.sample import sample as sample_logs

        wanted = sample_logs()
    folder = request.empty_folder(out)
    made = write(wanted, folder, None if quiet else _progress(wanted.nights))
    said = _("{events} events of {nights} nights in {logs}, {attack} of them attacks; truth in {truth}")
    names = {"logs": folder / "logs", "truth": folder / "truth", "nights": wanted.nights}
    typer.echo(said.format(events=made.events, attack=made.attack_events, **names), err=True)


def _progress(nights: int) -> Callable[[int], None] | None:
    """Count the nights on a terminal, and stay silent in a pipe."""
    if not sys.stderr.isatty():
        return None

    def show(done: int) -> None:
        end = "\n" if done == nights else ""
        sys.stderr.write("\r" + _("night {done} of {nights}").format(done=done, nights=nights) + end)
        sys.stderr.flush()

    return show
