"""Several knobs turned together, so that a region comes to the number of alerts that it can look at."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from math import log

from tocsin.tune.knobs import Knob
from tocsin.tune.known import Fate, Labelled, fate
from tocsin.tune.outcome import Outcome
from tocsin.tune.replay import Replay
from tocsin.tune.suggest import earlier, lost_cases, suggest
from tocsin.tune.sweep import CLOSE, HALVINGS, Sweep, Tried, is_close

MOST_TRIED = 8
"""Combinations that are judged of those that look best by what each value does alone."""

NEAR = 0.1
"""Estimates are no better than this share of the number: within it the combination that changes least comes first."""


Risky = Callable[[Knob, float], bool]

Places = frozenset[tuple[date, str]]
"""Nights and accounts."""


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


@dataclass(frozen=True, slots=True)
class _Search:
    """What every step of the search shares."""

    replay: Replay
    sweeps: Sequence[Sweep]
    cases: Sequence[Labelled]
    effective: Mapping[Knob, float]
    """What holds today."""
    is_risky: Risky
    """Whether a value needs somebody who accepts the risk (tune.floor)."""
    case_nights: int
    named: Places
    """Whoever is on the list today, or in a campaign."""
    known: dict[tuple[Knob, float | None], Places] = field(default_factory=dict)

    def keeps(self, plan: Plan) -> tuple[bool, bool, int, float, int, float]:
        """Order plans: those that meet the number, without a risk, of them the one that keeps most and turns little.

        Plans that all but use the number keep as much as another: nights differ by more.
        """
        most = min(plan.outcome.alerts, CLOSE * plan.wanted * len(plan.outcome.nights)) if plan.meets else 0
        return plan.meets, self.is_safe(plan), -len(plan.fate.silent), most, -_families(plan), -self.change(plan.turned)

    def is_safe(self, plan: Plan) -> bool:
        """Say whether nobody has to accept a risk."""
        return not any(self.is_risky(knob, value) for knob, value in plan.turned.items())

    def change(self, turned: Mapping[Knob, float]) -> float:
        """Say how far values are from today's: doubling one is as far as halving it."""
        return sum(abs(log((1 + value) / (1 + self.effective[knob]))) for knob, value in turned.items())

    def order(self, plan: Plan, alerts: int, turned: Mapping[Knob, float]) -> tuple[int, float]:
        """Say how far a number of alerts is from the one wanted, in steps of NEAR, and how much was turned for it."""
        wanted = plan.wanted * len(plan.outcome.nights)
        return int(abs(alerts - wanted) / (NEAR * wanted)), self.change(turned)

    def hit(self, turned: Mapping[Knob, float]) -> Places:
        """Say which account-nights rules hit: about those that they hit with each of these knobs turned alone."""
        left: dict[str, Places] = {}
        for one in self.sweeps:
            if not one.knob.is_family:
                places = self._hits(one, turned.get(one.knob))
                left[one.knob.name] = left.get(one.knob.name, places) & places
        return frozenset().union(*left.values())

    def guess(self, turned: Mapping[Knob, float], both: Places) -> Places:
        """Guess the new alerts: of the hits that are left those that begin a case, and what no rule hit."""
        left = self.hit(turned) & self.named
        rest = [timedelta(days=days) for days in range(1, self.case_nights + 1)]
        first = {(night, account) for night, account in left if not any((night - gap, account) in left for gap in rest)}
        return frozenset(first | (both - self.hit({})))

    def _hits(self, one: Sweep, value: float | None) -> Places:
        key = (one.knob, value)
        if key not in self.known:
            outcome = one.today if value is None else one.at(value)
            self.known[key] = frozenset(outcome.hits.select("night", "account").iter_rows())
        return self.known[key]

    def more(self, plan: Plan, knob: Knob, value: float) -> Plan | None:
        """Turn one more knob; None where that silences a confirmed case that rings today."""
        turned = {**plan.turned, knob: value}
        outcome = self.replay.outcome(turned, knob)
        after = fate(self.cases, outcome)
        return None if lost_cases(plan.fate_today, after) else replace(plan, turned=turned, outcome=outcome, fate=after)


@dataclass(frozen=True, slots=True)
class _Guess:
    """One more knob of a plan, and how good that looks: the lowest order is the best."""

    order: tuple[int, float]
    plan: Plan
    knob: Knob
    value: float


