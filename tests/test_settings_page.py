"""The settings file that `tocsin init` writes never drifts from the settings."""

import dataclasses
import re
from pathlib import Path

import tocsin
from tocsin import settings_fixed
from tocsin.settings import Settings
from tocsin.settings_file import read_settings
from tocsin.settings_page import as_yaml, entries, fixed


def read(tmp_path, text):
    path = tmp_path / "tocsin.yml"
    path.write_text(text)
    return read_settings(path)


def uncommented(text):
    """Take the # away where a setting is behind it, as the head of the file says."""
    return re.sub(r"(?m)^#(?=[a-z]|  )", "", text)


def test_as_written_it_says_the_defaults(tmp_path):
    assert read(tmp_path, as_yaml()) == Settings()


def test_with_every_line_in_force_it_still_says_the_defaults(tmp_path):
    text = uncommented(as_yaml())
    assert read(tmp_path, text) == Settings()
    changed = text.replace("floor_points: 10.0", "floor_points: 12.0")
    changed = re.sub(r"(?m)^( +rows:).*", r"\1 61", changed)
    assert read(tmp_path, changed).alerting.floor_points == 12.0
    assert read(tmp_path, changed).reading.least["rows"] == 61


def test_every_setting_stands_in_it_in_force(tmp_path):
    text = uncommented(as_yaml())
    for entry in entries():
        assert re.search(rf"(?m)^ *{re.escape(entry.path[-1])}:", text), entry.path


def test_every_section_and_nearly_every_setting_says_why():
    reasons = {".".join(entry.path): entry.reason for entry in entries()}
    assert reasons["alerting.floor_points"].startswith("Never alert below this sum")
    assert reasons["families.weights.rhythm"] == "robots; batch software does it too"
    assert reasons["reading.share_floor"] == reasons["reading.share_part"]
    assert reasons["portal"] == "The portal's clock and habits."
    silent = {name for name, reason in reasons.items() if not reason}
    assert {name.rpartition(".")[0] for name in silent} <= {"families.caps", "reading.least"}


def test_what_no_setting_changes_stands_with_its_reason():
    told = {entry.path[0]: (entry.default, entry.reason) for entry in fixed()}
    assert told["CROWD"][0] == settings_fixed.CROWD
    assert told["RISK"][1].endswith("so that a risk means the same everywhere.")
    assert told.keys() == {name for name in vars(settings_fixed) if name.isupper()}
    assert all(reason for _value, reason in told.values())


def test_the_lines_are_not_wider_than_a_screen():
    assert max(map(len, as_yaml().splitlines())) <= 120


def test_every_setting_is_read_somewhere():
    code = "\n".join(path.read_text() for path in Path(tocsin.__file__).parent.rglob("*.py"))
    settings = Settings()
    sections = [getattr(settings, field.name) for field in dataclasses.fields(settings)]
    names = {field.name for one in sections if dataclasses.is_dataclass(one) for field in dataclasses.fields(one)}
    assert [name for name in sorted(names) if not re.search(rf"\.{name}\b", code)] == []
