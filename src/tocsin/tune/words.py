"""Figures of a tuning as text."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from tocsin.tune.floor import risk_of
from tocsin.tune.known import by_habit
from tocsin.tune.outcome import Outcome
from tocsin.tune.plan_words import advice_text, named, rate_of
from tocsin.tune.replay import Ground
from tocsin.tune.suggest import Suggestion, lost_cases
from tocsin.tune.sweep import Sweep, Tried
from tocsin.tune.tuning import Answer
from tocsin.words import _, ngettext

Names = tuple[tuple[str, ...], tuple[str, ...]]
"""Whom a value brings, and whom it takes."""

FEW_CASES = 5
"""Fewer known cases say little of the attacks to come."""


def as_text(answer: Answer) -> str:
    """Lay out the whole answer: a table a knob, with the suggestion below, and what to turn together."""
    told = [_beginning(answer)]
    for at, one in enumerate(answer.rules):
        told.append(table_text(one))
        if answer.suggestions and not one.is_off:
            told.append(suggestion_text(one, answer.suggestions[at], answer.ground) + "\n")
    told += [table_text(one) for one in answer.families]
    if answer.advice is not None:
        told += [advice_text(answer.advice), *_few_cases(answer)]
    return "\n".join(told)


def _beginning(answer: Answer) -> str:
    """Say for whom, over which nights, and what is known of them."""
    nights = answer.ground.nights
    text = _("Replayed for {scope}: {nights} nights, {first} to {last}. The ceiling of the list is lifted.")
    told = [text.format(scope=answer.ground.scope.name, nights=len(nights), first=nights[0], last=nights[-1])]
    if answer.planted:
        rings, known = _found(answer)
        text = _("Planted: {n} attacked accounts; today's rules find {found} of {known} known cases ({share:.0%}).")
        told.append(text.format(n=answer.planted, found=rings, known=known, share=rings / max(known, 1)))
        told.append(
            _("Alerts, hits and accounts below are those of the nights as they were, without what was planted.")
        )
    elif not answer.cases:
        told.append(_("No case of these accounts and nights is known: --truth names some, --inject plants some."))
    told += [*_by_habit(answer), *_coming(answer)]
    if answer.ground.confirmed_late:
        text = _(
            "Confirmed while these nights went by: {names}. Whom the intruders read counts as known to these accounts "
            "here; later scans took it for new."
        )
        told.append(text.format(names=named(answer.ground.confirmed_late)))
    return "\n".join(told) + "\n"


def _by_habit(answer: Answer) -> list[str]:
    """Name the known cases that are noticed by chance."""
    found = by_habit(answer.cases, answer.before[0]) if answer.cases else {}
    if not found:
        return []
    text = _("{name} on {rang} of {others} other nights")
    said = [text.format(name=name, rang=rang, others=others) for name, (rang, others) in found.items()]
    text = _("These known cases are of accounts that ring anyway, so that whether one is noticed is chance: {names}.")
    return [text.format(names=named(said))]


def _coming(answer: Answer) -> list[str]:
    """Say which days the coming weeks hold, and what today's rules bring on them, where that is another number."""
    weeks, today = answer.ground.weeks, answer.before[0]
    if weeks is None:
        return []
    due = weeks.reckoned([night.new for night in today.nights], [len(night.accounts) for night in today.nights])
    if due is None:
        return []
    text = _("The next {n} nights, from {first}, hold other days than those replayed: {kinds}.")
    said = {
        "closed": _("{coming} closed ones ({replayed} of those replayed)"),
        "after": _("{coming} working days after a closed one ({replayed})"),
        "working": _("{coming} other working days ({replayed})"),
        "saturday_after": _("{coming} Saturdays after a closed day ({replayed})"),
        "saturday": _("{coming} other Saturdays ({replayed})"),
    }
    counts = ((words, weeks.coming.count(kind), weeks.replayed.count(kind)) for kind, words in said.items())
    kinds = [words.format(coming=coming, replayed=replayed) for words, coming, replayed in counts if coming or replayed]
    told = _(
        "By that today's rules would bring about {due:.2f} new alerts a night, {now:.2f} on those replayed. The "
        "figures here are of those replayed."
    )
    return [
        text.format(n=len(weeks.coming), first=weeks.first, kinds=", ".join(kinds)),
        told.format(due=due, now=today.alerts_a_night),
    ]


