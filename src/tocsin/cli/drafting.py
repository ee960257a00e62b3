"""`tocsin formats draft` and `formats test`: describe a log of unknown make, and see what comes of the description."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.parse import counts_of

if TYPE_CHECKING:
    from tocsin.cli.run import Question

SHOWN = 5
"""Events that `formats test` shows."""

_TOKEN_SHOWN = 8
_HIDDEN = ("source", "line", "byte", "patient_block", "patient_order", "network", "person_id", "block_id")


def draft_mapping(
    log: Annotated[str, typer.Argument(metavar="LOG", help="A log that tocsin does not know.")],
    out: Annotated[Path | None, typer.Option(help="File to write; else stdout. It must not be there yet.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml), for the portal's zone.")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
) -> None:
    """Propose a mapping file for a log, every line marked as certain or as a guess."""
    from tocsin.errors import MappingError
    from tocsin.formats.draft import draft
    from tocsin.formats.draft_sample import take_sample
    from tocsin.formats.inputs import expand
    from tocsin.formats.lines import Source

    question = _question([log], config, now)
    found = expand([log]).files[0]
    with Source(found.path, found.open()) as source:
        text = draft(take_sample(source), question.settings().portal.zone, question.moment())
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise MappingError(f"{out} is there already", hint="name another file, or remove it first") from None
    except OSError as error:
        raise MappingError(f"{out} cannot be written: {error.strerror}") from error
    guesses = text.count("# guess:")
    typer.echo(f"{out} written: {guesses} guesses to check, then: tocsin formats test {out} {log}", err=True)


def try_mapping(
    mapping: Annotated[str, typer.Argument(metavar="MAPPING", help="A mapping file (or the name of a format).")],
    log: Annotated[str, typer.Argument(metavar="LOG", help="A log to try it on.")],
    config: Annotated[Path | None, typer.Option(help="Settings file (tocsin.yml).")] = None,
    now: Annotated[str | None, typer.Option(help="The time to take for now (ISO 8601).")] = None,
) -> None:
    """Show five events that a mapping makes of a log, people masked, and what became of every line."""
    from tocsin.intake import IntakeOptions
    from tocsin.intake.trial import try_out

    question = _question([log], config, now)
    portal = question.settings().portal
    options = IntakeOptions(
        zone=portal.zone, now=question.moment(), format_name=mapping, patient_kind=portal.patient_kind
    )
    trial = try_out(log, options, SHOWN)
    for number, event in enumerate(trial.events.iter_rows(named=True), start=1):
        _show_event(number, event)
    for record in trial.records:
        typer.echo(counts_of(record))
        empty = [name for name in trial.columns if record.events and not record.filled.get(name)]
        if empty:
            typer.echo(f"always empty: {', '.join(empty)}")
    for reason, (count, line) in trial.reasons.items():
        typer.echo(f"rejected: {reason}: {count}, the first on line {line}")
    for column, words in trial.unlisted.items():
        told = ", ".join(f"{word} ({count})" for word, count in words)
        typer.echo(f"not listed under {column}: {told}")


def _show_event(number: int, event: "dict[str, object]") -> None:
    """Print the columns of an event that say something; of people only the beginning of their token."""
    typer.echo(f"event {number}, line {event['line']}")
    for name, value in event.items():
        if value is None or name in _HIDDEN or (name == "automatic" and not value):
            continue
        text = f"{str(value)[:_TOKEN_SHOWN]}... (a token)" if name == "patient" else value
        typer.echo(f"  {name:<14}  {text}")


def _question(logs: list[str], config: Path | None, now: str | None) -> "Question":
    from tocsin.cli.run import Question

    return Question(
        logs=logs, rules=[], out=Path(), json=False, config=config, key_file=None, lang="en", now=now, quiet=True
    )
