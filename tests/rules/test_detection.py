"""Compiled detections say of every event what a slow reader of the same Sigma document says, row by row."""

import ipaddress
import itertools
import re
from base64 import b64encode
from datetime import UTC, datetime

import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sigma_trees import our_tree, their_tree
from tocsin.errors import Place
from tocsin.rules import detection, gathered
from tocsin.rules.detection import matches
from tocsin.rules.load import load_rules
from tocsin.rules.rule import Detection
from tocsin.rules.tree import Leaf, Operator
from tocsin.schema import KIND, NETWORK_TYPE

# --- events -----------------------------------------------------------------------------------------------------------

COLUMNS = {
    "time": pl.Datetime("us", "UTC"),
    "account": pl.String(),
    "patient": pl.String(),
    "user_agent": pl.String(),
    "ip": pl.String(),
    "kind": KIND,
    "network_type": NETWORK_TYPE,
    "rows": pl.UInt32(),
    "bytes": pl.UInt64(),
    "automatic": pl.Boolean(),
    "break_glass": pl.Boolean(),
}
free = st.text(alphabet="aAbBéÉΣσς*?\\ .1-/\n", max_size=4)  # noqa: RUF001 folding is what is tested
pool = st.shared(st.lists(free, min_size=3, max_size=5), key="pool")
texts = pool.flatmap(st.sampled_from) | free  # what rules ask for is often there
addresses = st.sampled_from(
    ["10.0.0.1", "10.9.0.0/24", "2001:db8::/48", "10.1.2.3", "::1", "2001:db8::5", "::ffff:10.0.0.9", "not an address"]
)
plain = st.text(alphabet="aAéß-/ ", max_size=4)
ascii_texts = st.text(alphabet="aAb-/ ", max_size=4)
encoded = st.tuples(st.integers(0, 2), plain, st.sampled_from(["utf-8", "utf-16-le", "utf-16"])).map(
    lambda made: b64encode(b"x" * made[0] + made[1].encode(made[2])).decode()
)
VALUES = {
    "time": st.datetimes(datetime(2024, 12, 20), datetime(2025, 1, 12), timezones=st.just(UTC)),
    "account": texts,
    "patient": texts,
    "user_agent": texts | encoded | ascii_texts,
    "ip": addresses,
    "kind": st.sampled_from(["lookup", "login", "export"]),
    "network_type": st.sampled_from(["mobile", "isp"]),
    "rows": st.integers(0, 4),
    "bytes": st.sampled_from([0, 1, 2**63 - 1, 2**63, 2**64 - 1]),
    "automatic": st.booleans(),
    "break_glass": st.booleans(),
}
row = st.fixed_dictionaries({name: st.none() | value for name, value in VALUES.items()})
events = st.lists(row, min_size=6, max_size=6)

# --- documents --------------------------------------------------------------------------------------------------------

TEXT_FIELDS = ["account", "patient", "user_agent"]
networks = st.sampled_from(["10.0.0.0/8", "10.0.0.0/30", "2001:db8::/32", "::/0", "0.0.0.0/0"])


def one_or_many(values):
    return values | st.lists(values, min_size=1, max_size=3)


def asking(fields, modifiers, values):
    return [(f"{field}{modifier}", values) for field in fields for modifier in modifiers]


