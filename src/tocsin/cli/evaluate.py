"""`tocsin evaluate`: what a report found of attacks whose truth is known."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tocsin.words import _


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="evaluate")(evaluate)


def evaluate(
    report: Annotated[
        Path, typer.Argument(metavar="REPORT", help=_("report.json, its folder, or a folder of such folders by night."))
    ],
    truth: Annotated[Path, typer.Option(help=_("Folder `truth` that `tocsin simulate` wrote beside the logs."))],
    exposed: Annotated[
        Path | None, typer.Option(help=_("CSV of `tocsin exposure`, to compare with the people really read."))
    ] = None,
    key_file: Annotated[Path | None, typer.Option(help=_("Key of the tokens in that CSV."))] = None,
    json_: Annotated[bool, typer.Option("--json", help=_("Print JSON instead of text."))] = False,
) -> None:
    """Score a report: accounts found by scenario, nights to the alert, people read before, false names."""
    from tocsin.evaluate import listed, read_report, read_truth, score
    from tocsin.evaluate.words import as_dict, as_text
    from tocsin.privacy.tokens import TokenKey

    real = read_truth(truth)
    measured = score(read_report(report), real)
    key = TokenKey.load(key_file) if key_file else None
    people = listed(exposed, real, key) if exposed else None
    if json_:
        typer.echo(json.dumps(as_dict(measured, people), indent=1))
    else:
        typer.echo(as_text(measured, people), nl=False)
