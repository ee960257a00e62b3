import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import examples
from reading_logs import read, read_both_ways
from tocsin.formats.present import said_keys
from tocsin.formats.seek import places

SURE = {"time": "2022-03-14T09:00:00Z", "kind": "lookup", "account": "A1"}
VALUES = st.sampled_from(
    [None, 5, -1, 2**70, 1.5, True, "", ":", ": n", "n", '"', "a b", [], {}, [1], {"a": None}, {"a": 1}]
)
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["rows", "patient", "service", "note", ":"]), VALUES), min_size=1, max_size=4
)


def lines(*objects, separators=(",", ":")):
    return "".join(json.dumps(SURE | found, separators=separators) + "\n" for found in objects).encode()


@pytest.fixture
def asked(monkeypatch):
    """Give the schemas with which polars is asked to read JSON."""
    schemas = []
    reads = pl.read_ndjson

    def hear(text, schema):
        schemas.append(schema)
        return reads(text, schema=schema)

    monkeypatch.setattr(pl, "read_ndjson", hear)
    return schemas


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_polars_is_asked_only_for_the_keys_of_the_first_object(asked, separators):
    reading = read(lines({"rows": 3, "note": "x"}, {"rows": None, "note": None}, separators=separators))
    assert reading.column("rows") == [3, None]
    assert [list(schema.items()) for schema in asked] == [
        [*dict.fromkeys(SURE, pl.String()).items(), ("rows", pl.Int64()), ("note", pl.String())]
    ]


@pytest.mark.parametrize(
    "later",
    [
        b'"patient":"P1"',
        b'"patient": "P1"',
        b'"patient":"P1","kind":"search"',
        b'"rows":1.5,"patient":"P1"',
        b'"rows":"2","patient":"P1"',
        b'"service":{"a":null},"patient":"P1"',
    ],
)
def test_a_key_that_only_a_later_object_has_is_read(later):
    log = lines({"rows": 1}) + b'{"time":"2022-03-14T09:00:00Z","kind":"lookup","account":"A1",' + later + b"}\n"
    assert read_both_ways(log).column("patient") == [None, "P1"]


@pytest.mark.parametrize(
    ("first", "second", "column", "read"),
    [
        ({"service": "x"}, {"service": ['x"y']}, "service", ["x", '["x\\"y"]']),
        ({"service": "x"}, {"service": {'x"y': None}}, "service", ["x", '{"x\\"y": null}']),
        ({"rows": -1}, {"rows": 5}, "rows", [None, 5]),
        ({"rows": 1}, {"rows": 2, "service": "\U0001f600"}, "rows", [1, 2]),
        ({"rows": 1, "service": "DOM\\u"}, {"rows": 2, "service": 'a":b'}, "service", ["DOM\\u", 'a":b']),
    ],
)
def test_odd_values_are_read_as_one_by_one(first, second, column, read):
    assert read_both_ways(lines(first, second)).column(column) == read


def test_a_loose_key_hides_no_other():
    log = lines({}) + b'{"time" :"2022-03-14T09:00:00Z","kind":"lookup","account":"A1"}\n' + lines({"patient": "P1"})
    assert read_both_ways(log).column("patient") == [None, None, "P1"]


def test_a_log_whose_objects_differ_is_not_read_twice_over_for_ever(asked):
    log = lines({}, {"patient": "P"}) * 50
    assert read(log, block_bytes=200).events.height == 100
    # Blocks read side by side do not know of each other yet.
    assert sum(len(schema) == len(SURE) for schema in asked) in range(3, 6)


@settings(max_examples=examples(35), deadline=None)
@given(rows=ROWS, separators=st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :")]))
def test_any_objects_are_read_as_one_by_one(rows, separators):
    read_both_ways(lines(*rows, separators=separators))


@pytest.mark.parametrize("stretch", [4, 5, 7, 16])
def test_keys_and_places_are_found_over_the_borders_of_stretches(monkeypatch, stretch):
    text = lines({"rows": None, "note": "x"}, {"rows": 1}, separators=(", ", ": ")) + lines({"note": None})
    monkeypatch.setattr("tocsin.formats.seek._STRETCH", stretch)
    assert said_keys(text) == 3 + 1 + 3 + 1 + 3
    assert said_keys(text + lines({"note": [1]})) is None
    assert places(text, ord("\n")).tolist() == [at for at, byte in enumerate(text) if byte == ord("\n")]
    assert places(b"", ord("\n")).tolist() == []
