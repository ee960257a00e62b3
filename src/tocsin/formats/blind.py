"""Whether a regular expression treats all digits alike: then its answer depends on where digits stand, not on which."""

import re
from functools import cache

_HARMLESS = re.compile(
    r"""\[(?P<class>\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\[\\])*)\]
    | \\[dDwWsSbBAz] | \\[^0-9A-Za-z]       # escapes that ask for all digits or for none
    | \{[0-9]+(?:,[0-9]*)?\}                # how often
    | %[0-9A-Fa-f]{2}                       # only reached behind a percent sign
    """,
    re.VERBOSE,
)
_IN_CLASS = re.compile(r"\[:\^?[a-z]+:\]|\\[dDwWsS]|\\[^0-9A-Za-z]")
_ALL_DIGITS = re.compile(r"(?<!-)0-9(?!-.)")
_SUSPECT = re.compile(r"[0-9]|\\[0-9A-Za-z]|\[|\(\?[A-Za-z-]*x")
"""What names some of the digits, or is not understood here: `(?x)` hides ranges behind blanks, and text in comments."""


@cache
def blind(regex: str) -> bool:
    """Say whether this expression fits alike, with its groups in the same places, whatever digits a text has.

    That is promised for texts without percent sign. No expression is said to be blind that is not.
    """
    return _SUSPECT.search(_HARMLESS.sub(_left, regex)) is None


def _left(found: re.Match[str]) -> str:
    """Leave of a class of characters what is neither all digits nor an escape that asks for all or none."""
    # A letter in the place of an escape: what stood around it must not become a range.
    return "" if found["class"] is None else _ALL_DIGITS.sub("", _IN_CLASS.sub("_", found["class"]))
