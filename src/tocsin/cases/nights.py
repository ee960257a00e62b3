"""What was concluded of the nights of a state, under today's names of accounts."""

from datetime import date

from tocsin.results import Night
from tocsin.store.manifest import Manifest
from tocsin.store.names import Names
from tocsin.store.state import State
from tocsin.verdict.conclusions import read_night
from tocsin.verdict.renaming import concluded


def result_of(manifest: Manifest, night: date, state: State) -> Night | None:
    """Read what was concluded of a night; None where it was not judged."""
    held = manifest.nights.get(night)
    if held is None or held.verdict is None:
        return None
    names = Names.of(state.files, manifest.renames).on(night)
    return concluded(read_night(state.files.read_json(held.verdict.result)), names)
