"""`tocsin rules` checks, lists and tests rules, and its exit code tells a script which it was."""

import json

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
    assert (result.exit_code, result.stdout) == (0, "5 rules can be used, 0 warnings\n")


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
    assert lines[3].split()[:5] == ["distinct_people_1h", "high", "volume", "35", "account"]
    assert ">= 80 people / 1h" in lines[3]
    assert lines[-1].split()[:2] == ["lookup_not_found", "-"]


def test_list_writes_json(run, write):
    (rule,) = json.loads(run("list", write(GOOD), "--format", "json").stdout)
    assert (rule["name"], rule["limit"], rule["tests"], rule["reports"]) == ("export", None, 1, True)
    assert "an event matches" in run("list", write(GOOD)).stdout


def test_test_passes_the_shipped_pack(run):
    result = run("test")
    assert result.exit_code == 0
    assert result.stdout.endswith("of 23 tests pass\n")


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
    assert "title=E002" in run(command, write("a: ["), "--format", "github").stdout