def together(
    replay: Replay,
    sweeps: Sequence[Sweep],
    cases: Sequence[Labelled],
    wanted: float,
    is_risky: Risky = lambda _knob, _value: False,
    case_nights: int = 1,
) -> Plan:
    """Turn one knob after another, each time the one that helps most, until the number is met.

    No step silences a confirmed case that rings today, and a value that needs an accepted risk is the last resort. The
    last knob is turned no further than it must be, and where one knob alone falls below the number two are tried: of
    what meets it, the plan that keeps most is taken. `case_nights` are those after which an account rings anew.
    """
    today = replay.outcome({}, sweeps[0].knob)
    before = fate(cases, today)
    plan = Plan(wanted, today, before, {}, today, before)
    if plan.meets:
        return _more_sensitive(replay, plan, sweeps, cases)
    named = frozenset((night.night, account) for night in today.nights for account in night.accounts)
    effective = {one.knob: _today(one) for one in sweeps}
    search = _Search(replay, sweeps, cases, effective, is_risky, case_nights, named)
    alone = [step for one, tried in _singly(sweeps) if (step := search.more(plan, one.knob, tried.value)) is not None]
    steps = alone
    while not plan.meets:
        best = max(steps, key=search.keeps, default=plan)
        if best.meets:
            return _closest(search, best, alone)
        best = min(steps, key=lambda step: (step.outcome.alerts, _families(step)), default=plan)
        if best.outcome.alerts >= plan.outcome.alerts:
            return plan
        plan, steps = best, list(_with_one_more(search, [best]))
    return plan


def _closest(search: _Search, best: Plan, alone: Sequence[Plan]) -> Plan:
    """Look at two knobs where one falls below the number: first those of which the first is almost enough."""
    if is_close(best.outcome, best.wanted) and search.is_safe(best):
        return best
    almost = sorted((step for step in alone if not step.meets), key=lambda step: step.outcome.alerts)
    found = [best, *_with_one_more(search, almost)]
    best = max(found, key=search.keeps)
    return max([best, *_halved(search, best)], key=search.keeps)


def _with_one_more(search: _Search, plans: Sequence[Plan]) -> Iterator[Plan]:
    """Turn one more knob of some plans: the combinations that are likely to come nearest to the number are judged.

    There are two guesses, and the best of each are judged: what rings with two knobs turned is what rings with each of
    them; or what the hits that are left make ring.
    """
    likely: tuple[dict[Places, _Guess], dict[Places, _Guess]] = ({}, {})
    for plan in plans:
        for one, tried in _singly(search.sweeps):
            if one.knob in plan.turned:
                continue
            turned = {**plan.turned, one.knob: tried.value}
            both = plan.outcome.places & tried.outcome.places
            for left, found in zip((both, search.guess(turned, both)), likely, strict=True):
                if len(left) < len(plan.today.places):
                    guess = _Guess(search.order(plan, len(left), turned), plan, one.knob, tried.value)
                    found[left] = min(found.get(left, guess), guess, key=lambda one: one.order)
    best = [sorted(found.values(), key=lambda one: one.order)[: MOST_TRIED // 2] for found in likely]
    chosen = {(id(one.plan), one.knob, one.value): one for found in best for one in found}
    made = (search.more(one.plan, one.knob, one.value) for one in chosen.values())
    return (plan for plan in made if plan is not None)


def _halved(search: _Search, plan: Plan) -> Iterator[Plan]:
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
    today = _today(one)
    way = [tried.value for tried in one.tried if min(value, today) <= tried.value <= max(value, today)]
    others = sorted((other for other in {*way, today} if other != value), key=lambda other: abs(other - value))
    return others[0] if others else None


def _singly(sweeps: Iterable[Sweep]) -> Iterator[tuple[Sweep, Tried]]:
    """Give the values that by themselves ring, or hit, less than today and keep the cases.

    Fewer hits may be more new alerts: a case that goes on every night is a single one.
    Those nearest to today's come first, and of values with the same alerts and hits only the first: it changes less.
    """
    for one in sweeps:
        seen = set()
        for tried in sorted(one.tried, key=lambda tried: abs(tried.value - _today(one))):
            same = (tried.outcome.places, tried.outcome.hits.height)
            fewer = tried.outcome.alerts < one.today.alerts or tried.outcome.hits.height < one.today.hits.height
            if fewer and not lost_cases(one.fate, tried.fate) and same not in seen:
                seen.add(same)
                yield one, tried


def _today(one: Sweep) -> float:
    return sum(one.effective) / max(len(one.effective), 1)


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
            plan = Plan(plan.wanted, plan.today, plan.fate_today, turned, outcome, after)
    return plan


def _families(plan: Plan) -> int:
    return sum(knob.is_family for knob in plan.turned)
