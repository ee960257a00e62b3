"""Calibration: how many accounts look at least this unusual on an ordinary night."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KEPT_NIGHTS = 180


@dataclass(frozen=True, slots=True)
class Calibration:
    """The points (hundredths) of every account-night that was replayed, a sorted array a night, the newest last."""

    nights: tuple[NDArray[np.int32], ...] = ()

    def learn(self, points: Sequence[int] | NDArray[np.int32]) -> "Calibration":
        """Give the calibration with one more night."""
        return Calibration((*self.nights[-KEPT_NIGHTS + 1 :], np.sort(np.asarray(points, dtype=np.int32))))

    def without(self, back: int, points: int) -> "Calibration":
        """Take one score out of the night that lies `back` nights before the newest."""
        at = len(self.nights) - 1 - back
        if at < 0:
            return self
        place = int(np.searchsorted(self.nights[at], points))
        if place == self.nights[at].size or self.nights[at][place] != points:
            return self
        return Calibration((*self.nights[:at], np.delete(self.nights[at], place), *self.nights[at + 1 :]))

    def expected_false(self, points: NDArray[np.int32], least_nights: int) -> NDArray[np.float64] | None:
        """Say how many accounts a night scored at least these points; None under `least_nights`.

        Nothing below one in (nights + 1) is claimed: an unseen score is counted as if tonight were the first.
        """
        if len(self.nights) < least_nights:
            return None
        past = np.sort(np.concatenate(self.nights))
        at_least = past.size - np.searchsorted(past, points, side="left")
        expected: NDArray[np.float64] = np.round(np.maximum(at_least, 1) / (len(self.nights) + 1), 4)
        return expected
