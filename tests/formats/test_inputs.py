import os
import socket

import pytest

from tocsin.errors import InputError
from tocsin.formats.inputs import expand


def paths(*given):
    return [found.path for found in expand(list(given)).files]


def skipped(*given):
    return {found.path: found.why for found in expand(list(given)).skipped}


@pytest.fixture
def logs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("logs/b.log", "logs/a.log", "logs/deep/c.log", "logs/.hidden", "logs/.git/x", "other.log"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_finds_files_folders_and_globs_in_order(logs):
    assert paths("other.log", "logs") == ["other.log", "logs/a.log", "logs/b.log", "logs/deep/c.log"]
    assert paths("logs/*.log") == ["logs/a.log", "logs/b.log"]
    assert paths("lo*") == ["logs/a.log", "logs/b.log", "logs/deep/c.log"]
    assert paths("**/c.log") == ["logs/deep/c.log"]


def test_lists_a_file_found_twice_once(logs):
    (logs / "link.log").symlink_to("other.log")
    assert paths("other.log", "./other.log", "link.log", "-", "-") == ["other.log", "-"]


def test_takes_a_name_with_magic_characters_as_it_is(logs):
    (logs / "a[1].log").write_text("x")
    assert paths("a[1].log") == ["a[1].log"]


def test_knows_what_was_named_and_what_can_be_read_twice(logs):
    os.mkfifo(logs / "pipe")
    named = {found.path: (found.named, found.regular) for found in expand(["other.log", "logs", "pipe", "-"]).files}
    assert named["other.log"] == (True, True)
    assert named["logs/a.log"] == (False, True)
    assert named["pipe"] == (True, False)
    assert named["-"] == (True, False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "no log was given"),
        (["nowhere.log"], "nowhere.log does not exist"),
        (["*.txt"], "no file matches"),
        (["empty"], "the folder empty holds no file"),
    ],
)
def test_refuses_what_is_not_there(logs, given, message):
    (logs / "empty" / "deep").mkdir(parents=True)
    with pytest.raises(InputError, match=message.replace("*", ".")):
        expand(given)


@pytest.mark.parametrize(
    ("given", "next_step"),
    [("nowhere.log", "check the name"), ("*.txt", "check it with `ls`"), ("empty", "name the folder that the logs")],
)
def test_says_what_to_do_about_what_is_not_there(logs, given, next_step):
    (logs / "empty").mkdir()
    with pytest.raises(InputError) as refused:
        expand([given])
    assert refused.value.hint.startswith(next_step)


def test_refuses_a_link_that_was_named_and_leads_nowhere(logs):
    (logs / "gone.log").symlink_to("nowhere")
    with pytest.raises(InputError, match=r"gone.log is a link that leads nowhere; look where"):
        expand(["gone.log"])


def test_leaves_out_links_that_lead_nowhere_and_says_so(logs):
    (logs / "logs" / "gone.log").symlink_to("nowhere")
    (logs / "logs" / "round.log").symlink_to("round.log")
    assert paths("logs") == ["logs/a.log", "logs/b.log", "logs/deep/c.log"]
    assert skipped("logs") == skipped("logs/*") == dict.fromkeys(
        ["logs/gone.log", "logs/round.log"], "a link that leads nowhere"
    )  # fmt: skip


def test_leaves_out_pipes_and_sockets_of_a_folder_and_says_so(logs, monkeypatch):
    os.mkfifo(logs / "logs" / "pipe")
    monkeypatch.chdir(logs / "logs")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert paths(".") == ["./a.log", "./b.log", "./deep/c.log"]
        assert skipped(".") == dict.fromkeys(["./pipe", "./socket"], "a pipe, socket or device, no file")


def test_refuses_a_folder_of_nothing_but_pipes_and_names_one(logs):
    (logs / "empty").mkdir()
    os.mkfifo(logs / "empty" / "pipe")
    with pytest.raises(InputError, match=r"the folder empty holds no file; left out: empty/pipe \(a pipe"):
        expand(["empty"])


def test_follows_a_link_to_a_folder_once(logs):
    (logs / "portal").mkdir()
    (logs / "portal" / "today").symlink_to("../logs")
    (logs / "portal" / "again").symlink_to("../logs")
    assert paths("portal") == ["portal/again/a.log", "portal/again/b.log", "portal/again/deep/c.log"]
    (logs / "logs" / "alias").symlink_to("deep")
    assert paths("logs") == ["logs/a.log", "logs/b.log", "logs/deep/c.log"]


def test_does_not_follow_a_link_back_up(logs):
    (logs / "logs" / "deep" / "up").symlink_to("..")
    (logs / "logs" / "self").symlink_to(".")
    assert paths("logs") == ["logs/a.log", "logs/b.log", "logs/deep/c.log"]
    assert skipped("logs") == dict.fromkeys(["logs/deep/up", "logs/self"], "a link to a folder that it is in")


def test_two_folders_that_link_to_each_other_are_read_once(logs):
    (logs / "logs" / "deep" / "out").symlink_to(logs / "far")
    (logs / "far").mkdir()
    (logs / "far" / "z.log").write_text("z")
    (logs / "far" / "back").symlink_to(logs / "logs" / "deep")
    assert paths("logs") == ["logs/a.log", "logs/b.log", "logs/deep/c.log", "logs/deep/out/z.log"]


@pytest.mark.parametrize("where", ["tocsin-report", "state/2022-03-14"])
def test_does_not_take_its_own_reports_for_logs(logs, where):
    report = logs / "logs" / where
    report.mkdir(parents=True)
    for name in ("report.html", "report.json", "suspects.csv", "manifest.json"):
        (report / name).write_text("{}")
    assert paths("logs") == ["logs/a.log", "logs/b.log", "logs/deep/c.log"]
    assert skipped("logs") == {f"logs/{where}": "a report of tocsin, no log"}
    assert paths("logs/a.log", f"logs/{where}") == ["logs/a.log"]
    assert paths("logs/**/*") == ["logs/a.log", "logs/b.log", "logs/deep/c.log"]
    with pytest.raises(InputError, match=r"holds no log; left out: .*a report of tocsin"):
        expand([f"logs/{where}"])
    (report / "suspects.csv").unlink()
    assert len(paths("logs")) == 6


def test_refuses_a_file_that_cannot_be_opened(logs, monkeypatch):
    [found] = expand(["other.log"]).files
    (logs / "other.log").unlink()
    with pytest.raises(InputError, match=r"other.log cannot be read"):
        found.open()


def test_refuses_a_folder_that_cannot_be_listed(logs, monkeypatch):
    def walk(folder, onerror):
        onerror(PermissionError(13, "Permission denied", folder))
        return iter(())

    monkeypatch.setattr(os, "walk", walk)
    with pytest.raises(InputError, match="logs cannot be read: Permission denied"):
        expand(["logs"])
