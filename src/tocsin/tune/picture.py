"""The picture of a sweep: alerts and hits a night against the values, today's and the suggestion marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

from tocsin.tune.sweep import Sweep

WIDTH, HEIGHT = 560, 200
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 14, 34
"""Room around the lines, for the figures."""

_MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis and what is written there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Points of the two lines as SVG writes them, marks on the axes, and where today and the suggestion stand."""

    alerts: str
    hits: str
    across: Sequence[Mark]
    up: Sequence[Mark]
    today: float | None
    suggested: float | None
    width: int = WIDTH
    height: int = HEIGHT
    bottom: int = HEIGHT - BOTTOM
    left: int = LEFT


def picture(sweep: Sweep, suggested: float | None) -> Picture:
    """Draw a sweep: values across, evenly by their ratio; alerts a night up, hits scaled to the same height."""
    values = [one.value for one in sweep.tried]
    across = _axis(values)
    alerts = [one.outcome.alerts_a_night for one in sweep.tried]
    hits = [one.outcome.hits_a_night for one in sweep.tried]
    most = max(*alerts, 0.0) or 1.0
    every = max(1, -(-len(values) // _MOST_LABELS))
    effective = sweep.effective[0] if len(sweep.effective) == 1 else None
    return Picture(
        alerts=_line([across(value) for value in values], alerts, most),
        hits="" if sweep.knob.is_family else _line([across(value) for value in values], hits, max(*hits, 0.0) or 1.0),
        across=[Mark(across(value), sweep.knob.said(value)) for value in values[::every]],
        up=[Mark(_up(share * most, most), f"{share * most:.2g}") for share in (0, 0.5, 1)],
        today=across(effective) if effective is not None else None,
        suggested=across(suggested) if suggested is not None else None,
    )


def _axis(values: Sequence[float]) -> Callable[[float], float]:
    """Place values between the margins: by their logarithm, so that doubling is always as far."""
    first, last = log(1 + values[0]), log(1 + values[-1])
    span = (last - first) or 1.0
    return lambda value: round(LEFT + (WIDTH - LEFT - RIGHT) * (log(1 + value) - first) / span, 1)


def _up(value: float, most: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / most, 1)


def _line(places: Sequence[float], figures: Sequence[float], most: float) -> str:
    return " ".join(f"{x},{_up(figure, most)}" for x, figure in zip(places, figures, strict=True))
