"""Knobs turned together: what an overlay above all others would say."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tocsin.rules.comparisons import Tuning
from tocsin.rules.overlay import Overlays
from tocsin.rules.overlay_file import FamilyTuning, Overlay
from tocsin.tune.knobs import ABOVE_ALL, TRIED, Knob
from tocsin.tune.scope import Scope


@dataclass(frozen=True, slots=True)
class Turned:
    """What is tried for a scope: of rules their windows (thresholds, timespans) and factors, and caps of families."""

    windows: Mapping[str, Tuning] = field(default_factory=dict)
    factors: Mapping[str, Tuning] = field(default_factory=dict)
    caps: Mapping[str, float] = field(default_factory=dict)
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which accounts it is tried for."""

    @property
    def rules(self) -> frozenset[str]:
        """The rules of which something is turned."""
        return frozenset({*self.windows, *self.factors})

    def above(self, overlays: Overlays) -> Overlays:
        """Add to the overlays what is tried, above all that they say."""
        families = tuple(FamilyTuning(family, cap, "", None, TRIED) for family, cap in self.caps.items())
        extra = Overlay(
            title="tried",
            place=TRIED,
            when=self.when,
            tunings=(*self.windows.items(), *self.factors.items()),
            families=families,
            calendar=None,
            budget=None,
            tests=(),
            priority=ABOVE_ALL,
        )
        return replace(overlays, overlays=(*overlays.overlays, extra))


def turned(knobs: Mapping[Knob, float], scope: Scope) -> Turned:
    """Say of the rules and families what an overlay with these values would."""
    said = {knob: knob.tuning(scope, value) for knob, value in knobs.items() if not knob.is_family}
    return Turned(
        windows={knob.name: told for knob, told in said.items() if not knob.is_factor},
        factors={knob.name: told for knob, told in said.items() if knob.is_factor},
        caps={knob.name: value for knob, value in knobs.items() if knob.is_family},
        when=scope.when,
    )
