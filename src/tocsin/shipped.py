"""Where the rule pack and the sample logs are: inside the wheel, or at the top of a checkout."""

from pathlib import Path

from tocsin.errors import InputError

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent.parent


def shipped(name: str) -> Path:
    """Find a shipped folder (`rules`, `sample_logs`)."""
    for folder in (_PACKAGE / "shipped" / name, _CHECKOUT / name):
        if folder.is_dir():
            return folder
    raise InputError(f"the shipped folder {name} is missing from this installation", hint="install tocsin again")
