import os

import pytest

from tocsin.errors import InputError
from tocsin.formats.inputs import expand


def paths(*given):
    return [found.path for found in expand(list(given))]


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
    named = {found.path: (found.named, found.regular) for found in expand(["other.log", "logs", "pipe", "-"])}
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


def test_refuses_a_dangling_link_in_a_folder(logs):
    (logs / "logs" / "gone.log").symlink_to("nowhere")
    with pytest.raises(InputError, match=r"gone.log cannot be read: No such file"):
        expand(["logs"])


def test_refuses_a_file_that_cannot_be_opened(logs, monkeypatch):
    [found] = expand(["other.log"])
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
