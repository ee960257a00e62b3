"""`tocsin rules` checks, lists and tests rules, and its exit code tells a script which it was."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from tocsin.cli import rules

GOOD = """\
title: Export
name: export
level: low
logsource: {category: record_access}
detection:
  selection: {kind: export}
  condition: selection
tocsin:
  family: volume
  tests:
    - {name: rings, expect: {account: A1}, events: [{time: 2022-03-14T09:00:00Z, account: A1, kind: export}]}
"""


FEW = """title: Few
name: few
level: low
correlation: {type: event_count, rules: [lookup], group-by: [account], timespan: 1h, condition: {gte: 3}}
tocsin: {family: volume}
"""

BOTH = """title: T
overlay:
  when: {region: ["1"]}
  rules:
    few: {correlation.condition.gte: many, reason: x}
    export: {correlation.condition.gte: many}
    on_top: {level: low}
    nobody: {level: low, reason: x}
  tests:
    - {name: a, rule: export, expect: none, events: [{time: 2022-03-14T09:00:00Z, account: A1, kind: export}]}
    - {name: b, rule: nobody, expect: none, events: [{time: 2022-03-14T09:00:00Z, account: A1, kind: export}]}
"""


@pytest.fixture
def run():
    app = typer.Typer()
    app.callback()(lambda: None)
    rules.register(app)
    return lambda *arguments: CliRunner().invoke(app, ["rules", *map(str, arguments)])


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "a,b.yml"
        path.write_text(text)
        return path

    return write


def test_check_accepts_the_shipped_pack(run):
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "25 rules can be used, 0 warnings\n")


def test_check_shows_warnings_and_accepts(run, write):
    path = write(GOOD.replace("level: low", "status: experimental"))
    result = run("check", path)
    assert result.exit_code == 0
    assert f"{path}:1:1: W050 " in result.stdout
    assert "0 rules can be used, 1 warning" in result.stdout


def test_check_places_the_faults_of_a_broken_file(run, write):
    path = write(GOOD.replace("export}\n  condition", "exprot}\n  condition"))
    result = run("check", path)
    assert result.exit_code == 2
    assert result.stdout == f"{path}:6:21: E022 'kind' is never 'exprot'; did you mean 'export'?\n"


def test_check_writes_json(run, write):
    result = run("check", write("a: ["), "--format", "json")
    (fault,) = json.loads(result.stdout)
    assert (result.exit_code, fault["code"], fault["line"], fault["hint"]) == (2, "E002", 1, None)
    assert json.loads(run("check", "--format", "json").stdout) == []


def test_check_writes_annotations_with_their_escapes(run, write):
    result = run(
        "check",
        write(GOOD.replace("title: Export", "title: 100%").replace("level: low", "level: '%,:'")),
        "--format",
        "github",
    )
    assert result.exit_code == 2
    assert "a%2Cb.yml,line=3,col=8,title=E012::'level' cannot be '%25,:'" in result.stdout
    warned = run("check", write(GOOD.replace("level: low", "status: experimental")), "--format", "github")
    assert warned.stdout.startswith("::warning file=")


def test_list_names_rules_that_report_before_their_steps(run):
    lines = run("list").stdout.splitlines()
    assert lines[0].startswith("rule ")
    (hour,) = [line for line in lines if line.startswith("distinct_people_1h ")]
    assert hour.split()[:5] == ["distinct_people_1h", "high", "volume", "35", "account"]
    assert ">= 80 people / 1h" in hour
    silent = [line.split()[1] == "-" for line in lines[1:]]
    assert silent == sorted(silent)
    assert silent[-1]


def test_list_writes_json(run, write):
    (rule,) = json.loads(run("list", write(GOOD), "--format", "json").stdout)
    assert (rule["name"], rule["limit"], rule["tests"], rule["reports"]) == ("export", None, 1, True)
    assert "an event matches" in run("list", write(GOOD)).stdout


def test_test_passes_the_shipped_pack(run):
    result = run("test")
    assert result.exit_code == 0
    assert result.stdout.endswith("78 of 78 tests pass\n")


def test_test_shows_what_was_seen_where_one_fails(run, write):
    path = write(GOOD.replace("{account: A1}", "{account: A2}"))
    result = run("test", path)
    assert result.exit_code == 1
    assert f"{path}:11:7: E062 export: the test 'rings' fails; expected A2, seen A1" in result.stdout
    assert result.stdout.endswith("0 of 1 tests pass\n")
    assert run("test", path, "--format", "github").stdout.startswith("::error file=")
    (proof,) = json.loads(run("test", path, "--format", "json").stdout)
    assert (proof["rule"], proof["passed"], proof["line"]) == ("export", False, 11)


@pytest.mark.parametrize("command", ["list", "test"])
def test_refuses_broken_rules_on_stderr(run, write, command):
    result = run(command, write("a: ["))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert ": E002 " in result.stderr
    assert ": E002 " in run(command, write("a: ["), "--format", "json").stderr
    assert "title=E002" in run("test", write("a: ["), "--format", "github").stdout


EXAMPLES = ("--regions", "rules/regions")


def test_show_prints_each_value_with_its_origin(run):
    result = run("show", "distinct_people_1h", *EXAMPLES, "--region", "29")
    assert result.exit_code == 0
    (limit,) = [line for line in result.stdout.splitlines() if line.startswith("correlation.condition.gte")]
    assert re.search(r"  120  \[rules/regions/bretagne.yml:\d+\] \(vaccination centres", limit)
    assert re.search(r"correlation.timespan +1h  \[.*distinct_people.yml:\d+\]\n", result.stdout)
    assert not re.search(r"^(tocsin\.)?tests", result.stdout, re.MULTILINE)
    objects = json.loads(run("show", "distinct_people_1h", "--format", "json").stdout)
    values = {one["key"]: (one["value"], one["reason"]) for one in objects}
    assert values["correlation.condition.gte"] == ("80", None)


def test_show_lets_the_points_follow_a_level_that_an_overlay_sets(run, overlays):
    shown = run("show", "distinct_people_1h", "--regions", overlays, "--region", "29").stdout
    assert re.search(r"tocsin.score +15  \[.*o.yml:5\] \(r\)\n", shown)
    assert re.search(r"tocsin.score +35  \[.*distinct_people.yml", run("show", "distinct_people_1h").stdout)
    own = run("show", "beyond_human_pace", "--regions", overlays, "--region", "29").stdout
    assert re.search(r"tocsin.score +10  ", own)


def test_show_says_that_a_region_alone_reads_no_overlay(run):
    result = run("show", "distinct_people_1h", "--region", "29")
    assert "no overlay is read: --regions names their folder" in result.stderr
    assert re.search(r"condition.gte +80  \[", result.stdout)


OVERLAY = """\
title: T
overlay:
  when: {region: ["29"]}
  rules:
    distinct_people_1h: {correlation.condition.gte: 120, level: medium, reason: r}
    distinct_people_1d: {enabled: false, reason: r}
    night_reading: {level: low, reason: r, until: 2020-01-01}
    beyond_human_pace: {level: low, reason: r}
