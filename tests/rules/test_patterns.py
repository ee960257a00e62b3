"""Sigma's wildcards and escapes mean what its specification says."""

import polars as pl
import pytest

from tocsin.rules.patterns import Pattern, Wild, literal_pattern, parse_pattern


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("abc", ("abc",)),
        ("a*b?", ("a", Wild.ANY, "b", Wild.ONE)),
        (r"a\*b", ("a*b",)),
        (r"a\\*b", ("a\\", Wild.ANY, "b")),
        (r"a\\\*b", (r"a\*b",)),
        (r"C:\Users\x", (r"C:\Users\x",)),
        ("end\\", ("end\\",)),
    ],
)
def test_cuts_a_text_at_its_wildcards(text, parts):
    assert parse_pattern(text) == Pattern(parts)


def test_adds_no_second_wildcard_at_an_end():
    assert parse_pattern("*a*").anywhere() == parse_pattern("*a*")
    assert parse_pattern("a").anywhere() == parse_pattern("*a*")
    assert literal_pattern("").at_start() == parse_pattern("*")


@pytest.mark.parametrize(
    ("text", "cased", "fitting", "unfitting"),
    [
        ("straße", False, ["STRAẞE", "straße"], ["strasse", "straße "]),
        ("ΟΔΟΣ", False, ["οδος", "οδοσ"], ["οδο"]),
        ("K", False, ["k", "\N{KELVIN SIGN}"], ["kk"]),
        ("A", True, ["A"], ["a"]),
        ("a.b|c(d)[e]{f}^$#&-~", False, ["A.B|C(D)[E]{F}^$#&-~"], ["axb|c(d)[e]{f}^$#&-~"]),
        ("a b\tc\nd", False, ["A b\tc\nd"], ["ab c d"]),
        ("a*d", False, ["a\nd", "ad"], ["ad\n"]),
        ("a?d", False, ["a\nd", "aéd"], ["ad"]),
    ],
)
def test_matches_whole_texts_by_simple_case_folding(text, cased, fitting, unfitting):
    regex = parse_pattern(text).regex(cased=cased)
    assert pl.Series(fitting).str.contains(regex).all()
    assert not pl.Series(unfitting).str.contains(regex).any()
