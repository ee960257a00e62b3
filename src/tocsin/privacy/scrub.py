"""Takes social security numbers out of texts: URLs, browser strings, free fields.

Rather one harmless number too many than one person: any run of 13 or 15 digits that could begin a NIR goes, also with
blanks, points, dashes or their URL forms between the groups, and with the letters of Corsica.
"""

from typing import Final

import polars as pl

from tocsin.privacy.tokens import TokenKey, token

MASK: Final = "[nir]"

_GAP: Final = r"(?:[ ._+-]|%20|%C2%A0|\x{a0}|\x{202f})?"
_GROUPS: Final = ("[1-478]", "[0-9]{2}", "[0-9]{2}", "(?:[0-9]{2}|2[ABab])", "[0-9]{3}", "[0-9]{3}")
_NIR: Final = _GAP.join(_GROUPS) + f"(?:{_GAP}[0-9]{{2}})?"
_DIGITS: Final = r"(?:[0-9][^0-9]{0,6}){12}"
"""Holds wherever _NIR does and is asked ten times as fast."""
_SHORTEST: Final = 13


def masked(texts: pl.Series) -> pl.Series:
    """Write MASK for every NIR-shaped run."""
    return texts.str.replace_all(_NIR, MASK) if _hold_nir(texts) else texts


def tokenised(texts: pl.Series, key: TokenKey) -> pl.Series:
    """Replace whole texts that hold a NIR-shaped run by a token, so that the same text stays the same."""
    if not _hold_nir(texts):
        return texts
    text = pl.col("text")
    whole = token(key.digest(pl.concat_str(pl.lit(f"{texts.name}:"), text)))
    return texts.to_frame("text").select(pl.when(text.str.contains(_NIR)).then(whole).otherwise(text)).to_series()


def _hold_nir(texts: pl.Series) -> bool:
    """Say whether any text does: cheap where texts are short or few different."""
    longest = texts.str.len_bytes().max()
    if longest is None or int(str(longest)) < _SHORTEST:
        return False
    distinct = texts.unique()
    likely = distinct.filter(distinct.str.contains(_DIGITS))
    return bool(likely.str.contains(_NIR).any())