"""


@pytest.fixture
def overlays(tmp_path):
    (tmp_path / "regions").mkdir()
    (tmp_path / "regions" / "o.yml").write_text(OVERLAY)
    return tmp_path / "regions"


def listed(result, name):
    return re.split(r" {2,}", next(line for line in result.stdout.splitlines() if line.startswith(f"{name} ")))


def test_list_shows_rules_as_they_hold_in_a_region(run, overlays):
    result = run("list", "--regions", overlays, "--region", "29")
    assert listed(result, "distinct_people_1h")[1:6] == ["medium", "volume", "15", "account", ">= 120 people / 1h"]
    assert listed(result, "distinct_people_1d")[5] == "never: switched off"
    assert "night_reading: level held until 2020-01-01 and is no longer applied" in result.stderr
    elsewhere = run("list", "--regions", overlays, "--region", "75")
    assert listed(elsewhere, "distinct_people_1h")[5] == ">= 80 people / 1h"


def test_list_shows_what_overlays_set_for_whom(run, overlays):
    result = run("list", "--regions", overlays)
    assert listed(result, "distinct_people_1h")[-1] == (
        "region 29: correlation.condition.gte 120; region 29: level medium"
    )
    assert listed(result, "distinct_people_1h")[5] == ">= 80 people / 1h"
    assert listed(result, "night_reading")[-1] == "region 29: level low until 2020-01-01"
    rules = {one["name"]: one for one in json.loads(run("list", "--regions", overlays, "--format", "json").stdout)}
    assert [one["value"] for one in rules["distinct_people_1h"]["overlays"]] == ["120", "medium"]
    assert rules["lookup"]["overlays"] == []
    assert "overlays set" not in run("list").stdout


def test_show_knows_the_rule_that_was_meant(run):
    result = run("show", "distinct_people_1")
    assert "did you mean 'distinct_people_1" in str(result.exception)


def test_check_and_test_take_overlays(run, tmp_path):
    assert run("check", *EXAMPLES).exit_code == 0
    assert run("test", *EXAMPLES).exit_code == 0
    (tmp_path / "o.yml").write_text(
        "title: T\noverlay: {when: {region: ['1']}, rules: {nobody: {level: low, reason: x}}}\n"
    )
    result = run("check", "--regions", tmp_path)
    assert result.exit_code == 2
    assert "o.yml:2:" in result.stdout
    assert "E071" in result.stdout


def test_check_tells_the_faults_of_rules_and_of_overlays_together(run, tmp_path):
    rules, regions = tmp_path / "r", tmp_path / "o"
    rules.mkdir()
    regions.mkdir()
    (rules / "a.yml").write_text(GOOD.replace("family: volume", "family: volum"))
    (rules / "b.yml").write_text(FEW.replace("[lookup]", "[export]").replace("few", "on_top"))
    (rules / "c.yml").write_text(FEW)
    (regions / "o.yml").write_text(BOTH)

    def faults():
        told = run("check", rules, "--regions", regions, "--format", "json")
        assert told.exit_code == 2
        return [(Path(one["file"]).name, one["line"], one["code"]) for one in json.loads(told.stdout)]

    own = [
        ("o.yml", 5, "E070"),
        ("o.yml", 6, "E074"),
        ("o.yml", 7, "E074"),
        ("o.yml", 8, "E071"),
        ("o.yml", 11, "E060"),
    ]
    assert faults() == [("a.yml", 9, "E050"), *own]
    (rules / "d.yml").write_text("a: [")  # may hold any rule
    assert faults() == [("a.yml", 9, "E050"), ("d.yml", 1, "E002"), *own[:3]]


def test_export_takes_along_what_a_rule_refers_to_and_refuses_what_is_not_there(run):
    documents = json.loads(run("export", "--rule", "distinct_people_1h", "--format", "json").stdout)
    assert sorted(one["name"] for one in documents) == ["distinct_people_1h", "lookup"]
    assert all("tocsin" not in one for one in documents)
    refused = run("export", "--rule", "distinct_peple_1h")
    assert refused.exit_code != 0


def test_remarks_in_a_pull_request_stand_on_the_line_they_are_about(run):
    def remarks(*asked):
        return run(*asked, *EXAMPLES, "--region", "29", "--format", "github").stdout.splitlines()

    (hour,) = [line for line in remarks("list") if "title=distinct_people_1h::" in line]
    assert hour.startswith("::notice file=")
    assert "rules/distinct_people.yml,line=17," in hour
    assert hour.endswith("::medium · volume · 15 · account · >= 120 people / 1h · Many different people in one hour")
    shown = remarks("show", "distinct_people_1h")
    (limit,) = [line for line in shown if "title=correlation.condition.gte::" in line]
    assert "regions/bretagne.yml,line=10," in limit
    assert "::120 (vaccination centres" in limit
    lost = remarks("export", "--rule", "distinct_people_1h")
    assert [line.rpartition("::")[2] for line in lost] == [
        "exported whole",
        "exported without family, score, baseline, explain, runbook, tests",
    ]


OFF = """title: Less
overlay:
  when: {region: ["29"]}
  rules:
    lookup: {enabled: false, reason: x}
    night_reading: {enabled: false, reason: x}
    distinct_people_1h: {correlation.condition.gte: 50, tocsin.score: 5, reason: x}
    mass_export: {correlation.timespan: 12h, reason: x}
