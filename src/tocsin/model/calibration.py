"""Calibration: how many accounts of an ordinary night would have rung with at least these points.

The whole verdict was replayed on the nights before: an account-night counts with its points where it would have been
put before a person, and with none where it would not (docs/decisions/0072-calibration.md).
"""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.enrich.calendar import DayClass
from tocsin.model.tail import Tail
from tocsin.schema import empty
from tocsin.settings import Alerting

NOBODY = "-"
"""Stands for an unknown profession."""

_ROUNDS = 50
"""Steps from no names upwards; each may lift what a night counts for."""

SCORES = {
    "night": pl.Date(),
    "day": pl.String(),
    "profession": pl.String(),
    "points": pl.Int32(),
    "n": pl.Int64(),
    "scored_by": pl.String(),
}
"""How many accounts of a profession had these points (hundredths; 0 where they did not ring) on a night, and the mark
of the rules and settings that gave them."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The replayed nights, in order: one row a night, profession and points (SCORES)."""

    scores: pl.DataFrame = field(default_factory=lambda: empty(SCORES))

    @property
    def nights(self) -> int:
        """Count the nights replayed."""
        return self.scores["night"].n_unique()

    def scored_by(self, mark: str, least: int) -> "Calibration":
        """Give the nights that were scored by these rules and settings alone, where there are at least so many.

        After a change the last nights are scored again, and older ones say what other rules would have found.
        """
        mine = Calibration(self.scores.filter(pl.col("scored_by") == mark))
        return mine if mine.nights >= least else self

    def learn(
        self, night: date, who: pl.DataFrame, points: NDArray[np.int32], keep: int, mark: str = ""
    ) -> "Calibration":
        """Give the calibration with one more night, holding the last `keep`.

        `who` tells the `profession` and `day` of each of the night's accounts, `mark` the rules and settings.
        """
        keys = ("day", "profession", "points")
        tonight = (
            who.select("day", pl.col("profession").fill_null(NOBODY), points=pl.Series(points, dtype=pl.Int32))
            .group_by(keys)
            .agg(n=pl.len().cast(pl.Int64))
            .sort(keys)
            .select(pl.lit(night).alias("night"), *keys, "n", pl.lit(mark).alias("scored_by"))
        )
        last = self.scores["night"].unique().sort().tail(keep - 1)
        kept = self.scores.filter(pl.col("night").is_in(last.implode()))
        return Calibration(pl.concat([kept, tonight]))

    def without(self, night: date, profession: str | None, points: int, day: str | None = None) -> "Calibration":
        """Take the score of one account out of a night; it has one class of day unless `day` says which."""
        mine = (pl.col("night") == night) & (pl.col("profession") == (profession or NOBODY))
        here = mine & (pl.col("points") == points)
        here = here if day is None else here & (pl.col("day") == day)
        return Calibration(self.scores.with_columns(n=pl.col("n") - here.cast(pl.Int64)).filter(pl.col("n") > 0))

    def again(self, night: date, who: pl.DataFrame) -> "Calibration":
        """Put scores back that were taken out; `who` has `profession` and `told` (points) of each, and perhaps `day`.

        A night that is no longer replayed takes none.
        """
        mine = self.scores.filter(pl.col("night") == night)
        if mine.is_empty():
            return self
        day = pl.col("day").cast(mine.schema["day"]) if "day" in who.columns else pl.lit(mine["day"][0])
        keys = ("night", "day", "profession", "points", "scored_by")
        back = who.select(
            pl.lit(night).alias("night"),
            day.fill_null(mine["day"][0]).alias("day"),
            pl.col("profession").fill_null(NOBODY),
            points=pl.col("told").cast(pl.Int32),
            n=pl.lit(1, pl.Int64),
            scored_by=pl.lit(mine["scored_by"][0], pl.String),
        )
        both = pl.concat([self.scores, back.select(self.scores.columns)]).group_by(keys).agg(pl.col("n").sum())
        return Calibration(both.sort(keys).select(self.scores.columns))

    def expected_false(
        self, points: NDArray[np.int32], who: pl.DataFrame, rules: Alerting
    ) -> NDArray[np.float64] | None:
        """Say how many accounts of a night like this would ring with at least these points; None on too few nights.

        `who` tells the `profession` and `day` of each account.
        Nothing below one in (scores + 1) is claimed: an unseen score is counted as if tonight's were the first. Where
        a group has scores enough, those above its highest `tail_scores` are told by their law (model.tail).
        """
        if self.nights < rules.calibration_nights:
            return None
        group, days = who["profession"].fill_null(NOBODY).to_numpy(), who["day"].to_numpy()
        expected = np.zeros(points.size)
        strata: dict[tuple[str | None, str | None], _Stratum] = {}
        for profession, day in sorted({*zip(group.tolist(), days.tolist(), strict=True)}):
            mine = (group == profession) & (days == day)
            expected[mine] = self._stratum(profession, day, strata, rules).chance(points[mine]) * points.size
        return np.round(expected, 4)

    def on_most_nights(self, points: NDArray[np.int32], rules: Alerting) -> NDArray[np.float64]:
        """Say how many accounts rang with at least these points on two nights in three; 0 on too few nights.

        Attacks that nobody has answered fall on some nights, what a portal's work brings falls on most of them but the
        weekends.
        """
        nights = self.nights
        if nights < rules.calibration_nights or not points.size:
            return np.zeros(points.size)
        rang = self.scores.filter(pl.col("points") > 0).sort("night", "points")
        counts = np.zeros((nights, points.size))
        for at, (_night, rows) in enumerate(rang.partition_by("night", as_dict=True).items()):
            counts[at] = _Stratum.of(rows).seen(points)
        least: NDArray[np.float64] = np.sort(counts, axis=0)[nights // rules.calm_nights]
        return least

    def new_names(self, accounts: int, at_least: int, rules: Alerting) -> float | None:
        """Say how many names a night of so many accounts brings that rang with at least these points (hundredths).

        None on too few nights. What most nights hold more than `max_expected_false` of is not listed, so it is not
        counted. A night counts for no more names than chance brings one night in ten: attacks come in bursts, and those
        that nobody has answered yet are no false alerts (docs/decisions/0012-names-of-an-ordinary-night.md). Never less
        than one in (nights + 1) nights.
        """
        nights = self.nights
        if nights < rules.calibration_nights:
            return None
        points = self.scores.filter(pl.col("points") >= max(at_least, 1))["points"].unique().sort().to_numpy()
        listed = points[self.on_most_nights(points, rules) <= rules.max_expected_false]
        rang = pl.col("n").filter(pl.col("points") >= listed[0]).sum() if listed.size else pl.lit(0)
        by_night = self.scores.group_by("night").agg(size=pl.col("n").sum(), names=rang)
        rate = _ordinary_rate(by_night["names"].to_numpy(), by_night["size"].to_numpy(), rules.ordinary)
        return round(max(rate * accounts, 1 / (nights + 1)), 2)

    def _stratum(
        self, profession: str, day: DayClass, known: dict[tuple[str | None, str | None], "_Stratum"], rules: Alerting
    ) -> "_Stratum":
        """Give the smallest group of scores that has `calibration_scores` of them."""
        least = rules.calibration_scores
        narrow: list[dict[str, str]] = [{"profession": profession, "day": day}, {"profession": profession}, {}]
        for by in narrow:
            key = (by.get("profession"), by.get("day"))
            if key not in known:
                rows = self.scores.filter(**by) if by else self.scores
                known[key] = _Stratum.of(rows, least, rules.tail_scores)
            if known[key].size >= least or not by:
                return known[key]
        raise AssertionError("the whole portal is always large enough")


@dataclass(frozen=True, slots=True)
class Tonight:
    """Arrays in the order of tonight's accounts.

    `as_unusual`: how many rang that are at least as unusual. `q_values`: at most this share of these is what ordinary
    nights bring too (Benjamini and Hochberg, JRSS B 57, 1995); undefined for accounts that did not ring.
    """

    as_unusual: NDArray[np.int64]
    q_values: NDArray[np.float64]

    @classmethod
    def of(cls, expected: NDArray[np.float64], rings: NDArray[np.bool_]) -> "Tonight":
        """Count them by how many of an ordinary night are expected (Calibration.expected_false)."""
        rang = np.sort(expected[rings])
        counts = np.searchsorted(rang, expected, side="right").astype(np.int64)
        shares = np.minimum.accumulate((rang / np.arange(1, rang.size + 1))[::-1])[::-1]
        q_values = np.full(expected.size, np.nan)
        q_values[rings] = np.minimum(shares[counts[rings] - 1], 1.0)
        return cls(counts, np.round(q_values, 4))


@dataclass(frozen=True, slots=True)
class _Stratum:
    """The points of a group of scores, ascending, and how many scores have at least each."""

    points: NDArray[np.int32]
    at_least: NDArray[np.int64]
    size: int
    tail: Tail | None = None

    @classmethod
    def of(cls, rows: pl.DataFrame, large: int | None = None, highest: int = 0) -> "_Stratum":
        """Count the scores; of a `large` group so many of the `highest` are its tail."""
        by_points = rows.group_by("points").agg(pl.col("n").sum()).sort("points")
        points, n = by_points["points"].to_numpy(), by_points["n"].to_numpy()
        size = int(n.sum())
        tail = None if large is None or size < large else Tail.of(points[points > 0], n[points > 0], size, highest)
        return cls(points, n[::-1].cumsum()[::-1], size, tail)

    def chance(self, points: NDArray[np.int32]) -> NDArray[np.float64]:
        """Give the share of scores with at least these points, never below one in (scores + 1)."""
        shares = self.seen(points) / (self.size + 1)
        if self.tail is not None:
            shares = np.where(points > self.tail.start, self.tail.chance(points), shares)
        least: NDArray[np.float64] = np.maximum(shares, 1 / (self.size + 1))
        return least

    def seen(self, points: NDArray[np.int32]) -> NDArray[np.int64]:
        """Count the scores with at least these points."""
        counts: NDArray[np.int64] = np.append(self.at_least, 0)[np.searchsorted(self.points, points, side="left")]
        return counts


def _ordinary_rate(names: NDArray[np.int64], sizes: NDArray[np.int64], ordinary: float) -> float:
    """Give the names an account and night, where no night counts for more than chance brings on `ordinary` ones."""
    from scipy.stats import poisson  # noqa: PLC0415 scipy costs 0.2 s, only scans need it

    rate = 0.0
    for _round in range(_ROUNDS):
        most = np.maximum(poisson.ppf(ordinary, rate * sizes), 1)
        higher = float(np.minimum(names, most).sum() / max(sizes.sum(), 1))
        if higher <= rate:
            break
        rate = higher
    return rate
