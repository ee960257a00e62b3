"""Weather: what a night does to everybody of a profession (weekday, season, epidemic), so that it blames nobody.

A factor is a night's common level relative to the accounts' own means: its starting point is the mean factor of past
nights of the same weekday and class of day (else of the class), times tonight's shift (common_shift). Where a region
has a holiday of its own, a night has a sky for each class of day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from tocsin.enrich.calendar import DayClass

Factors = dict[tuple[str, str], float]
"""(profession, feature) -> factor; a missing key is 1."""

HERE = ("day", "profession", "region")

REGIONS = {"night": pl.Date(), "day": pl.String(), "profession": pl.String(), "region": pl.String()}
"""Besides these a column for each feature: the factor of the profession in the region in thousandths, null where it is
the profession's."""


def _no_regions() -> pl.DataFrame:
    return pl.DataFrame(schema=REGIONS)


@dataclass(frozen=True, slots=True)
class Skies:
    """The factors of past nights and classes of day, the newest last; of one night the portal's class comes first.

    `regions`: those of professions in regions that had enough accounts to differ from their profession's (REGIONS).
    """

    nights: tuple[tuple[date, DayClass, Mapping[tuple[str, str], float]], ...] = field(default=())
    regions: pl.DataFrame = field(default_factory=_no_regions)

    def learn(self, night: date, day: DayClass, factors: Factors, keep: int) -> "Skies":
        """Give the skies with one more night, or one more class of its day, holding the last `keep` nights."""
        held = [sky for sky in self.nights if (night - sky[0]).days < keep]
        return Skies((*held, (night, day, factors)), self.regions)

    def learn_all(self, night: date, by_day: Mapping[DayClass, Factors], regions: pl.DataFrame, keep: int) -> "Skies":
        """Give the skies with one more night, of as many classes of day and regions as it has."""
        skies = self
        for day, factors in by_day.items():
            skies = skies.learn(night, day, factors, keep)
        held = self.regions.filter(pl.lit(night) - pl.col("night") < timedelta(days=keep))
        return Skies(skies.nights, pl.concat([held, regions], how="diagonal_relaxed").rechunk())

    def expect(self, night: date, day: DayClass, keys: Sequence[tuple[str, str]]) -> Factors:
        """Give the factors to expect before tonight is looked at: same weekday, else same class of day, else 1."""
        of_class = [(at, sky) for at, class_, sky in self.nights if class_ == day]
        alike = [sky for at, sky in of_class if at.isoweekday() == night.isoweekday()]
        if day == "closed" or len(alike) < 2:
            alike = [sky for _, sky in of_class]
        return {key: _mean([sky[key] for sky in alike if key in sky]) for key in keys}


def _mean(factors: Sequence[float]) -> float:
    return round(sum(factors) / len(factors), 3) if factors else 1.0
