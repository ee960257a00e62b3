"""Text from logs in characters that can be seen, and typed again."""

import re
import unicodedata

_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def visible(text: str) -> str:
    """Make one line of a text: runs of space become one, control and other invisible characters a visible mark."""
    return marked(_SPACE.sub(" ", text))


def marked(text: str) -> str:
    """Replace control, bidirectional and other invisible characters by a visible mark."""
    if text.isprintable():
        return text
    return "".join("�" if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else c for c in text)
