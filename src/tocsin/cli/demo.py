"""`tocsin demo`: the newcomer's first run, over the sample logs."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("tocsin-report"),
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Scan the sample logs, which hide an attack, and say how to go on. Exit 0."""
    from datetime import UTC, datetime

    from tocsin.cli.run import Question, run
    from tocsin.nightly import Scan
    from tocsin.shipped import shipped

    logs = [str(shipped("sample_logs") / "logs")]
    question = Question(
        logs=logs, rules=[], out=out, json=False, config=None, key_file=None, lang="en", now=None, quiet=quiet
    )
    run(question, Scan(logs=logs, now=datetime.now(UTC), settings=question.settings()))
    typer.echo("These logs are invented; sample_logs/README.md says how, sample_logs/truth names the stolen accounts.")
    typer.echo(f"Details: {out}/report.html. The same on your own logs: tocsin scan LOG...")
