"""Where the shipped rules are: inside the installed package, or at the top of a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def shipped() -> Path:
    """Give the folder of the rule pack that comes with this copy of tocsin."""
    installed = _PACKAGE / "shipped" / "rules"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "rules"