QUESTIONS = [
    *asking(TEXT_FIELDS, ["", "|neq"], one_or_many(texts | st.none())),
    *asking(
        TEXT_FIELDS,
        ["|contains", "|startswith", "|endswith", "|contains|all", "|contains|cased", "|startswith|neq", "|cased"],
        one_or_many(texts),
    ),
    *asking(
        TEXT_FIELDS[::2],
        ["|re", "|re|i", "|re|s", "|re|m", "|re|i|m|s"],
        one_or_many(st.sampled_from(["a.*b", "^A$", "[ab]+", "é", "a$"])),
    ),
    *asking([*TEXT_FIELDS, "rows", "kind", "automatic"], ["|exists"], st.booleans()),
    *asking(["kind"], [""], one_or_many(st.sampled_from(["lookup", "LOGIN", "lo*", "?xport"]))),
    *asking(["network_type"], ["|startswith", ""], one_or_many(st.sampled_from(["mobile", "isp", "ISP"]))),
    *asking(["ip"], ["|cidr"], one_or_many(networks)),
    *asking(["ip"], [""], one_or_many(addresses)),
    *asking(["rows"], ["", "|lt", "|lte", "|gt", "|gte", "|neq"], one_or_many(st.integers(-1, 5) | st.just(2.5))),
    *asking(["bytes"], ["", "|lt", "|gte"], one_or_many(st.sampled_from([0, 1, 2**62, 2**63 - 1]))),
    *asking(["automatic"], [""], st.booleans() | st.none()),
    *asking(["service"], ["", "|contains"], texts),
    *asking(
        ["user_agent"],
        ["|base64", "|base64|contains", "|base64offset|contains", "|base64offset"],
        one_or_many(plain),
    ),
    *asking(
        ["user_agent"],
        ["|wide|base64", "|utf16|base64offset|contains", "|utf16be|base64", "|utf16le|base64"],
        one_or_many(ascii_texts),
    ),
    *asking(["user_agent"], ["|windash", "|windash|contains|all", "|contains|windash|cased"], one_or_many(ascii_texts)),
    *asking(
        ["account"],
        ["|fieldref", "|fieldref|startswith", "|fieldref|contains|neq"],
        st.sampled_from(["user_agent", "kind"]),
    ),
    *asking(["rows"], ["|fieldref"], st.just("bytes")),
    *asking(["time"], ["|hour", "|minute|neq"], one_or_many(st.integers(0, 23))),
    *asking(["time"], ["|week"], one_or_many(st.sampled_from([1, 2, 51, 52, 53]))),
    *asking(["time"], ["|day", "|month"], st.integers(1, 12)),
    *asking(["time"], ["|year"], st.sampled_from([2024, 2025])),
    *asking([""], ["|all", "|cased", "|contains", "|windash"], one_or_many(texts)),
]
"""Everything that can be asked of a field: each is asked in every example of its part."""
PARTS = 6
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""Large examples are not made smaller: what fails names its one detection."""

field_tests = st.one_of(*(st.tuples(st.just(key), values) for key, values in QUESTIONS))
mappings = st.lists(field_tests, min_size=1, max_size=3, unique_by=lambda pair: pair[0]).map(dict)
selections = mappings | st.lists(mappings | texts, min_size=1, max_size=2) | texts

NAMES = ["sel_a", "sel_b", "flt_a", "_hidden"]
atoms = st.sampled_from([*NAMES, "1 of sel_*", "all of sel_*", "any of flt*", "1 of them", "all of them", "all of _*"])
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
    ),
    max_leaves=6,
)


@st.composite
def made(draw, part):
    """Make a document for each question of a part: it is the first selection, the others are the same for all."""
    others = {name: draw(selections) for name in NAMES[1:]}
    return [
        {
            "title": "Made",
            "name": f"made{number}",
            "logsource": {"category": "record_access"},
            "level": "low",
            "detection": {
                "sel_a": {key: draw(values)},
                **others,
                "condition": draw(st.sampled_from(["sel_a", "not sel_a"]) | expressions),
            },
            "tocsin": {"family": "volume"},
        }
        for number, (key, values) in enumerate(QUESTIONS[part::PARTS])
    ]


# --- the slow reader --------------------------------------------------------------------------------------------------


def cut(pattern):
    """Cut Sigma's notation into ("any"|"one"|"is", character)."""
    pieces, i = [], 0
    while i < len(pattern):
        if pattern[i] == "\\" and pattern[i + 1 : i + 2] in ("*", "?", "\\"):
            pieces.append(("is", pattern[i + 1]))
            i += 2
        else:
            pieces.append({"*": ("any", ""), "?": ("one", "")}.get(pattern[i], ("is", pattern[i])))
            i += 1
    return pieces


def same(one, other, cased):
    return one == other if cased else one.lower() == other.lower() or one.upper() == other.upper()


def fits(pieces, text, cased):
    if not pieces:
        return not text
    kind, character = pieces[0]
    if kind == "any":
        return any(fits(pieces[1:], text[i:], cased) for i in range(len(text) + 1))
    return bool(text) and (kind == "one" or same(character, text[0], cased)) and fits(pieces[1:], text[1:], cased)


