import threading

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.formats import alike
from tocsin.formats.alike import Alike
from tocsin.formats.base import ReadOptions
from tocsin.formats.blind import blind
from tocsin.formats.combined import _parted
from tocsin.formats.urls import DEFAULT_URLS, read_requests
from tocsin.formats.web import requests_of
from tocsin.settings import UrlPattern


@pytest.fixture(autouse=True)
def _few_texts_are_worth_it(monkeypatch):
    monkeypatch.setattr(alike, "_WORTH", 1)
    monkeypatch.setattr(alike, "_MANY", 1)


class Asked:
    """Reads a number behind `n=` and remembers which texts it was asked about."""

    def __init__(self):
        self.texts = []

    def __call__(self, texts):
        self.texts += texts.to_list()
        number = texts.str.extract("n=([0-9 \r]+)", 1)
        return pl.DataFrame({"kind": pl.repeat("a", len(texts), eager=True), "n": number})


def rows(asked, texts):
    return Alike(asked, "%").read(pl.Series(texts)).rows()


def test_asks_about_two_texts_of_a_shape():
    asked = Asked()
    assert rows(asked, [f"n={number}" for number in range(10, 99)]) == [("a", str(number)) for number in range(10, 99)]
    assert len(asked.texts) == 2
    assert len({text[-1] for text in asked.texts}) == 2


def test_what_is_known_is_not_asked_again():
    asked = Asked()
    reader = Alike(asked, "%")
    for texts in (["n=11", "n=1"], ["n=12", "n=2"], ["n=1", "n=345", "x"], ["x", "n=99"]):
        assert reader.read(pl.Series(texts)).rows() == Asked()(pl.Series(texts)).rows()
    assert len(asked.texts) == 2 * 4


@pytest.mark.parametrize(
    "texts",
    [
        ["n=1%20", "n=2%20"],
        ["n=1\nn=2", "n=2"],
        ["n=1\r", "n=2"],
        ["n=1" + "x" * 2_000, "n=2"],
        [None, "n=2"],
        ["", "n=2"],
        ["\ufeffn=7", "n=2"],
        ["é n=1 \u0661", "é n=2 \u0661"],
    ],
    ids=["odd", "line end", "carriage return", "long", "null", "empty", "mark", "letters"],
)
def test_odd_texts_are_read_as_they_are(texts):
    assert rows(Asked(), texts) == Asked()(pl.Series(texts)).rows()


@pytest.fixture
def equal_digits(monkeypatch):
    monkeypatch.setattr(alike, "_SCATTERING", 0)


@pytest.mark.usefixtures("equal_digits")
def test_an_answer_that_may_stand_at_two_places_is_read_text_by_text():
    texts = ["1 n=1", "2 n=3"] * 5
    assert rows(Asked(), texts) == Asked()(pl.Series(texts)).rows()


@pytest.mark.usefixtures("equal_digits")
@pytest.mark.parametrize(
    "request_line", ["GET /patients/12345%20", "GET /patients/12345%31", "GET /patients/1+2345 1 6789"]
)
def test_what_is_encoded_is_read_as_it_is(request_line):
    event = requests_of(_parted, ReadOptions("UTC", now=None))(pl.Series([request_line])).row(0, named=True)
    assert event == read_requests(_parted(pl.Series([request_line])), DEFAULT_URLS).row(0, named=True)


def test_too_many_shapes_are_not_learned(monkeypatch):
    asked = Asked()
    monkeypatch.setattr(alike, "_MANY", 3)
    texts = ["n=1", "n=2", "n=3", "n=44", "n=55"]
    assert rows(asked, texts) == Asked()(pl.Series(texts)).rows()
    assert asked.texts == texts
    monkeypatch.setattr(alike, "_MANY", 1)
    monkeypatch.setattr(alike, "_MOST", 1)
    reader = Alike(asked, "%")
    for _ in range(2):
        asked.texts.clear()
        for each in (["n=1", "n=2"], ["n=44", "n=5"]):
            assert reader.read(pl.Series(each)).rows() == Asked()(pl.Series(each)).rows()
    assert asked.texts == ["n=44"]


def test_long_shapes_are_not_learned():
    asked, texts = Asked(), ["n=1" + "x" * 1_000, "n=2"]
    rows(asked, texts)
    assert asked.texts[-1] == texts[0]


def test_threads_may_ask_at_the_same_time():
    reader, wrong = Alike(Asked(), "%"), []

    def ask(first):
        texts = pl.Series([f"{'x' * (number % 7)}n={number}" for number in range(first, first + 200)])
        if reader.read(texts).rows() != Asked()(texts).rows():
            wrong.append(first)

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


