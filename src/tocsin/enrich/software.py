"""Which software a user agent names: practice software says its name where browsers all say Mozilla."""

import polars as pl

_BROWSERS = r"^\s*(?:Mozilla|Opera)/"
"""What browsers begin with (RFC 9110, section 10.1.5, and three decades of pretending to be each other)."""
_PRODUCT = r"^\s*([A-Za-z][^/(;]{0,59}?)\s*(?:[/\s]v?[0-9]|[(;/]|$)"
"""The product's name up to its version, a comment or the end."""


def software_in(user_agent: str) -> pl.Expr:
    """Give the software that a column of user agents names, without its version; null for a browser."""
    text = pl.col(user_agent)
    return pl.when(~text.str.contains(_BROWSERS)).then(text.str.extract(_PRODUCT))
