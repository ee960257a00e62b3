r"""Where a text holds a social security number (NIR), however it is written.

A run is a stretch of digits with at most three other characters, none of them a letter, between any two; digits and
what is between them may be escaped (`%31`, `%20`, `%2520`, `\xc2\xa0`) or full-width. A run of which thirteen or
fifteen characters are a plausible sex, month and department holds a NIR where these characters are

- all the digits of a piece without gaps, or all the digits of the run;
- written as on the card (1 85 05 78 006 084, with or without the key);
- joined by one and the same gap, which differs from those around.

Longer and shorter pieces (a SIRET, a login of twenty digits) hold none, neither do UUIDs, long hexadecimal numbers,
dates, times, IP addresses and the numbers of versions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# `~` stands for what may be between two characters.
_PLAUSIBLE: Final = (
    r"[1-478]~[0-9]~[0-9]~(?:0~[1-9]|1~[0-2]|[235-9]~[0-9]|4~[0-2])~(?:(?:0~[1-9]|[1-8]~[0-9]|9~[0-69]|2~[ABab])~[0-9]"
    r"|9~7~[1-8]|9~8~[4-9])~[0-9]~[0-9]~[0-9]~[0-9]~[0-9](?:~[0-9]~[0-9])?"
)
"""Sex, year, month, department and town, order, perhaps the key."""
_NEAR: Final = (
    r"(?:[\x00-\x24&-/:-@\x5b\x5d-\x60{-\x{bf}\x{2000}-\x{206f}\x{3000}-\x{303f}\x{feff}]"
    r"|%(?:25)*(?:09|2[0B-Fb-f]|3[ABab]|[Cc]2%(?:25)*[Aa]0)){1,3}"
)

PLAUSIBLE: Final = _PLAUSIBLE.replace("~", "")
"""The shape of a NIR without gaps."""
ALONE: Final = rf"(^|[^0-9%])(?:{PLAUSIBLE})(?:{_NEAR}[0-9]{{2}})?($|[^0-9])"
"""A NIR without gaps, the key perhaps behind one, and what is before and after."""
CARD: Final = (
    rf"(^|[^0-9%])[1-478]{_NEAR}[0-9]{{2}}{_NEAR}(?:0[1-9]|1[0-2]|[235-9][0-9]|4[0-2]){_NEAR}"
    rf"(?:0[1-9]|[1-8][0-9]|9[0-9]|2[ABab]){_NEAR}[0-9]{{3}}{_NEAR}[0-9]{{3}}(?:{_NEAR}[0-9]{{2}})?($|[^0-9])"
)
"""A NIR as on the card with the usual gaps, and what is before and after."""
POSSIBLE: Final = r"(?:^|[^0-9])" + _PLAUSIBLE.replace("~", "[^0-9A-Za-z]*") + r"(?:$|[^0-9])"
"""Holds wherever a NIR is, once escapes are undone."""

HEXADECIMAL: Final = r"[0-9a-f]{20,}|[0-9A-F]{20,}"
"""What is no NIR whatever digits it has; a NIR between letters is rarely that long."""

_ESCAPE: Final = r"(?:%(?:25)*|\\x)"
_DIGIT: Final = rf"(?:[0-9\uff10-\uff19]|{_ESCAPE}3[0-9]|{_ESCAPE}EF{_ESCAPE}BC{_ESCAPE}9[0-9])"
_BETWEEN: Final = (
    rf"(?:[^\w%\\]|_|{_ESCAPE}(?:[01][0-9A-F]|2[0-46-9A-F]|25(?![0-9A-F]{{2}})|3[A-F]|40|5[B-F]|60|7[B-F]|C2{_ESCAPE}[89AB][0-9A-F]"
    rf"|E2{_ESCAPE}8[01]{_ESCAPE}[89AB][0-9A-F]|E3{_ESCAPE}80{_ESCAPE}[89AB][0-9A-F]|EF{_ESCAPE}BB{_ESCAPE}BF))"
)
_GAP: Final = rf"{_BETWEEN}{{1,3}}"
_CHARACTER: Final = rf"(?:{_DIGIT}|(?<=2)[AB](?={_GAP}{_DIGIT}|{_DIGIT}))"
_RUN: Final = re.compile(rf"{_DIGIT}(?:(?:{_GAP})?{_CHARACTER}){{12,}}", re.IGNORECASE)
_NEXT: Final = re.compile(rf"({_GAP})?({_CHARACTER})", re.IGNORECASE)

_WHOLE: Final = re.compile(PLAUSIBLE)
_LONG_HEXADECIMAL: Final = re.compile(HEXADECIMAL)
_UUID: Final = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])")
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_DATE_OR_ADDRESS: Final = re.compile(
    r"^(?:19|20)[0-9]{2}([-/.])(?:0?[1-9]|1[0-2])\1(?:[12][0-9]|3[01]|0?[1-9])(?![0-9])"
    r"|^[0-3]?[0-9]([-/.])[0-3]?[0-9]\2(?:19|20)[0-9]{2}(?![0-9])"
    r"|(?<![0-9:])(?:[01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?![0-9:])"
    rf"|(?<![0-9.]){_OCTET}(?:\.{_OCTET}){{3}}(?![0-9.])"
    r"|^(?:200[13]|2[468]0[0-9]):[0-9:]+$"
)
_DOTS: Final = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
_LENGTHS: Final = (13, 15)
_KEY: Final = 2
_ON_THE_CARD: Final = ((1, 2, 2, 2, 3, 3, 2), (1, 2, 2, 2, 3, 3))
_BORDERS: Final = frozenset({1, 3, 5, 7, 10, 13})
"""Where a card has its gaps."""
_VERSION_PARTS: Final = 5


@dataclass(frozen=True, slots=True)
class _Piece:
    """Digits without a gap: what they say, where they are, and the gap before them."""

    digits: str
    start: int
    end: int
    gap: str


def nir_spans(text: str) -> list[tuple[int, int]]:
    """Give the start and end of every NIR in a text, in order; they do not overlap."""
    spans: list[tuple[int, int]] = []
    others = _not_people(text)
    for run in _RUN.finditer(text):
        pieces = [piece for piece in _pieces(text, run.start(), run.end()) if not _within(piece, others)]
        for start, end in _in_run(text, pieces):
            # The surer ways of writing come first: what overlaps one of them is its neighbourhood.
            if not any(start < other_end and other_start < end for other_start, other_end in spans):
                spans.append((start, end))
    return sorted(spans)


def _not_people(text: str) -> list[tuple[int, int]]:
    spans = [found.span() for found in _UUID.finditer(text)]
    return spans + [found.span() for found in _LONG_HEXADECIMAL.finditer(text) if not found.group().isdecimal()]


def _within(piece: _Piece, others: list[tuple[int, int]]) -> bool:
    return any(start < piece.end and piece.start < end for start, end in others)


def _pieces(text: str, start: int, end: int) -> list[_Piece]:
    pieces: list[_Piece] = []
    digits, begun, gap, at = "", start, "", start
    while at < end and (found := _NEXT.match(text, at, end + 3)):
        if found[1]:
            pieces.append(_Piece(digits, begun, at, gap))
            digits, begun, gap = "", found.start(2), found[1]
        # Of an escape only the last character says which digit it is.
        last = found[2][-1].upper()
        digits += last if last in "AB" else str(int(last))
        at = found.end()
    return [*pieces, _Piece(digits, begun, at, gap)]


def _in_run(text: str, pieces: list[_Piece]) -> Iterator[tuple[int, int]]:
    for place, piece in enumerate(pieces):
        if _is_nir(piece.digits):
            key = pieces[place + 1 : place + 2]
            has_key = len(piece.digits) == _LENGTHS[0] and key and len(key[0].digits) == _KEY
            yield piece.start, key[0].end if has_key else piece.end
    for lengths in _ON_THE_CARD:
        for place in range(len(pieces) - len(lengths) + 1):
            group = pieces[place : place + len(lengths)]
            if tuple(len(piece.digits) for piece in group) == lengths and _is_nir(_said(group)):
                yield group[0].start, group[-1].end
    for group in (pieces, *_evenly_parted(pieces)):
        if len(group) > 1 and _is_nir(_said(group)) and not _says_otherwise(text, group):
            yield group[0].start, group[-1].end


def _said(group: list[_Piece]) -> str:
    return "".join(piece.digits for piece in group)


def _is_nir(digits: str) -> bool:
    return len(digits) in _LENGTHS and _WHOLE.fullmatch(digits) is not None


def _evenly_parted(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Give the longest groups with one and the same gap."""
    group = pieces[:1]
    for before, piece in pairwise(pieces):
        if len(group) > 1 and piece.gap != before.gap:
            yield group
            group = [before]
        group = [*group, piece]
    yield group


def _says_otherwise(text: str, group: list[_Piece]) -> bool:
    """Say whether these digits are a date, a time, addresses or a version, and not parted as on the card."""
    borders, at = set(), 0
    for piece in group[:-1]:
        at += len(piece.digits)
        borders.add(at)
    if borders <= _BORDERS:
        return False
    written = text[group[0].start : group[-1].end]
    return _DATE_OR_ADDRESS.search(written) is not None or (
        len(group) <= _VERSION_PARTS and _DOTS.search(written) is not None
    )
