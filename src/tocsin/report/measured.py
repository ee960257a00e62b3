"""A measure's name and figures in words, the same on every page."""

from tocsin.features.catalogue import BY_NAME
from tocsin.results import Measure


def label(measure: Measure) -> str:
    """Name a measure in words; a rule keeps its name."""
    feature = BY_NAME.get(measure.name)
    return feature.words if feature else measure.name


def figure(value: float | None, measure: Measure) -> str:
    """Write a figure of a measure: shares as percent, nothing for what is unknown."""
    if value is None:
        return ""
    feature = BY_NAME.get(measure.name)
    if feature and feature.of:
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
