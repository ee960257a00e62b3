"""One account's story as a page."""

from tocsin.report.dossier import verdict, when
from tocsin.report.html import page
from tocsin.verdict.dossier import Dossier


def as_html(story: Dossier) -> str:
    """Render the story as one page without scripts."""
    return page("dossier.html.j2", story=story, verdict=verdict(story), when=when)
