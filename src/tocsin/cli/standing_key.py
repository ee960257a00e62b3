"""The key of a state when none is named: a file in the user's own folder, made once and never silently again."""

import os
import sys
from pathlib import Path

from tocsin.errors import KeyFileError
from tocsin.privacy.tokens import TokenKey
from tocsin.store.state import has_state, reading
from tocsin.words import _


def standing_path() -> Path:
    """Give the place of the user's key, by the XDG base directories."""
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "tocsin" / "key"


def path_by_fingerprint(fingerprint: str) -> Path:
    """Give the place of a key that took the place of another: the state that needs it knows its fingerprint."""
    return standing_path().with_name(f"key-{fingerprint}")


def key_of(key_file: Path | None, state: Path | None) -> TokenKey:
    """Give the key: as asked; for a state the one in the user's folder; else one for this run only."""
    if key_file:
        return TokenKey.load(key_file)
    return TokenKey.throwaway() if state is None else standing_key(state)


def standing_key(state: Path) -> TokenKey:
    """Load the user's key, or make it for a state that is new; raises KeyFileError where a state has lost its key."""
    path = standing_path()
    if has_state(state) and (own := path_by_fingerprint(reading(state).manifest.key)).exists():
        return TokenKey.load(own)
    if path.exists():
        return TokenKey.load(path)
    if has_state(state):
        raise KeyFileError(
            _("the key file {path} is missing, and the state {state} cannot be read without it").format(
                path=path, state=state
            ),
            hint=_("name the key with --key-file, or restore it from a backup"),
        )
    key = TokenKey.create(path)
    sys.stderr.write(_("a new key was written to {path}; keep a copy apart from the state").format(path=path) + "\n")
    return key
