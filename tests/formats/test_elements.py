import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.formats.base import Head
from tocsin.formats.elements import first_objects, is_many_lines, read_any_objects
from tocsin.formats.jsonlines import Keys
from tocsin.formats.lines import Source

EVENTS = [{"id": str(number), "who": {"x": [{"y": 1}, {"y": "}{"}]}, "text": 'say "hi" \\ {['} for number in range(4)]


def read(data, size=1 << 20, careful=False):
    found = list(read_any_objects(Source("log", io.BytesIO(data)), Keys(("id",)), size, careful=careful))
    rows = [row for each in found for row in each.rows.rows()]
    return rows, sorted(reject for each in found for reject in each.rejects)


def ids(data):
    small, whole = read(data, 64), read(data)
    assert small == whole == read(data, careful=True)
    return [row[0] for row in whole[0]], [(line, reason) for line, _byte, reason in whole[1]]


def pretty(events=EVENTS):
    return json.dumps(events, indent=2).encode()


@pytest.mark.parametrize(
    "text",
    [
        pretty(),
        json.dumps(EVENTS).encode(),
        b"\xef\xbb\xbf" + pretty(),
        b"[\n" + b",\n".join(json.dumps(event).encode() for event in EVENTS) + b"\n]\n",
        b"\n".join(json.dumps(event, indent=1).encode() for event in EVENTS),
        json.dumps({"@odata.context": "x", "value": EVENTS, "@odata.nextLink": "https://x"}).encode(),
        json.dumps({"took": 1, "hits": {"total": {"n": 4}, "hits": EVENTS}}, indent=4).encode(),
        json.dumps({"took": 1, "hits": {"hits": EVENTS, "more": 1}}, indent=4).encode(),
        pretty(EVENTS[:2]) + b"\n" + json.dumps(EVENTS[2:]).encode(),
        pretty().replace(b"\n", b"\r\n"),
    ],
    ids=["pretty", "one line", "mark", "a line each", "no array", "page", "hits", "inner hits", "two arrays", "crlf"],
)
def test_reads_every_object_however_they_are_written(text):
    assert is_many_lines(Head(text.removeprefix(b"\xef\xbb\xbf")))
    assert ids(text)[0] == ["0", "1", "2", "3"]
    assert [found["id"] for found in first_objects(Head(text.removeprefix(b"\xef\xbb\xbf")), 3)] == ["0", "1", "2"]


def test_objects_one_a_line_are_read_as_lines():
    text = b"".join(json.dumps(event).encode() + b"\n" for event in EVENTS)
    assert not is_many_lines(Head(text))
    assert ids(text) == (["0", "1", "2", "3"], [])


def test_an_object_is_at_the_line_and_byte_where_it_starts():
    text = pretty()
    rows, _ = read(text)
    starts = [text.index(b'{\n    "id": "%d"' % number) for number in range(4)]
    assert [row[-1] for row in rows] == starts
    assert [row[-2] for row in rows] == [text.count(b"\n", 0, start) + 1 for start in starts]


@pytest.mark.parametrize("cut", [b"}", b'": "1"', b'"1"', b"    }"])
def test_an_object_that_never_ends_costs_itself_alone(cut):
    text = pretty()
    at = text.index(b'"id": "1"')
    at = text.index(cut, at) if cut != b'"1"' else at
    broken = text[:at] + text[at + len(cut) :]
    found, rejects = ids(broken)
    assert [each for each in found if each is not None] in (["0", "2", "3"], ["0", "1", "2", "3"])
    assert len(rejects) <= 3


def test_an_object_that_never_ends_on_one_line_costs_itself_alone():
    text = b'[{"id":"0"},{"id":"1","x":{"y":2},{"id":"2"},{"id":"3"}]'
    found, rejects = ids(text)
    assert (found, rejects) == (["0", "2", "3"], [(1, "not JSON")])


def test_text_between_objects_is_rejected_line_by_line():
    text = b'[{"id":"0"},\nhello, "world\n oops\n{"id":"1"}] x\n'
    assert ids(text) == (["0", "1"], [(2, "not JSON"), (3, "not JSON"), (4, "not JSON")])


def test_a_file_cut_short_keeps_what_came_before():
    text = pretty()
    cut = text[: text.index(b'"id": "3"') + 5]
    found, rejects = ids(cut)
    assert found == ["0", "1", "2"]
    assert [reason for _line, reason in rejects] == ["not JSON"]


def test_a_damaged_archive_is_named():
    import gzip
    import random

    events = [{"id": str(number), "noise": random.Random(number).randbytes(40).hex()} for number in range(3_000)]
    packed = gzip.compress(json.dumps(events, indent=1).encode())
    found, rejects = ids(packed[: len(packed) // 2])
    assert found[:3] == ["0", "1", "2"]
    assert rejects[-1][1] == "the archive breaks off here"


def test_a_million_open_braces_do_not_hang():
    _, rejects = read(b"[\n" + b"{\n" * 300_000)
    assert len(rejects) == 300_000
    _, rejects = read(b"[" + b"{" * 1_000_000)
    assert len(rejects) == 1


def test_an_object_of_more_than_16_mib_is_too_long():
    good = b' {"id":"1"}'
    text = b"[\n" + good + b',\n {"id":"' + b"x" * (40 << 20) + b'"},\n' + good + b"\n]"
    rows, rejects = read(text)
    assert [row[0] for row in rows] == ["1", "1"]
    assert rejects[0][2] == "line too long"


SPICE = st.sampled_from([b'"', b"{", b"}", b"[", b"]", b",", b"\n", b"\\", b"\x00", b"\xff", b":", b"x", b"\r", b"},{"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_arrays_are_read_the_same_in_any_pieces(data):
    text = data.draw(
        st.sampled_from(
            [pretty(EVENTS[:3]), json.dumps(EVENTS[:3]).encode(), json.dumps({"value": EVENTS[:3]}).encode()]
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        at, cut = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 20))
        text = text[:at] + data.draw(st.one_of(SPICE, st.binary(max_size=3))) + text[at + cut :]
    ids(b"[" + text)
