"""What to do: the value that meets the number of alerts that a region can look at, while every confirmed case rings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.tune.knobs import Knob
from tocsin.tune.known import Fate, Labelled, fate
from tocsin.tune.outcome import Outcome
from tocsin.tune.replay import Replay
from tocsin.tune.sweep import Sweep, Tried

NEAR = 0.8
"""A plan that brings less than this share of the alerts that can be looked at is worth a second look."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The value to take (None: today's stands), and why no other would do."""

    wanted: float
    value: float | None
    meets: bool
    """Whether the alerts a night are then at most as many as wanted."""
    chosen: Tried | None
    in_the_way: Mapping[float, tuple[str, ...]]
    """Values that would meet the number, and the confirmed cases that each would silence."""


def suggest(sweep: Sweep, wanted: float) -> Suggestion:
    """Choose a value of one rule.

    Today's stands where it meets the number, unless a more sensitive value does too and finds more cases, or finds them
    before more people are read. Else the most sensitive value that meets it and silences no confirmed case.
    """
    few = [one for one in sweep.tried if one.outcome.alerts_a_night <= wanted]
    kept = [one for one in few if not lost_cases(sweep.fate, one.fate)]
    if sweep.today.alerts_a_night <= wanted:
        better = [one for one in kept if _earlier(one.fate, sweep.fate)]
        chosen = min(better, key=_missed, default=None)
        return Suggestion(wanted, chosen.value if chosen else None, meets=True, chosen=chosen, in_the_way={})
    way = {one.value: lost_cases(sweep.fate, one.fate) for one in few if one not in kept}
    if not kept:
        return Suggestion(wanted, None, meets=False, chosen=None, in_the_way=way)
    chosen = min(kept, key=lambda one: (*_missed(one), -one.outcome.alerts, -one.outcome.hits.height))
    return Suggestion(wanted, chosen.value, meets=True, chosen=chosen, in_the_way=way)


def lost_cases(before: Fate, after: Fate) -> tuple[str, ...]:
    """List the confirmed cases that rang and no longer would."""
    return tuple(sorted(set(before.rings) - set(after.rings)))


def _earlier(one: Fate, other: Fate) -> bool:
    return set(one.rings) > set(other.rings) or (
        set(one.rings) >= set(other.rings) and one.read_before < other.read_before
    )


def _missed(one: Tried) -> tuple[int, int, float]:
    """Order values by what they miss: cases, people read before; then the one that changes least stands first."""
    return len(one.fate.silent), one.fate.read_before, len(one.gained) + len(one.lost)


@dataclass(frozen=True, slots=True)
class Plan:
    """Several knobs turned together: what they come to, and what is in the way where that is not enough."""

    wanted: float
    today: Outcome
    fate_today: Fate
    turned: Mapping[Knob, float]
    outcome: Outcome
    fate: Fate

    @property
    def meets(self) -> bool:
        """Say whether the alerts are at most as many as wanted."""
        return self.outcome.alerts_a_night <= self.wanted


def together(replay: Replay, sweeps: Sequence[Sweep], cases: Sequence[Labelled], wanted: float) -> Plan:
    """Turn one knob after another, each time the one that helps most, until the number is met.

    No step silences a confirmed case that rings today. The last knob is turned no further than it must be.
    """
    today = replay.outcome({}, sweeps[0].knob)
    before = fate(cases, today)
    plan = Plan(wanted, today, before, {}, today, before)
    if plan.meets:
        return _more_sensitive(replay, plan, sweeps, cases)
    while not plan.meets:
        steps = [step for one in sweeps if one.knob not in plan.turned for step in _steps(replay, plan, one, cases)]
        enough = [step for step in steps if step.meets]
        if enough:
            return _nearest(replay, enough, steps, sweeps, cases)
        best = min(steps, key=lambda step: (step.outcome.alerts, _families(step)), default=plan)
        if best.outcome.alerts >= plan.outcome.alerts:
            return plan
        plan = best
    return plan


def _nearest(
    replay: Replay, enough: Sequence[Plan], steps: Sequence[Plan], sweeps: Sequence[Sweep], cases: Sequence[Labelled]
) -> Plan:
    """Give the plan that meets the number and keeps most, then the rule before the family.

    Where it falls far below the number, a step that was not enough is looked at with one more knob.
    """

    def keeps(plan: Plan) -> tuple[int, int, int]:
        return -len(plan.fate.silent), plan.outcome.alerts, -_families(plan)

    best = max(enough, key=keeps)
    almost = [step for step in steps if not step.meets]
    if best.outcome.alerts_a_night >= NEAR * best.wanted or not almost:
        return best
    first = min(almost, key=lambda step: (step.outcome.alerts, _families(step)))
    more = [step for one in sweeps if one.knob not in first.turned for step in _steps(replay, first, one, cases)]
    return max([best, *(step for step in more if step.meets)], key=keeps)


def _more_sensitive(replay: Replay, plan: Plan, sweeps: Sequence[Sweep], cases: Sequence[Labelled]) -> Plan:
    """Use what is left of the number: take values that find more cases, or find them earlier, one after another."""
    for one in sweeps:
        told = suggest(one, plan.wanted)
        if told.value is None:
            continue
        turned = {**plan.turned, one.knob: told.value}
        outcome = replay.outcome(turned, one.knob)
        after = fate(cases, outcome)
        if outcome.alerts_a_night <= plan.wanted and _earlier(after, plan.fate):
            plan = Plan(plan.wanted, plan.today, plan.fate_today, turned, outcome, after)
    return plan


def _families(plan: Plan) -> int:
    return sum(knob.is_family for knob in plan.turned)


def _steps(replay: Replay, plan: Plan, one: Sweep, cases: Sequence[Labelled]) -> list[Plan]:
    """Give the plans that turn one more knob: its values that by themselves ring less than today and keep the cases.

    Those nearest to today's come first: of two values that come to the same, the one that changes less is taken.
    """
    steps = []
    today = sum(one.effective) / max(len(one.effective), 1)
    for tried in sorted(one.tried, key=lambda tried: abs(tried.value - today)):
        if tried.outcome.alerts < one.today.alerts and not lost_cases(one.fate, tried.fate):
            turned = {**plan.turned, one.knob: tried.value}
            outcome = replay.outcome(turned, one.knob)
            after = fate(cases, outcome)
            if not lost_cases(plan.fate_today, after):
                steps.append(Plan(plan.wanted, plan.today, plan.fate_today, turned, outcome, after))
    return steps
