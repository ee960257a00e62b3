"""report.html: one file without scripts that opens anywhere and fetches nothing."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from tocsin.report.plain import odds, plain
from tocsin.results import Report


def as_html(report: Report) -> str:
    """Render the report; every text from the logs is escaped and made plain."""
    pages = Environment(
        loader=PackageLoader("tocsin.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["plain"] = plain
    pages.filters["odds"] = odds
    return pages.get_template("report.html.j2").render(report=report) + "\n"
