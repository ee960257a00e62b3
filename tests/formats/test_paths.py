import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import SettingsError
from tocsin.formats.jsonlines import read_units
from tocsin.formats.lines import Block
from tocsin.formats.paths import Paths
from tocsin.formats.units import units


def walk(text, paths):
    """Read lines both ways; both must say the same."""
    wanted = Paths(paths)
    data = text.encode() if isinstance(text, str) else text
    feeds = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
    fast, careful = (read_units(units(Block(data, feeds, 1, 0)), wanted, careful=how) for how in (False, True))
    assert fast.rows.rows() == careful.rows.rows()
    assert fast.rejects == careful.rejects
    return fast.rows.drop("line", "byte").rows()


def one(value, path):
    [row] = walk(json.dumps(value) + "\n", {"x": path})
    return row[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("actor.id", "A1"),
        ("actor.more.deep", "2.5"),
        ("actor.more", '{"deep": 2.5}'),
        ("target[1].id", "T2"),
        ("target[9].id", None),
        ("target[type=User].id", "T2"),
        ("target[type=Robot].id", None),
        ("target[type=User].name.first", "Ada"),
        ("target", '{"type": "App", "id": "T1"}'),
        ("roles", "a"),
        ("roles[1]", "b"),
        ("grid[0][1]", "2"),
        ("nothing.here", None),
        ("flat.key", "yes"),
        ("truth", "true"),
        ("id", "[not json"),
    ],
)
def test_walks_keys_places_and_named_elements(path, text):
    value = {
        "actor": {"id": "A1", "more": {"deep": 2.50}},
        "target": [{"type": "App", "id": "T1"}, {"type": "User", "id": "T2", "name": {"first": "Ada"}}],
        "roles": ["a", "b"],
        "grid": [[1, 2]],
        "flat.key": "yes",
        "truth": True,
        "id": "[not json",
    }
    assert one(value, path) == text


def test_of_several_paths_the_first_that_has_something_counts():
    log = '{"a":null,"b":{"c":"B"}}\n{"a":"A","b":{"c":"B"}}\n{}\n'
    assert walk(log, {"x": ["a", "b.c"]}) == [("B",), ("A",), (None,)]


def test_a_value_may_be_wanted_whole_and_in_parts():
    log = '{"user":{"name":"Ada","ids":[1]}}\n{"user":"Bob"}\n{"user":5}\n'
    assert walk(log, {"whole": "user", "name": "user.name", "first": "user.ids[0]"}) == [
        ('{"name": "Ada", "ids": [1]}', "Ada", "1"),
        ("Bob", None, None),
        ("5", None, None),
    ]


def test_a_value_of_another_shape_costs_its_path_alone():
    log = '{"a":"text","t":{"id":1},"k":"1"}\n{"a":{"id":7},"t":[{"id":1},"x"],"k":"2"}\n{"a":[1],"t":"x","k":"3"}\n'
    assert walk(log, {"id": "a.id", "first": "t[0].id", "second": "t[1].id", "k": "k"}) == [
        (None, None, None, "1"),
        ("7", "1", None, "2"),
        (None, None, None, "3"),
    ]


@pytest.mark.parametrize("path", ["", ".", "a..b", "[0]", "a[", "a[x]", "a]b", "a.[0]"])
def test_refuses_what_is_no_path(path):
    with pytest.raises(SettingsError, match="no path"):
        Paths({"x": path})


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.text(max_size=4)
    | st.sampled_from(["User", "[1]", '{"b":1}']),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c", "a.b"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.dictionaries(st.sampled_from(["a", "b", "t", "a.b"]), JSON, max_size=4), min_size=1, max_size=4)
)
def test_many_objects_at_once_and_one_by_hand_say_the_same(values):
    log = "".join(json.dumps(value) + "\n" for value in values)
    rows = walk(
        log,
        {
            "one": "a.b",
            "two": ["b", "a.c.b"],
            "three": "t[0].a",
            "four": "t[b=User].a",
            "five": "a[1]",
            "six": "t[0].b.c",
        },
    )
    assert len(rows) == len(values)
