"""The replay: nights measured once and judged once in full, then judged again for every value that is tried."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from tocsin.features.feature import Feature
from tocsin.measure import Measured
from tocsin.model.assess import About, Assess, Assessment, assess
from tocsin.model.memory import Memory
from tocsin.results import Night
from tocsin.rules.baselined import Watched
from tocsin.rules.overlay import Overlays, tuned
from tocsin.rules.rule import RuleSet
from tocsin.schema import empty
from tocsin.settings import Alerting, Settings
from tocsin.tune.knobs import Knob
from tocsin.tune.outcome import Alerted, Outcome, alerted
from tocsin.tune.readoff import HITS
from tocsin.tune.readoff import Hits as AllHits
from tocsin.tune.scope import Scope
from tocsin.tune.turned import Turned
from tocsin.tune.turned import turned as turned_for
from tocsin.tune.weeks import Weeks
from tocsin.verdict.campaign import Group, link
from tocsin.verdict.caps import caps_of
from tocsin.verdict.decisions import Decisions
from tocsin.verdict.hits import Hits, HitsOn
from tocsin.verdict.judge import Asked, Before, judge_on
from tocsin.verdict.points import score

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
    weeks: Weeks | None = None
    """What the coming weeks hold, where they are asked of."""
    with_model: bool = True
    decisions: Decisions = field(default_factory=Decisions)
    """What persons decided, where the nights are those of a state."""
    _inside: dict[date, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def inside(self, night: date) -> frozenset[str]:
        """Give the accounts of the scope on a night."""
        if not self._inside:
            parts = self.scope.within(self.hits.active).partition_by("night", as_dict=True)
            for (day,), part in parts.items():
                assert isinstance(day, date)  # noqa: S101 the key of a Date column
                self._inside[day] = frozenset(part["account"])
        return self._inside.get(night, frozenset())

    @property
    def confirmed_late(self) -> tuple[str, ...]:
        """Name the accounts of which a night after the first one measured heard that they were attacked.

        A scan takes whom that intruder read for new from then on; here one pass measures all nights, so it does not.
        """
        first, last = self.measured.nights["night"].min(), self.nights[-1]
        assert isinstance(first, date)  # noqa: S101 there are nights
        heard = {
            one.account for one in self.decisions.answers if one.answer == "true" and first < one.heard_from <= last
        }
        mine = self.scope.within(self.hits.active)["account"]
        return tuple(sorted(heard & set(mine)))

    @property
    def professions(self) -> Mapping[str, str]:
        """Give the profession of every account of the scope that has one, as of its last night."""
        mine = self.scope.within(self.hits.active).drop_nulls("profession").sort("night")
        return dict(mine.filter(mine["night"].is_in(list(self.nights))).select("account", "profession").iter_rows())


Judged = tuple[tuple[Alerted, ...], pl.DataFrame]
"""The alerts of every night, and the hits (rule and HITS) of all of them."""


@dataclass(slots=True)
class Replay:
    """Runs the judge's night loop again and again over the same ground.

    A value is tried from the first night whose figures are told, as if an overlay had been written on that day: the
    nights before are today's, as are those before the first one whose hits it changes, and the hits of the other rules.
    """

    ground: Ground
    progress: Callable[[int, int], None] = lambda _done, _total: None
    """Hears the nights judged in full and how many there are: the first run takes the time."""
    planted: "Replay | None" = None
    """The same nights with planted attacks."""
    _first: "_First | None" = None
    _today: Hits | None = None
    _today_hits: dict[tuple[date, int], pl.DataFrame] = field(default_factory=dict)
    _groups: dict[tuple[date, tuple[str, ...]], list[Group]] = field(default_factory=dict)
    _outcomes: dict[tuple[Any, ...], Judged] = field(default_factory=dict)

    def outcome(self, turned: Mapping[Knob, float], of: Knob, whom: Scope | None = None) -> Outcome:
        """Tell what the scope comes to with these knobs turned (none: as it is today), with the hits of one rule.

        They are turned for the accounts of `whom` alone, where only a part of the scope is meant.
        """
        asked = turned_for(turned, whom or self.ground.scope)
        nights, hits = self._judged(asked)
        planted = self.planted._judged(asked)[0] if self.planted else ()  # noqa: SLF001 it is another one of these
        return Outcome(hits.filter(pl.col("rule") == of.name).drop("rule"), nights, planted)

    def _judged(self, asked: Turned) -> Judged:
        if self._first is None:
            self._first = self._in_full()
        caps = {family: cap for family, cap in asked.caps.items() if cap < self._first.most.get(family, 0)}
        asked = replace(asked, caps=caps)
        told = next(night for night in self._first.nights if night >= self.ground.nights[0])
        start = told if caps else self.ground.hits.changes_on(asked)
        if start is None:
            return self._first.judged
        start = max(start, told)
        key = (
            self.ground.hits.kept(asked),
            tuple(sorted(caps.items())),
            tuple(sorted(asked.when.items())) if caps else (),
        )
        if key not in self._outcomes:
            self._outcomes[key] = self._again(asked, start)
        return self._outcomes[key]

    def _in_full(self) -> "_First":
        """Judge all nights with today's rules, and keep what the other runs are given back."""
        ground, first = self.ground, _First()
        heard = _Heard(ground, self._today_on)
        asked = replace(self._asked(ground.overlays), assess=_kept_in(first.assessments))
        before, total = Before(), ground.measured.nights["night"].n_unique()
        for night, after in judge_on(ground.measured, heard.on, ground.settings, asked, before):
            first.nights.append(night.night)
            first.befores[night.night] = replace(before, memory=Memory(skies=before.memory.skies))
            self._note_most(first, night.night, heard.last)
            before = after
            heard.note(night)
            self.progress(len(first.nights), total)
        first.judged = heard.judged()
        return first

    def _again(self, asked: Turned, start: date) -> Judged:
        """Judge the nights from `start` with other values; what does not depend on them is given back."""
        ground, first = self.ground, self._first
        assert first is not None  # noqa: S101 the first run came before
        overlays = asked.above(ground.overlays)
        rules = tuned(ground.rules, overlays)
        changed = Hits(Watched(ground.hits.of_rules(asked), ground.measured.peaks, ground.hits.active, rules))

        def on(night: date, suspicious: pl.DataFrame) -> pl.DataFrame:
            kept = self._today_on(night, suspicious).filter(~pl.col("rule").is_in(sorted(asked.rules)))
            return pl.concat([kept, changed.on(night, suspicious)]).sort("account", "night", "rule")

        heard = _Heard(ground, on)
        calibrations = {night: before.calibration for night, before in first.befores.items()}
        question = replace(self._asked(overlays), assess=_kept_in(first.assessments), calibrations=calibrations)
        measured = replace(ground.measured, nights=ground.measured.nights.filter(pl.col("night") >= start))
        for night, _after in judge_on(measured, heard.on, ground.settings, question, first.befores[start]):
            heard.note(night)
        alerts, hits = heard.judged()
        same = [one for one in first.judged[0] if one.night < start]
        return (*same, *alerts), pl.concat([first.judged[1].filter(pl.col("night") < start), hits])

    def _asked(self, overlays: Overlays) -> Asked:
        ground = self.ground
        nights = frozenset(ground.nights)
        return Asked(
            nights, ground.holidays, UNLIMITED, ground.with_model, without_budgets(overlays),
            decisions=ground.decisions, linker=self._link, explained=False,
        )  # fmt: skip

    def _link(
        self,
        origins: pl.DataFrame,
        night: date,
        candidates: Collection[str],
        rules: Alerting,
        rows: pl.DataFrame | None = None,
        runs: pl.DataFrame | None = None,
    ) -> list[Group]:
        """Link each set of candidates of a night once: most values leave it as it is."""
        key = (night, tuple(candidates))
        if key not in self._groups:
            self._groups[key] = link(origins, night, candidates, rules, rows, runs)
        return self._groups[key]

    def _today_on(self, night: date, suspicious: pl.DataFrame) -> pl.DataFrame:
        """Give today's hits of a night: computed once for each set of suspicious account-nights before it."""
        key = (night, hash(tuple(suspicious.rows())))
        if key not in self._today_hits:
            if self._today is None:
                held = self.ground.hits
                self._today = Hits(Watched(held.episodes({}), self.ground.measured.peaks, held.active, held.today))
            self._today_hits[key] = self._today.on(night, suspicious)
        return self._today_hits[key]

    def _note_most(self, first: "_First", night: date, hits: pl.DataFrame) -> None:
        """Remember the most that each family said in the scope, in points before weights: a higher cap does nothing."""
        ground, assessed = self.ground, first.assessments[night]
        caps = caps_of(assessed, ground.overlays, night, ground.settings)
        scores = score(assessed, hits, ground.settings.families, caps)
        mine = assessed.rows["account"].is_in(sorted(ground.inside(night))).to_numpy()
        for family, said in scores.families.items():
            most = int(said[mine].max(initial=0))
            first.most[family] = max(first.most.get(family, 0), most / max(ground.settings.families.weights[family], 1))


