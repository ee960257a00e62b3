"""A whole tuning: the nights replayed, every knob tried, and what to do about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tocsin.nightly import Progress, Scan
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.rule import RuleSet
from tocsin.simulate.scenarios.spec import Attack
from tocsin.store.state import State
from tocsin.tune.floor import risk_of
from tocsin.tune.ground import ground
from tocsin.tune.knobs import Knob, caps
from tocsin.tune.known import Fate, Labelled, fate, within
from tocsin.tune.outcome import Outcome
from tocsin.tune.plan import Plan, Risky, together
from tocsin.tune.planted import Planted
from tocsin.tune.replay import Ground, Replay
from tocsin.tune.scope import Scope
from tocsin.tune.suggest import Suggestion, suggest
from tocsin.tune.sweep import Sweep, also, closer, sweep
from tocsin.words import _

Choose = Callable[[Sequence[Sweep]], Mapping[Knob, float]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the scan that would read the logs, for whom, which thresholds, and what is known."""

    asked: Scan
    scope: Scope
    knobs: Sequence[Knob]
    cases: Sequence[Labelled] = ()
    attacks: Sequence[Attack] = ()
    wanted: float | None = None
    """New alerts a night that the scope can look at."""
    families: bool = True
    """Whether caps of families are tried, and not only where the rules are not enough."""
    caps: Mapping[str, float] = field(default_factory=dict)
    """Caps that are tried besides whole points."""
    state: State | None = None
    """Where the nights come from, in the place of logs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the replay says; suggestions and the plan only where a number of alerts was named."""

    ground: Ground
    rules: Sequence[Sweep]
    families: Sequence[Sweep]
    cases: Sequence[Labelled]
    planted: int
    """How many of the cases were planted."""
    suggestions: Sequence[Suggestion]
    plan: Plan | None
    chosen: Mapping[Knob, float]
    """What is to be set: what was asked for, else the plan."""
    before: tuple[Outcome, Fate]
    after: tuple[Outcome, Fate]
    """Today, and with all that is chosen."""
    hits_after: Mapping[Knob, float] = field(default_factory=dict)
    """Hits a night of each rule, with all that is chosen."""


@dataclass(frozen=True, slots=True)
class Trial:
    """All that was tried; what to set is yet to be chosen."""

    replay: Replay
    rules: Sequence[Sweep]
    families: Sequence[Sweep]
    cases: Sequence[Labelled]
    planted: int
    suggestions: Sequence[Suggestion]
    plan: Plan | None

    def concluded(self, choose: Choose) -> Answer:
        """Let values be chosen, else take the plan's, and say what they come to together."""
        every = [*self.rules, *self.families]
        chosen = choose(every) or (self.plan.turned if self.plan else {})
        today = self.replay.outcome({}, every[0].knob)
        then = self.replay.outcome(chosen, every[0].knob)
        hits = {one.knob: self.replay.outcome(chosen, one.knob).hits_a_night for one in self.rules}
        return Answer(
            self.replay.ground, self.rules, self.families, self.cases, self.planted, self.suggestions, self.plan,
            chosen, (today, fate(self.cases, today)), (then, fate(self.cases, then)), hits,
        )  # fmt: skip


def tune(question: Question, rules: RuleSet, key: TokenKey, progress: Progress) -> Trial:
    """Replay the nights and try the knobs; raises as tune.ground does."""
    asked, scope = question.asked, question.scope
    planted = Planted(question.attacks, scope, asked.settings, key)
    families = caps(asked.settings, question.caps)
    nights = ground(asked, scope, [*question.knobs, *families], rules, planted, progress, question.state)
    replay = Replay(nights, lambda done, total: progress(_("judging"), done, total))
    mine = scope.within(nights.measured.nights).select("account", "night", "people")
    cases = within([*question.cases, *planted.cases], nights.nights, mine)
    trying = _Trying(replay, cases, question.wanted, lambda done, total: progress(_("trying"), done, total))
    tried = [trying.every_value(knob) for knob in question.knobs]
    told = [suggest(one, question.wanted) for one in tried] if question.wanted is not None else []
    more = (_risky(nights), asked.settings.alerting.case_nights)
    plan = together(replay, tried, cases, question.wanted, *more) if question.wanted is not None else None
    capped: list[Sweep] = []
    if scope.when and (question.families or (plan is not None and not plan.meets)):
        capped = [trying.every_value(knob) for knob in families]
        if plan is not None:
            plan = together(replay, [*tried, *capped], cases, plan.wanted, *more)
    turned = plan.turned if plan else {}
    tried, capped = ([trying.taken(one, turned) for one in sweeps] for sweeps in (tried, capped))
    return Trial(replay, tried, capped, cases, len(planted.cases), told, plan)


def _risky(nights: Ground) -> Risky:
    return lambda knob, value: bool(risk_of(knob, value, nights))


@dataclass(frozen=True, slots=True)
class _Trying:
    """Tries knobs one by one."""

    replay: Replay
    cases: Sequence[Labelled]
    wanted: float | None
    progress: Callable[[int, int], None]

    def every_value(self, knob: Knob) -> Sweep:
        """Try the values of a knob; where a number is wanted, also those around the one that just meets it."""
        told = sweep(self.replay, knob, self.cases, self.progress)
        too_many = self.wanted is not None and told.today.alerts_a_night > self.wanted
        return closer(self.replay, told, self.cases, self.wanted or 0) if too_many else told

    def taken(self, told: Sweep, turned: Mapping[Knob, float]) -> Sweep:
        """Add the value that is taken, where it is one between those of the list."""
        return also(self.replay, told, turned[told.knob], self.cases) if told.knob in turned else told
