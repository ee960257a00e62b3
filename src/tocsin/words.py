"""Messages in the user's language (gettext); English is the source text."""

import gettext
from pathlib import Path

LANGUAGES = ("en", "fr")
_LOCALES = Path(__file__).parent / "locale"
_current: gettext.NullTranslations = gettext.NullTranslations()


def speak(language: str) -> bool:
    """Choose the language of messages; says whether a catalogue for it is installed (English always is)."""
    global _current  # noqa: PLW0603 one process speaks one language
    _current = gettext.translation("tocsin", _LOCALES, languages=[language], fallback=True)
    return language == "en" or type(_current) is not gettext.NullTranslations


def _(message: str) -> str:
    """Translate a message."""
    return _current.gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate a message that depends on a count."""
    return _current.ngettext(one, many, count)
