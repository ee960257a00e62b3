"""A YAML value knows where it stands, and a bad file says so without taking the program down."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tocsin import located
from tocsin.errors import Place
from tocsin.located import did_you_mean, parse_located, read_located, unknown_keys
from tocsin.rules.pack import shipped


def parse(text):
    return parse_located(text.encode() if isinstance(text, str) else text, "a.yml")


def fault(text):
    (only,) = parse(text).faults
    return only


def test_knows_the_place_of_every_value_and_key():
    (root,) = parse("title: one\nlist:\n  - a\n  - {b: 2}\n").documents
    assert root["title"].place == Place("a.yml", 1, 8)
    assert root["list"].content[1]["b"].place == Place("a.yml", 4, 9)
    assert list(root.items())[1][:2] == ("list", Place("a.yml", 2, 1))


def test_resolves_scalars_to_safe_values():
    (root,) = parse("[1, 2.5, yes, null, 2022-03-14, 2022-03-14T09:00:00Z, text, '1']").documents
    assert root.value == [1, 2.5, True, None, date(2022, 3, 14), datetime(2022, 3, 14, 9, tzinfo=UTC), "text", "1"]
    assert root.content[2].text == "yes"


def test_finds_a_character_inside_a_text_unless_it_is_folded_or_escaped():
    (root,) = parse("a: plain\nb: 'in quotes'\nc: 'it''s'\nd: |\n  block\n").documents
    assert root["a"].place_within(2) == Place("a.yml", 1, 6)
    assert root["b"].place_within(2) == Place("a.yml", 2, 7)
    assert root["c"].place_within(2) == root["c"].place
    assert root["d"].place_within(2) == root["d"].place


def test_keeps_keys_as_they_are_written():
    (root,) = parse("on: 1\n4625: 2\n").documents
    assert root.value == {"on": 1, "4625": 2}


def test_reads_several_documents_and_leaves_out_empty_ones():
    assert [document.value for document in parse("---\na: 1\n---\n---\nb: 2\n").documents] == [{"a": 1}, {"b": 2}]


def test_walks_one_or_several_values_alike():
    (root,) = parse("one: a\nmany: [a, b]\nkeyed: {x: a}\n").documents
    assert [node.value for node in root["one"]] == ["a"]
    assert [node.value for node in root["many"]] == ["a", "b"]
    assert [node.value for node in root["keyed"]] == ["a"]
    assert root["many"].is_sequence
    assert root["keyed"].is_mapping
    assert root["one"].is_scalar


def test_has_no_keys_where_the_value_is_no_mapping():
    (root,) = parse("- a\n").documents
    assert root.get("a") is None
    assert "a" not in root
    assert list(root.items()) == []
    with pytest.raises(KeyError):
        root["a"]


def test_reports_each_duplicate_key_with_the_line_of_the_first():
    result = parse("a: 1\nb: {c: 1, c: 2}\na: 2\n")
    assert [(one.kind, one.place.line, one.place.column) for one in result.faults] == [
        ("duplicate", 2, 11),
        ("duplicate", 3, 1),
    ]
    assert result.faults[1].hint == "the first one is on line 1"
    assert result.documents[0].value == {"a": 1, "b": {"c": 1}}


def test_reads_a_utf8_mark_as_nothing():
    assert parse(b"\xef\xbb\xbfa: 1").documents[0].value == {"a": 1}


@pytest.mark.parametrize(
    ("text", "kind", "place", "said"),
    [
        ("a: [1", "yaml", (1, 6), "this is not YAML"),
        ("a: 1\n\tb: 2", "yaml", (2, 1), "a tab stands"),
        (b"a: 1\nb: \xff", "yaml", (2, 4), "not UTF-8"),
        ("a: 1\nb: \x01", "yaml", (2, 4), "this character"),
        ("a: 2022-13-45", "yaml", (1, 4), "no valid date"),
        ("a: !!int one", "yaml", (1, 4), "no valid date or number"),
        ("a: !!int ''", "yaml", (1, 4), "no valid date or number"),
        ("a: !!bool maybe", "yaml", (1, 4), "no valid date or number"),
        ("a: !!timestamp soon", "yaml", (1, 4), "no valid date or number"),
        ("a: !!seq text", "unsafe", (1, 4), "the tag"),
        ("a: " + "9" * 5000, "yaml", (1, 4), "no valid date or number"),
        ("a: !!python/object/apply:os.system [ls]", "unsafe", (1, 4), "the tag"),
        ("a: !!binary aGk=", "unsafe", (1, 4), "the tag"),
        ("? [1]\n: 2", "unsafe", (1, 3), "a key must be a plain word"),
        ("a: &b {c: 1}\nd: {<<: *b}", "unsafe", (2, 5), "a key must be a plain word"),
        ("[" * 60 + "]" * 60, "bounds", (1, 51), "nests deeper"),
        ("a: *b", "yaml", (1, 4), "undefined alias"),
    ],
)
def test_says_where_and_why_a_text_is_refused(text, kind, place, said):
    seen = fault(text)
    assert (seen.kind, (seen.place.line, seen.place.column)) == (kind, place)
    assert said in seen.message


def test_refuses_a_billion_laughs_once():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    assert fault("\n".join(lines)).kind == "bounds"


def test_refuses_a_list_that_holds_itself():
    assert fault("a: &a [*a]").kind in {"bounds", "yaml"}


def test_refuses_a_file_beyond_two_megabytes(tmp_path):
    path = tmp_path / "big.yml"
    path.write_bytes(b"#" * (located.MOST_BYTES + 1))
    (seen,) = read_located(path).faults
    assert seen.kind == "bounds"
    assert seen.place == Place(str(path), 1, 1)


def test_suggests_the_nearest_known_key():
    (root,) = parse("titel: 1\ncolour: 2\n").documents
    assert [(key, hint) for key, _place, hint in unknown_keys(root, ["title", "level"])] == [
        ("titel", "did you mean 'title'?"),
        ("colour", None),
    ]
    assert did_you_mean("patient_regoin", ["patient", "patient_region"]) == "did you mean 'patient_region'?"


@given(st.binary(max_size=200) | st.text(alphabet="a:-[]{}&*!|>'\"#\n\t ,?%@`0", max_size=80).map(str.encode))
@example(b"%YAML 9.9\n---\na")
@example(b"\xfe\xff\x00a")
def test_never_raises_whatever_the_bytes(raw):
    result = parse_located(raw, "a.yml")
    for seen in result.faults:
        assert seen.place.line >= 0


TEXTS = [path.read_text(encoding="utf-8").splitlines()[:60] for path in sorted(shipped().glob("*.yml"))]


@st.composite
def spoiled_texts(draw):
    """Take lines of a shipped file and replace, drop or insert a few characters."""
    lines = draw(st.sampled_from(TEXTS))
    start = draw(st.integers(0, len(lines) - 1))
    text = "\n".join(lines[start : start + draw(st.integers(1, 12))])
    for _change in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + draw(
                st.sampled_from([*"\"'{}[]:,&*!|>-#%@`\n \u2028\x85é\U0001f600\x00", "", "\r\n", ": ", "- ", "---\n"])
            )
            + text[at + draw(st.integers(0, 2)) :]
        )
    return text


@settings(max_examples=150, deadline=None)
@given(spoiled_texts())
def test_the_fast_reader_reads_what_the_plain_one_reads(text):
    seen = parse(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(located, "fast_loader", lambda _text: None)
        plain = parse(text)
    # libyaml takes a few texts that the plain reader refuses; what both take is the same.
    assume(seen.faults or all(fault.kind != "yaml" for fault in plain.faults))
    assert [node.value for node in seen.documents] == [node.value for node in plain.documents]
    assert [fault.kind for fault in seen.faults] == [fault.kind for fault in plain.faults]
    for one, other in zip(seen.documents, plain.documents, strict=True):
        assert list(places(one)) == list(places(other))


def places(node):
    """Walk the lines of keys and values, with the column of what is not empty."""
    yield node.place.line, node.place.column if node.text else None
    for place in node.key_places.values():
        yield place.line, place.column
    for inner in () if node.is_scalar else node:
        yield from places(inner)
