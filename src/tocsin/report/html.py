"""report.html: one file without scripts that opens anywhere and fetches nothing."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from tocsin.features.catalogue import BY_NAME
from tocsin.report.plain import odds, plain
from tocsin.results import Measure, Report
from tocsin.verdict.advice import people_read


def as_html(report: Report) -> str:
    """Render the report."""
    return page("report.html.j2", report=report)


def page(template: str, **values: object) -> str:
    """Render a page; every text from the logs is escaped and made plain."""
    return _pages().get_template(template).render(**values) + "\n"


@cache
def _pages() -> Environment:
    """Make ready what is the same for all pages of a run: a template takes longer to read than to fill."""
    pages = Environment(
        loader=PackageLoader("tocsin.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["plain"] = plain
    pages.filters["odds"] = odds
    pages.filters["people_read"] = people_read
    pages.filters["label"] = label
    pages.filters["figure"] = figure
    return pages


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
