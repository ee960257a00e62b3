"""Figures of a tuning as text."""

from collections.abc import Sequence

from tocsin.tune.advice import Advice
from tocsin.tune.floor import risk_of
from tocsin.tune.knobs import LEFT_ALONE, Knob
from tocsin.tune.outcome import Outcome
from tocsin.tune.replay import Ground
from tocsin.tune.search import PROFESSION, Plan
from tocsin.tune.season import season_of
from tocsin.tune.suggest import Suggestion, lost_cases
from tocsin.tune.sweep import Sweep, Tried
from tocsin.tune.tuning import Answer
from tocsin.words import _, ngettext

MOST_NAMED = 5
"""Accounts named in a line."""


def as_text(answer: Answer) -> str:
    """Lay out the whole answer: a table a knob, with the suggestion below, and what to turn together."""
    told = [_beginning(answer)]
    for at, one in enumerate(answer.rules):
        told.append(table_text(one))
        if answer.suggestions:
            told.append(suggestion_text(one, answer.suggestions[at], answer.ground) + "\n")
    told += [table_text(one) for one in answer.families]
    if answer.advice is not None:
        told.append(advice_text(answer.advice))
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
        told.append(_("No case is known: --truth names some, --inject plants some."))
    if answer.ground.confirmed_late:
        text = _(
            "Confirmed while these nights went by: {names}. Whom the intruders read counts as known to these accounts "
            "here; later scans took it for new."
        )
        told.append(text.format(names=_named(answer.ground.confirmed_late)))
    return "\n".join(told) + "\n"


def _found(answer: Answer) -> tuple[int, int]:
    told = (answer.rules or answer.families)[0].fate
    return len(told.rings), len(told.rings) + len(told.silent)


def table_text(sweep: Sweep) -> str:
    """Lay out the table of one rule or family: a line a value, today's marked."""
    knows = bool(sweep.fate.rings or sweep.fate.silent)
    if sweep.knob.is_family and all(one.outcome.nights == sweep.today.nights for one in sweep.tried):
        text = _("every value from {least} to {most}: the same")
        least, most = sweep.knob.said(sweep.tried[0].value), sweep.knob.said(sweep.tried[-1].value)
        return "\n".join([_heading(sweep), _today(sweep), text.format(least=least, most=most)]) + "\n"
    rows = [_heads(sweep, knows=knows), *(_row(one, sweep, knows=knows) for one in sweep.tried)]
    told = [_heading(sweep), _today(sweep), "", _table(rows), *_changes(sweep), *_cases(sweep)]
    return "\n".join(told) + "\n"


def _heading(sweep: Sweep) -> str:
    return f"{sweep.title} ({sweep.knob.label})"


