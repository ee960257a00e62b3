"""What to do about a number of alerts, as text: what to turn together, for whom, and what that costs."""

from collections.abc import Sequence

from tocsin.tune.advice import Advice
from tocsin.tune.knobs import LEFT_ALONE, Knob
from tocsin.tune.outcome import Outcome
from tocsin.tune.search import PROFESSION, Plan
from tocsin.tune.season import season_of
from tocsin.tune.suggest import lost_cases
from tocsin.words import _, ngettext

MOST_NAMED = 5
"""Accounts named in a line."""


def advice_text(advice: Advice) -> str:
    """Say what to turn so that the number is met, what that costs, and by what the scope rings most."""
    plan = advice.plan
    told = _loudest(plan) if plan.today.loudest else []
    if not plan.turned and plan.meets:
        text = _("At most {n:g} new alerts a night: today's values stand, with {alerts}.")
        told.append(text.format(n=plan.wanted, alerts=rate_of(plan.today)))
    elif not plan.turned:
        text = _("At most {n:g} new alerts a night: no value that was tried rings less and keeps every confirmed case.")
        told.append(text.format(n=plan.wanted))
    else:
        told += [_together(plan), *_for_whom(plan)]
    if plan.turned and not plan.outcome.alerts:
        told.append(_("Nothing at all would have rung on these nights."))
    return "\n".join([*told, *_in_the_way(advice), *_below(advice), *_losing(advice)]) + "\n"


def _in_the_way(advice: Advice) -> list[str]:
    """Name the confirmed cases without which the number would be met, and with what."""
    plan = advice.heedless
    if plan is None:
        return []
    text = _("Confirmed cases stand in the way: {names}. What would meet the number without regard to them:")
    return [text.format(names=named(lost_cases(plan.fate_today, plan.fate))), _together(plan), *_for_whom(plan)]


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
    told = [text.format(n=len(lost), all=rang, names=named(lost))]
    if keeping is None:
        return [*told, _("No plan that was tried keeps them all and rings less than today.")]
    if keeping is advice.above:
        return [*told, _("What rings least above the floor keeps them all.")]
    text = _("With more alerts all of them are kept.")
    return [*told, text, _together(keeping), *_for_whom(keeping)]


def _together(plan: Plan) -> str:
    text = _("Together: {turned}: {after} new alerts a night, {before} today")
    said = text.format(
        turned=", ".join(_turned(knob, value) for knob, value in plan.turned.items()),
        after=rate_of(plan.outcome),
        before=rate_of(plan.today),
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


def _loudest(plan: Plan) -> list[str]:
    """Say by what the scope rings most, and whether that is a season, for which the cap of the plan may hold."""
    outcome = plan.today
    family, count = next(iter(outcome.loudest.items()))
    text = _("What rings most is {family}: the strongest evidence of {count} of {all} new alerts.")
    told = [text.format(family=_(family), count=count, all=outcome.alerts)]
    season = season_of(outcome, family)
    if season is not None:
        text = _("{alerts} of them came from {first} to {last}, which looks like a season")
        said = text.format(alerts=season.alerts, first=season.first, last=season.last)
        text = _(": a cap can be set for as long, as in `--take {family}={cap:g} --season YYYY-MM-DD`.")
        cap = next((value for knob, value in plan.turned.items() if knob.is_family and knob.name == family), 2)
        can_be_capped = season.goes_on and family not in LEFT_ALONE
        told.append(said + (text.format(family=family, cap=cap) if can_be_capped else _(" and seems over.")))
    return told


def named(accounts: Sequence[str]) -> str:
    """Name the first of some accounts, and say how many more there are."""
    more = len(accounts) - MOST_NAMED
    names = ", ".join(accounts[:MOST_NAMED])
    return names + (" " + ngettext("and {n} more", "and {n} more", more).format(n=more) if more > 0 else "")


def rate_of(outcome: Outcome) -> str:
    """Write the new alerts a night."""
    return f"{outcome.alerts_a_night:.2f}"
