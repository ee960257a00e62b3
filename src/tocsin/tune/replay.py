"""The replay: nights measured once and judged once in full, then judged again for every value that is tried."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from tocsin.measure import Measured
from tocsin.model.assess import Assess, Assessment, assess
from tocsin.model.calibration import Calibration
from tocsin.model.memory import Memory
from tocsin.results import Night
from tocsin.rules.baselined import Watched
from tocsin.rules.comparisons import Tuning
from tocsin.rules.overlay import Overlays, tuned
from tocsin.rules.rule import RuleSet
from tocsin.settings import Settings
from tocsin.tune.knobs import Knob, tried
from tocsin.tune.outcome import Alerted, Outcome, alerted
from tocsin.tune.readoff import Hits as AllHits
from tocsin.tune.scope import Scope
from tocsin.verdict.hits import Hits
from tocsin.verdict.judge import Asked, Before, judge_on

UNLIMITED = 1_000_000
"""Places of a list without a ceiling: a value that would flood it must be seen to."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What every run of the night loop shares: the measured nights, the rules and overlays of today, and for whom."""

    measured: Measured
    hits: AllHits
    rules: RuleSet
    overlays: Overlays
    scope: Scope
    settings: Settings
    nights: Sequence[date]
    """The nights whose figures are told; all that were measured are judged."""
    holidays: frozenset[date]
    with_model: bool = True


@dataclass(slots=True)
class Replay:
    """Runs the judge's night loop again and again over the same ground."""

    ground: Ground
    progress: Callable[[date], None] = lambda _night: None
    _assessments: dict[date, Assessment] = field(default_factory=dict)
    _calibrations: dict[date, Calibration] = field(default_factory=dict)
    _outcomes: dict[tuple[Any, ...], tuple[Alerted, ...]] = field(default_factory=dict)
    _inside: dict[date, frozenset[str]] = field(default_factory=dict)

    def outcome(self, turned: Mapping[Knob, float], of: Knob) -> Outcome:
        """Tell what the scope comes to with these knobs turned (none: as it is today), with the hits of one rule."""
        tunings = {knob.name: knob.tuning(self.ground.scope, v) for knob, v in turned.items() if not knob.is_family}
        caps = {knob.name: int(value) for knob, value in turned.items() if knob.is_family}
        episodes = self.ground.hits.episodes(tunings)
        nights = self._judged(tunings, caps, episodes)
        hits = self.ground.hits
        mine = hits.none() if of.is_family else hits.of_rule(of.name, episodes, self.ground.nights)
        return Outcome(mine, nights)

    def _judged(
        self, tunings: Mapping[str, Tuning], caps: Mapping[str, int], episodes: pl.DataFrame
    ) -> tuple[Alerted, ...]:
        if not self._assessments:
            list(self._loop({}, {}, self.ground.hits.episodes({})))
        key = (self.ground.hits.kept(tunings), tuple(sorted(caps.items())))
        if key not in self._outcomes:
            wanted = set(self.ground.nights)
            judged = self._loop(tunings, caps, episodes)
            self._outcomes[key] = tuple(
                alerted(night, self._inside_on(night.night)) for night in judged if night.night in wanted
            )
        return self._outcomes[key]

    def _loop(
        self, tunings: Mapping[str, Tuning], caps: Mapping[str, int], episodes: pl.DataFrame
    ) -> Iterator[Night]:
        """Judge all nights; the first time in full, then with what the first time found."""
        ground, first = self.ground, not self._assessments
        overlays = without_budgets(tried(ground.overlays, ground.scope, tunings, caps))
        rules = tuned(ground.rules, overlays) if tunings else ground.hits.today
        hits = Hits(Watched(episodes, ground.measured.peaks, ground.hits.active, rules))
        asked = Asked(
            frozenset(ground.nights),
            ground.holidays,
            UNLIMITED,
            ground.with_model,
            overlays,
            assess=_kept_in(self._assessments),
            calibrations={} if first else self._calibrations,
        )
        before = Before()
        for night, after in judge_on(ground.measured, hits.on, ground.settings, asked, before):
            if first:
                self._calibrations[night.night] = before.calibration
                before = after
            self.progress(night.night)
            yield night

    def _inside_on(self, night: date) -> frozenset[str]:
        if not self._inside:
            mine = self.ground.scope.within(self.ground.hits.active)
            parts = mine.partition_by("night", as_dict=True)
            self._inside = {night: frozenset(part["account"]) for (night,), part in parts.items()}  # type: ignore[misc]
        return self._inside.get(night, frozenset())


def without_budgets(overlays: Overlays) -> Overlays:
    """Lift the ceilings that regions have of their own."""
    return replace(overlays, overlays=tuple(replace(one, budget=None) for one in overlays.overlays))


def _kept_in(kept: dict[date, Assessment]) -> Assess:
    """Assess each night once; the memory of a kept night is left out but for the nights it counts."""

    def once(
        tonight: pl.DataFrame,
        memory: Memory,
        features: Any,
        settings: Settings,
        when: Any,
        *,
        with_model: bool,
        origins: pl.DataFrame | None = None,
    ) -> Assessment:
        night = when[0]
        if night in kept:
            return kept[night]
        made = assess(tonight, memory, features, settings, when, with_model=with_model, origins=origins)
        kept[night] = replace(made, learned=Memory(skies=made.learned.skies))
        return made

    return once