def _few_cases(answer: Answer) -> list[str]:
    """Say how to see what attacks a plan loses, where hardly any is known."""
    rings = len(answer.before[1].rings)
    if answer.planted or rings >= FEW_CASES or not answer.chosen:
        return []
    text = ngettext(
        "{n} known case rings today, which is little to tune by:",
        "{n} known cases ring today, which is little to tune by:",
        rings,
    )
    known = text.format(n=rings) if rings else _("No known case rings today to tune by:")
    text = _("--inject low_slow:10 --inject leaked_list:4 plants attacks, and tells which these values would lose.")
    return [f"{known} {text}\n"]


def _found(answer: Answer) -> tuple[int, int]:
    told = (answer.rules or answer.families)[0].fate
    return len(told.rings), len(told.rings) + len(told.silent)


def table_text(sweep: Sweep) -> str:
    """Lay out the table of one rule or family: a line a value, today's marked."""
    if sweep.is_off:
        text = _("An overlay switches this rule off for all of these accounts: no value of it rings.")
        return "\n".join([_heading(sweep), text]) + "\n"
    knows = bool(sweep.fate.rings or sweep.fate.silent)
    if all(_same(one, sweep) for one in sweep.tried):
        text = _("every value from {least} to {most}: the same")
        least, most = sweep.knob.said(sweep.tried[0].value), sweep.knob.said(sweep.tried[-1].value)
        return "\n".join([_heading(sweep), _today(sweep), text.format(least=least, most=most)]) + "\n"
    rows = [_heads(sweep, knows=knows), *(_row(one, sweep, knows=knows) for one in sweep.tried)]
    told = [_heading(sweep), _today(sweep), "", _table(rows), *_changes(sweep), *_cases(sweep)]
    return "\n".join(told) + "\n"


def _same(one: Tried, sweep: Sweep) -> bool:
    """Say whether nothing that is shown of a value differs from today."""
    hits = sweep.knob.is_family or one.outcome.hits.height == sweep.today.hits.height
    return hits and one.outcome.nights == sweep.today.nights and one.fate == sweep.fate


def _heading(sweep: Sweep) -> str:
    return f"{sweep.title} ({sweep.knob.label})"


def _today(sweep: Sweep) -> str:
    text = _("today: {value}; {hits:.2f} hits and {alerts} new alerts a night")
    if sweep.knob.is_family:
        text = _("today: {value}; {alerts} new alerts a night")
    value = " / ".join(map(sweep.knob.said, sweep.effective))
    return text.format(value=value, hits=sweep.today.hits_a_night, alerts=rate_of(sweep.today))


def _heads(sweep: Sweep, *, knows: bool) -> list[str]:
    hits = [] if sweep.knob.is_family else [_("hits a night")]
    cases = [_("cases"), _("people before")] if knows else []
    shown = [_("alerts a night"), _("worst night"), _("gained"), _("lost")]
    return ["", sweep.knob.key.rsplit(".", 1)[-1], *hits, *shown, *cases, _("by profession")]


def _row(one: Tried, sweep: Sweep, *, knows: bool) -> list[str]:
    outcome, worst = one.outcome, one.outcome.worst
    known = len(one.fate.rings) + len(one.fate.silent)
    return [
        "=" if sweep.effective == (one.value,) else "",
        sweep.knob.said(one.value),
        *([] if sweep.knob.is_family else [f"{outcome.hits_a_night:.2f}"]),
        f"{outcome.alerts_a_night:.2f}",
        f"{worst.new} ({worst.night})" if worst.new else "0",
        str(len(one.gained)),
        str(len(one.lost)),
        *([f"{len(one.fate.rings)} / {known}", f"{one.fate.read_before:,}"] if knows else []),
        _professions(outcome),
    ]


