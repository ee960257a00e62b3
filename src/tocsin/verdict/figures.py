"""Figures in sentences: counts with thousands apart, shares as percent."""

from tocsin.words import _, ngettext

LEAST_SHARE = 0.001
"""Smaller shares are not told apart."""


def number(value: float) -> str:
    """Write a count or a mean; a small one keeps its decimal."""
    if value >= 10 or value == int(value):
        return f"{round(value):,}"
    return f"{value:.1f}"


def percent(share: float) -> str:
    """Write a share; the space before the sign does not break."""
    if 0 < share < LEAST_SHARE:
        return _("under {share}\u00a0%").format(share=100 * LEAST_SHARE)
    return f"{round(100 * share)}\u00a0%" if share >= 0.095 or share == 0 else f"{100 * share:.1f}\u00a0%"


def age(days: int) -> str:
    """Say how many days before the night an account was first seen."""
    if days == 0:
        return _("first seen that night")
    return ngettext("first seen {n} day before", "first seen {n} days before", days).format(n=number(days))
