"""Whatever is wrong with a mapping file is told at once, with its place and what to do."""

import pytest

from tocsin.cli import main
from tocsin.errors import MappingError
from tocsin.formats.mapping import mapped

SOUND = """format: p
container: csv
separator: ";"
time: {field: t, pattern: "%d/%m/%Y %H:%M:%S"}
columns: {account: a}
kind: {field: k, values: {X: lookup}}
"""


def faults(tmp_path, text):
    path = tmp_path / "p.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(MappingError) as refused:
        mapped(str(path))
    return str(refused.value).replace(f"{tmp_path}/", "").split("\n")


def test_every_fault_of_a_file_is_told_in_its_order(tmp_path):
    text = """format: p
conteiner: csv
separator: ";;"
time: {field: t, pattern: "%d/%m", zone: Paris}
columns: {acount: a, time: t, ip: ""}
kind: {field: k, values: {X: lokup, x: login}, otherwise: nothing}
outcome: {values: {}}
patient_kind: nis
account: login
"""
    assert faults(tmp_path, text) == [
        "p.yml:2:1: unknown key 'conteiner'; did you mean 'container'?",
        'p.yml:3:12: a separator is one character that is no letter, digit or quote; write it in quotes: ";", "|" or tab',
        ("p.yml:4:27: '%d/%m' does not read a whole time; it needs day, month, hour and minute, such as "
        "%d/%m/%Y %H:%M:%S; epoch and usual are known too"),
        "p.yml:4:42: no time zone is called 'Paris'; write it as Europe/Paris or UTC",
        "p.yml:5:11: there is no column 'acount'; did you mean 'account'?",
        "p.yml:5:22: 'time' is no column of its own here; write it at the left margin: time: ...",
        "p.yml:5:35: a text is expected here",
        "p.yml:6:30: 'X' cannot be 'lokup'; did you mean 'lookup'?",
        "p.yml:6:37: 'x' stands here twice (capitals do not count)",
        ("p.yml:6:59: 'otherwise' cannot be 'nothing'; choose from login, logout, lookup, search, list, export, write, "
        "credential_change, mfa, delegation, other"),
        "p.yml:7:10: exactly one of field, join and constant is needed here",
        "p.yml:8:15: 'patient_kind' cannot be 'nis'; did you mean 'nir'?",
        ("p.yml:9:10: 'account' can only be ip here: the address where no account is logged; the field of the account "
        "goes under columns:"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("time:", "tyme:"), "p.yml:4:1: unknown key 'tyme'; did you mean 'time'?"),
        (("columns: {account: a}\n", ""), "p.yml:1:1: no field is named for the account; write columns: {account: FIELD}"),
        (("columns: {account: a}", "account: ip"), "p.yml:5:10: no field is named for the address; write columns: {ip: FIELD}"),
        (("{account: a}", '{account: "\\ud800"}'), "p.yml:5:20: a text is expected here"),
        (("{account: a}", "[a]"), "p.yml:5:10: columns are keys and values: the column, then the field it comes from"),
        (("values: {X: lookup}", "values: [X]"), "p.yml:6:26: values are keys and values: what the log says, then what it means"),
        (("container: csv", "container: xml"), "p.yml:2:12: 'container' cannot be 'xml'; choose from csv, ndjson, regex"),
        (("container: csv", "container: regex"), "p.yml:1:1: the container regex needs the key 'pattern'"),
        (("container: csv", "pattern: (?P<t>x)"), "p.yml:2:10: only the container regex has a pattern"),
        (("{field: t, pattern", "{field: t, paterns"), "p.yml:4:18: unknown key 'paterns'; did you mean 'pattern'?"),
        (('"%d/%m/%Y %H:%M:%S"', "[{zone: UTC}]"), "p.yml:4:28: the key 'pattern' is missing"),
        (("account: a}", "account: {constant: x, field: y}}"), "p.yml:5:20: exactly one of field, join and constant is needed here"),
        (("account: a}", "account: a, patient: {field: u, extract: '/x'}}"), "p.yml:5:52: the part to take is not marked; put it in round brackets"),
        (("account: a}", "account: a, patient: {field: u, extract: '(?=x)'}}"), "p.yml:5:52: this is no regular expression: look-around, including look-ahead and look-behind, is not supported"),
        (("{field: k, values: {X: lookup}}", "{constant: read}"), "p.yml:6:18: 'constant' cannot be 'read'; choose from"),
        (("format: p", "header: [t, k, b]"), "p.yml:5:20: there is no field 'a'; choose from t, k, b"),
        (('container: csv\nseparator: ";"', "container: ndjson"), None),
        (('container: csv\nseparator: ";"\ntime: {field: t,', 'container: ndjson\ntime: {field: "t[",'), "p.yml:3:15: 't[' is no path into a JSON object; write it like actor.id, target[0].id or target[type=User].id"),
        (('container: csv\nseparator: ";"', "container: regex\npattern: '(?P<t>.)(?P<kk>.)(?P<a>.)'"), "p.yml:6:15: there is no field 'k'; did you mean 'kk'?"),
        (('container: csv\nseparator: ";"', "container: regex\npattern: 'x(.)'"), "p.yml:3:10: the expression names no field; write (?P<name>...) around each"),
        (('container: csv\nseparator: ";"', "container: regex\npattern: '(?P<t>.'"), "p.yml:3:10: this is no regular expression: unclosed group"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place(tmp_path, change, fault):
    assert change[0] in SOUND
    text = SOUND.replace(*change)
    if fault is None:
        text = text.replace("{account: a}", "{account: a.b}")
        path = tmp_path / "p.yml"
        path.write_text(text)
        assert mapped(str(path)).plan.container == "ndjson"
        return
    assert any(told.startswith(fault) for told in faults(tmp_path, text)), faults(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "p.yml: there is nothing in this file; `tocsin formats draft LOG` writes one"),
        ("- a\n", "p.yml:1:1: keys and values are expected here"),
        (b"\xff\xfe", "p.yml:1:1: this is not UTF-8 text"),
        (SOUND + "---\n" + SOUND, "p.yml:8:1: a file holds one mapping; put the second one into a file of its own"),
        (SOUND + "format: q\n", "p.yml:7:1: the key 'format' stands here twice; the first one is on line 1"),
        ("a: [\n", "p.yml:2:1: this is not YAML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text, fault):
    assert faults(tmp_path, text)[0].startswith(fault)


def test_a_name_that_is_neither_format_nor_file_is_refused(tmp_path, capsys):
    (tmp_path / "log.csv").write_text("a\n")
    for name, message in (("nowhere.yml", "nowhere.yml cannot be read"), ("excel", "there is no format 'excel'")):
        with pytest.raises(SystemExit) as stop:
            main(["parse", str(tmp_path / "log.csv"), "--format", name])
        assert stop.value.code == 2
        assert message in capsys.readouterr().err
