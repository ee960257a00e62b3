"""The report on the terminal: the night in a line, a table of suspects, a sentence each, what to do next."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tocsin.report.plain import TOLD, amount, ordinary, plain, shared
from tocsin.results import SKIPPED, BudgetUse, Campaign, InputRecord, Night, Report, Suspect
from tocsin.verdict.advice import people_read
from tocsin.words import _, ngettext

SHOWN_MEMBERS = 8
"""Members of a campaign listed on its line; the table has them all."""

SHOWN_STEPS = 3
"""Steps shown a suspect: what fits ten minutes."""

SHOWN_IN_FULL = 4
"""Members of a campaign shown with their steps: those of the others are alike, and in the report."""

MOST_ALIKE = 3
"""Inputs of which the same is noted, each on a line of its own; more are one line."""

_NUMBER = re.compile(r"\d[\d,.]*")


def show(report: Report, console: Console) -> None:
    """Print the report."""
    console.print(Group(*_parts(report)))


def _parts(report: Report) -> Iterable[RenderableType]:
    if report.region is not None:
        text = _("Only suspects of the region {region}, judged among all accounts.")
        yield Text(text.format(region=plain(report.region)))
    for night in report.nights:
        yield from _night(night)
    yield from _reading(report)


def _night(night: Night) -> Iterable[RenderableType]:
    yield Text(_("Night of {night:%A %-d %B %Y}").format(night=night.night), style="bold")
    for reason in night.degraded:
        yield Text(_("DEGRADED: {reason}").format(reason=plain(reason)), style="bold yellow")
    for shift in night.shifts:
        yield Text(_("CHANGE: {what}").format(what=plain(shift, TOLD)), style="bold yellow")
    text = ngettext(
        "{accounts:,} accounts, {events:,} events, compared with {held} earlier night.",
        "{accounts:,} accounts, {events:,} events, compared with {held} earlier nights.",
        night.history_nights,
    )
    yield Text(text.format(accounts=night.accounts, events=night.events, held=night.history_nights))
    if night.not_judged:
        yield Text(_("Not judged: {what}.").format(what="; ".join(night.not_judged)), style="dim")
    yield Text(_found(night), style="bold red" if night.suspects else "green")
    for campaign in night.campaigns:
        yield Padding(_campaign(campaign, night.suspects), (0, 0, 0, 2))
    if night.suspects:
        yield from _table(night)
    yield Text("")


def _found(night: Night) -> str:
    use = night.budget
    ordinary = ngettext(
        "{n} account rang, no rarer than on ordinary nights",
        "{n} accounts rang, no rarer than on ordinary nights",
        use.ordinary,
    ).format(n=use.ordinary)
    quiet = ngettext(
        "{n} rang no more than a person had explained", "{n} rang no more than persons had explained", use.silent
    ).format(n=use.silent)
    if not night.suspects:
        why = "; ".join([*([ordinary] if use.ordinary else []), *([quiet] if use.silent else [])])
        text = _("No suspect ({why})").format(why=why) if why else _("No suspect")
        return f"{text}{_ordinary_night(use)}."
    accounts = len(night.suspects)
    new = sum(1 for suspect in night.suspects if suspect.rank is not None)
    text = ngettext("{n} suspect account", "{n} suspect accounts", accounts).format(n=accounts)
    text += _(" ({new} new, {continuing} continuing)").format(new=new, continuing=use.continuing)
    text += _("; {used} of {limit} places used").format(used=use.new, limit=use.limit)
    if use.new < new:
        text += _(" (a campaign takes one)")
    if use.ordinary:
        text += f"; {ordinary}"
    if use.silent:
        text += f"; {quiet}"
    if use.cut:
        text += _("; {cut} more did not fit, the first at {points} points").format(cut=use.cut, points=use.cut_points)
        names = [plain(name, 40) for name in use.cut_accounts]
        text += f" ({_few(names)})" if names else ""
        text += _("; places that later nights leave free go to them")
    if use.expected_false is None and use.expected_false_reason:
        text += _("; how many false alerts to expect is not known yet: {why}").format(why=use.expected_false_reason)
    return f"{text}{_ordinary_night(use)}."


def _ordinary_night(use: BudgetUse) -> str:
    if use.expected_false is None:
        return ""
    return _("; an ordinary night brings about {n:g} new names").format(n=use.expected_false)


def _campaign(campaign: Campaign, suspects: Sequence[Suspect]) -> Text:
    names = [plain(member.account, 40) for member in campaign.accounts]
    listed = _few(names)
    began = _first_of([s.began_local for s in suspects if s.campaign == campaign.id and s.began_local])
    since = _clock(began) if began else campaign.first_night.isoformat()
    head = _("Campaign {id}: {n} accounts since {first} ({listed}), {people}.").format(
        id=plain(campaign.id), n=len(names), first=since, listed=listed, people=people_read(campaign.exposed)
    )
    lines = [head]
    if campaign.merged:
        text = _("  {names}: found to be this same campaign")
        lines.append(text.format(names=", ".join(plain(name) for name in campaign.merged)))
    lines += [f"  {shared(link)}" for link in campaign.links[:3]]
    common = _common(campaign, suspects)
    return Text.assemble(("\n".join(lines), "red"), *((f"\n  → {plain(step, 300)}", "cyan") for step in common))


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN_MEMBERS]) + (", …" if len(names) > SHOWN_MEMBERS else "")


def _first_of(began: Sequence[str]) -> str | None:
    """Give the first of the moments (local, ISO) that another one followed within a week, else the last of them.

    Where one account alone seems to have been entered long before, that is told with the account.
    """
    moments = sorted(began)
    for one, after in pairwise(moments):
        if datetime.fromisoformat(after) - datetime.fromisoformat(one) <= timedelta(days=7):
            return one
    return moments[-1] if moments else None


def _common(campaign: Campaign, suspects: Sequence[Suspect]) -> list[str]:
    """Give the most pressing step of a campaign where all its members have it: told once, above them."""
    first = {suspect.next[:1] for suspect in suspects if suspect.campaign == campaign.id}
    return list(first.pop()) if len(first) == 1 else []


def _table(night: Night) -> Iterable[RenderableType]:
    """Give a line a suspect, in columns, and below it why, whose sessions, and what to do, across the screen."""
    suspects = night.suspects
    said = {step for campaign in night.campaigns for step in _common(campaign, suspects)}
    rows = [_row(suspect) for suspect in suspects]
    heads: tuple[str, ...] = (_("Rank"), _("Account"), _("Who"), _("Risk"), _("People"), _("Since"))
    if any(suspect.case for suspect in suspects):
        rows = [(*row, _case(suspect)) for suspect, row in zip(suspects, rows, strict=True)]
        heads = (*heads, _("Case"))
    widths = [max(cell_len(line[at]) for line in (heads, *rows)) for at in range(len(heads))]
    yield Text(_in_columns(heads, widths), style="bold")
    yield Text("─" * (sum(widths) + 2 * (len(widths) - 1)), style="dim")
    full = Counter[str | None]()
    for suspect, row in zip(suspects, rows, strict=True):
        yield Text(_in_columns(row, widths), style="bold")
        texts = (suspect.why, plain(suspect.story, 400), ordinary(suspect, night.accounts))
        told = [plain(text, 600) for text in texts if text]
        yield Padding(Text("\n".join(told)), (0, 0, 0, widths[0] + 2))
        full[suspect.campaign] += 1
        if suspect.campaign is None or full[suspect.campaign] <= SHOWN_IN_FULL:
            mine = [step for step in suspect.next if step not in said][:SHOWN_STEPS]
            steps = "\n".join(f"→ {plain(step, 300)}" for step in mine)
            yield Padding(Text(steps, style="cyan"), (0, 0, 0, widths[0] + 2))


def _row(suspect: Suspect) -> tuple[str, ...]:
    who = " ".join(plain(part, 24) for part in (suspect.profession, suspect.region) if part)
    since = _clock(suspect.began_local) if suspect.began_local else suspect.first_alerted.isoformat()
    if suspect.nights_alerted > 1:
        since += " " + _("({n} nights)").format(n=suspect.nights_alerted)
    rank = str(suspect.rank) if suspect.rank is not None else _("known")
    return rank, plain(suspect.account, 40), who, str(suspect.risk), amount(suspect.people), since


def _case(suspect: Suspect) -> str:
    return f"{suspect.case} {_(suspect.status or '')}".rstrip() if suspect.case else ""


def _in_columns(cells: Sequence[str], widths: Sequence[int]) -> str:
    sides = (">", "<", "<", ">", ">", "<", "<")
    padded = []
    for cell, width, side in zip(cells, widths, sides, strict=False):
        room = " " * (width - cell_len(cell))
        padded.append(room + cell if side == ">" else cell + room)
    return "  ".join(padded).rstrip()


def _clock(moment: str) -> str:
    """Write an ISO moment as day and hour."""
    return moment[:16].replace("T", " ")


def _reading(report: Report) -> Iterable[RenderableType]:
    read = [record for record in report.inputs if record.format != SKIPPED]
    yield Text(_read(read), style="dim")
    yield from (Text(line, style="dim") for line in _of_inputs(report.inputs))
    for note in report.notes:
        yield Text(_("Note: {note}.").format(note=plain(note, 600)), style="yellow")
    if report.rejects_total:
        first = report.rejects[0]
        text = _("Rejected lines are listed in report.json; the first: {path}:{line}: {reason}")
        yield Text(text.format(path=plain(first.path), line=first.line, reason=plain(first.reason)), style="dim")
    if report.partial_night and not report.partial_over:
        yield Text(_("{night} is not complete yet: read, not judged.").format(night=report.partial_night), style="dim")


def _of_inputs(inputs: Sequence[InputRecord]) -> Iterable[str]:
    """Give what is noted of inputs; what is noted of many alike, but for numbers, is said once."""
    alike: dict[str, list[str]] = {}
    for record in inputs:
        for note in record.notes:
            alike.setdefault(_NUMBER.sub("#", note), []).append(f"{plain(record.path)}: {plain(note)}")
    for lines in alike.values():
        if len(lines) <= MOST_ALIKE:
            yield from lines
        else:
            likewise = _("{first}; likewise {n} other inputs (report.json)")
            yield likewise.format(first=lines[0], n=len(lines) - 1)


def _read(inputs: Sequence[InputRecord]) -> str:
    total = {
        key: sum(getattr(record, key) for record in inputs)
        for key in ("lines", "events", "rejected", "ignored", "duplicates")
    }
    text = ngettext(
        "Read {files} file: {lines:,} lines = {events:,} events + {rejected:,} rejected"
        " + {ignored:,} ignored + {duplicates:,} duplicates.",
        "Read {files} files: {lines:,} lines = {events:,} events + {rejected:,} rejected"
        " + {ignored:,} ignored + {duplicates:,} duplicates.",
        len(inputs),
    )
    return text.format(files=len(inputs), **total)
