"""Several knobs turned together, so that a region comes to the number of alerts that it can look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from tocsin.tune.knobs import Knob
from tocsin.tune.known import Labelled, fate, planted_names
from tocsin.tune.narrow import narrower
from tocsin.tune.replay import Replay
from tocsin.tune.search import Places, Plan, Search, Terms, families_in, today_of
from tocsin.tune.suggest import earlier, suggest
from tocsin.tune.sweep import HALVINGS, Sweep, is_close

MOST_TRIED = 8
"""Combinations that are judged of those that look best by what each value does alone."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """One more knob of a plan, and how good that looks: the lowest order is the best."""

    order: tuple[int, int, float]
    plan: Plan
    knob: Knob
    value: float


def together(replay: Replay, sweeps: Sequence[Sweep], cases: Sequence[Labelled], terms: Terms) -> Plan:
    """Turn one knob after another, each time the one that helps most, until the number is met.

    No step silences a confirmed case that rings today, and a value that needs an accepted risk is the last resort. The
    last knob is turned no further than it must be, and where one knob alone falls below the number two are tried. Then
    the same is tried for some professions, those that ring most. Of what meets the number the plan that keeps most is
    taken, and of those that keep as much the one that changes least for fewest.
    """
    today = replay.outcome({}, sweeps[0].knob)
    before = fate(cases, today)
    plan = Plan(terms.wanted, today, before, {}, today, before, planted=planted_names(cases))
    if plan.meets:
        return _more_sensitive(replay, plan, sweeps, cases)
    named = frozenset((night.night, account) for night in today.nights for account in night.accounts)
    effective = {one.knob: today_of(one) for one in sweeps}
    search = Search(replay, sweeps, cases, effective, terms, named)
    for_all = _for_all(search, plan)
    # Where a case stands in the way of what is turned for all, it may not where that is turned for some.
    model = for_all if for_all.meets or not cases else _for_all(_heedless(search), plan)
    best = max([for_all, *narrower(search, model)], key=search.keeps)
    return max([best, *_halved(search, best)], key=search.keeps) if best.whom else best


def _heedless(search: Search) -> Search:
    """Search without regard to cases."""
    return replace(search, terms=replace(search.terms, may_lose=frozenset(case.name for case in search.cases)))


def _for_all(search: Search, plan: Plan) -> Plan:
    """Turn knobs for the whole scope."""
    alone = [step for one, tried in search.alone if (step := search.more(plan, one.knob, tried.value)) is not None]
    steps = alone
    while not plan.meets:
        best = max(steps, key=search.keeps, default=plan)
        if best.meets:
            return _closest(search, best, alone)
        best = min(steps, key=lambda step: (step.outcome.alerts, families_in(step)), default=plan)
        if best.outcome.alerts >= plan.outcome.alerts:
            best = _paired(search, plan)
            if best.meets:
                return max([best, *_halved(search, best)], key=search.keeps)
            if best.outcome.alerts >= plan.outcome.alerts:
                return plan
        plan, steps = best, list(_with_one_more(search, [best]))
    return plan


def _paired(search: Search, plan: Plan) -> Plan:
    """Turn two caps that do nothing alone: where either of two families is enough for an alert, both must be capped.

    The lowest values that may be are tried, of the families that ring most.
    """
    able = {one.knob for one, _tried in search.fewer}
    lowest = {
        one.knob: min(values)
        for one in search.sweeps
        if one.knob.is_family and one.knob not in able
        if (values := [tried.value for tried in one.tried if tried.value < today_of(one) and search.allows(one, tried)])
    }
    loud = plan.today.loudest
    pairs = sorted(combinations(lowest, 2), key=lambda pair: -sum(loud.get(knob.name, 0) for knob in pair))[:MOST_TRIED]
    turned = ({**plan.turned, **{knob: lowest[knob] for knob in pair}} for pair in pairs)
    made = (search.judged(replace(plan, turned=one)) for one in turned)
    return min([plan, *(one for one in made if one is not None)], key=lambda one: one.outcome.alerts)


def _closest(search: Search, best: Plan, alone: Sequence[Plan]) -> Plan:
    """Look at two knobs where one falls below the number: first those of which the first is almost enough."""
    if is_close(best.outcome, best.wanted) and search.is_safe(best.turned):
        return best
    almost = sorted((step for step in alone if not step.meets), key=lambda step: step.outcome.alerts)
    found = [best, *_with_one_more(search, almost)]
    best = max(found, key=search.keeps)
    return max([best, *_halved(search, best)], key=search.keeps)


def _with_one_more(search: Search, plans: Sequence[Plan]) -> Iterator[Plan]:
    """Turn one more knob of some plans: the combinations that are likely to come nearest to the number are judged.

    There are two guesses, and the best of each are judged: what rings with two knobs turned is what rings with each of
    them; or what the hits that are left make ring.
    """
    likely: tuple[dict[Places, _Guess], dict[Places, _Guess]] = ({}, {})
    for plan in plans:
        for one, tried in search.alone:
            if one.knob in plan.turned:
                continue
            turned = {**plan.turned, one.knob: tried.value}
            both = plan.outcome.places & tried.outcome.places
            for left, found in zip((both, search.guess(turned, both)), likely, strict=True):
                if len(left) < len(plan.today.places):
                    guess = _Guess(search.order(plan, left, turned), plan, one.knob, tried.value)
                    found[left] = min(found.get(left, guess), guess, key=lambda one: one.order)
    best = [sorted(found.values(), key=lambda one: one.order)[: MOST_TRIED // 2] for found in likely]
    chosen = {(id(one.plan), one.knob, one.value): one for found in best for one in found}
    made = (search.more(one.plan, one.knob, one.value) for one in chosen.values())
    return (plan for plan in made if plan is not None)


def _halved(search: Search, plan: Plan) -> Iterator[Plan]:
    """Turn the last knob of a plan back by halves of the gap to today's value, as far as the number allows."""
    if is_close(plan.outcome, plan.wanted):
        return
    (knob, value) = list(plan.turned.items())[-1]
    one = next(one for one in search.sweeps if one.knob == knob)
    back = _nearer(one, value)
    before = replace(plan, turned={other: set_to for other, set_to in plan.turned.items() if other != knob})
    for _halving in range(HALVINGS):
        middle = None if back is None else knob.between(value, back)
        if middle is None:
            return
        step = search.more(before, knob, middle)
        if step is not None and step.meets:
            value = middle
            yield step
        else:
            back = middle


def _nearer(one: Sweep, value: float) -> float | None:
    """Give the next value on the way to today's; None where there is none."""
    today = today_of(one)
    way = [tried.value for tried in one.tried if min(value, today) <= tried.value <= max(value, today)]
    others = sorted((other for other in {*way, today} if other != value), key=lambda other: abs(other - value))
    return others[0] if others else None


def _more_sensitive(replay: Replay, plan: Plan, sweeps: Sequence[Sweep], cases: Sequence[Labelled]) -> Plan:
    """Use what is left of the number: take values that find more cases, or find them earlier, one after another."""
    for one in sweeps:
        told = suggest(one, plan.wanted)
        if told.value is None:
            continue
        turned = {**plan.turned, one.knob: told.value}
        outcome = replay.outcome(turned, one.knob)
        after = fate(cases, outcome)
        if outcome.alerts_a_night <= plan.wanted and earlier(after, plan.fate):
            plan = replace(plan, turned=turned, outcome=outcome, fate=after)
    return plan
