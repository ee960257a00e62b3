"""Words that a person types: kept and shown without the number of a person that slipped in."""

FEWEST_DIGITS = 12
"""Of a social security number's thirteen characters one may be a letter."""


def without_numbers(text: str | None) -> str | None:
    """Write `[nir]` for every social security number in what a person typed."""
    if text is None or sum(map(str.isdigit, text)) < FEWEST_DIGITS:
        return text
    import polars as pl

    from tocsin.privacy.scrub import masked

    return str(masked(pl.Series([text], dtype=pl.String()))[0])