def in_network(text, network):
    if text == "not an address":
        return False
    wanted = ipaddress.ip_network(network)
    if "/" in text:
        block = ipaddress.ip_network(text)
        return block.version == wanted.version and block.subnet_of(wanted)
    address = ipaddress.ip_address(text)
    return (getattr(address, "ipv4_mapped", None) or address) in wanted


def folded(text):
    return "".join(letter.casefold() if len(letter.casefold()) == 1 else letter for letter in text)


def refers(event, seen, other, modifiers):
    theirs = event.get(other)
    if seen is None or theirs is None or not isinstance(seen, str):
        return seen is not None and seen == theirs
    own, theirs = folded(seen), folded(theirs)
    if "contains" in modifiers:
        return theirs in own
    return own.startswith(theirs) if "startswith" in modifiers else own == theirs


def keyword(event, modifiers, wanted):
    """Look for one word in every text that a log writes."""
    names = ["account", "user_agent", "ip", "kind", "network_type"]
    return any(event[name] is not None and holds_one(event[name], [*modifiers, "contains"], wanted) for name in names)


def holds(event, key, wanted):
    field, *modifiers = key.split("|")
    if "fieldref" in modifiers:
        answer = refers(event, event[field], wanted, modifiers)
        return not answer if "neq" in modifiers else answer
    if not field:
        found = [keyword(event, modifiers, one) for one in (wanted if isinstance(wanted, list) else [wanted])]
        return all(found) if "all" in modifiers else any(found)
    seen = event.get(field)
    if "exists" in modifiers:
        return (seen is not None) == wanted
    answers = [holds_one(seen, modifiers, one) for one in (wanted if isinstance(wanted, list) else [wanted])]
    answer = all(answers) if "all" in modifiers else any(answers)
    return not answer if "neq" in modifiers else answer


def holds_one(seen, modifiers, wanted):  # noqa: PLR0911 one answer a modifier
    if wanted is None or seen is None:
        return wanted is None and seen is None
    if isinstance(seen, datetime):
        (part,) = set(modifiers) - {"neq"}
        return wanted == (seen.isocalendar().week if part == "week" else getattr(seen, part))
    if "windash" in modifiers:
        cut_at = re.split(r"(\B[-/]\b)", wanted)
        choices = itertools.product(
            *(["-", "/", "\u2013", "\u2014", "\u2015"] if place % 2 else [piece] for place, piece in enumerate(cut_at))
        )
        rest = [word for word in modifiers if word != "windash"]
        return any(holds_one(seen, rest, "".join(choice)) for choice in choices)
    if {"base64", "base64offset"} & set(modifiers):
        return any(
            letters in seen if "contains" in modifiers else letters.lower() == seen.lower()
            for letters in in_base64(wanted, modifiers)
        ) or ("contains" in modifiers and any(one.lower() in seen.lower() for one in in_base64(wanted, modifiers)))
    if isinstance(seen, bool | int):
        return {"lt": seen < wanted, "lte": seen <= wanted, "gt": seen > wanted, "gte": seen >= wanted}.get(
            next(iter(set(modifiers) - {"neq"}), ""), seen == wanted
        )
    if "re" in modifiers:
        flags = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
        end = wanted if "m" in modifiers else wanted.replace("$", r"\Z")  # Python's $ is also before a last newline
        return re.search(end, seen, sum(flag for word, flag in flags.items() if word in modifiers)) is not None
    if "cidr" in modifiers:
        return in_network(seen, wanted)
    pieces = cut(wanted)
    if {"contains", "endswith"} & set(modifiers):
        pieces = [("any", ""), *pieces]
    if {"contains", "startswith"} & set(modifiers):
        pieces = [*pieces, ("any", "")]
    return fits(pieces, seen, "cased" in modifiers)