def _today(sweep: Sweep) -> str:
    text = _("today: {value}; {hits:.2f} hits and {alerts:.2f} new alerts a night")
    if sweep.knob.is_family:
        text = _("today: {value}; {alerts:.2f} new alerts a night")
    value = " / ".join(map(sweep.knob.said, sweep.effective))
    return text.format(value=value, hits=sweep.today.hits_a_night, alerts=sweep.today.alerts_a_night)


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
    text = _("{value}: {hits:.2f} hits, {alerts:.2f} new alerts a night, worst {worst}; +{gained} -{lost}")
    said = text.format(
        value=sweep.knob.said(value),
        hits=one.outcome.hits_a_night,
        alerts=one.outcome.alerts_a_night,
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
    before: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    for one in sweep.tried:
        now = (one.gained, one.lost)
        if now != before and (one.gained or one.lost):
            said = [f"+ {_named(one.gained)}"] if one.gained else []
            said += [f"- {_named(one.lost)}"] if one.lost else []
            told.append(f"{sweep.knob.said(one.value)}: " + "; ".join(said))
        before = now
    return ["", _("Accounts that a value adds (+) or removes (-) against today:"), *told] if told else []


def _cases(sweep: Sweep) -> list[str]:
    """Name the known cases that a value loses or finds."""
    told = []
    for one in sweep.tried:
        lost = lost_cases(sweep.fate, one.fate)
        found = lost_cases(one.fate, sweep.fate)
        if lost or found:
            said = [_("finds {names}").format(names=_named(found))] if found else []
            said += [_("loses {names}").format(names=_named(lost))] if lost else []
            told.append(f"{sweep.knob.said(one.value)}: " + "; ".join(said))
    silent = (
        [_("No value that was tried makes these known cases ring: {names}").format(names=_named(never))]
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
        text = _("take {value} in place of {today}: {alerts:.2f} new alerts a night, {before:.2f} today.")
        risk = risk_of(sweep.knob, told.chosen.value, ground)
        said = text.format(
            value=sweep.knob.said(told.chosen.value),
            today=today,
            alerts=told.chosen.outcome.alerts_a_night,
            before=sweep.today.alerts_a_night,
        )
        return " ".join([head + said, *([_("Below the floor: {risk}.").format(risk=risk)] if risk else [])])
    if told.meets:
        text = _("today's {today} stands, with {alerts:.2f}.")
        return head + text.format(today=today, alerts=sweep.today.alerts_a_night)
    if told.in_the_way:
        value, cases = max(told.in_the_way.items(), key=lambda pair: (-len(pair[1]), -pair[0]))
        text = _("no value meets that and keeps every confirmed case; {value} would, but for {names}.")
        return head + text.format(value=sweep.knob.said(value), names=_named(cases))
    least = min(one.outcome.alerts_a_night for one in sweep.tried)
    return head + _("no value of this rule brings it below {least:.2f}.").format(least=least)


def advice_text(advice: Advice) -> str:
    """Say what to turn so that the number is met, what that costs, and by what the scope rings most."""
    plan = advice.plan
    told = _loudest(plan.today) if plan.today.loudest else []
    if not plan.turned and plan.meets:
        text = _("At most {n:g} new alerts a night: today's values stand, with {alerts:.2f}.")
        told.append(text.format(n=plan.wanted, alerts=plan.today.alerts_a_night))
    elif not plan.turned:
        text = _("At most {n:g} new alerts a night: no value that was tried rings less and keeps every confirmed case.")
        told.append(text.format(n=plan.wanted))
    else:
        told += [_together(plan), *_for_whom(plan)]
    return "\n".join([*told, *_below(advice), *_losing(advice)]) + "\n"


def _below(advice: Advice) -> list[str]:
    """Say in what a plan goes below the floor, and what comes nearest without."""
    if not advice.risks:
        return []
    text = _("This goes below the floor: {risks}. Whoever writes it must say why (--accept-risk REASON).")
    told = [text.format(risks="; ".join(advice.risks))]
    if advice.above is None or not advice.above.turned:
        return [*told, _("Nothing above the floor that was tried rings less than today and keeps every case.")]
    return [*told, _("What rings least above the floor:"), _together(advice.above), *_for_whom(advice.above)]


def _losing(advice: Advice) -> list[str]:
    """Say which planted attacks a plan loses, and what would keep them."""
    plan, keeping = advice.plan, advice.keeping
    lost = lost_cases(plan.fate_today, plan.fate)
    if not lost:
        return []
    text = _("{n} of {all} planted attacks that ring today would no longer: {names}.")
    rang = sum(name in plan.planted for name in plan.fate_today.rings)
    told = [text.format(n=len(lost), all=rang, names=_named(lost))]
    if keeping is None:
        return [*told, _("No plan that was tried keeps them all and rings less than today.")]
    if keeping is advice.above:
        return [*told, _("What rings least above the floor keeps them all.")]
    text = _("With more alerts all of them are kept.")
    return [*told, text, _together(keeping), *_for_whom(keeping)]


def _together(plan: Plan) -> str:
    text = _("Together: {turned}: {after:.2f} new alerts a night, {before:.2f} today")
    said = text.format(
        turned=", ".join(_turned(knob, value) for knob, value in plan.turned.items()),
        after=plan.outcome.alerts_a_night,
        before=plan.today.alerts_a_night,
    )
    known = len(plan.fate.rings) + len(plan.fate.silent)
    said += _("; cases {rings} of {known}").format(rings=len(plan.fate.rings), known=known) if known else ""
    return said + ("." if plan.meets else _("; that is still more than {n:g}.").format(n=plan.wanted))


def _for_whom(plan: Plan) -> list[str]:
    """Say for which professions a plan is, where it is not for all."""
    if plan.whom is None:
        return []
    text = _("Only for {professions}, whose accounts ring most: the others keep today's values.")
    return [text.format(professions=", ".join(plan.whom.when[PROFESSION]))]


def _turned(knob: Knob, value: float) -> str:
    if knob.is_family:
        return _("cap of {family} {value:g}").format(family=_(knob.name), value=value)
    return f"{knob.name} {knob.key.rsplit('.', 1)[-1]} {knob.said(value)}"


def _loudest(outcome: Outcome) -> list[str]:
    """Say by what the scope rings most, and whether that is a season."""
    family, count = next(iter(outcome.loudest.items()))
    text = _("What rings most is {family}: the strongest evidence of {count} of {all} new alerts.")
    told = [text.format(family=_(family), count=count, all=outcome.alerts)]
    season = season_of(outcome, family)
    if season is not None:
        text = _("{alerts} of them came from {first} to {last}, which looks like a season")
        said = text.format(alerts=season.alerts, first=season.first, last=season.last)
        text = _(": a cap can be set for as long, as in `--take {family}=2 --season YYYY-MM-DD`.")
        over = _(" and seems over.")
        told.append(said + (text.format(family=family) if season.goes_on and family not in LEFT_ALONE else over))
    return told


def _named(accounts: Sequence[str]) -> str:
    more = len(accounts) - MOST_NAMED
    names = ", ".join(accounts[:MOST_NAMED])
    return names + (" " + ngettext("and {n} more", "and {n} more", more).format(n=more) if more > 0 else "")


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
