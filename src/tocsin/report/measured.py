"""A measure's name and figures in words, the same on every page."""

from tocsin.features.catalogue import BY_NAME
from tocsin.results import Measure
from tocsin.words import _


def family_in_words(family: str) -> str:
    """Name a family of evidence for whoever reads the page; the settings and report.json keep its short name."""
    words = {
        "volume": _("how much was read"),
        "novelty": _("people never read before"),
        "identifiers": _("how the numbers were picked"),
        "geography": _("where the people come from"),
        "rhythm": _("pace and hours"),
        "origin": _("networks and devices"),
        "credentials": _("logins and resets"),
        "state": _("account long unused"),
        "campaign": _("shared with other accounts"),
        "drift": _("adding up over nights"),
        "outlier": _("rare combination of figures"),
    }
    return words.get(family, family)


def name_in_words(name: str) -> str:
    """Say what a measure's name stands for; whatever is no measure stays as it is."""
    feature = BY_NAME.get(name)
    return feature.words if feature else name


def label(measure: Measure) -> str:
    """Name a measure in words; a rule keeps its name."""
    feature = BY_NAME.get(measure.name)
    others = {"drift": _("points that add up over nights"), "known_people": _("share of people known to the account")}
    return feature.words if feature else others.get(measure.name, measure.name)


def figure(value: float | None, measure: Measure) -> str:
    """Write a figure of a measure: shares as percent, nothing for what is unknown."""
    if value is None:
        return ""
    feature = BY_NAME.get(measure.name)
    if (feature and feature.of) or measure.unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