def in_base64(text, modifiers):
    """Encode by hand: letters that depend on no byte around the text."""
    kinds = {"wide": "utf-16-le", "utf16le": "utf-16-le", "utf16be": "utf-16-be", "utf16": "utf-16"}
    data = text.encode(next((kinds[word] for word in modifiers if word in kinds), "utf-8"))
    if "base64" in modifiers:
        return [b64encode(data).decode()]
    answers = []
    for ahead in range(3):
        low, high = b64encode(b"\0" * ahead + data + b"\0" * 3), b64encode(b"\xff" * ahead + data + b"\xff" * 3)
        first = -(-ahead * 8 // 6)
        last = (ahead + len(data)) * 8 // 6
        assert low[first:last] == high[first:last]
        answers.append(low[first:last].decode())
    return answers


def chosen(event, selection):
    if isinstance(selection, str):
        return keyword(event, [], selection)
    if isinstance(selection, list):
        return any(chosen(event, one) for one in selection)
    return all(holds(event, key, wanted) for key, wanted in selection.items())


def slowly(event, block):
    """Read the condition as Python: the operators bind alike."""
    answers = {name: chosen(event, block[name]) for name in NAMES}

    def several(found):
        how, pattern = found.groups()
        names = [
            name
            for name in NAMES
            if (pattern == "them" or name.startswith(pattern.rstrip("*"))) and (pattern[0] == "_" or name[0] != "_")
        ]
        return str((all if how == "all" else any)(answers[name] for name in names))

    condition = re.sub(r"\b(1|any|all) of ([a-z_]+\*?)", several, block["condition"])
    return eval(condition, {}, answers)  # noqa: S307 the text is made above


# --- the law ----------------------------------------------------------------------------------------------------------


def load(documents, folder):
    path = folder / "rule.yml"
    path.write_text(yaml.safe_dump_all(documents, allow_unicode=True, sort_keys=False))
    return load_rules([path])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rules")


@pytest.mark.no_cover
@pytest.mark.parametrize("part", range(PARTS))
def test_says_of_every_event_what_the_slow_reader_says(folder, part):
    """Whether values are asked one by one (few of them) or together (many)."""

    @settings(max_examples=15, phases=PHASES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(documents=made(part), rows=events, few=st.sampled_from([0, gathered.FEW]))
    def compared(documents, rows, few):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gathered, "FEW", few)
            rules = load(documents, folder)
        seen = matches(pl.DataFrame(rows, schema=COLUMNS), rules.detections)
        for document in documents:
            expected = [slowly(event, document["detection"]) for event in rows]
            assert seen[document["name"]].to_list() == expected, document["detection"]

    compared()


def test_keeps_masks_apart_when_a_column_is_asked_more_than_sixty_four_things(monkeypatch):
    monkeypatch.setattr(detection, "BATCH", 7)
    frame = pl.DataFrame({"account": ["a0", "A69", None, "a70"]})
    asked = [
        Detection(
            name=f"d{i}", title="", place=Place(""), condition=Leaf("account", Operator.MATCHES, pattern(f"a{i}"))
        )
        for i in range(70)
    ]
    seen = matches(frame, asked)
    assert seen.width == 70
    assert {name: rows for name in seen.columns if (rows := seen[name].arg_true().to_list())} == {"d0": [0], "d69": [1]}


def pattern(text):
    from tocsin.rules.patterns import parse_pattern

    return parse_pattern(text)


def test_needs_no_events_and_no_detections():
    assert matches(pl.DataFrame({"account": ["a", "b"]}), []).shape == (2, 0)
    nothing = Detection(name="d", title="", place=Place(""), condition=Leaf("account", Operator.IS_NULL, None))
    assert matches(pl.DataFrame(schema={"account": pl.String}), [nothing]).schema == {"d": pl.Boolean}


# --- the oracle ------------------------------------------------------------------------------------------------------


def in_pysigmas_words(value):
    """Say `wide` for `utf16le`: pySigma knows only this name of it."""
    if isinstance(value, dict):
        return {key.replace("|utf16le", "|wide"): in_pysigmas_words(inner) for key, inner in value.items()}
    return [in_pysigmas_words(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.no_cover
@pytest.mark.parametrize("part", range(PARTS))
def test_reads_the_same_tree_as_pysigma(folder, part):
    from sigma.rule import SigmaRule

    @settings(max_examples=6, phases=PHASES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(documents=made(part))
    def compared(documents):
        ours = load(documents, folder).by_name
        for document in documents:
            standard = {key: value for key, value in document.items() if key != "tocsin"}
            standard["detection"] = in_pysigmas_words(document["detection"])
            theirs = SigmaRule.from_dict(standard).detection.parsed_condition[0].parse()
            assert our_tree(ours[document["name"]].condition) == their_tree(theirs), document["detection"]

    compared()
