"""Two thousand Sigma documents made at random compile, or are refused with a place."""

from datetime import timedelta

import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fuzzing import examples
from tocsin.errors import RuleErrors
from tocsin.rules.correlation import look
from tocsin.rules.fields import ASKED, CALENDAR
from tocsin.rules.load import load_rules
from tocsin.rules.nights import nights_of, of_nights
from tocsin.schema import STORED

DOCUMENTS = examples(2000)
PARTS = 4
EMPTY = pl.DataFrame(schema={**STORED, **CALENDAR})

MODIFIERS = [
    "contains",
    "startswith",
    "endswith",
    "all",
    "exists",
    "cased",
    "neq",
    "windash",
    "re",
    "i",
    "m",
    "s",
    "base64",
    "base64offset",
    "utf16le",
    "utf16be",
    "utf16",
    "wide",
    "lt",
    "lte",
    "gt",
    "gte",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "cidr",
    "expand",
    "fieldref",
]

fields = st.sampled_from([*ASKED, "nobody", ""])
modifiers = st.lists(st.sampled_from([*MODIFIERS, "nope"]), max_size=2)
keys = st.tuples(fields, modifiers).map(lambda parts: "|".join([parts[0], *parts[1]]))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(0, 100),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.text(max_size=6),
    st.text(r"*?\%{}()[]|.^$+a0", max_size=8),
    st.sampled_from(
        [
            "lookup",
            "success",
            "10.0.0.0/8",
            "10.0.0.1/8",
            "2001:db8::/32",
            "%names%",
            "a*",
            r"\*",
            "(?i)x",
            "(?=x)",
            "x{1000}",
        ]
    ),
)
values = st.one_of(scalars, st.lists(scalars, max_size=3), st.dictionaries(st.text(max_size=3), scalars, max_size=1))
odd_selections = st.one_of(
    st.dictionaries(keys, values, max_size=3),
    st.lists(st.one_of(scalars, st.dictionaries(keys, values, max_size=2)), max_size=3),
)
sound_items = st.one_of(
    st.tuples(
        st.sampled_from(
            ["service", "user_agent|contains", "account|startswith", "client|all|contains", "person|cased"]
        ),
        st.one_of(
            st.text(min_size=1, max_size=5), st.lists(st.text(r"*?\a-", min_size=1, max_size=5), min_size=1, max_size=3)
        ),
    ),
    st.tuples(st.sampled_from(["rows|gte", "bytes|lt", "subjects", "rows|neq"]), st.integers(0, 100)),
    st.sampled_from([("kind", "lookup"), ("outcome|neq", "success"), ("purpose", None), ("automatic|exists", True)]),
    st.tuples(st.sampled_from(["service|re", "user_agent|re|i"]), st.text("ab.*+?[](){}|^$", max_size=6)),
)
sound_selections = st.lists(sound_items, min_size=1, max_size=3).map(dict)
selections = st.integers(0, 9).flatmap(lambda dice: odd_selections if dice == 9 else sound_selections)
names = st.sampled_from(["selection", "other", "filter_main", "sel_1", "sel_2"])
conditions = st.lists(
    st.sampled_from(
        [
            "selection",
            "other",
            "sel_1",
            "1 of sel_*",
            "all of them",
            "any of them",
            "not",
            "and",
            "or",
            "(",
            ")",
            "1 of",
            "|",
        ]
    ),
    min_size=1,
    max_size=7,
).map(" ".join)
sound_conditions = st.sampled_from(
    ["all of them", "1 of them", "selection", "not selection", "1 of sel*", "selection or not 1 of sel*"]
)
detections = st.one_of(
    st.tuples(st.dictionaries(names, selections, max_size=2), selections, sound_conditions).map(
        lambda parts: {**parts[0], "selection": parts[1], "condition": parts[2]}
    ),
    st.tuples(st.dictionaries(names, selections, max_size=3), st.one_of(conditions, scalars)).map(
        lambda parts: {**parts[0], "condition": parts[1]}
    ),
)
thresholds = st.one_of(
    st.dictionaries(
        st.sampled_from(["field", "gte", "gt", "lte", "lt", "eq", "neq", "percentile", "x"]),
        st.one_of(st.integers(-2, 100), st.floats(), st.sampled_from(["patient", "rows", "account"]), scalars),
        max_size=3,
    ),
    st.fixed_dictionaries({"gte": st.integers(1, 9)}),
    st.fixed_dictionaries({"field": st.sampled_from(["patient", "rows", "ip"]), "gte": st.integers(1, 9)}),
    conditions,
)
correlations = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            [
                "event_count",
                "value_count",
                "temporal",
                "temporal_ordered",
                "value_sum",
                "value_avg",
                "value_median",
                "value_percentile",
                "x",
            ]
        ),
        "rules": st.one_of(
            st.just(["made"]), st.lists(st.sampled_from(["made", "many", "nobody"]), max_size=3), scalars
        ),
        "group-by": st.one_of(st.just(["account"]), st.lists(fields, max_size=2), scalars),
        "timespan": st.one_of(st.just("1h"), st.sampled_from(["0h", "1x", "90s", "999999999d", "1w"]), scalars),
    },
    optional={
        "condition": thresholds,
        "aliases": st.dictionaries(fields, st.dictionaries(names, fields)),
        "generate": scalars,
    },
)
extras = st.dictionaries(
    st.sampled_from(["status", "level", "id", "date", "logsource", "tags", "fields", "author", "taxonomy", "wrong"]),
    st.one_of(scalars, st.sampled_from(["high", "test", "experimental"]), st.just({"category": "record_access"})),
    max_size=2,
)
SOUND = {"level": "low", "logsource": {"category": "record_access"}, "tocsin": {"family": "volume"}}


