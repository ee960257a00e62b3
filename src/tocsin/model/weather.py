"""Weather: what a night does to everybody of a profession (weekday, season, epidemic), so that it blames nobody.

A factor is a night's common level relative to the accounts' own means: its starting point is the mean factor of past
nights of the same weekday and class of day (else of the class), times tonight's shift, the trimmed ratio of what the
profession did to what its accounts' means expect, bounded by the settings. Where a region has a holiday of its own, a
night has a sky for each class of day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from tocsin.enrich.calendar import DayClass
from tocsin.model.surprise import Floats
from tocsin.settings import Baselines

Factors = dict[tuple[str, str], float]
"""(profession, feature) -> factor; a missing key is 1."""


@dataclass(frozen=True, slots=True)
class Skies:
    """The factors of past nights and classes of day, the newest last; of one night the portal's class comes first."""

    nights: tuple[tuple[date, DayClass, Mapping[tuple[str, str], float]], ...] = field(default=())

    def learn(self, night: date, day: DayClass, factors: Factors, keep: int) -> "Skies":
        """Give the skies with one more night, or one more class of its day, holding the last `keep` nights."""
        held = [sky for sky in self.nights if (night - sky[0]).days < keep]
        return Skies((*held, (night, day, factors)))

    def learn_all(self, night: date, by_day: Mapping[DayClass, Factors], keep: int) -> "Skies":
        """Give the skies with one more night, of as many classes of day as it has."""
        skies = self
        for day, factors in by_day.items():
            skies = skies.learn(night, day, factors, keep)
        return skies

    def expect(self, night: date, day: DayClass, keys: Sequence[tuple[str, str]]) -> Factors:
        """Give the factors to expect before tonight is looked at: same weekday, else same class of day, else 1."""
        of_class = [(at, sky) for at, class_, sky in self.nights if class_ == day]
        alike = [sky for at, sky in of_class if at.isoweekday() == night.isoweekday()]
        if day == "closed" or len(alike) < 2:
            alike = [sky for _, sky in of_class]
        return {key: _mean([sky[key] for sky in alike if key in sky]) for key in keys}


def shift(value: Floats, expected: Floats, habits: Baselines) -> float:
    """Measure tonight's common shift of a profession: trimmed sum seen over trimmed sum expected, bounded."""
    known = expected > 0
    value, expected = value[known], expected[known]
    if value.size < habits.shift_accounts or expected.sum() < habits.shift_count:
        return 1.0
    order = np.argsort(value / expected, kind="stable")
    cut = int(value.size * habits.shift_trimmed)
    kept = order[cut : value.size - cut]
    ratio = float(value[kept].sum() / expected[kept].sum())
    return round(min(max(ratio, habits.shift_low), habits.shift_high), 3)


def _mean(factors: Sequence[float]) -> float:
    return round(sum(factors) / len(factors), 3) if factors else 1.0
