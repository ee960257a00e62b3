"""What docs/operation.md, the units and the Dockerfile say is what the program does."""

import configparser
import re
import shlex
from pathlib import Path

import pytest

from tocsin import cli

ROOT = Path(__file__).parent.parent
SERVICE = ROOT / "contrib" / "systemd" / "tocsin.service"
TIMER = ROOT / "contrib" / "systemd" / "tocsin.timer"
DOCKERFILE = ROOT / "Dockerfile"


def unit(path):
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str
    parser.read(path)
    return parser


def called():
    """All calls of tocsin in these texts: command and options."""
    blocks = re.findall(r"```\n(.*?)```", (ROOT / "docs" / "operation.md").read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += [unit(SERVICE)["Service"]["ExecStart"]]
    lines += [line.lstrip("# ") for line in DOCKERFILE.read_text().replace("\\\n#", "").splitlines() if "scan" in line]
    for line in lines:
        found = re.search(r"(?:^|/bin/| )tocsin ((?:scan|status|purge|rotate-key|journal|init)\b.*)", line)
        if found:
            yield shlex.split(found[1], comments=True)


CALLS = list(called())


def test_the_calls_are_found():
    assert {call[0] for call in CALLS} == {"init", "status", "purge", "rotate-key", "journal", "scan"}


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_call_in_the_docs_has_a_command_and_options_that_exist(call, capsys):
    words = call[:2] if call[0] == "journal" else call[:1]
    with pytest.raises(SystemExit) as stop:
        cli.main([*words, "--help"])
    assert not stop.value.code
    text = capsys.readouterr().out
    for word in call:
        assert not word.startswith("--") or word in re.split(r"[\s,]+", text), word


def test_the_service_takes_suspects_for_success_and_degraded_for_a_failure():
    service = unit(SERVICE)["Service"]
    assert service["SuccessExitStatus"] == "1"
    assert service["Type"] == "oneshot"


def test_the_service_is_shut_in():
    service = unit(SERVICE)["Service"]
    for key in (
        "PrivateNetwork",
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectHome",
        "RestrictNamespaces",
    ):
        assert service[key] == "yes", key
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["UMask"] == "0077"
    assert service["User"] == "tocsin"
    # With ProtectSystem=strict only the folder of the state may be written, and the call writes nowhere else.
    words = shlex.split(service["ExecStart"])
    written = [words[words.index(option) + 1] for option in ("--state", "--out")]
    assert all(path.startswith(f"/var/lib/{service['StateDirectory']}/") for path in written)


def test_the_timer_catches_up_with_missed_nights():
    assert unit(TIMER)["Timer"]["Persistent"] == "yes"
    assert unit(TIMER)["Timer"]["OnCalendar"]


def test_the_dockerfile_copies_what_is_there_and_is_not_root():
    text = DOCKERFILE.read_text()
    copied = [name for line in re.findall(r"(?m)^COPY (?!--from)(.*) \S+$", text) for name in line.split()]
    assert {"pyproject.toml", "src", "rules"} <= set(copied)
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for name in copied:
        assert (ROOT / name).exists(), name
        assert name in let_in, name
    assert re.search(r"(?m)^USER 10001$", text)
    assert re.search(r"(?m)^ENTRYPOINT \[\"tocsin\"\]$", text)


def test_the_wheel_can_be_built_from_what_the_dockerfile_copies():
    """Everything that pyproject.toml names must be among the copied."""
    text = (ROOT / "pyproject.toml").read_text()
    named = re.findall(r'(?m)^(?:readme = "|license-files = \["|packages = \[")([^"]+)"', text)
    forced = re.findall(r'(?m)^(\w+) = "tocsin/shipped/', text)
    copied = DOCKERFILE.read_text()
    for name in [*named, *forced]:
        assert re.search(rf"(?m)^COPY .*\b{re.escape(name.split('/')[0])}\b", copied), name