def line_of(sweep: Sweep, value: float) -> str:
    """Say of one value, in a line, what it comes to."""
    one = next(tried for tried in sweep.tried if tried.value == value)
    text = _("{value}: {hits:.2f} hits, {alerts} new alerts a night, worst {worst}; +{gained} -{lost}")
    said = text.format(
        value=sweep.knob.said(value),
        hits=one.outcome.hits_a_night,
        alerts=rate_of(one.outcome),
        worst=one.outcome.worst.new,
        gained=len(one.gained),
        lost=len(one.lost),
    )
    known = len(one.fate.rings) + len(one.fate.silent)
    cases = _("; cases {rings} of {known}").format(rings=len(one.fate.rings), known=known) if known else ""
    return said + cases + (_("  (today)") if sweep.effective == (value,) else "")


def _professions(outcome: Outcome) -> str:
    return ", ".join(f"{name} {count / len(outcome.nights):.2f}" for name, count in outcome.by_profession.items())


def _changes(sweep: Sweep) -> list[str]:
    """Name the accounts that come and go, where a value changes them."""
    told = []
    for values, (gained, lost) in _alike(sweep, lambda one: (one.gained, one.lost)):
        said = [f"+ {named(gained)}"] if gained else []
        said += [f"- {named(lost)}"] if lost else []
        told += [f"{values}: " + "; ".join(said)] if said else []
    return ["", _("Accounts that a value adds (+) or removes (-) against today:"), *told] if told else []


def _alike(sweep: Sweep, names: Callable[[Tried], Names]) -> Iterator[tuple[str, Names]]:
    """Put values next to each other together that change the same names: the first and the last of them, and whom."""
    for changed, group in groupby(sweep.tried, names):
        values = [sweep.knob.said(one.value) for one in group]
        text = _("{first} to {last}") if len(values) > 1 else "{first}"
        yield text.format(first=values[0], last=values[-1]), changed


def _cases(sweep: Sweep) -> list[str]:
    """Name the known cases that a value loses or finds."""
    told = []
    changes = _alike(sweep, lambda one: (lost_cases(one.fate, sweep.fate), lost_cases(sweep.fate, one.fate)))
    for values, (found, lost) in changes:
        said = [_("finds {names}").format(names=named(found))] if found else []
        said += [_("loses {names}").format(names=named(lost))] if lost else []
        told += [f"{values}: " + "; ".join(said)] if said else []
    silent = (
        [_("No value that was tried makes these known cases ring: {names}").format(names=named(never))]
        if (never := _never(sweep))
        else []
    )
    return [*(["", _("Known cases:"), *told] if told else []), *(["", *silent] if silent else [])]


def _never(sweep: Sweep) -> tuple[str, ...]:
    ringing = {account for one in sweep.tried for account in one.fate.rings} | set(sweep.fate.rings)
    return tuple(account for account in sweep.fate.silent if account not in ringing)


def suggestion_text(sweep: Sweep, told: Suggestion, ground: Ground) -> str:
    """Say which value to take, and whether that is below the floor, or why none would do."""
    today = " / ".join(map(sweep.knob.said, sweep.effective))
    head = _("At most {n:g} new alerts a night: ").format(n=told.wanted)
    if told.chosen is not None:
        text = _("take {value} in place of {today}: {alerts} new alerts a night, {before} today.")
        risk = risk_of(sweep.knob, told.chosen.value, ground)
        said = text.format(
            value=sweep.knob.said(told.chosen.value),
            today=today,
            alerts=rate_of(told.chosen.outcome),
            before=rate_of(sweep.today),
        )
        return " ".join([head + said, *([_("Below the floor: {risk}.").format(risk=risk)] if risk else [])])
    if told.meets:
        text = _("today's {today} stands, with {alerts}.")
        return head + text.format(today=today, alerts=rate_of(sweep.today))
    if told.in_the_way:
        value, cases = max(told.in_the_way.items(), key=lambda pair: (-len(pair[1]), -pair[0]))
        text = _("no value meets that and keeps every confirmed case; {value} would, but for {names}.")
        return head + text.format(value=sweep.knob.said(value), names=named(cases))
    least = min((one.outcome for one in sweep.tried), key=lambda outcome: outcome.alerts)
    return head + _("no value of this rule brings it below {least}.").format(least=rate_of(least))


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Set columns under one another, the last one to the left."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at in (0, len(row) - 1) else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