PIECES = st.sampled_from(
    ["GET ", "POST ", "get ", " HTTP/1.1", "/", "/patients/", "/login", "/api", "?", "&", "nir=", "patient=", "=", "#", " ", "v2",
     "185057800608436", "1850578006084", "2A", "12345", "6", "1 85 05", "+", "%20", "%31", "%", "-", ".", "é", "\ufeff", "٣", "\r",
     "/exports", "/compte/", "/recherche", "mot-de-passe", "historique", "http://x", "a", "B", "\\x16", "droits"]
)  # fmt: skip
REQUESTS = st.lists(st.lists(PIECES, max_size=9).map("".join) | st.text(max_size=12), min_size=20, max_size=40)
OWN = (
    UrlPattern("GET", r"/(?P<service>v[0-9]+/\w+)/(?P<patient>\d{4,})?", "lookup", "2x"),
    UrlPattern("*", r"/(?P<session>[^/]{3})/?(?P<patient>.*[0-9]+)", "write", "x"),
    UrlPattern("POST|PUT", r".*(?P<patient>[[:alnum:]]{2,5}\b)", "search", ""),
)


@pytest.mark.parametrize("urls", [DEFAULT_URLS, OWN], ids=["default", "own"])
@given(requests=REQUESTS, digits=st.text("0123456789", min_size=400, max_size=400))
@settings(max_examples=12)
def test_any_requests_are_read_as_one_by_one(urls, requests, digits):
    following = iter(digits)
    others = [
        "".join(next(following, "0") if letter in "0123456789" else letter for letter in request)
        for request in requests
    ]
    options = ReadOptions("UTC", now=None, urls=urls)
    read = requests_of(_parted, options)
    for texts in (requests, others):
        asked = pl.Series(texts, dtype=pl.String())
        straight = read_requests(_parted(asked), urls)
        read_now = read(asked)
        assert set(read_now.columns) >= {name for name in straight.columns if straight[name].null_count() < len(asked)}
        for name in read_now.columns:
            there = straight[name].to_list() if name in straight else [None] * len(asked)
            assert read_now[name].to_list() == there


@pytest.mark.parametrize("url", DEFAULT_URLS, ids=lambda url: url.service)
def test_the_table_treats_all_digits_alike(url):
    assert blind(url.path)


@pytest.mark.parametrize(
    "regex",
    ["/x/[0-9]{3,}", r"/\d+(?:/|$)", "[a-z0-9_]", "[^0-9]", "[0-9-]", r"\[", r"[\]0-9]", "[[:digit:]]", "%20", "(?i)a{2}", r"\.", "[+-?]"],
)  # fmt: skip
def test_expressions_that_treat_all_digits_alike(regex):
    assert blind(regex)


@pytest.mark.parametrize(
    "regex",
    ["/v2/", "[1-9]", "[0-5]", "[a5]", r"\x30", r"\x{30}", "[%20]", "[]%20]", "[[a]%20]", "[0-9&&[^5]]", "[+-0-9]", "[0-9-a]",
     r"[0\--9]", r"[\d-9]", r"\pN", r"\u0035", "%2", r"\%20", "%{0}20", "(?P<x1>a)", "a{,5}", "[0- 9]", r"[!\-5]", "[!-5]", "(?x)[!- 0-9]", "(?ix:[+- 0-9])", "(?x)# [\n0-9]"],
)  # fmt: skip
def test_expressions_that_may_not(regex):
    assert not blind(regex)


CLASSES = st.lists(st.sampled_from([*"0159-+/:a]^&[%", r"\d", r"\-", r"\]", "0-9", "[:digit:]"]), max_size=6).map(
    "".join
)
EXPRESSIONS = st.lists(
    st.sampled_from([*"05a/%.?+*", r"\d", "{2}", "{0}", "20", "%20", r"\b", "|"]) | CLASSES.map("[{}]".format),
    max_size=5,
).map("".join)


@given(
    regex=EXPRESSIONS,
    text=st.text("019a/-+:.]", min_size=1, max_size=6),
    digits=st.text("0123456789", min_size=6, max_size=6),
)
@settings(max_examples=300)
def test_no_expression_is_said_to_be_blind_that_sees_digits(regex, text, digits):
    if not blind(regex):
        return
    following = iter(digits)
    other = "".join(next(following) if letter.isdigit() else letter for letter in text)
    try:
        found = pl.Series([text, other]).str.extract(f"({regex})", 1).str.len_bytes()
    except pl.exceptions.ComputeError:
        return
    assert found[0] == found[1]
