"""One account's story on the terminal and as JSON."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tocsin.report.json import as_plain
from tocsin.report.measured import figure, label, name_in_words
from tocsin.report.plain import odds, plain
from tocsin.results import Measure
from tocsin.verdict.dossier import Dossier, Step
from tocsin.verdict.link_kinds import ONSET, RUN
from tocsin.words import _, ngettext

SHOWN_SESSIONS, SHOWN_OWN = 12, 2
"""Sessions on the screen, and how many of them may be the owner's; the page and the JSON have all that are listed."""

SHOWN_STEPS, SHOWN_PLACES, SHOWN_MARKS = 8, 6, 5
"""Steps, places of raw lines, and measures of a session on the screen."""

MINUTE = timedelta(minutes=1)

COLOURS = {"intruder": "red", "mixed": "yellow", "owner": "green"}


def show(story: Dossier, console: Console) -> None:
    """Print the story."""
    console.print(Group(*_parts(story)))


def as_dict(story: Dossier) -> dict[str, Any]:
    """Give the suspect's object of report.json with the rest of the story beside."""
    values: dict[str, Any] = as_plain(story.suspect)
    steps = [{"from": s.time.isoformat(), "to": s.last.isoformat(), "what": s.what} for s in story.timeline]
    return {
        **values,
        "named": as_plain(story.named),
        "timeline": steps,
        "measures": as_plain(story.measures),
        "related": as_plain(story.related),
        "services": as_plain(story.services),
        "asked_only": story.asked_only,
        "questions": list(story.questions),
    }


def verdict(story: Dossier) -> str:
    """Say in one line what the night says of the account."""
    suspect = story.suspect
    who = " ".join(part for part in (suspect.profession, suspect.structure, suspect.region) if part)
    if suspect.night in story.named:
        place = _("known case") if suspect.rank is None else _("place {rank}").format(rank=suspect.rank)
        text = _("on the list of {night} ({place}), risk {risk}, {points} points")
    else:
        place, text = "", _("not on the list of {night}, risk {risk}, {points} points")
    told = text.format(night=suspect.night, place=place, risk=suspect.risk, points=suspect.points)
    case = (
        _("; case {case}, {status}").format(case=suspect.case, status=_(suspect.status or "")) if suspect.case else ""
    )
    return plain(f"{suspect.account}{f' ({who})' if who else ''}: {told}{case}", 300)


def _parts(story: Dossier) -> Iterable[RenderableType]:
    suspect = story.suspect
    yield Text(verdict(story), style="bold red" if suspect.night in story.named else "bold")
    yield Text(plain(suspect.why, 600))
    yield Text(plain(suspect.story, 400))
    yield from _listed(_("What happened, in order"), [f"{when(step)}  {plain(step.what)}" for step in story.timeline])
    yield from _sessions(story)
    yield from _measures(story.measures)
    yield from _related(story)
    yield from _exposed(story)
    fits = {True: _("FITS"), False: _("does not fit")}
    innocent = [f"{fits[one.holds]}: {one.explanation} ({plain(one.figures)})" for one in suspect.innocent]
    yield from _listed(_("Innocent explanations"), innocent)
    yield from _listed(_("What to do next"), [plain(step, 400) for step in suspect.next[:SHOWN_STEPS]])
    yield from _listed(_("Questions"), [plain(step, 400) for step in story.questions])
    yield from _evidence(story)
    if suspect.not_judged:
        yield Text(
            _("Not judged: {what}.").format(what="; ".join(plain(name_in_words(one)) for one in suspect.not_judged)),
            style="dim",
        )


def _listed(head: str, lines: Sequence[str]) -> Iterable[RenderableType]:
    if lines:
        yield Text(f"\n{head}", style="bold")
        yield Padding(Text("\n".join(f"- {line}" for line in lines)), (0, 0, 0, 2))


def _sessions(story: Dossier) -> Iterable[RenderableType]:
    sessions, total = story.suspect.sessions, story.suspect.sessions_total
    order = {"intruder": 0, "mixed": 1, "owner": 2}
    strange = [one for one in sessions if one.verdict != "owner"]
    shown = sorted(strange, key=lambda one: (order[one.verdict], -one.people))[:SHOWN_SESSIONS]
    shown += [one for one in sessions if one.verdict == "owner"][:SHOWN_OWN]
    counts = {whose: sum(one.verdict == whose for one in sessions) for whose in order}
    head = _("Sessions since then: {counts}")
    if total > len(sessions):
        head = _("Sessions since then: {listed} of {total} are listed: {counts}")
    told = head.format(counts=_counted(counts), listed=len(sessions), total=total)
    yield Text(f"\n{told}", style="bold")
    for one in sorted(shown, key=lambda one: one.first):
        text = _("{first:%m-%d %H:%M} to {last:%H:%M}, {ip}, {lookups:,} lookups, {people:,} people, session {name}")
        line = text.format(
            first=one.first.astimezone(story.zone),
            last=one.last.astimezone(story.zone),
            ip=plain(one.ip or "?"),
            lookups=one.lookups,
            people=one.people,
            name=plain(one.session, 40),
        )  # fmt: skip
        yield Padding(Text.assemble((f"{one.verdict:8}", COLOURS[one.verdict]), " ", line), (0, 0, 0, 2))
        yield Padding(Text(plain("; ".join(one.why.split("; ")[:SHOWN_MARKS]), 500), style="dim"), (0, 0, 0, 11))
    if total > len(shown):
        yield Padding(Text(_("… and {n} more").format(n=total - len(shown)), style="dim"), (0, 0, 0, 2))


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {_(whose)}" for whose, n in counts.items() if n) or _("none")