@st.composite
def files(draw):
    """Make one to three documents: a detection, perhaps a correlation over it, perhaps a filter."""
    more = st.one_of(st.just({}), st.just({}), st.just({}), extras)
    made = [{"title": "Made", "name": "made", **SOUND, "detection": draw(detections), **draw(more)}]
    if draw(st.booleans()):
        about = {key: value for key, value in SOUND.items() if key != "logsource"}
        sound = {
            "type": "value_count",
            "rules": ["made"],
            "group-by": ["account"],
            "timespan": "1h",
            "condition": {"field": "ip", "gte": 3},
        }
        correlation = {
            **sound,
            **draw(st.one_of(correlations, st.dictionaries(st.sampled_from([*sound]), scalars, max_size=1))),
        }
        made.append({"title": "Many", "name": "many", **about, "correlation": correlation, **draw(more)})
    if draw(st.integers(0, 3)) == 0:
        narrowed = {"rules": draw(st.one_of(st.just("any"), st.just(["made"]), scalars)), **draw(detections)}
        made.append({"title": "Less", "logsource": SOUND["logsource"], "filter": narrowed})
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("made")


def attempt(path):
    try:
        return load_rules([path]), ()
    except RuleErrors as error:
        return None, error.faults


@pytest.mark.no_cover
@pytest.mark.parametrize("_part", range(PARTS))
def test_a_made_document_compiles_or_is_refused_with_a_place(folder, _part):
    """In parts, so that several processors share the work."""
    counted = {"compiled": 0, "refused": 0}

    @settings(
        max_examples=-(-DOCUMENTS * 2 // 3 // PARTS),
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
    )
    @given(documents=files())
    def attempted(documents):
        counted[outcome(folder / "made.yml", documents)] += len(documents)

    attempted()
    assert sum(counted.values()) >= DOCUMENTS // PARTS
    # Neither side may be a rarity, or the test would say little.
    assert min(counted.values()) * 20 * PARTS > DOCUMENTS


def outcome(path, documents):
    """Say whether a file of documents compiles, down to a look at no events, or is refused with places."""
    text = yaml.dump_all(documents, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8", errors="replace")
    rules, faults = attempt(path)
    if rules is None:
        assert faults
        assert all(fault.place.file == str(path) and fault.place.line and fault.message for fault in faults)
        return "refused"
    for group in rules.groups:
        assert look(EMPTY, rules, group).episodes.is_empty()
    if any(rule.features for rule in rules.detections):
        assert of_nights(nights_of(EMPTY, timedelta(minutes=30)), rules).is_empty()
    return "compiled"
