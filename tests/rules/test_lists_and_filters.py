"""Placeholders take the values of lists; filters narrow detections from outside, as in pySigma."""

import polars as pl
import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.processing.pipeline import ProcessingPipeline

from sigma_trees import our_tree, their_tree
from tocsin.errors import RuleErrors
from tocsin.rules import lists
from tocsin.rules.detection import matches
from tocsin.rules.load import load_rules

RULE = """\
title: Reads by software
name: software
logsource: {category: record_access}
level: low
tocsin: {family: origin}
detection:
  selection: {user_agent|expand: ["%robots%", "x%robots%y%"]}
  condition: selection
"""
FILTER = """\
title: Known software
logsource: {category: record_access}
filter:
  rules: %s
  selection_a: {account: A1}
  selection_b: {client: good}
  condition: not 1 of selection_*
"""


def load(folder, *texts):
    for number, text in enumerate(texts):
        (folder / f"r{number}.yml").write_text(text, encoding="utf-8")
    return load_rules([folder])


def with_list(folder, content="# known\ncurl\n\npython-*\ncurl\n", name="robots"):
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "lists" / f"{name}.txt").write_text(content, encoding="utf-8")


def test_takes_each_line_of_a_list_for_a_value(tmp_path):
    with_list(tmp_path)
    rules = load(tmp_path, RULE)
    seen = matches(
        pl.DataFrame({"user_agent": ["CURL", "python-requests", "xcurly%", "xpython-3y%", "%robots%"]}),
        rules.detections,
    )
    assert seen["software"].to_list() == [True, True, True, True, False]


def test_finds_a_list_beside_the_folder_of_the_rule(tmp_path):
    with_list(tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "r.yml").write_text(RULE)
    assert load_rules([tmp_path]).by_name["software"]


def test_hashes_what_lists_say(tmp_path):
    with_list(tmp_path)
    one = load(tmp_path, RULE).sha256
    with_list(tmp_path, "curl\npython-*\n")
    assert load(tmp_path, RULE).sha256 == one
    with_list(tmp_path, "curl\n")
    assert load(tmp_path, RULE).sha256 != one


def test_reads_the_same_placeholders_as_pysigma(tmp_path):
    with_list(tmp_path)
    (ours,) = load(tmp_path, RULE).detections
    theirs = SigmaCollection.from_yaml(RULE)
    pipeline = ProcessingPipeline.from_dict(
        {
            "name": "lists",
            "priority": 1,
            "vars": {"robots": ["curl", "python-*"]},
            "transformations": [{"type": "value_placeholders"}],
        }
    )
    pipeline.apply(theirs.rules[0])
    assert our_tree(ours.condition) == their_tree(theirs.rules[0].detection.parsed_condition[0].parse())


@pytest.mark.parametrize(
    ("content", "said"),
    [("# nothing\n", "is empty"), ("".join(f"a{i}\n" for i in range(400)), None), ("x" * 2_000_001, "larger")],
)
def test_says_what_is_wrong_with_a_list(tmp_path, content, said, monkeypatch):
    monkeypatch.setattr(lists, "MOST_BYTES", 2_000_000)
    with_list(tmp_path, content)
    if said is None:
        twice = RULE.replace('["%robots%", "x%robots%y%"]', '"%robots% %robots%"')
        with pytest.raises(RuleErrors, match="texts of this value"):
            load(tmp_path, twice)
    else:
        with pytest.raises(RuleErrors, match=said):
            load(tmp_path, RULE)


def test_refuses_a_list_outside_its_folder_or_unreadable(tmp_path):
    with pytest.raises(RuleErrors, match="E025"):
        load(tmp_path, RULE.replace("%robots%", "%../r0%"))
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "robots.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(RuleErrors, match="UTF-8"):
        load(tmp_path, RULE)


def test_suggests_the_list_that_was_meant(tmp_path):
    with_list(tmp_path)
    with pytest.raises(RuleErrors, match="did you mean 'robots'"):
        load(tmp_path, RULE.replace("%robots%", "%robot%"))


@pytest.mark.parametrize("named", ["any", "[software]", "ANY", "[]"])
def test_narrows_a_detection_as_pysigma_does(tmp_path, named):
    plain = RULE.replace('user_agent|expand: ["%robots%", "x%robots%y%"]', "kind: lookup")
    rules = load(tmp_path, plain, FILTER % named)
    (ours,) = rules.detections
    theirs = SigmaCollection.from_dicts([yaml.safe_load(plain), yaml.safe_load(FILTER % named)])
    theirs.resolve_rule_references()
    rule = next(rule for rule in theirs.rules if rule.name == "software")
    assert our_tree(ours.condition) == their_tree(rule.detection.parsed_condition[0].parse())
    rows = pl.DataFrame({"kind": ["lookup"] * 3, "account": ["A1", "A2", "A3"], "client": [None, "good", None]})
    assert matches(rows, rules.detections)["software"].to_list() == [False, False, True]


def test_leaves_other_rules_as_they_are_and_counts_in_the_hash(tmp_path):
    plain = RULE.replace('user_agent|expand: ["%robots%", "x%robots%y%"]', "kind: lookup")
    other = plain.replace("name: software", "name: other")
    alone = load(tmp_path, plain, other)
    both = load(tmp_path, plain, other, FILTER % "[software]")
    assert both.by_name["other"] == alone.by_name["other"]
    assert both.sha256 != alone.sha256


def test_narrows_no_correlation(tmp_path):
    with pytest.raises(RuleErrors, match="'many' is no detection"):
        load(
            tmp_path,
            RULE.replace('user_agent|expand: ["%robots%", "x%robots%y%"]', "kind: lookup"),
            "title: M\nname: many\nlevel: low\ntocsin: {family: origin}\ncorrelation: {type: event_count, rules: [software], group-by: [account], timespan: 1h, condition: {gte: 2}}\n",
            FILTER % "[many]",
        )
