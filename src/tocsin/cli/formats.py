"""`tocsin formats`: which logs are understood, why a file is taken for what, and how a new one is described."""

from typing import Annotated

import typer

from tocsin.cli import drafting


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Which logs are understood, why a file is taken for what, and how to describe a new one.",
        no_args_is_help=True,
    )
    group.command("list")(list_formats)
    group.command("detect")(detect_formats)
    group.command("show")(show_format)
    group.command("draft")(drafting.draft_mapping)
    group.command("test")(drafting.try_mapping)
    app.add_typer(group, name="formats")


def list_formats() -> None:
    """Print the formats: name, title, what they give."""
    from tocsin.formats import FORMATS

    widest = max(len(known.name) for known in FORMATS)
    for known in FORMATS:
        typer.echo(f"{known.name:<{widest}}  {known.title}\n{'':<{widest}}  {known.gives}")
    typer.echo(f"{'FILE.yml':<{widest}}  a log of unknown make, described by you: `tocsin formats draft LOG` begins it")


def show_format(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A format, or a mapping file.")],
) -> None:
    """Print the columns that a format gives and where the log has them, and what it cannot say."""
    from tocsin.formats.detect import chosen

    known = chosen(name)
    typer.echo(f"{known.name}: {known.title}")
    widest = max(map(len, known.gives.fields), default=0)
    for column, said in known.gives.fields.items():
        typer.echo(f"  {column:<{widest}}  {said.replace('`', '')}")
    if known.gives.lacks:
        typer.echo(f"it cannot say: {known.gives.lacks}")


def detect_formats(
    files: Annotated[list[str], typer.Argument(metavar="LOG...", help="Files, folders, globs, or - for stdin.")],
) -> None:
    """Say for each file which format it is taken for, how sure (0 to 100) and why. Exit 2 if one is in none."""
    from tocsin.formats.base import Head
    from tocsin.formats.detect import detect
    from tocsin.formats.inputs import expand
    from tocsin.formats.lines import Source

    strays = 0
    listing = expand(files)
    for left_out in listing.skipped:
        typer.echo(f"{left_out.path}: skipped: {left_out.why}")
    for found in listing.files:
        with Source(found.path, found.open()) as source:
            guess = detect(Head(source.head()))
        name = guess.format.name if guess.format else "empty" if guess.blank else "unknown"
        strays += name == "unknown"
        typer.echo(f"{found.path}: {name} ({guess.likeness.score}): {guess.likeness.why}")
    if strays:
        typer.echo("to read a log of unknown make, describe it: tocsin formats draft LOG", err=True)
        raise typer.Exit(2)
