import gzip

import pytest

from tocsin.errors import InputError
from tocsin.formats import FORMATS, by_name
from tocsin.formats.base import Head
from tocsin.formats.detect import chosen, detect, unrecognised

SOUND = {
    "native": b"# made by hand\n\naccount;time;kind\nA1;2022-03-14T10:00:00Z;login\n",
    "amelipro": b'"date_heure";"identifiant_ps";"evenement";"resultat"\n',
    "combined": b'10.0.0.1 - - [14/Mar/2022:10:00:00 +0100] "GET / HTTP/1.1" 200 1\n',
}


@pytest.mark.parametrize(("name", "text"), SOUND.items())
def test_recognises_a_log_by_its_beginning(name, text):
    guess = detect(Head(text))
    assert guess.format is by_name(name)
    assert guess.likeness.score >= 90


def test_recognises_json_by_its_keys():
    assert detect(Head(b'{"time":1,"kind":"login","account":"A1"}\n{"broken\n')).format is by_name("native")
    assert detect(Head(b'{"@timestamp":1,"user":{"id":"A1"}}\n')).format is None
    assert detect(Head(b"{\n")).format is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"time,kind,ip\n1,2,3\n", "the header has no column 'account'"),
        (b"hello world\n", "first line"),
        (b"\xff\xfet\x00i\x00", "it is UTF-16, not UTF-8"),
        (b'"time,kind\n', "first line"),
        (b"date_heure;identifiant_ps;resultat\n", "the header has no column 'service'"),
    ],
)
def test_says_why_a_log_is_in_no_format(text, why):
    guess = detect(Head(text))
    assert guess.format is None
    assert why in str(unrecognised("x.log", guess)) or why == "the header has no column 'service'"


def test_a_log_without_lines_is_blank():
    assert detect(Head(b"\n# nothing\n")).blank


def test_refuses_a_format_that_is_not_there():
    assert chosen("native") is FORMATS[0]
    with pytest.raises(InputError, match=r"no format 'excel'.*native, amelipro, combined"):
        chosen("excel")


def test_a_name_that_promises_packing_is_said_to_lie(tmp_path):
    plain, packed = tmp_path / "plain.csv.gz", tmp_path / "packed.csv.gz"
    plain.write_bytes(b"hello world\n")
    packed.write_bytes(gzip.compress(b"hello world\n"))
    guess = detect(Head(b"hello world\n"))
    assert "plain.csv.gz is not packed with gzip as its name says" in str(unrecognised(str(plain), guess))
    assert "packed.csv.gz is in no format that tocsin knows" in str(unrecognised(str(packed), guess))
