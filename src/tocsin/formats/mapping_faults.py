"""The faults of a mapping file, gathered so that all of them are told at once."""

import re
from collections.abc import Sequence

from tocsin.errors import MappingError, Place
from tocsin.located import Node, unknown_keys
from tocsin.words import _

_HALF_A_PAIR = re.compile(r"[\ud800-\udfff]")
"""What YAML may spell (`"\\ud800"`) but is no character."""


class Faults:
    """What is wrong with a file so far."""

    def __init__(self, faults: Sequence[MappingError] = ()) -> None:
        self._faults = list(faults)

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, place: Place, message: str, hint: str | None = None) -> None:
        """Note one fault."""
        self._faults.append(MappingError(message, place=place, hint=hint))

    def check(self) -> None:
        """Raise MappingError with every fault in the order of the file, if there is one."""
        if self._faults:
            in_order = sorted(self._faults, key=lambda fault: fault.place or Place(""))
            raise MappingError("\n".join(str(fault) for fault in in_order))


def refuse_unknown_keys(node: Node, known: Sequence[str], faults: Faults) -> None:
    """Note every key that is not known."""
    for key, place, hint in unknown_keys(node, known):
        choices = _("choose from {names}").format(names=", ".join(known))
        faults.add(place, _("unknown key '{key}'").format(key=key), hint or choices)


def word_of(node: Node, faults: Faults) -> str:
    """Give a text as it is written, whatever YAML would make of it (`yes`, `404`); empty where it is none."""
    if node.is_scalar and node.text.strip() and not _HALF_A_PAIR.search(node.text):
        return node.text
    faults.add(node.place, _("a text is expected here"))
    return ""
