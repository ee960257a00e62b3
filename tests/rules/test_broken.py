"""A folder of broken rule files: `rules check` prints for each the line of its fault, for all of them at once."""

import re
from pathlib import Path

import pytest

from tocsin.errors import RuleErrors
from tocsin.located import MOST_BYTES
from tocsin.rules.load import load_rules

FOLDER = Path(__file__).parent / "broken"
FILES = sorted(FOLDER.glob("*.yml"))


def expected(file):
    """Read the first line of a broken file: the line and code of its fault."""
    found = re.match(r"# fault: line (\d+) (E\d{3})\n", file.read_text())
    return int(found[1]), found[2]


def faults(*paths):
    with pytest.raises(RuleErrors) as error:
        load_rules(paths)
    return {(Path(fault.place.file).name, fault.place.line, fault.code) for fault in error.value.faults}


def test_holds_at_least_twenty_five_files():
    assert len(FILES) >= 25
    assert len({expected(file)[1] for file in FILES}) >= 20


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_names_the_line_of_the_fault(file):
    assert (file.name, *expected(file)) in faults(file)


@pytest.mark.no_cover
def test_names_all_faults_of_all_files_at_once():
    assert {(file.name, *expected(file)) for file in FILES} <= faults(FOLDER)


def test_refuses_ten_megabytes_without_reading_them(tmp_path):
    (tmp_path / "large.yml").write_bytes(b"# " + b"x" * (10_000_000 - 3) + b"\n")
    assert faults(tmp_path) == {("large.yml", 1, "E004")}
    assert MOST_BYTES < 10_000_000


def test_refuses_a_regular_expression_that_explodes(tmp_path):
    text = "title: T\nname: t\nlevel: low\nlogsource: {category: record_access}\ntocsin: {family: volume}\ndetection:\n  s: {account|re: '((a{100}){100}){100}'}\n  condition: s\n"
    (tmp_path / "r.yml").write_text(text)
    assert faults(tmp_path) == {("r.yml", 7, "E023")}
