"""A column of a night held gives what it was given, however little of it is held."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import examples
from tocsin.model.column import Column
from tocsin.model.nights import Past

SELDOM = st.one_of(st.just(0), st.just(0), st.just(0), st.just(0), st.integers(-3, 70_000), st.none())
LISTS = st.one_of(st.lists(SELDOM, max_size=80), st.integers(1, 80).map(lambda many: [0] * many + [7]))


@given(values=LISTS, first=st.integers(0, 90), last=st.integers(0, 90))
@settings(max_examples=examples(200))
def test_gives_back_what_it_was_given_and_any_part_of_it(values, first, last):
    given_, height = pl.Series("asked", values, pl.Int64), len(values)
    column = Column.of(given_)
    assert column.wide(height).to_list() == values
    part = slice(min(first, height), min(max(first, last), height))
    numbers, told = column.rows(part)
    size = part.stop - part.start
    assert np.broadcast_to(numbers, size).tolist() == [value or 0 for value in values[part]]
    assert np.broadcast_to(told, size).tolist() == [value is not None for value in values[part]]


def test_what_few_accounts_do_takes_little_room():
    column = Column.of(pl.Series([0] * 1000 + [5] + [0] * 1000))
    assert column.one is None
    assert column.values.nbytes + column.at.nbytes < 10
    assert Column.of(pl.Series([3] * 1000)).one == 3


def test_names_that_are_numbered_alike_are_told_apart(monkeypatch):
    past = Past.of(
        pl.DataFrame({"account": ["A", "B", "C"], "people": [1, 2, 3]}).with_columns(night=pl.date(2026, 3, 2))
    )
    asked = pl.Series(["C", "Z", "A"])
    assert past.places(asked).tolist() == [2, -1, 0]
    monkeypatch.setattr(pl.Series, "hash", lambda names: pl.Series([len(name) for name in names], dtype=pl.UInt64))
    assert past.places(asked).tolist() == [2, -1, 0]
