"""The house rules that no linter knows: sizes, names of modules, documents in step with the code."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "src").rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "processor", "misc", "tools"}
PRINTERS = {"cli", "report"}


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_one_idea(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 320
    assert path.stem not in VAGUE
    assert ast.get_docstring(ast.parse(text)), "its first line says the idea in plain words"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_functions_stay_short(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            start = node.body[1].lineno if ast.get_docstring(node) and len(node.body) > 1 else node.lineno
            length = (node.end_lineno or start) - start + 1
            assert length <= 70, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_exception_is_swallowed_whole(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else ""
            assert caught not in {"", "Exception", "BaseException"}


def test_only_commands_and_reports_print():
    for path in MODULES:
        room = path.relative_to(ROOT / "src" / "tocsin").parts[0]
        if room not in PRINTERS:
            assert not re.search(r"\bprint\(|sys\.stdout", path.read_text()), named(path)


def test_nothing_is_pickled():
    for path in MODULES:
        assert not re.search(r"^\s*(import|from) (pickle|shelve|marshal|joblib)\b", path.read_text(), re.MULTILINE), (
            named(path)
        )


def test_the_readme_opens_with_the_two_commands():
    text = (ROOT / "README.md").read_text()
    assert text.index("make demo") < text.index("make test") < 700


def test_links_between_documents_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sample_logs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_decisions_fit_a_page_and_say_what_was_decided():
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        text = page.read_text()
        assert re.match(r"# \d{4} ", text), page.name
        assert len(text.splitlines()) <= 80, page.name


def test_the_project_speaks_of_itself_alone():
    foreign = re.compile(r"/work/|/root/|/tmp/|\.\./shared")
    for page in [
        *MODULES,
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "Makefile",
        ROOT / ".ci" / "run",
        ROOT / "pyproject.toml",
    ]:
        assert not foreign.search(page.read_text()), named(page)


def test_the_sample_logs_are_small():
    assert sum(path.stat().st_size for path in (ROOT / "sample_logs").rglob("*") if path.is_file()) < 5_000_000
