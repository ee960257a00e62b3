"""The walk in docs/new-portal.md, command by command: what the page shows is what a reader will see."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.formats.mapping import mapped

pytestmark = pytest.mark.no_cover  # other tests go through the same lines


ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "new-portal.md").read_text()
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
SAMPLES = ROOT / "sample_logs" / "mappings"


def run(command, folder):
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", *shlex.split(command)[1:]],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env={"PYTHONUNBUFFERED": "1", "PATH": "", "COLUMNS": "80"},
    )  # fmt: skip
    return done.stdout


def edit(change, path):
    """Replace a line, with whatever comment is behind it, by another."""
    before, after = (line[1:] for line in change.splitlines())
    lines = path.read_text().splitlines()
    [place] = [number for number, line in enumerate(lines) if line.partition("  #")[0].rstrip() == before]
    lines[place] = after
    path.write_text("\n".join(lines) + "\n")


def as_regex(shown):
    """`...` alone on a line stands for any lines, inside a line for any characters."""
    lines = [".*" if line == "..." else ".*".join(map(re.escape, line.split("..."))) for line in shown.splitlines()]
    return "\n".join(lines)


def test_the_commands_of_the_walk_print_what_the_page_shows(tmp_path):
    shutil.copy(SAMPLES / "hospital.csv", tmp_path)
    commands = 0
    for kind, text in BLOCK.findall(PAGE.split("## What a mapping may say")[0]):
        if kind == "diff":
            edit(text, tmp_path / "hospital.yml")
            continue
        first, shown = text.split("\n", 1)
        assert first.startswith("$ tocsin ")
        seen = run(first.removeprefix("$ "), tmp_path)
        assert re.fullmatch(as_regex(shown), seen.strip(), re.DOTALL), seen
        commands += 1
    assert commands == 4
    assert (tmp_path / "report" / "report.json").exists()


def test_the_mappings_of_the_page_have_no_fault(tmp_path):
    texts = [text for kind, text in BLOCK.findall(PAGE) if kind == "yaml"]
    for text in texts:
        (tmp_path / "portal.yml").write_text(text)
        assert mapped(str(tmp_path / "portal.yml")).plan.kind.words
    assert len(texts) == 2


@pytest.mark.parametrize("name", ["hospital", "record-touches"])
def test_the_mappings_beside_the_samples_read_every_line_of_them(name, tmp_path):
    log, mapping = SAMPLES / f"{name}.csv", SAMPLES / f"{name}.yml"
    lines = log.read_bytes().count(b"\n")
    seen = run(f"tocsin formats test {mapping} {log}", tmp_path)
    assert f"{lines} lines = {lines - 1} events + 0 rejected + 1 ignored" in seen
    assert "not listed" not in seen


def test_the_mapping_beside_the_hospital_is_the_one_of_the_walk(tmp_path):
    shutil.copy(SAMPLES / "hospital.csv", tmp_path)
    run("tocsin formats draft hospital.csv --out hospital.yml", tmp_path)
    edit(next(text for kind, text in BLOCK.findall(PAGE) if kind == "diff"), tmp_path / "hospital.yml")
    assert (tmp_path / "hospital.yml").read_text() == (SAMPLES / "hospital.yml").read_text()
