"""The replay: nights measured once and judged once in full, then judged again for every value that is tried."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from tocsin.measure import Measured
from tocsin.model.assess import Assess, Assessment, assess
from tocsin.model.calibration import Calibration
from tocsin.model.memory import Memory
from tocsin.rules.baselined import Watched
from tocsin.rules.comparisons import Tuning
from tocsin.rules.overlay import Overlays, tuned
from tocsin.rules.rule import RuleSet
from tocsin.schema import empty
from tocsin.settings import Settings
from tocsin.tune.knobs import Knob, tried
from tocsin.tune.outcome import Alerted, Outcome, alerted
from tocsin.tune.readoff import HITS
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
    progress: Callable[[int, int], None] = lambda _done, _total: None
    """Hears the nights judged in full and how many there are: the first run takes the time."""
    _assessments: dict[date, Assessment] = field(default_factory=dict)
    _calibrations: dict[date, Calibration] = field(default_factory=dict)
    _outcomes: dict[tuple[Any, ...], tuple[tuple[Alerted, ...], pl.DataFrame]] = field(default_factory=dict)
    _inside: dict[date, frozenset[str]] = field(default_factory=dict)

    def outcome(self, turned: Mapping[Knob, float], of: Knob) -> Outcome:
        """Tell what the scope comes to with these knobs turned (none: as it is today), with the hits of one rule."""
        tunings = {knob.name: knob.tuning(self.ground.scope, v) for knob, v in turned.items() if not knob.is_family}
        caps = {knob.name: int(value) for knob, value in turned.items() if knob.is_family}
        nights, hits = self._judged(tunings, caps)
        return Outcome(hits.filter(pl.col("rule") == of.name).drop("rule"), nights)

    def _judged(
        self, tunings: Mapping[str, Tuning], caps: Mapping[str, int]
    ) -> tuple[tuple[Alerted, ...], pl.DataFrame]:
        if not self._assessments:
            self._loop({}, {})
        key = (self.ground.hits.kept(tunings), tuple(sorted(caps.items())))
        if key not in self._outcomes:
            self._outcomes[key] = self._loop(tunings, caps)
        return self._outcomes[key]

    def _loop(self, tunings: Mapping[str, Tuning], caps: Mapping[str, int]) -> tuple[tuple[Alerted, ...], pl.DataFrame]:
        """Judge all nights, the first time in full, then with what that found: alerts and hits of the scope."""
        ground, first = self.ground, not self._assessments
        overlays = without_budgets(tried(ground.overlays, ground.scope, tunings, caps))
        rules = tuned(ground.rules, overlays) if tunings else ground.hits.today
        hits = Hits(Watched(ground.hits.episodes(tunings), ground.measured.peaks, ground.hits.active, rules))
        rung: list[pl.DataFrame] = [empty({"rule": pl.String(), **HITS})]
        alerts: list[Alerted] = []

        def on(night: date, suspicious: pl.DataFrame) -> pl.DataFrame:
            found = hits.on(night, suspicious)
            if night in ground.nights:
                mine = found.filter(pl.col("account").is_in(sorted(self._inside_on(night))))
                rung.append(mine.select(rung[0].columns))
            return found

        asked = Asked(
            frozenset(ground.nights),
            ground.holidays,
            UNLIMITED,
            ground.with_model,
            overlays,
            assess=_kept_in(self._assessments),
            calibrations={} if first else self._calibrations,
        )
        before, total = Before(), ground.measured.nights["night"].n_unique()
        for night, after in judge_on(ground.measured, on, ground.settings, asked, before):
            if first:
                self._calibrations[night.night] = before.calibration
                before = after
                self.progress(len(self._calibrations), total)
            if night.night in ground.nights:
                alerts.append(alerted(night, self._inside_on(night.night)))
        return tuple(alerts), pl.concat(rung)

    def _inside_on(self, night: date) -> frozenset[str]:
        if not self._inside:
            mine = self.ground.scope.within(self.ground.hits.active)
            parts = mine.partition_by("night", as_dict=True)
            self._inside = {night: frozenset(part["account"]) for (night,), part in parts.items()}
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
