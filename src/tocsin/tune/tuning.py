"""A whole tuning: the nights replayed, every knob tried, and what to do about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tocsin.nightly import Progress, Scan
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.rule import RuleSet
from tocsin.simulate.scenarios.spec import Attack
from tocsin.store.state import State
from tocsin.tune.advice import Advice, advise
from tocsin.tune.ground import ground
from tocsin.tune.knobs import Knob, caps
from tocsin.tune.known import Fate, Labelled, fate, within
from tocsin.tune.outcome import Outcome
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
    """What the replay says; suggestions and advice only where a number of alerts was named."""

    ground: Ground
    rules: Sequence[Sweep]
    families: Sequence[Sweep]
    cases: Sequence[Labelled]
    planted: int
    """How many of the cases were planted."""
    suggestions: Sequence[Suggestion]
    advice: Advice | None
    chosen: Mapping[Knob, float]
    """What is to be set: what was asked for, else the plan."""
    whom: Scope
    """For whom it is to be set: the scope, or some professions of it."""
    before: tuple[Outcome, Fate]
    after: tuple[Outcome, Fate]
    """Today, and with all that is chosen."""
    by_knob: Mapping[Knob, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """With the hits of each rule: what all that is chosen comes to, and what this knob of it alone would."""


@dataclass(frozen=True, slots=True)
class Trial:
    """All that was tried; what to set is yet to be chosen."""

    replay: Replay
    rules: Sequence[Sweep]
    families: Sequence[Sweep]
    cases: Sequence[Labelled]
    planted: int
    suggestions: Sequence[Suggestion]
    advice: Advice | None

    def concluded(self, choose: Choose) -> Answer:
        """Let values be chosen, else take the plan's, and say what they come to together."""
        every = [*self.rules, *self.families]
        chosen, whom = choose(every), self.replay.ground.scope
        if not chosen and self.advice is not None:
            chosen, whom = self.advice.plan.turned, self.advice.plan.whom or whom
        today = self.replay.outcome({}, every[0].knob)
        then = self.replay.outcome(chosen, every[0].knob, whom)
        by_knob = {one.knob: self._by_knob(one.knob, chosen, whom) for one in every}
        return Answer(
            self.replay.ground, self.rules, self.families, self.cases, self.planted, self.suggestions,
            self.advice, chosen, whom, (today, fate(self.cases, today)), (then, fate(self.cases, then)), by_knob,
        )  # fmt: skip

    def _by_knob(self, knob: Knob, chosen: Mapping[Knob, float], whom: Scope) -> tuple[Outcome, Outcome]:
        alone = {knob: chosen[knob]} if knob in chosen else {}
        return self.replay.outcome(chosen, knob, whom), self.replay.outcome(alone, knob, whom)


def tune(question: Question, rules: RuleSet, key: TokenKey, progress: Progress) -> Trial:
    """Replay the nights and try the knobs; raises as tune.ground does."""
    asked, scope = question.asked, question.scope
    families = caps(asked.settings, question.caps)
    replay, planted = _replays(question, rules, key, [*question.knobs, *families], progress)
    nights = replay.ground
    mine = scope.within(nights.measured.nights).select("account", "night", "people")
    cases = within([*question.cases, *planted], nights.nights, mine)
    trying = _Trying(replay, cases, question.wanted, lambda done, total: progress(_("trying"), done, total))
    tried = [trying.every_value(knob) for knob in question.knobs]
    told = [suggest(one, question.wanted) for one in tried] if question.wanted is not None else []
    advice = _advised(replay, tried, cases, question.wanted, more_follow=bool(scope.when))
    capped: list[Sweep] = []
    if scope.when and (question.families or (advice is not None and not advice.comes_near)):
        capped = [trying.every_value(knob) for knob in families]
        advice = _advised(replay, [*tried, *capped], cases, question.wanted)
    turned = advice.plan.turned if advice else {}
    tried, capped = ([trying.taken(one, turned) for one in sweeps] for sweeps in (tried, capped))
    return Trial(replay, tried, capped, cases, len(planted), told, advice)


def _replays(
    question: Question, rules: RuleSet, key: TokenKey, knobs: Sequence[Knob], progress: Progress
) -> tuple[Replay, Sequence[Labelled]]:
    """Measure the nights as they were and, apart from them, with what is planted: planted attacks are no alerts."""

    def judging(done: int, total: int) -> None:
        progress(_("judging"), done, total)

    def replay(planted: Planted, beside: Replay | None) -> Replay:
        seen = ground(question.asked, question.scope, knobs, rules, planted, progress, question.state)
        return Replay(seen, judging, beside)

    planted, nobody = (Planted(one, question.scope, question.asked.settings, key) for one in (question.attacks, ()))
    return replay(nobody, replay(planted, None) if question.attacks else None), planted.cases


def _advised(
    replay: Replay,
    sweeps: Sequence[Sweep],
    cases: Sequence[Labelled],
    wanted: float | None,
    *,
    more_follow: bool = False,
) -> Advice | None:
    return None if wanted is None else advise(replay, sweeps, cases, wanted, more_follow=more_follow)


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