def _measures(measures: Sequence[Measure]) -> Iterable[RenderableType]:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head, right in ((_("Measure"), False), (_("Seen"), True), (_("Own usual"), True), (_("Peers' usual"), True)):
        table.add_column(head, justify="right" if right else "left")
    for _name, group in groupby(measures, key=lambda measure: measure.name):
        both = {measure.against: measure for measure in group}
        one = next(iter(both.values()))
        cells = [_usual(both.get("own")), _usual(both.get("peers"))]
        table.add_row(label(one), figure(one.value, one), *cells)
    yield Text("\n" + _("Each measure that night"), style="bold")
    yield Padding(table, (0, 0, 0, 2))


def _usual(measure: Measure | None) -> str:
    if measure is None or measure.usual is None:
        return "-"
    most = f" (≤ {figure(measure.high, measure)})" if measure.high is not None else ""
    return figure(measure.usual, measure) + most


def _related(story: Dossier) -> Iterable[RenderableType]:
    lines = []
    for link in story.related:
        others = [plain(name, 40) for name in link.accounts if name != story.suspect.account]
        text = _("same {kind} {value} as {others}: {population} accounts used it in four weeks, by chance {chance}")
        if link.kind == RUN:
            text = _(
                "{value} numbers of one sequence, dealt with {others}: {population} accounts asked for any of them that"
                " night, by chance {chance}"
            )
        if link.kind == ONSET:
            text = _(
                "began work at {value}, when it never did before, as {others} did: at most {population} of all accounts"
                " begin then, on any night of four weeks, by chance {chance}"
            )
        lines.append(
            text.format(
                kind=link.kind, value=plain(link.value, 60), others=", ".join(others[:8]),
                population=link.population, chance=odds(link.chance),
            )
        )  # fmt: skip
    yield from _listed(_("Related accounts"), lines or [_("none: no new and rare address or browser is shared")])


def _exposed(story: Dossier) -> Iterable[RenderableType]:
    counts = story.suspect.exposed
    text = _("{least:,} for certain, {most:,} at most; {possible:,} read by anybody since then, {records:,} reads")
    lines = [
        text.format(
            least=counts.min or 0, most=counts.max or 0, possible=counts.possible, records=counts.records
        )
    ]  # fmt: skip
    if counts.unlisted_max:
        lines.append(_("up to {n:,} in answers that name nobody").format(n=counts.unlisted_max))
    if story.asked_only:
        said = ngettext("{n:,} was asked for and not shown", "{n:,} were asked for and not shown", story.asked_only)
        lines.append(said.format(n=story.asked_only))
    for one in story.services:
        text = _("{service}: {certain:,} certain, {probable:,} probable, {possible:,} possible")
        lines.append(
            text.format(
                service=plain(one.service, 60), certain=one.certain, probable=one.probable, possible=one.possible
            )
        )
    yield from _listed(_("Exposed people"), lines)


def _evidence(story: Dossier) -> Iterable[RenderableType]:
    """Name the places of the lines once, those of the strongest findings first."""
    found = [evidence for finding in story.suspect.findings for evidence in finding.evidence]
    places = dict.fromkeys(f"{plain(one.input)}:{one.from_line}-{one.to_line}" for one in found)
    lines = list(places)[:SHOWN_PLACES]
    if len(places) > len(lines):
        lines.append(_("… and {n} more places, by finding in the page and the JSON").format(n=len(places) - len(lines)))
    yield from _listed(_("Raw lines"), lines)


def when(step: Step) -> str:
    """Write when something happened, to the minute."""
    first = f"{step.time:%Y-%m-%d %H:%M}"
    if step.last - step.time < MINUTE:
        return first
    same = step.last.date() == step.time.date()
    return f"{first}-{step.last:%H:%M}" if same else f"{first} to {step.last:%Y-%m-%d %H:%M}"
