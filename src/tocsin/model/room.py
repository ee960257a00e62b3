"""Room: what was let go of goes back to the system, where the C library keeps it for later.

Figures of 400,000 accounts are just small enough that glibc does not give them back by itself: between those that stay
lie a quarter of a gigabyte of holes (docs/decisions/0013).
"""

import ctypes

LARGE = 100_000
"""Accounts of a night up to which nobody would notice."""


def give_back(accounts: int) -> None:
    """Give free memory back after a step over so many accounts; nothing where the C library knows no such call."""
    if accounts > LARGE and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
