"""Whatever bytes come, a mapping accounts for them, and reads fast as it reads carefully."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage import BLOCKS, mutated
from fuzzing import examples
from reading_logs import read_both_ways
from tocsin.errors import TocsinError
from tocsin.formats.mapping import mapped

CSV = (
    """
container: csv
separator: "|"
time: {join: [jour, heure], pattern: ["%d/%m/%Y %H:%M:%S", "%d/%m/%y %Hh%M", usual]}
columns: {account: [badge, login], patient: dossier, rows: nb, offset_minutes: tz}
kind: {field: action, values: {"CONSULT*": lookup, CONNEXION: login}, otherwise: other}
outcome: {field: code, values: {"0": success, "": unknown}}
missing: [n/a]
""",
    b"""jour|heure|badge|login|dossier|nb|tz|action|code
14/03/2022|10:00:00|B1||D-77|3|+01:00|CONSULTATION|0
14/03/22|10h01||A2|"D|78"|n/a||CONNEXION|9
2022-03-14|10:02:00|n/a|A3|d\xe9cha|x|-30|AUTRE|
""",
)
NDJSON = (
    """
container: ndjson
time: {field: at, pattern: [epoch, "%Y-%m-%d %H:%M"]}
columns: {account: [actor.id, user], patient: "target[type=P].id", rows: "n[0]"}
kind: {field: what.name, values: {read: lookup}}
account: ip
""".replace("account: [actor", "ip: peer, account: [actor"),
    b"""{"at":1647252003123,"actor":{"id":"A1"},"target":[{"type":"P","id":7}],"n":[3],"what":{"name":"read"}}
{"at":"2022-03-14 10:00","user":"A2","peer":"10.0.0.1","what":{"name":null}}
{"at":"1647252003","peer":"10.0.0.2","what":"read","target":"x"}
""",
)
REGEX = (
    """
container: regex
pattern: '(?P<t>\\w{3} [ \\d]\\d [\\d:]{8}) (?P<who>\\S*) (?:read (?P<whom>[^ ]+)|(?P<what>\\w+))'
time: {field: t, pattern: "%b %d %H:%M:%S"}
columns: {account: who, patient: whom}
kind: {field: what, values: {login: login, "": lookup}}
""",
    b"""Mar 14 10:00:00 A1 read 77 x
Mar  4 10:00:01 A2 login
Feb 28 10:00:02 A3 logout
""",
)
LOGS = {"csv": CSV, "ndjson": NDJSON, "regex": REGEX}


@pytest.fixture(scope="module")
def formats(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mappings")
    for name, (mapping, _log) in LOGS.items():
        (folder / f"{name}.yml").write_text(mapping)
    return {name: mapped(str(folder / f"{name}.yml")) for name in LOGS}


@pytest.mark.parametrize("name", LOGS)
def test_every_line_of_the_sound_logs_is_read(name, formats):
    reading = read_both_ways(LOGS[name][1], formats[name])
    assert reading.rejects == []
    assert reading.events.height == 3


@pytest.mark.parametrize("name", LOGS)
@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), tiny=BLOCKS)
def test_a_mutated_log_is_accounted_for_and_read_the_same_way_fast_and_carefully(name, formats, data, tiny):
    log = data.draw(mutated(LOGS[name][1]))
    try:
        read_both_ways(log, formats[name], tiny)
    except TocsinError as refused:
        message = refused.message
    else:
        return
    assert "has no field" in message


@pytest.mark.parametrize("name", LOGS)
@settings(max_examples=examples(6), deadline=None)
@given(tail=st.binary(max_size=400), tiny=BLOCKS)
def test_random_bytes_after_a_sound_start_are_accounted_for(name, formats, tail, tiny):
    assert read_both_ways(LOGS[name][1] + tail, formats[name], tiny).events.height >= 2