@dataclass(slots=True)
class _First:
    """What the first run found, and what each night inherited then."""

    nights: list[date] = field(default_factory=list)
    assessments: dict[date, Assessment] = field(default_factory=dict)
    befores: dict[date, Before] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)
    judged: Judged = ((), pl.DataFrame())


@dataclass(slots=True)
class _Heard:
    """Listens to a run: the hits and the alerts of the scope on the nights whose figures are told."""

    ground: Ground
    source: HitsOn
    last: pl.DataFrame = field(default_factory=pl.DataFrame)
    hits: list[pl.DataFrame] = field(default_factory=lambda: [empty({"rule": pl.String(), **HITS})])
    alerts: list[Alerted] = field(default_factory=list)

    def on(self, night: date, suspicious: pl.DataFrame) -> pl.DataFrame:
        """Give the judge the hits of a night, and remember those of the scope."""
        self.last = self.source(night, suspicious)
        if night in self.ground.nights:
            mine = self.last.filter(pl.col("account").is_in(sorted(self.ground.inside(night))))
            self.hits.append(mine.select(self.hits[0].columns))
        return self.last

    def note(self, night: Night) -> None:
        """Remember the alerts of a night."""
        if night.night in self.ground.nights:
            self.alerts.append(alerted(night, self.ground.inside(night.night)))

    def judged(self) -> Judged:
        """Give all that was heard."""
        return tuple(self.alerts), pl.concat(self.hits)


def without_budgets(overlays: Overlays) -> Overlays:
    """Lift the ceilings that regions have of their own."""
    return replace(overlays, overlays=tuple(replace(one, budget=None) for one in overlays.overlays))


def _kept_in(kept: dict[date, Assessment]) -> Assess:
    """Assess each night once; the memory of a kept night is left out but for the nights it counts."""

    def once(
        tonight: pl.DataFrame, memory: Memory, features: Sequence[Feature], settings: Settings, about: About
    ) -> Assessment:
        night = about.when[0]
        if night in kept:
            return kept[night]
        made = assess(tonight, memory, features, settings, about)
        kept[night] = replace(made, learned=Memory(skies=made.learned.skies))
        return made

    return once
