"""A sweep: every value of one knob on the same nights, beside what holds today."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.rules.rule import Correlation
from tocsin.rules.tuning import limit_of
from tocsin.tune.knobs import Knob
from tocsin.tune.outcome import Outcome
from tocsin.tune.replay import Replay


@dataclass(frozen=True, slots=True)
class Tried:
    """One value: what it comes to, and whom it gains and loses against today."""

    value: float
    outcome: Outcome
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sweep:
    """All values of a knob; `effective` are the values that hold for the scope today, mostly one."""

    knob: Knob
    title: str
    scope: str
    effective: tuple[float, ...]
    today: Outcome
    tried: Sequence[Tried]


def sweep(replay: Replay, knob: Knob, progress: Callable[[int, int], None]) -> Sweep:
    """Try every value of a knob."""
    rule = replay.ground.hits.today.by_name[knob.rule]
    assert isinstance(rule, Correlation)  # noqa: S101 only correlations have knobs
    today = replay.today(knob)
    tried = []
    for place, value in enumerate(knob.values, start=1):
        outcome = replay.outcome(knob, value)
        gained, lost = outcome.accounts - today.accounts, today.accounts - outcome.accounts
        tried.append(Tried(value, outcome, tuple(sorted(gained)), tuple(sorted(lost))))
        progress(place, len(knob.values))
    return Sweep(knob, rule.title, replay.ground.scope.name, effective(replay, rule), today, tried)


def effective(replay: Replay, rule: Correlation) -> tuple[float, ...]:
    """Give the values that hold today for the accounts of the scope on the replayed nights, in ascending order."""
    hits = replay.ground.hits
    mine = hits.scope.within(hits.active)
    mine = mine.filter(mine["night"].is_in(list(replay.ground.nights)))
    return tuple(mine.select(limit=limit_of(rule))["limit"].unique().sort().to_list())
