"""What another version of the program wrote is refused by its name."""

from dataclasses import dataclass, field

import polars as pl
import pytest

from tocsin.errors import StoreError
from tocsin.store.codec import decode, encode


@dataclass(frozen=True)
class Bell:
    tone: str
    rings: int = 1


def test_what_was_written_is_read_back():
    assert decode(encode((Bell("a"), 2)), str, [Bell]) == (Bell("a"), 2)
    assert decode({"$is": "Bell", "fields": {"tone": "a"}}, str, [Bell]) == Bell("a")


@dataclass(frozen=True)
class Tower:
    bells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={"tone": pl.String, "cast": pl.Int64}))


def test_a_column_that_was_added_since_is_null():
    kept = {"old": pl.DataFrame({"tone": ["a"]})}
    plain = {"$is": "Tower", "fields": {"bells": {"$frame": ["old"]}}}
    read = decode(plain, kept.__getitem__, [Tower]).bells
    assert read.schema == Tower().bells.schema
    assert read.rows() == [("a", None)]


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
