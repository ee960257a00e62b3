"""What to do about a number of alerts: a plan above the floor, and only where none comes near to it one below."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tocsin.tune.floor import risk_of
from tocsin.tune.known import Labelled, planted_names
from tocsin.tune.plan import together
from tocsin.tune.replay import Ground, Replay
from tocsin.tune.search import NEAR, Plan, Terms
from tocsin.tune.suggest import lost_cases
from tocsin.tune.sweep import Sweep

AIMS = ((0.8, 0.93), (0.0, 1.0), (0.0, 1 + NEAR))
"""From which to which share of the number plans are looked for, one after another.

Values that just meet it on the nights they were chosen by ring more on others: by a tenth on six simulated regions.
Where alerts are few one less may be far below it: then the number itself. And nights differ by a tenth anyway.
"""

MORE = (1.2, 1.5, 2.0, 3.0)
"""How many times the number of alerts is looked at where no plan meets it and keeps every planted attack."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The plan to take, and what else there is where it costs something."""

    plan: Plan
    keeping: Plan | None = None
    """A plan of more alerts that keeps every planted attack, where the plan does not."""
    risks: tuple[str, ...] = ()
    """In what the plan goes below the floor of the settings: only where nothing above it comes near to the number."""
    above: Plan | None = None
    """What rings least above the floor, where the plan goes below it."""
    heedless: Plan | None = None
    """What would meet the number above the floor if cases might fall silent, where no plan comes near to it."""

    @property
    def comes_near(self) -> bool:
        """Say whether the number is all but met without going below the floor."""
        return _comes_near(self.plan) and not self.risks


def advise(
    replay: Replay, sweeps: Sequence[Sweep], cases: Sequence[Labelled], wanted: float, *, more_follow: bool = False
) -> Advice:
    """Look for a plan in the order of what it costs (docs/decisions/0119).

    First above the floor one that keeps every case and comes near to the number, then one that meets it and loses
    as few planted attacks as possible. Then both below the floor. Where none is found, what rings least above it.
    Where more knobs follow only the first is looked for.
    """
    nights, planted = replay.ground, planted_names(cases)
    terms = Terms(
        wanted, lambda knob, value: bool(risk_of(knob, value, nights)), nights.settings.alerting.case_nights,
        nights.professions,
    )  # fmt: skip

    def plan(terms: Terms) -> Plan:
        return together(replay, sweeps, cases, terms)

    bound = replace(terms, is_bound=True)
    today = replay.outcome({}, sweeps[0].knob)
    above = plan(bound) if today.alerts_a_night <= wanted else _aimed(plan, bound)
    if _comes_near(above) or more_follow:
        return Advice(above)
    if planted and (losing := plan(replace(bound, may_lose=planted))).meets:
        return Advice(losing, _keeping(plan, bound, losing, above))
    below = plan(terms)
    if planted and not below.meets:
        below = plan(replace(terms, may_lose=planted))
    risks = _risks(below, nights)
    if not below.meets:
        return Advice(above, heedless=_heedless(plan, bound, cases))
    keeping = _keeping(plan, bound, below, above)
    least = min((above, keeping or above), key=lambda one: one.outcome.alerts)
    return Advice(below, keeping, risks, least if risks else None)


def _heedless(plan: Callable[[Terms], Plan], terms: Terms, cases: Sequence[Labelled]) -> Plan | None:
    """Find a plan that has no regard to cases; None where even that does not meet the number."""
    if not cases:
        return None
    found = plan(replace(terms, may_lose=frozenset(case.name for case in cases)))
    return found if found.meets and lost_cases(found.fate_today, found.fate) else None


def _aimed(plan: Callable[[Terms], Plan], terms: Terms) -> Plan:
    """Look for a plan a little below the number, at it, and a little above it; what it comes to is told against it."""
    for least, most in AIMS:
        found = replace(plan(replace(terms, wanted=most * terms.wanted)), wanted=terms.wanted)
        if least * terms.wanted <= found.outcome.alerts_a_night <= most * terms.wanted:
            break
    return found


def _comes_near(plan: Plan) -> bool:
    """Say whether the alerts are at most as many as wanted, but for what nights differ by anyway."""
    return plan.outcome.alerts_a_night <= (1 + NEAR) * plan.wanted


def _keeping(plan: Callable[[Terms], Plan], terms: Terms, losing: Plan, above: Plan) -> Plan | None:
    """Find a plan of more alerts that keeps every planted attack, where one loses some; else what rings least."""
    if not lost_cases(losing.fate_today, losing.fate):
        return None
    more = (plan(replace(terms, wanted=terms.wanted * times)) for times in MORE)
    return next((one for one in more if one.meets and one.turned), above if above.turned else None)


def _risks(plan: Plan, nights: Ground) -> tuple[str, ...]:
    told = (risk_of(knob, value, nights) for knob, value in plan.turned.items())
    return tuple(said for said in told if said)
