"""A first look at logs: which families of evidence they can show, and which columns the others would need."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tocsin.features.catalogue import JUDGED
from tocsin.intake import Ledger
from tocsin.nightly import Scan, nothing_read, read_in
from tocsin.privacy.tokens import TokenKey
from tocsin.results import InputRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

ENOUGH = 500_000
"""Events after which a column that was never filled is taken for one that is never filled."""

Seen = Literal["whole", "partly", "not at all"]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of evidence: how much of it the logs show, and the columns that the rest needs."""

    name: str
    seen: Seen
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What logs can show."""

    inputs: tuple[InputRecord, ...]
    families: tuple[Family, ...]


def look(asked: Scan) -> FirstLook:
    """Read the logs, or their beginning, with a key that is thrown away; raises InputError where nothing is read."""
    ledger = Ledger()
    filled: set[str] = set()
    events = 0
    for portion in read_in(asked, TokenKey.throwaway(), ledger):
        nulls = portion.null_count().row(0, named=True)
        filled |= {column for column, count in nulls.items() if count < portion.height}
        events += portion.height
        if events >= ENOUGH:
            break
    if not events:
        raise nothing_read(ledger)
    return FirstLook(ledger.records(), families_of(filled))


def families_of(filled: set[str]) -> tuple[Family, ...]:
    """Say of each family how much of it these columns show."""
    names = dict.fromkeys(feature.family for feature in JUDGED)
    return tuple(_family(name, filled) for name in names)


def _family(name: str, filled: set[str]) -> Family:
    features = [feature for feature in JUDGED if feature.family == name]
    lost = [feature for feature in features if not filled.issuperset(feature.needs)]
    missing: Sequence[str] = [column for feature in lost for column in feature.needs if column not in filled]
    seen: Seen = "whole" if not lost else "not at all" if len(lost) == len(features) else "partly"
    return Family(name, seen, tuple(dict.fromkeys(missing)))
