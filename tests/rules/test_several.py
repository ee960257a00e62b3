"""Tens of thousands of values are asked at once, and what cannot be asked at once is bounded."""

import polars as pl
import pytest

from rule_texts import load
from tocsin.errors import RuleErrors
from tocsin.rules.detection import matches
from tocsin.rules.folding import folded
from tocsin.rules.tree import leaves

RULE = """\
title: Known
name: known
level: low
logsource: {category: record_access}
detection:
  selection: {"%s": [%s]}
  condition: selection
tocsin: {family: origin}
"""
MANY = 3_000


def asked(folder, key, values):
    """Give the one detection that asks for these values."""
    (rule,) = load(folder, RULE % (key, ", ".join(values))).detections
    return rule


@pytest.mark.parametrize(
    ("key", "value", "column", "hits"),
    [
        ("user_agent", "'É{}'", ["é7", "É2999", "é3000", "é", None], [0, 1]),
        ("user_agent|cased", "'É{}'", ["é7", "É2999"], [1]),
        ("user_agent|contains", "-{}-", ["x-7-y", "-2999-", "x-3000-y", None], [0, 1]),
        ("patient|startswith", "p{}.", ["P7.5", "p2999.", "p3000.", "p7"], [0, 1]),
        ("patient|endswith", "'.{}'", ["x.7", ".2999", "x.3000", "7"], [0, 1]),
        ("service|neq", "s{}", ["s7", "s3000", None], [1, 2]),
        ("rows", "{}", [7, 2_999, 3_000, None], [0, 1]),
    ],
)
def test_many_values_are_one_test(tmp_path, key, value, column, hits):
    rule = asked(tmp_path, key, [value.format(number) for number in range(MANY)])
    assert len(list(leaves(rule.condition))) == 1
    frame = pl.DataFrame({key.split("|")[0]: column}, schema_overrides={"rows": pl.UInt32})
    assert matches(frame, [rule])["known"].arg_true().to_list() == hits


def test_many_networks_are_one_test(tmp_path):
    values = [f"10.{number // 256}.{number % 256}.0/24" for number in range(300)] + ["'2001:db8::/32'"]
    rule = asked(tmp_path, "ip|cidr", values)
    seen = ["10.1.43.9", "10.1.44.9", "10.0.0.0/16", "2001:db8::1", "::ffff:10.0.5.1", "nowhere", None]
    assert len(list(leaves(rule.condition))) == 1
    assert matches(pl.DataFrame({"ip": seen}), [rule])["known"].arg_true().to_list() == [0, 3, 4]


@pytest.mark.parametrize(
    ("key", "value"), [("user_agent|re", "a{}"), ("user_agent", "a*{}"), ("user_agent|contains|all", "a{}")]
)
def test_tests_that_must_be_made_one_by_one_are_bounded(tmp_path, key, value):
    assert asked(tmp_path, key, [value.format(number) for number in range(1_000)])
    with pytest.raises(RuleErrors) as error:
        asked(tmp_path, key, [value.format(number) for number in range(1_001)])
    (fault,) = error.value.faults
    assert (fault.code, fault.place.line) == ("E026", 1)
    assert "1001 tests, at most 1000" in fault.message
    assert "counts as one" in fault.hint


def test_wildcards_elsewhere_are_asked_too(tmp_path):
    rule = asked(tmp_path, "user_agent", [f"a*{number}?" for number in range(60)])
    seen = ["aXX7!", "A59\n", "a60", "a", None]
    assert matches(pl.DataFrame({"user_agent": seen}), [rule])["known"].arg_true().to_list() == [0, 1, 2]


def test_a_long_list_is_fast_and_a_longer_one_refused(tmp_path):
    (tmp_path / "lists").mkdir()
    lines = tmp_path / "lists" / "known.txt"
    lines.write_text("\n".join(f"U{number}" for number in range(MANY)))
    rule = asked(tmp_path, "account|expand", ["'%known%'"])
    assert matches(pl.DataFrame({"account": ["u7", "u3000"]}), [rule])["known"].to_list() == [True, False]
    lines.write_text("\n".join(f"U{number}" for number in range(100_001)))
    with pytest.raises(RuleErrors, match="100001 texts of this value, at most 100000 are possible; split the list"):
        asked(tmp_path, "account|expand", ["'%known%'"])


def test_folds_letter_by_letter():
    assert folded("A\u03a3\u03c2\u212a\u017f\u1e9e\u0130") == "a\u03c3\u03c3ks\u00df\u0130"
