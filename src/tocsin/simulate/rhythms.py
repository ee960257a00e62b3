"""When people work: how a day's visits spread over the half hours of a wall clock."""

import enum

import numpy as np
from numpy.typing import NDArray

DAY_SECONDS = 86_400
_STEP_SECONDS = 1_800


class Rhythm(enum.IntEnum):
    """A shape of a working day."""

    PRACTICE = 0
    PRACTICE_MORNING = 1
    PHARMACY = 2
    PHARMACY_SATURDAY = 3
    ROUNDS = 4
    LABORATORY = 5
    LABORATORY_MORNING = 6
    DESK_MORNING = 7
    DESK_AFTERNOON = 8
    DESK_NIGHT = 9
    DUTY_NIGHT = 10
    CENTRE = 11
    OFFICE = 12
    SERVICE = 13


# Stretches of (from hour, to hour, weight an hour); lunch is a dip, not a gap, where somebody stays.
_SHAPES: dict[Rhythm, tuple[tuple[float, float, float], ...]] = {
    Rhythm.PRACTICE: (
        (8, 9, 0.7),
        (9, 12, 1.2),
        (12, 12.5, 0.7),
        (12.5, 14, 0.12),
        (14, 18, 1.1),
        (18, 19.5, 0.6),
        (19.5, 21, 0.06),
    ),
    Rhythm.PRACTICE_MORNING: ((8, 9, 0.8), (9, 12, 1.2), (12, 13, 0.5), (13, 14, 0.05)),
    Rhythm.PHARMACY: (
        (8.5, 9, 0.5),
        (9, 12, 1.2),
        (12, 12.5, 0.9),
        (12.5, 14, 0.45),
        (14, 17, 0.95),
        (17, 19, 1.4),
        (19, 19.5, 0.6),
        (19.5, 20, 0.1),
    ),
    Rhythm.PHARMACY_SATURDAY: ((9, 12.5, 1.3), (12.5, 14, 0.4), (14, 18, 0.8), (18, 19, 0.5)),
    Rhythm.ROUNDS: (
        (6, 7, 0.6),
        (7, 11, 1.2),
        (11, 13, 0.6),
        (13, 16, 0.18),
        (16, 19, 0.8),
        (19, 21.5, 0.7),
        (21.5, 22.5, 0.1),
    ),
    Rhythm.LABORATORY: (
        (7, 7.5, 1.2),
        (7.5, 10.5, 2.0),
        (10.5, 12, 1.0),
        (12, 14, 0.4),
        (14, 17, 0.6),
        (17, 18.5, 0.4),
    ),
    Rhythm.LABORATORY_MORNING: ((7, 10.5, 1.6), (10.5, 12.5, 0.8)),
    Rhythm.DESK_MORNING: ((6.75, 7.5, 0.6), (7.5, 11.5, 1.2), (11.5, 13, 0.8), (13, 14.5, 0.7)),
    Rhythm.DESK_AFTERNOON: ((13.5, 18, 1.1), (18, 20, 0.8), (20, 21.25, 0.5)),
    Rhythm.DESK_NIGHT: ((0, 2, 0.7), (2, 5, 0.35), (5, 7, 0.6), (20.75, 24, 1.0)),
    Rhythm.DUTY_NIGHT: ((0, 2, 0.6), (2, 6, 0.25), (6, 8.5, 0.4), (19.5, 24, 1.2)),
    Rhythm.CENTRE: ((8.5, 9, 0.5), (9, 12.5, 1.2), (12.5, 13.5, 0.8), (13.5, 18.5, 1.2), (18.5, 19.5, 0.4)),
    Rhythm.OFFICE: ((8, 12, 1.2), (12, 14, 0.35), (14, 18.5, 1.1)),
    Rhythm.SERVICE: ((0, 6, 0.25), (6, 8, 0.6), (8, 19, 1.3), (19, 22, 0.7), (22, 24, 0.35)),
}


def _cumulated() -> NDArray[np.float64]:
    edges = np.arange(0, 24, _STEP_SECONDS / 3600)
    table = np.zeros((len(Rhythm), len(edges) + 1))
    for rhythm, stretches in _SHAPES.items():
        weights = np.zeros(len(edges))
        for start, end, weight in stretches:
            inside = np.clip(np.minimum(end, edges + 0.5) - np.maximum(start, edges), 0.0, None)
            weights += weight * inside
        table[rhythm, 1:] = np.cumsum(weights) / weights.sum()
    return table


_CUMULATED = _cumulated()


def moments(rhythm: NDArray[np.integer], shift: NDArray[np.float64], toss: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn tosses of [0, 1) into seconds since midnight; `shift` moves an account's day, past midnight it wraps."""
    seconds = np.empty(len(toss))
    steps = np.arange(_CUMULATED.shape[1], dtype=np.float64) * _STEP_SECONDS
    for shape in Rhythm:
        chosen = rhythm == shape
        if chosen.any():
            seconds[chosen] = np.interp(toss[chosen], *_strictly_rising(_CUMULATED[shape], steps))
    wrapped: NDArray[np.float64] = np.mod(seconds + shift, DAY_SECONDS)
    return wrapped


def _strictly_rising(
    levels: NDArray[np.float64], steps: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drop closed hours, where the curve is flat; a closed stretch in the middle becomes a jump."""
    before = np.append(True, np.diff(levels) > 0)
    after = np.append(np.diff(levels) > 0, True)
    keep = before | after
    return levels[keep], steps[keep]
