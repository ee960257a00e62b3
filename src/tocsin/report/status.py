"""How a watch stands, on the terminal and as JSON."""

import dataclasses
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tocsin.report.plain import plain, size
from tocsin.watch.standing import FalseAlerts, NightLine, Standing
from tocsin.words import _, ngettext

STYLES = {"calm": "green", "suspects": "bold red", "degraded": "bold yellow", "not judged": "yellow"}


def as_json(told: Standing) -> str:
    """Write it as JSON text."""
    values = dataclasses.asdict(told)
    values["gaps"] = [{**dataclasses.asdict(gap), "nights": gap.nights} for gap in told.gaps]
    values["disk"] |= {"total": told.disk.total, "total_in_a_year": told.disk.total_in_a_year}
    return json.dumps(values, ensure_ascii=True, indent=1, default=_text) + "\n"


def show(told: Standing, console: Console) -> None:
    """Print it."""
    for text in _lines(told):
        console.print(text)


def _lines(told: Standing) -> Iterable[Text]:
    if told.first is None or told.last is None:
        yield Text(_("No night is held yet: `tocsin scan LOG... --state {folder}`.").format(folder=told.folder))
    else:
        yield Text(_("The last {n} nights held").format(n=len(told.nights)), style="bold")
        for line in told.nights:
            yield _night(line)
        yield _held(told, told.first, told.last)
    for gap in told.gaps:
        one, many = "MISSING: {first} ({n} night)", "MISSING: {first} to {last} ({n} nights)"
        text = ngettext(one, many, gap.nights)
        yield Text(text.format(first=gap.first, last=gap.last, n=gap.nights), style="bold yellow")
    if told.silent:
        text = ngettext(
            "MISSING: {n} night has ended since the last one held.",
            "MISSING: {n} nights have ended since the last one held.",
            told.silent,
        )
        yield Text(text.format(n=told.silent), style="bold yellow")
    yield Text(_run(told))
    yield Text(_false_alerts(told.false_alerts))
    yield Text(_disk(told))
    yield _journal(told)


def _night(line: NightLine) -> Text:
    said = {
        "calm": _("calm"),
        "suspects": ngettext("{n} suspect, {new} new", "{n} suspects, {new} new", line.suspects),
        "degraded": _("nothing found, degraded"),
        "not judged": _("not judged"),
    }[line.answer].format(n=line.suspects, new=line.new_suspects)
    more = ""
    if line.answer != "not judged":
        more = "  " + _("{accounts:,} accounts, {events:,} events").format(accounts=line.accounts, events=line.events)
    if line.revision:
        more += "  " + _("revision {n}").format(n=line.revision)
    text = Text(f"  {line.night:%Y-%m-%d %a}  ").append(f"{said:<26}" if more else said, style=STYLES[line.answer])
    text.append(more)
    for reason in line.degraded:
        text.append("\n" + " " * 18 + _("DEGRADED: {reason}").format(reason=plain(reason)), style="yellow")
    return text


def _held(told: Standing, first: date, last: date) -> Text:
    text = ngettext(
        "{held} night from {first} to {last}, {judged} judged.",
        "{held} nights from {first} to {last}, {judged} judged.",
        told.held,
    )
    return Text(text.format(held=told.held, first=first, last=last, judged=told.judged))


def _run(told: Standing) -> str:
    last = told.last_run
    if last is None:
        return _("Last run: none.")
    seconds = sum(last.seconds.values())
    text = ngettext(
        "Last run: {at}, tocsin {version}, {seconds:,.0f} s; {runs} run is on record.",
        "Last run: {at}, tocsin {version}, {seconds:,.0f} s; {runs} runs are on record.",
        told.runs,
    )
    return text.format(at=last.at, version=last.version, seconds=seconds, runs=told.runs)


def _false_alerts(told: FalseAlerts) -> str:
    if told.expected is None:
        expected = _("how many false ones to expect is not known yet")
    else:
        expected = ngettext(
            "{nights} ordinary night would have brought about {n:g}",
            "{nights} ordinary nights would have brought about {n:g}",
            told.nights_expected,
        ).format(n=told.expected, nights=told.nights_expected)
    answered = _answers(told)
    alerts = ngettext("{n} alert", "{n} alerts", told.alerts).format(n=told.alerts)
    nights = ngettext("{n} judged night", "{n} judged nights", told.nights).format(n=told.nights)
    text = _("False alerts: {alerts} in {nights}; {expected}; {answered}.")
    return text.format(alerts=alerts, nights=nights, expected=expected, answered=answered)


def _answers(told: FalseAlerts) -> str:
    if not told.answered_false + told.answered_true:
        return _("none is answered yet")
    text = _("answered: {false} as false, {true} as true; not yet: {open}")
    return text.format(false=told.answered_false, true=told.answered_true, open=told.open)


def _disk(told: Standing) -> str:
    disk = told.disk
    parts = sorted(disk.parts.items(), key=lambda part: (-part[1], part[0]))
    text = _("Disk: {total} ({parts}); in a year at this pace at most {forecast}; {free} are free.")
    return text.format(
        total=size(disk.total),
        parts=", ".join(f"{name} {size(count)}" for name, count in parts[:5]),
        forecast=size(disk.total_in_a_year),
        free=size(disk.free),
    )


def _journal(told: Standing) -> Text:
    count = ngettext("{n} entry", "{n} entries", told.journal_entries).format(n=told.journal_entries)
    if not told.journal_breaks:
        return Text(_("Journal: intact, {count}.").format(count=count))
    first = told.journal_breaks[0]
    text = _("Journal: BROKEN at line {line}: {what}; `tocsin journal verify` tells all.")
    return Text(text.format(line=first.line, what=first.what), style="bold red")


def _text(value: Any) -> str:
    match value:
        case date():
            return value.isoformat()
        case Path():
            return str(value)
    raise TypeError(f"{type(value).__name__} is no part of a standing")
