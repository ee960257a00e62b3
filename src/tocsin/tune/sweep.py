"""A sweep: every value of one knob on the same nights, beside what holds today."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import polars as pl

from tocsin.rules.rule import Correlation
from tocsin.rules.tuning import covers, factor_of, is_enabled, limit_of, span_of
from tocsin.tune.knobs import Knob
from tocsin.tune.known import Fate, Labelled, fate
from tocsin.tune.outcome import Outcome
from tocsin.tune.replay import Ground, Replay
from tocsin.words import _

HALVINGS = 4
"""Of the gap between two values of a list: a sixteenth of it is left."""

CLOSE = 0.95
"""Nearer than this to the number nothing is gained by looking further: nights differ by more."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One value: what it comes to, and whom it gains and loses against today."""

    value: float
    outcome: Outcome
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    fate: Fate
    """Of the known cases."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """All values of a knob; `effective` are the values that hold for the scope today, mostly one."""

    knob: Knob
    title: str
    effective: tuple[float, ...]
    today: Outcome
    fate: Fate
    tried: Sequence[Tried]
    is_off: bool = False
    """Whether an overlay switches the rule off for the whole scope: then no value of it does anything."""

    def at(self, value: float) -> Outcome:
        """Give what a value that was tried comes to."""
        return next(one.outcome for one in self.tried if one.value == value)


def sweep(replay: Replay, knob: Knob, cases: Sequence[Labelled], progress: Callable[[int, int], None]) -> Sweep:
    """Try every value of a knob; `cases` are those of the scope (known.within)."""
    today = replay.outcome({}, knob)
    tried = []
    for place, value in enumerate(knob.values, start=1):
        tried.append(_trying(replay, knob, value, today, cases))
        progress(place, len(knob.values))
    return Sweep(
        knob, title_of(replay, knob), effective(replay, knob), today, fate(cases, today), tried, _is_off(replay, knob)
    )


def _trying(replay: Replay, knob: Knob, value: float, today: Outcome, cases: Sequence[Labelled]) -> Tried:
    outcome = replay.outcome({knob: value}, knob)
    gained, lost = outcome.accounts - today.accounts, today.accounts - outcome.accounts
    return Tried(value, outcome, tuple(sorted(gained)), tuple(sorted(lost)), fate(cases, outcome))


def also(replay: Replay, told: Sweep, value: float, cases: Sequence[Labelled]) -> Sweep:
    """Try one more value of a knob; the sweep as it is where that was tried."""
    if any(one.value == value for one in told.tried):
        return told
    tried = [*told.tried, _trying(replay, told.knob, value, told.today, cases)]
    return replace(told, tried=sorted(tried, key=lambda one: one.value))


def closer(replay: Replay, told: Sweep, cases: Sequence[Labelled], wanted: float) -> Sweep:
    """Halve the gap between the value that just meets a number of alerts a night and the next one that does not."""
    for _halving in range(HALVINGS):
        value = _gap(told, wanted)
        if value is None:
            break
        told = also(replay, told, value, cases)
    return told


def is_close(outcome: Outcome, wanted: float) -> bool:
    """Say whether a number of alerts a night is met and all but used: one alert more would be too many, or no news."""
    room = wanted * len(outcome.nights)
    return outcome.alerts <= room and (outcome.alerts >= CLOSE * room or outcome.alerts + 1 > room)


def _gap(told: Sweep, wanted: float) -> float | None:
    """Give a value between one that meets the number and its neighbour that does not; None where there is none."""
    if any(is_close(one.outcome, wanted) for one in told.tried):
        return None
    steps = [(one, other) for one, other in pairwise(told.tried) if _meets(one, wanted) != _meets(other, wanted)]
    beside = sorted(steps, key=lambda step: -min(one.outcome.alerts for one in step))
    values = (told.knob.between(one.value, other.value) for one, other in beside)
    return next((value for value in values if value is not None), None)


def _meets(one: Tried, wanted: float) -> bool:
    return one.outcome.alerts_a_night <= wanted


def title_of(replay: Replay, knob: Knob) -> str:
    """Say what a knob is of."""
    if knob.is_family:
        return _("Most that {family} may say").format(family=_(knob.name))
    title = replay.ground.rules.by_name[knob.name].title
    return _("{title}: times the usual").format(title=title) if knob.is_factor else title


def effective(replay: Replay, knob: Knob) -> tuple[float, ...]:
    """Give the values that hold today for the accounts of the scope on the replayed nights, in ascending order."""
    ground = replay.ground
    mine = ground.scope.within(ground.hits.active)
    mine = mine.filter(mine["night"].is_in(list(ground.nights)))
    if knob.is_family:
        return _caps(ground, knob.name, mine)
    rule = ground.hits.today.by_name[knob.name]
    assert isinstance(rule, Correlation)  # noqa: S101 only correlations have knobs
    if knob.is_timespan:
        return tuple(
            mine.select(span=span_of(rule).dt.total_seconds().cast(pl.Float64))["span"].unique().sort().to_list()
        )
    if knob.is_factor:
        return tuple(mine.select(factor=factor_of(rule))["factor"].unique().sort().to_list())
    return tuple(mine.select(limit=limit_of(rule))["limit"].unique().sort().to_list())


def _is_off(replay: Replay, knob: Knob) -> bool:
    """Say whether a rule is switched off for all account-nights of the scope."""
    if knob.is_family:
        return False
    ground = replay.ground
    mine = ground.scope.within(ground.hits.active)
    mine = mine.filter(mine["night"].is_in(list(ground.nights)))
    return not mine.select(on=is_enabled(ground.hits.today.by_name[knob.name]))["on"].any()


def _caps(ground: Ground, family: str, mine: pl.DataFrame) -> tuple[float, ...]:
    most = ground.settings.families.caps[family]
    found: set[float] = set()
    for (night,), rows in mine.partition_by("night", as_dict=True).items():
        cap = pl.lit(most)
        for overlay, said in ground.overlays.caps(night):
            if said.family == family:
                cap = pl.when(covers(overlay.when)).then(pl.lit(min(most, float(said.cap)))).otherwise(cap)
        found |= set(rows.select(cap=cap)["cap"])
    return tuple(sorted(found))
