"""The tail of scores: a generalised Pareto law of what lies above a high one (Pickands, Annals of Statistics 3, 1975).

Fitted by probability-weighted moments, which need no search and hold for few scores (Hosking and Wallis, Technometrics
29, 1987).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.model.surprise import Floats


@dataclass(frozen=True, slots=True)
class Tail:
    """The law of scores above `start`: `share` of all scores lie there, `scale` and `shape` as in scipy's genpareto."""

    start: float
    share: float
    scale: float
    shape: float

    @classmethod
    def of(cls, points: NDArray[np.int32], n: NDArray[np.int64], scores: int, least: int) -> "Tail | None":
        """Fit the law to the highest `least` of so many `scores`, given as ascending points and how often each came.

        None where fewer rang, or where all of these are alike.
        """
        counts = n[::-1].cumsum()
        if not counts.size or counts[-1] <= least:
            return None
        top = int(np.searchsorted(counts, least))
        start = float(points[::-1][top])
        above = points > start
        if not above.any():
            return None
        excess = np.repeat(points[above].astype(np.float64) - start, n[above])
        count = excess.size
        mean = float(excess.mean())
        low = float((excess * (count - 1 - np.arange(count))).sum() / (count * max(count - 1, 1)))
        if mean <= 2 * low or low <= 0:
            return None
        shape = 2 - mean / (mean - 2 * low)
        return cls(start, count / (scores + 1), 2 * mean * low / (mean - 2 * low), shape)

    def chance(self, points: NDArray[np.int32]) -> Floats:
        """Give the share of scores with at least these points; 1 where they do not lie in the tail."""
        beyond = np.maximum(points - self.start, 0.0) / self.scale
        if abs(self.shape) < _STRAIGHT:
            left = np.exp(-beyond)
        else:
            left = np.maximum(1.0 + self.shape * beyond, 0.0) ** (-1.0 / self.shape)
        told: Floats = np.where(points > self.start, self.share * left, 1.0)
        return told


_STRAIGHT = 1e-6
"""A shape so near to 0 is an exponential law."""
