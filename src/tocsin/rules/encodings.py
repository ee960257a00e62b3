"""What Sigma's modifiers make of a text: its Base64, its UTF-16, other dashes, placeholders."""

import re
from base64 import b64encode
from collections.abc import Iterator
from itertools import product

from tocsin.rules.patterns import Pattern, Placeholder, Wild, literal_pattern
from tocsin.words import _

MOST_DASHES = 3
"""Dashes of one text that `windash` varies: each one multiplies the texts by five (as pySigma, which refuses more)."""

DASHES = ("-", "/", "\N{EN DASH}", "\N{EM DASH}", "\N{HORIZONTAL BAR}")
ENCODINGS = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be", "utf16": "utf-16-le"}
BASES = ("base64", "base64offset")

_DASH = re.compile(r"\B[-/]\b")
_NAME = re.compile(r"%([^%\\]+)%")
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
# Base64 writes three bytes as four letters: a text that starts one or two bytes later is certain of its letters only
# from the third or fourth on, and not of its last ones (SigmaHQ specification, "base64offset").
_FIRST_CERTAIN = (0, 2, 3)
_LAST_CERTAIN = (None, -3, -2)


class UnfitError(Exception):
    """The modifier cannot be applied to this text; the message says why."""


def transformed(pattern: Pattern, words: tuple[str, ...]) -> tuple[Pattern, ...]:
    """Apply modifiers in their order; several patterns stand for any of them. Raises UnfitError."""
    patterns, encoding = [pattern], ""
    for word in words:
        if word in ENCODINGS:
            encoding = word
        elif word in BASES:
            patterns = [made for one in patterns for made in _in_base64(one, word, encoding)]
            encoding = ""
        else:
            patterns = [made for one in patterns for made in _shaped(one, word)]
    return tuple(_widened(one, encoding) for one in patterns) if encoding else tuple(patterns)


def _shaped(pattern: Pattern, word: str) -> Iterator[Pattern]:
    match word:
        case "contains":
            yield pattern.anywhere()
        case "startswith":
            yield pattern.at_start()
        case "endswith":
            yield pattern.at_end()
        case "windash":
            yield from _with_other_dashes(pattern)
        case "expand":
            yield _with_placeholders(pattern)
        case _:
            raise KeyError(word)


def _with_other_dashes(pattern: Pattern) -> Iterator[Pattern]:
    """Vary the dashes that begin a word: `-p` is also `/p`, and what office programs make of a dash."""
    pieces: list[list[str | Wild | Placeholder]] = []
    dashes = 0
    for part in pattern.parts:
        if not isinstance(part, str):
            pieces.append([part])
            continue
        ends = 0
        for found in _DASH.finditer(part):
            pieces += [[part[ends : found.start()]], list(DASHES)]
            ends, dashes = found.end(), dashes + 1
        pieces.append([part[ends:]])
    if dashes > MOST_DASHES:
        raise UnfitError(_("windash varies at most {count} dashes of a text").format(count=MOST_DASHES))
    for choice in product(*pieces):
        yield _merged(choice)


def _with_placeholders(pattern: Pattern) -> Pattern:
    parts: list[str | Wild | Placeholder] = []
    for part in pattern.parts:
        if isinstance(part, str):
            cut = _NAME.split(part)
            parts += [Placeholder(piece) if place % 2 else piece for place, piece in enumerate(cut)]
        else:
            parts.append(part)
    return _merged(tuple(parts))


def filled(pattern: Pattern, values: dict[str, tuple[Pattern, ...]]) -> tuple[Pattern, ...]:
    """Put every value of the lists in the place of the placeholders: one pattern a combination."""
    choices = [values[part.name] if isinstance(part, Placeholder) else (Pattern((part,)),) for part in pattern.parts]
    return tuple(_merged(tuple(part for one in choice for part in one.parts)) for choice in product(*choices))


def _merged(parts: tuple[str | Wild | Placeholder, ...]) -> Pattern:
    """Make a pattern: texts side by side become one, empty ones and doubled wildcards go."""
    kept: list[str | Wild | Placeholder] = []
    for part in parts:
        before = kept[-1] if kept else None
        if isinstance(part, str) and isinstance(before, str):
            kept[-1] = before + part
        elif part != "" and not (part is Wild.ANY and before is Wild.ANY):
            kept.append(part)
    return Pattern(tuple(kept))


def _in_base64(pattern: Pattern, word: str, encoding: str) -> Iterator[Pattern]:
    if any(not isinstance(part, str) for part in pattern.parts):
        raise UnfitError(_("a text with wildcards has no Base64"))
    text = "".join(part for part in pattern.parts if isinstance(part, str))
    data = text.encode(ENCODINGS.get(encoding, "utf-8"))
    if encoding == "utf16":
        data = _BYTE_ORDER_MARK.encode("utf-16-le") + data
    if word == "base64":
        yield literal_pattern(b64encode(data).decode())
        return
    for ahead in range(3):
        whole = b64encode(b" " * ahead + data).decode()
        yield literal_pattern(whole[_FIRST_CERTAIN[ahead] : _LAST_CERTAIN[(len(data) + ahead) % 3]])


def _widened(pattern: Pattern, encoding: str) -> Pattern:
    """Write UTF-16 that no Base64 follows as a log that takes it for UTF-8 has it: letters and NULs."""
    parts = [_wide(part, encoding) if isinstance(part, str) else part for part in pattern.parts]
    return _merged((_BYTE_ORDER_MARK, *parts) if encoding == "utf16" else tuple(parts))


def _wide(text: str, encoding: str) -> str:
    try:
        return text.encode(ENCODINGS[encoding]).decode("utf-8")
    except UnicodeDecodeError:
        message = _("'{text}' in UTF-16 is no text; follow it by base64 or base64offset").format(text=text)
        raise UnfitError(message) from None
