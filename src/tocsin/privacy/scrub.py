"""Takes social security numbers out of columns of text: URLs, browser strings, free fields, identities.

What a text must have to hold one is asked of all bytes at once; only the few texts that may are looked at closely,
and one by one only where digits are parted or escaped.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from tocsin.privacy.shapes import ALONE, CARD, HEXADECIMAL, POSSIBLE, nir_spans
from tocsin.privacy.tokens import TokenKey, token

MASK: Final = "[nir]"

_HARD: Final = rf"{HEXADECIMAL}|(?:%(?:25)*|\\x)3[0-9]|%(?:25)*EF|[\x{{ff10}}-\x{{ff19}}]"
"""Texts in which what looks like a NIR may be part of something else."""
_ESCAPED: Final = r"%|\\x|[\x{ff10}-\x{ff19}]"
_ESCAPES: Final = (
    (r"(?i)(?:%(?:25)*|\\x)EF(?:%(?:25)*|\\x)BC(?:%(?:25)*|\\x)9([0-9])", "$1"),
    (r"(?:%(?:25)*|\\x)3([0-9])", "$1"),
    (r"(?i)(?:%(?:25)*|\\x)[0-9A-F]{2}", " "),
    *((chr(0xFF10 + digit), str(digit)) for digit in range(10)),
)
"""What stands for a digit, and then what may stand between digits."""
_SHORTEST: Final = 13
_FEWEST_DIGITS: Final = 12
"""Of thirteen characters only one may be a letter."""
_ESCAPED_BYTES: Final = 4
"""Letters so close after the sign of an escape may belong to it (`%25C2`)."""
_ZERO, _TWO, _A, _B, _PERCENT, _BACKSLASH = b"02ab%\\"
_SMALL: Final = np.uint8(ord("a") - ord("A"))
_FULL_WIDTH: Final = "\uff10".encode()[:2]

_Bytes = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]


def masked(texts: pl.Series) -> pl.Series:
    """Write MASK for every NIR."""
    possible = _possible(texts)
    if possible.is_empty():
        return texts
    easy = ~possible.str.contains(_HARD)
    without = possible.filter(easy)
    # Twice, for two numbers may share the character between them.
    for shape in (ALONE, ALONE, CARD, CARD):
        without = without.str.replace_all(shape, f"${{1}}{MASK}${{2}}")
    without = possible.clone().scatter(easy.arg_true(), without)
    left = _may_hold_one(without)
    close = pl.Series([_masked(text) for text in without.filter(left)], dtype=pl.String())
    without = without.scatter(left.arg_true(), close)
    changed = possible != without
    return texts.replace(possible.filter(changed), without.filter(changed)) if changed.any() else texts


def tokenised(texts: pl.Series, key: TokenKey) -> pl.Series:
    """Replace whole texts that hold a NIR by a token, so that the same text stays the same."""
    possible = _possible(texts)
    held = ~possible.str.contains(_HARD) & (possible.str.contains(ALONE) | possible.str.contains(CARD))
    close = pl.Series([bool(nir_spans(text)) for text in possible.filter(~held)], dtype=pl.Boolean())
    found = possible.filter(held.scatter((~held).arg_true(), close))
    if found.is_empty():
        return texts
    whole = token(key.digest(pl.concat_str(pl.lit(f"{texts.name}:"), pl.col("text"))))
    return texts.replace(found, found.to_frame("text").select(whole).to_series())


def _masked(text: str) -> str:
    for start, end in reversed(nir_spans(text)):
        text = text[:start] + MASK + text[end:]
    return text


def _possible(texts: pl.Series) -> pl.Series:
    """Give the different texts that may hold a NIR: cheap where texts are short, few different or poor in digits."""
    longest = texts.str.len_bytes().max()
    if longest is None or int(str(longest)) < _SHORTEST:
        return texts.clear()
    likely = _likely(texts.drop_nulls().unique())
    return likely.filter(_may_hold_one(likely))


def _may_hold_one(texts: pl.Series) -> pl.Series:
    """Say which texts hold the digits of a NIR whatever is between them, escapes undone."""
    if texts.str.contains(_ESCAPED).any():
        for escaped, meant in _ESCAPES:
            texts = texts.str.replace_all(escaped, meant)
    return texts.str.contains(POSSIBLE)


def _likely(texts: pl.Series) -> pl.Series:
    """Give those with enough digits anywhere and then, of these, those with enough and no letter between."""
    for enough in (_rich, _unbroken):
        if texts.is_empty():
            return texts
        characters = np.frombuffer((texts.str.join("\n").item() + "\n").encode(), np.uint8)
        ends = (texts.str.len_bytes().cast(pl.Int64) + 1).cum_sum().to_numpy()
        texts = texts.filter(pl.Series(enough(characters, ends)))
    return texts


def _rich(characters: _Bytes, ends: npt.NDArray[np.int64]) -> _Mask:
    rich: _Mask = np.add.reduceat(_digits(characters), _starts(ends), dtype=np.int64) >= _FEWEST_DIGITS
    return rich


def _unbroken(characters: _Bytes, ends: npt.NDArray[np.int64]) -> _Mask:
    """Say which texts have enough digits without a letter between; letters of escapes and of Corsica are none."""
    small = characters | _SMALL
    breaks = small - np.uint8(_A) < ord("z") - ord("a") + 1
    breaks[1:] &= ~(((small[1:] == _A) | (small[1:] == _B)) & (characters[:-1] == _TWO))
    escapes = (characters == _PERCENT) | (characters == _BACKSLASH)
    if escapes.any():
        for distance in range(1, _ESCAPED_BYTES + 1):
            breaks[distance:] &= ~escapes[:-distance]
    breaks[ends - 1] = True
    digits = np.flatnonzero(_digits(characters))
    stretch = np.cumsum(breaks, dtype=np.int64)[digits]
    last = _FEWEST_DIGITS - 1
    found = digits[:-last][stretch[last:] == stretch[:-last]]
    unbroken = np.zeros(len(ends), np.bool_)
    unbroken[np.searchsorted(ends, found, "right")] = True
    return unbroken


def _digits(characters: _Bytes) -> _Mask:
    digits: _Mask = characters - np.uint8(_ZERO) <= 9
    if _FULL_WIDTH in characters.tobytes():
        last = characters[2:] - np.uint8(0x90) <= 9
        digits[2:] |= (characters[:-2] == _FULL_WIDTH[0]) & (characters[1:-1] == _FULL_WIDTH[1]) & last
    return digits


def _starts(ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate((np.zeros(1, np.int64), ends[:-1]))
