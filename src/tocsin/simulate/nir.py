"""French social security numbers (NIR) as numbers: thirteen digits, negative where the department is 2A or 2B.

A NIR says sex, year, month, department and town of birth and an order number; a key of two digits follows
(97 minus the number modulo 97, with 2A counted as 19 and 2B as 18).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

_ORDERS = 1000
_TENS = 10 ** np.arange(13, dtype=np.int64)


def compose(sex: Numbers, year: Numbers, month: Numbers, place: Numbers, order: Numbers) -> Numbers:
    """Put the parts of NIRs together; `place` is the five digits of department and town."""
    number: Numbers = (((sex * 100 + year % 100) * 100 + month) * 100_000 + place) * _ORDERS + order
    return number


def keys(numbers: Numbers) -> Numbers:
    """Compute the two-digit keys."""
    key: Numbers = 97 - np.abs(numbers) % 97
    return key


def mistyped(numbers: Numbers, generator: np.random.Generator) -> Numbers:
    """Change one digit of each number, as a hurried hand does; never the sex digit."""
    size = len(numbers)
    # The letters of Corsica are typed right: a wrong digit there would need another letter.
    last = np.where(numbers < 0, 6, 12)
    tens = _TENS[(generator.random(size) * last).astype(np.int64)]
    sign = np.where(numbers < 0, -1, 1)
    whole = np.abs(numbers)
    digit = whole // tens % 10
    other = (digit + generator.integers(1, 10, size)) % 10
    wrong: Numbers = sign * (whole + (other - digit) * tens)
    return wrong


def text(number: pl.Expr) -> pl.Expr:
    """Write NIRs as thirteen characters, with the letters of Corsica."""
    digits = number.abs().cast(pl.String)
    letter = pl.when(digits.str.slice(5, 2) == "19").then(pl.lit("2A")).otherwise(pl.lit("2B"))
    corsican = pl.concat_str(digits.str.slice(0, 5), letter, digits.str.slice(7))
    return pl.when(number < 0).then(corsican).otherwise(digits)


def text_with_key(number: pl.Expr, key: pl.Expr) -> pl.Expr:
    """Write NIRs as fifteen characters."""
    return pl.concat_str(text(number), key.cast(pl.String).str.zfill(2))


def order_numbers(numbers: Numbers) -> Numbers:
    """Give the last three digits, which run through one town and month."""
    return np.abs(numbers) % _ORDERS