"""


def test_export_gives_rules_as_they_hold_in_a_region(run, tmp_path):
    (tmp_path / "o.yml").write_text(OFF)

    def exported(*asked):
        told = run("export", "--regions", tmp_path, "--format", "json", *asked)
        return {one["name"]: one for one in json.loads(told.stdout)}

    there, elsewhere = exported("--region", "29"), exported("--region", "75")
    hour, shipped = there["distinct_people_1h"], elsewhere["distinct_people_1h"]
    assert (hour["correlation"]["condition"]["gte"], shipped["correlation"]["condition"]["gte"]) == (50, 80)
    assert hour.keys() == shipped.keys()  # the points are no part of Sigma
    assert there["mass_export"]["correlation"]["timespan"] == "12h"
    assert set(elsewhere) - set(there) == {"night_reading"}  # what other rules count stays


def test_export_writes_standard_sigma(run):
    from sigma.collection import SigmaCollection

    whole = run("export")
    assert whole.exit_code == 0
    assert "tocsin:" not in whole.stdout
    collection = SigmaCollection.from_yaml(whole.stdout)
    assert not collection.errors
    assert len(collection.rules) > 40
    one = run("export", "--rule", "lookup")
    assert one.stdout.startswith("title: Record lookup\n")


def test_takes_rules_that_are_referred_to_from_the_pack(run, tmp_path):
    (tmp_path / "r.yml").write_text(FEW)
    assert run("check", tmp_path).stdout == "1 rule can be used, 0 warnings\n"
