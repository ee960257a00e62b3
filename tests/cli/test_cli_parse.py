import json
import stat
import subprocess
import sys

import polars as pl
import pytest

from tocsin.cli import main
from tocsin.schema import EVENTS

LOG = """time,kind,account,patient
2022-03-14T10:00:00.250+01:00,lookup,A1,1850578006084
2022-03-14T10:00:01+01:00,lookup,A1,
yesterday,lookup,A1,
"""


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(LOG)
    return path


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def test_prints_events_as_json_lines_and_counts_on_stderr(log, capsys):
    assert run("parse", log) == 0
    out, err = capsys.readouterr()
    first, second = map(json.loads, out.splitlines())
    assert list(first) == list(EVENTS)
    assert (first["time"], second["time"]) == ("2022-03-14T09:00:00.250+00:00", "2022-03-14T09:00:01+00:00")
    assert "1850578006084" not in out
    assert "4 lines = 2 events + 1 rejected + 1 ignored" in err


def test_raw_keeps_the_identifier_in_a_file_of_its_owner(log, tmp_path, capsys):
    assert run("parse", log, "--raw", "--out", tmp_path / "out.csv", "--quiet") == 0
    table = pl.read_csv(tmp_path / "out.csv", infer_schema=False)
    assert table["patient"].to_list() == ["1850578006084", None]
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".ndjson", ".csv", ".parquet"])
def test_writes_files_that_read_as_logs_again(log, tmp_path, suffix, capsys):
    out = tmp_path / f"out{suffix}"
    assert run("parse", log, "--out", out) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", out.name]
    if suffix == ".parquet":
        assert dict(pl.read_parquet_schema(out)) == dict(EVENTS)
        return
    capsys.readouterr()
    assert run("parse", out) == 0
    times = [json.loads(line)["time"] for line in capsys.readouterr().out.splitlines()]
    assert times == ["2022-03-14T09:00:00.250+00:00", "2022-03-14T09:00:01+00:00"]


def test_writes_places_and_reasons_of_rejects(log, tmp_path):
    assert run("parse", log, "--out", tmp_path / "x.csv", "--rejects", tmp_path / "rejects.ndjson") == 0
    [reject] = map(json.loads, (tmp_path / "rejects.ndjson").read_text().splitlines())
    assert reject == {"path": str(log), "line": 4, "byte": LOG.index("yesterday"), "reason": "time not readable"}


def test_stops_at_the_limit(log, capsys):
    assert run("parse", log, "--limit", 1) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "nowhere.csv does not exist"),
        (["a.csv", "--format", "excel"], "there is no format 'excel'"),
        (["a.csv", "--out", "x.xls"], "has no known ending"),
        (["a.csv", "--out", "nowhere/x.csv"], "cannot be written"),
        (["a.csv", "--key-file", "nokey"], "nokey cannot be read"),
        (["a.csv", "--format", "amelipro", "--rejects", "r.ndjson", "--out", "x.csv"], "cannot be read as amelipro"),
    ],
)
def test_refuses_in_one_sentence_and_writes_nothing(log, tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert run("parse", *arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("tocsin: ")
    assert message in err
    assert len(err.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_closed_pipe_is_no_error(log):
    log.write_text(LOG * 3_000)
    command = f"'{sys.executable}' -m tocsin parse '{log}' --quiet | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_lists_what_is_understood(capsys):
    assert run("formats", "list") == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("native", "amelipro", "combined"))


def test_says_what_a_file_is_taken_for_and_why(log, tmp_path, capsys):
    (tmp_path / "empty.log").touch()
    assert run("formats", "detect", log, tmp_path / "empty.log") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{log}: native (95): the header names time, kind, account",
        f"{tmp_path}/empty.log: empty (0): there is no line in it",
    ]


def test_detect_exits_2_for_a_file_in_no_format(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("hello\n")
    assert run("formats", "detect", tmp_path) == 2
    assert ": unknown (0): " in capsys.readouterr().out
