"""Whether lines of separated values say one thing only: quotes around whole fields, the right number of separators."""

from typing import Literal

import numpy as np
import polars as pl

from tocsin.formats.seek import Characters, Mask, Positions, places
from tocsin.formats.units import Units

Quotes = Literal["doubled", "around", "plain"]
"""What quotes mean: around a field and doubled inside it, around a field only, or nothing."""

_QUOTE, _BACKSLASH, _LF, _CR = 34, 92, 10, 13


def adds_up(text: bytes, frame: pl.DataFrame, separator: str, meaning: Quotes, quotes: Positions | None = None) -> bool:
    """Say whether this frame accounts for every byte of the text: fields, separators, line ends and quotes.

    `quotes` is where each quote is, where that is known.
    With as many rows as lines and no byte left over, no line was ragged, merged or split. A missing separator, a kept
    quote and a dropped byte would all show in the sum; quotes are only believed around whole fields.
    """
    fields = frame.select(pl.sum_horizontal(pl.all().str.len_bytes().sum())).item()
    ends = frame.height * frame.width - (not text.endswith(b"\n"))
    around = 0 if meaning == "plain" else _quotes(text, quotes, separator, doubled=meaning == "doubled")
    returns = _carriage_returns(text)
    return around is not None and returns is not None and fields + ends + around + returns == len(text)


def _carriage_returns(text: bytes) -> int | None:
    """How many line ends are CR LF; None where one is alone: polars drops it, as if a separator were too few."""
    if b"\r" not in text:
        return 0
    ends = text.count(b"\r\n") + text.endswith(b"\r")
    return ends if text.count(b"\r") == ends else None


def _quotes(text: bytes, quotes: Positions | None, separator: str, *, doubled: bool) -> int | None:
    """How many quotes are not part of a value; None where one stands in a wrong place."""
    quotes = places(text, _QUOTE) if quotes is None else quotes
    if not len(quotes):
        return 0
    characters = np.frombuffer(text, np.uint8)
    if len(quotes) % 2:
        return None
    if _around_fields(characters, quotes, separator, doubled=doubled):
        return len(quotes)
    opening = np.arange(len(quotes)) % 2 == 0
    if _misplaced(characters, quotes, opening, separator, doubled=doubled).any():
        return None
    # A doubled quote is a closing one with an opening one right behind it.
    twins = np.count_nonzero(np.diff(quotes)[1::2] == 1)
    return len(quotes) - int(twins)


def _around_fields(characters: Characters, quotes: Positions, separator: str, *, doubled: bool) -> bool:
    """Say whether all quotes simply stand around whole fields: the usual case, and cheap to know."""
    if quotes[0] == 0 or quotes[-1] == len(characters) - 1:
        return False
    outside = quotes.copy()
    outside[::2] -= 1
    outside[1::2] += 1
    beside = characters[outside]
    if not ((beside == ord(separator)) | (beside == _LF)).all():
        return False
    # A backslash before a closing quote (Apache's escape) needs the closer look.
    return doubled or not (characters[quotes[1::2] - 1] == _BACKSLASH).any()


def _misplaced(characters: Characters, quotes: Positions, opening: Mask, separator: str, *, doubled: bool) -> Mask:
    before = np.where(quotes > 0, characters[quotes - 1], _LF)
    after = characters[np.minimum(quotes + 1, len(characters) - 1)]
    after[quotes + 1 == len(characters)] = _LF
    carriage = np.flatnonzero(after == _CR)
    behind = quotes[carriage] + 2
    ends = (behind >= len(characters)) | (characters[np.minimum(behind, len(characters) - 1)] == _LF)
    after[carriage[ends]] = _LF
    apart = ord(separator)
    twin = doubled
    begins = (before == _LF) | (before == apart) | (twin & (before == _QUOTE))
    finishes = (after == _LF) | (after == apart) | (twin & (after == _QUOTE))
    misplaced: Mask = np.where(opening, ~begins, ~finishes)
    return misplaced if doubled else misplaced | (before == _BACKSLASH)


def sound_lines(lines: Units, separator: str, columns: int, meaning: Quotes) -> Mask:
    """Which lines can be read alone and in one way only: even quotes in their places, as many separators as due."""
    characters = np.frombuffer(lines.text, np.uint8)
    quotes = places(lines.text, _QUOTE) if lines.quotes is None else lines.quotes
    if meaning == "plain":
        quotes = quotes[:0]
    separators = places(lines.text, ord(separator))
    counts = _in_each(quotes, lines)
    sound: Mask = counts % 2 == 0
    owner = np.repeat(np.arange(len(lines)), counts)
    opening = (np.arange(len(quotes)) - np.repeat(np.cumsum(counts) - counts, counts)) % 2 == 0
    sound[owner[_misplaced(characters, quotes, opening, separator, doubled=meaning == "doubled")]] = False
    # Where quotes are even, what stands from an opening one to the next is inside.
    before = np.append(np.searchsorted(separators, quotes), 0)
    inside = np.zeros(len(lines), np.int64)
    np.add.at(inside, owner[opening], np.diff(before)[opening])
    sound &= _in_each(separators, lines) - inside == columns - 1
    sound[np.searchsorted(lines.starts, _alone(characters), "right") - 1] = False
    return sound & ~lines.ignored & ~lines.too_long


def _in_each(positions: Positions, lines: Units) -> Positions:
    """How many of these positions each line has."""
    return np.diff(np.searchsorted(positions, np.append(lines.starts, len(lines.text))))


def _alone(characters: Characters) -> Positions:
    """Where a CR stands that no LF follows."""
    returns = np.flatnonzero(characters == _CR)
    after = characters[np.minimum(returns + 1, len(characters) - 1)]
    alone: Positions = returns[(after != _LF) & (returns + 1 < len(characters))]
    return alone
