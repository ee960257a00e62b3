"""What another version of the program wrote is refused by its name."""

from dataclasses import dataclass

import pytest

from tocsin.errors import StoreError
from tocsin.store.codec import decode, encode


@dataclass(frozen=True)
class Bell:
    tone: str
    rings: int = 1


def test_what_was_written_is_read_back():
    assert decode(encode((Bell("a"), 2), str), str, [Bell]) == (Bell("a"), 2)
    assert decode({"$is": "Bell", "fields": {"tone": "a"}}, str, [Bell]) == Bell("a")


@pytest.mark.parametrize(
    ("plain", "name"),
    [
        ({"$is": "Bell", "fields": {"tone": "a", "rings": 2, "rope": 3}}, "Bell"),
        ({"$is": "Bell", "fields": {"rings": 2}}, "Bell"),
        ({"$is": "Gong", "fields": {}}, "Gong"),
        ({"$gong": 1}, "gong"),
        ({}, "holds a"),
    ],
)
def test_a_value_that_this_version_does_not_know_is_refused(plain, name):
    with pytest.raises(StoreError, match=name):
        decode(plain, str, [Bell])
