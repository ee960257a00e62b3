"""What `tocsin init` tells: what the logs can show, and past nights as one list."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from datetime import date

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from tocsin.report.plain import amount, plain
from tocsin.results import Night
from tocsin.watch.backfill import PastSuspect
from tocsin.watch.first_look import FirstLook
from tocsin.words import _, ngettext


def show_look(look: FirstLook, console: Console) -> None:
    """Print what the logs can show."""
    for text in _look(look):
        console.print(text)


def show_past(nights: Sequence[Night], rows: Sequence[PastSuspect], console: Console) -> None:
    """Print past nights as one list."""
    for text in _past(nights, rows):
        console.print(text)


def past_as_json(nights: Sequence[Night], rows: Sequence[PastSuspect]) -> str:
    """Write past nights as JSON text."""
    told = {
        "nights": [night.night for night in nights],
        "degraded": [night.night for night in nights if night.degraded],
        "suspects": [dataclasses.asdict(row) for row in rows],
    }
    return json.dumps(told, ensure_ascii=True, indent=1, default=date.isoformat) + "\n"


def _look(look: FirstLook) -> Iterable[Text]:
    yield Text(_("What these logs can show"), style="bold")
    for family in look.families:
        needs = ", ".join(family.missing)
        match family.seen:
            case "whole":
                yield Text("  " + _("{family}: whole").format(family=_(family.name)), style="green")
            case "partly":
                text = _("{family}: partly, the rest needs {columns}")
                yield Text("  " + text.format(family=_(family.name), columns=needs), style="yellow")
            case _:
                text = _("{family}: MISSING, it needs {columns}")
                yield Text("  " + text.format(family=_(family.name), columns=needs), style="bold yellow")


def _past(nights: Sequence[Night], rows: Sequence[PastSuspect]) -> Iterable[Text | Padding]:
    judged = ngettext("{n} past night judged", "{n} past nights judged", len(nights)).format(n=len(nights))
    if nights:
        judged += _(", {first} to {last}").format(first=nights[0].night, last=nights[-1].night)
    degraded = sum(1 for night in nights if night.degraded)
    if degraded:
        judged += "; " + _("{n} of them degraded: not to be read as calm").format(n=degraded)
    yield Text(judged + ".", style="bold")
    if not rows:
        yield Text(_("They name nobody."), style="green")
        return
    accounts = ngettext("{n} account was named", "{n} accounts were named", len(rows)).format(n=len(rows))
    yield Text(_("{accounts}; somebody may be inside already.").format(accounts=accounts), style="bold red")
    heads = (_("Account"), _("Who"), _("First"), _("Last"), _("Nights"), _("Worst"), _("Points"), _("People"))
    table = [heads, *map(_row, rows)]
    widths = [max(cell_len(line[at]) for line in table) for at in range(len(heads))]
    yield Text(_in_columns(heads, widths), style="bold")
    for row, line in zip(rows, table[1:], strict=True):
        yield Text(_in_columns(line, widths))
        yield Padding(Text(plain(row.why, 600)), (0, 0, 0, 2))


def _row(row: PastSuspect) -> tuple[str, ...]:
    who = " ".join(plain(part, 24) for part in (row.profession, row.region) if part)
    dates = (row.first.isoformat(), row.last.isoformat(), str(row.nights), row.worst.isoformat())
    return (plain(row.account, 40), who, *dates, f"{row.points:.1f}", amount(row.people))


def _in_columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True)).rstrip()
