"""The command line: each command parses, calls one core function, renders, exits; heavy imports wait inside."""

import os
import sys
from collections.abc import Sequence
from types import TracebackType

import typer
from typer.main import get_command

from tocsin.cli import (
    cases,
    demo,
    evaluate,
    exposure,
    formats,
    init,
    investigate,
    journal,
    parse,
    purge,
    rotate_key,
    rules,
    scan,
    simulate,
    status,
    triage,
    tune,
    who_read,
)
from tocsin.cli.typed import without_numbers
from tocsin.errors import TocsinError
from tocsin.report.plain import plain

MOST_SHOWN = 4_000
"""Characters of a line of a refusal."""

app = typer.Typer(
    name="tocsin",
    help="Names the accounts that somebody else is using to read people's records in bulk.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

COMMANDS = (
    scan,
    init,
    investigate,
    exposure,
    cases,
    triage,
    who_read,
    status,
    purge,
    rotate_key,
    journal,
    parse,
    formats,
    rules,
    simulate,
    evaluate,
    tune,
    demo,
)

for command in COMMANDS:
    command.register(app)


@app.callback()
def _root() -> None:
    """Names the accounts that somebody else is using to read people's records in bulk."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program: 0 calm, 1 suspects found, 2 refused, 3 degraded; what the user can fix is one sentence."""
    sys.excepthook = _broken
    try:
        # Called by itself, the Typer object puts its own hook in the place of ours.
        get_command(app)(args=list(arguments) if arguments is not None else None, prog_name="tocsin")
    except TocsinError as error:
        told = without_numbers(str(error)) or ""
        told = "\n".join(plain(line, MOST_SHOWN) for line in told.split("\n"))
        sys.stderr.write(f"tocsin: {told}\n")
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


def _broken(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Show a bug with its traceback, and exit 2: 1 would read as suspects found."""
    sys.__excepthook__(kind, error, trace)
    sys.stderr.write("tocsin: this is a fault of the program, not of your logs; please report the lines above\n")
    sys.stderr.flush()
    os._exit(2)


if __name__ == "__main__":
    main()
