"""The rules of the last run, as they were read: what a run goes on with when today's are broken."""

import hashlib
from pathlib import Path

from tocsin.store.files import Kept
from tocsin.store.state import State, has_state, reading


def accepted_rules(folder: Path) -> bytes | None:
    """Give the files of the last rules that could be used (rules.packed); None where no run has kept any."""
    state = reading(folder) if has_state(folder) else None
    kept = state.manifest.accepted if state else None
    return state.files.read(kept) if state and kept else None


def kept_rules(state: State, content: bytes) -> Kept:
    """Keep the files of a run's rules; what is kept already is not written again."""
    before = state.manifest.accepted
    if before is not None and before.sha256 == hashlib.sha256(content).hexdigest():
        return before
    return state.files.write(f"runs/{state.prefix}-rules.json", content)
