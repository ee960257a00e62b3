"""What every step of a search for a plan shares: how plans are told apart, and what a knob more would come to."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from math import log

from tocsin.tune.knobs import Knob
from tocsin.tune.known import Fate, Labelled, fate
from tocsin.tune.outcome import Outcome
from tocsin.tune.replay import Replay
from tocsin.tune.scope import Scope
from tocsin.tune.suggest import lost_cases
from tocsin.tune.sweep import Sweep, Tried

NEAR = 0.1
"""Estimates are no better than this share of the number, and nights differ by more: within it other things decide."""

PROFESSION = "profession"

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
    whom: Scope | None = None
    """The professions that it is for, where it is not for the whole scope."""
    planted: frozenset[str] = frozenset()
    """Names of cases that were planted: only these may be lost."""

    @property
    def meets(self) -> bool:
        """Say whether there are at most as many alerts as wanted."""
        return self.outcome.alerts_a_night <= self.wanted


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan is to come to, and what it may do for that."""

    wanted: float
    """New alerts a night."""
    is_risky: Risky = lambda _knob, _value: False
    """Whether a value needs somebody who accepts the risk (tune.floor)."""
    case_nights: int = 1
    """After how many nights an account rings anew."""
    professions: Mapping[str, str] = field(default_factory=dict)
    """Of every account of the scope that has one: a plan may be for some of them."""
    may_lose: frozenset[str] = frozenset()
    """Names of cases that a plan may silence."""
    is_bound: bool = False
    """Whether no value is tried that needs an accepted risk."""


@dataclass(frozen=True)
class Search:
    """What every step of the search shares."""

    replay: Replay
    sweeps: Sequence[Sweep]
    cases: Sequence[Labelled]
    effective: Mapping[Knob, float]
    """What holds today."""
    terms: Terms
    named: Places
    """Whoever is on the list today, or in a campaign."""
    known: dict[tuple[Knob, float | None], Places] = field(default_factory=dict)

    def keeps(self, plan: Plan) -> tuple[bool, bool, int, float, int, int, float]:
        """Order plans: those that meet the number, without a risk, of them the one that keeps most and turns little.

        Plans that all but use the number keep as many alerts as another: nights differ by more. Of them the one counts
        that fewest accounts fall silent by: an attack on an account that still rings now and then is heard.
        """
        most = min(plan.outcome.alerts, (1 - NEAR) * plan.wanted * len(plan.outcome.nights)) if plan.meets else 0
        change = self.change(plan.turned, plan.whom)
        fallen = len(plan.today.accounts - plan.outcome.accounts)
        is_safe, silent = self.is_safe(plan.turned), len(plan.fate.silent)
        return plan.meets, is_safe, -silent, most, -families_in(plan), -fallen, -change

    def is_safe(self, turned: Mapping[Knob, float]) -> bool:
        """Say whether nobody has to accept a risk."""
        return not any(self.terms.is_risky(knob, value) for knob, value in turned.items())

    def change(self, turned: Mapping[Knob, float], whom: Scope | None = None) -> float:
        """Say how far values are from today's, times the share of the accounts: doubling is as far as halving."""
        return self.share(whom) * sum(
            abs(log((1 + value) / (1 + self.effective[knob]))) for knob, value in turned.items()
        )

    def share(self, whom: Scope | None) -> float:
        """Say which share of the accounts of the scope some professions are."""
        if whom is None:
            return 1.0
        return sum(self.sizes[one] for one in whom.when[PROFESSION]) / self.sizes.total()

    @cached_property
    def sizes(self) -> Counter[str]:
        """Count the accounts of each profession."""
        return Counter(self.terms.professions.values())

    def order(self, plan: Plan, left: Places, turned: Mapping[Knob, float]) -> tuple[int, int, float]:
        """Say how far what is left is from the number, in steps of NEAR, who fell silent, and how much was turned."""
        wanted = plan.wanted * len(plan.outcome.nights)
        return int(abs(len(left) - wanted) / (NEAR * wanted)), -len(accounts_of(left)), self.change(turned)

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
        rest = [timedelta(days=days) for days in range(1, self.terms.case_nights + 1)]
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
        return self.judged(replace(plan, turned=turned))

    def judged(self, plan: Plan) -> Plan | None:
        """Say what the values of a plan come to; None where they silence a confirmed case that rings today."""
        made = self.told(plan)
        return None if self.loses(plan.fate_today, made.fate) else made

    def told(self, plan: Plan) -> Plan:
        """Say what the values of a plan come to, whatever they silence."""
        outcome = self.replay.outcome(plan.turned, next(iter(plan.turned)), plan.whom)
        return replace(plan, outcome=outcome, fate=fate(self.cases, outcome))

    def in_the_way(self, plan: Plan) -> frozenset[str]:
        """Give the professions of the cases that a plan silences and must not."""
        lost = set(lost_cases(plan.fate_today, plan.fate)) - self.terms.may_lose
        return frozenset(self.terms.professions.get(case.account, "") for case in self.cases if case.name in lost)

    def loses(self, before: Fate, after: Fate) -> bool:
        """Say whether a case is silenced that must not be."""
        return not self.terms.may_lose.issuperset(lost_cases(before, after))

    def of_professions(self, names: Iterable[str]) -> Scope:
        """Give the accounts of the scope that have one of these professions."""
        scope, names = self.replay.ground.scope, tuple(sorted(names))
        return Scope(", ".join([scope.name, *names]), {**scope.when, PROFESSION: names})

    @cached_property
    def fewer(self) -> Sequence[tuple[Sweep, Tried]]:
        """Give the values that by themselves ring, or hit, less than today, of those that the terms allow.

        Fewer hits may be more new alerts: a case that goes on every night is a single one.
        Those nearest to today's come first.
        """
        return [
            (one, tried)
            for one in self.sweeps
            for tried in sorted(one.tried, key=lambda tried: abs(tried.value - today_of(one)))
            if tried.outcome.alerts < one.today.alerts or tried.outcome.hits.height < one.today.hits.height
            if self.allows(one, tried)
        ]

    def allows(self, one: Sweep, tried: Tried) -> bool:
        """Say whether the terms allow a value that was tried."""
        return not (self.terms.is_bound and self.terms.is_risky(one.knob, tried.value))

    @cached_property
    def alone(self) -> Sequence[tuple[Sweep, Tried]]:
        """Give those of them that keep the cases; of values with the same alerts and hits only the first."""
        found: dict[tuple[Knob, Places, int], tuple[Sweep, Tried]] = {}
        for one, tried in self.fewer:
            if not self.loses(one.fate, tried.fate):
                found.setdefault((one.knob, tried.outcome.places, tried.outcome.hits.height), (one, tried))
        return list(found.values())


def today_of(one: Sweep) -> float:
    """Give the value that holds today; where there are several, their mean."""
    return sum(one.effective) / max(len(one.effective), 1)


def accounts_of(places: Places) -> frozenset[str]:
    """Give who rings, on whatever night."""
    return frozenset(account for _night, account in places)


def families_in(plan: Plan) -> int:
    """Count the caps of families in a plan."""
    return sum(knob.is_family for knob in plan.turned)
