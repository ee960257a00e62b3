"""report.html: one file without scripts that opens anywhere and fetches nothing."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from tocsin.report.measured import family_in_words, figure, label, name_in_words
from tocsin.report.plain import TOLD, amount, odds, ordinary, plain
from tocsin.results import Report
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
    pages.globals["most_told"] = TOLD
    pages.filters["odds"] = odds
    pages.filters["ordinary"] = ordinary
    pages.filters["people_read"] = people_read
    pages.filters["amount"] = amount
    pages.filters["label"] = label
    pages.filters["name_in_words"] = name_in_words
    pages.filters["family_in_words"] = family_in_words
    pages.filters["figure"] = figure
    return pages
