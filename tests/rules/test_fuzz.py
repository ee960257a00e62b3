"""Whatever a rule file holds, loading ends in a rule set or in located faults, never in a crash."""

import copy

import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzzing import examples
from tocsin.errors import RuleErrors
from tocsin.rules import pack
from tocsin.rules.correlation import episodes
from tocsin.rules.load import load_rules
from tocsin.rules.prove import prove
from tocsin.schema import STORED

DOCUMENTS = [one for file in sorted(pack.shipped().glob("*.yml")) for one in yaml.safe_load_all(file.read_text())]
ODD = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        3,
        2**70,
        2.5,
        float("nan"),
        "",
        " ",
        "x",
        "*",
        "1 of them",
        "not",
        "selection and (",
        "{count",
        "{}",
        "account",
        "2022-03-14",
        "9h",
        [],
        ["x"],
        [None],
        [[]],
        [{}],
        {},
        {"x": 1},
        {"account|re": "("},
        {"ip|cidr": "x"},
        {"gte": True},
        {"account": []},
        {1: 2},
    ]
)


def written(document):
    return "---\n" + yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)


WRITTEN = {one["name"]: written(one) for one in DOCUMENTS}
PACK = load_rules([pack.shipped()])
FAMILIES = [{name, *PACK.steps(name)} for name in PACK.by_name]


def related(name):
    """Give the texts of the other rules that a rule is built on, or that are built on it, with their steps."""
    names = set().union(*(family for family in FAMILIES if name in family))
    return [WRITTEN[other] for other in sorted(names - {name})]


def places(value, path=()):
    """Walk the paths to every value inside."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def changed(document, path, value):
    made = copy.deepcopy(document)
    inner = made
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return made


@st.composite
def spoiled(draw):
    """Take a shipped document and put odd values or keys into it; also gives the rules beside it."""
    document = draw(st.sampled_from(DOCUMENTS))
    others = related(document["name"])
    for _change in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([path for path in places(document) if path]))
        if draw(st.booleans()):
            path = (
                *path[:-1],
                draw(st.sampled_from(["condition", "field", "tests", "rules", "x"]))
                if isinstance(path[-1], str)
                else path[-1],
            )
        document = changed(document, path, draw(ODD))
    return others, document


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rules")


def attempt(path):
    try:
        return load_rules([path]), ()
    except RuleErrors as error:
        return None, error.faults


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(made=spoiled())
def test_a_spoiled_rule_is_refused_with_places_or_works(folder, made):
    path = folder / "rule.yml"
    others, document = made
    path.write_text("".join([*others, written(document)]))
    rules, faults = attempt(path)
    assert all(fault.place.line and fault.message and fault.code[0] == "E" for fault in faults)
    assert bool(rules) != bool(faults)
    if rules is not None and document.get("name") in rules.by_name:
        proofs = prove(rules.only(document["name"]))
        assert all(proof.passed or proof.seen for proof in proofs)
        for group in rules.groups:
            assert episodes(pl.DataFrame(schema=dict(STORED)), rules, group).is_empty()
