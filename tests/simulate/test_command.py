import io

import pytest

from tocsin.cli import main
from tocsin.simulate import Simulation


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(["simulate", *map(str, arguments)])
    return ended.value.code


def test_writes_logs_and_truth_and_says_so_on_stderr(tmp_path, capsys):
    out = tmp_path / "new"
    assert (
        run(
            "--out", out, "--accounts", 50, "--nights", 2, "--scenario", "blitz:1@2,per_day=100-120", "--compress", "gz"
        )
        == 0
    )
    said = capsys.readouterr()
    assert said.out == ""
    assert "of 2 nights" in said.err
    assert {path.name for path in out.iterdir()} == {"logs", "truth"}
    assert len(list((out / "logs").glob("*.csv.gz"))) == 2


def test_counts_nights_on_a_terminal_only(tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    run("--out", tmp_path, "--accounts", 20, "--nights", 2, "--calm", "--departments", "29,2a")
    assert "night 2 of 2" in screen.getvalue()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scenario", "blits"), "unknown scenario 'blits'; did you mean 'blitz'?"),
        (("--accounts", 0), "--accounts is 0"),
        (("--nights", 0), "--nights is 0"),
        (("--seed", -1), "--seed is -1"),
        (("--start", "yesterday"), "--start 'yesterday' is not a date"),
        (("--start", "1999-01-01"), "is too far away; choose a year from 2015"),
        (("--format", "xml"), "--format does not know 'xml'"),
        (("--compress", "zip"), "--compress does not know 'zip'"),
        (("--without", "account"), "--without does not know 'account'"),
        (("--without", "profesion"), "did you mean 'profession'?"),
        (("--departments", "99"), "--departments does not know '99'"),
        (("--with", "countries"), "did you mean 'country'?"),
        (("--with", "country", "--format", "combined"), "--format combined has no column for countries"),
        (("--calm", "--scenario", "blitz"), "exclude each other"),
        (("--scenario", "blitz:3@7-9", "--nights", 4), "in nights 7-9 of 4"),
    ],
)
def test_refuses_with_one_sentence_and_writes_nothing(tmp_path, capsys, options, said):
    out = tmp_path / "out"
    assert run("--out", out, "--accounts", 30, *options) == 2
    heard = capsys.readouterr().err
    assert said in heard
    assert heard.count("\n") == 1
    assert not out.exists()


def test_refuses_a_folder_that_is_not_empty(tmp_path, capsys):
    (tmp_path / "kept").write_text("mine")
    assert run("--out", tmp_path) == 2
    assert "is not empty; give --out a new or empty folder" in capsys.readouterr().err
    assert run("--out", tmp_path / "kept") == 2
    assert "is a file" in capsys.readouterr().err


def test_writes_the_sample_of_the_repository(tmp_path, monkeypatch):
    monkeypatch.setattr("tocsin.simulate.sample.sample", lambda: Simulation(accounts=20, nights=1, seed=77))
    assert run("--out", tmp_path / "a", "--sample", "--quiet") == 0
    assert run("--out", tmp_path / "b", "--accounts", 20, "--nights", 1, "--seed", 77, "--calm") == 0
    night = "logs/portal-2026-03-02.csv"
    assert (tmp_path / "a" / night).read_bytes() == (tmp_path / "b" / night).read_bytes()


def test_plays_a_small_blitz_unless_told_otherwise(tmp_path):
    assert run("--out", tmp_path, "--accounts", 120, "--nights", 3) == 0
    stolen = (tmp_path / "truth/accounts.csv").read_text().splitlines()[1:]
    assert len(stolen) == 2
    assert all(",blitz,2026-03-02,2026-03-04" in line for line in stolen)
