"""A mapping file turns CSV, NDJSON and other text into events."""

from datetime import UTC, datetime

import pytest

from reading_logs import read_both_ways
from tocsin.errors import MappingError
from tocsin.formats.mapping import mapped

BASE = """
container: csv
separator: ";"
time: {field: horodatage, pattern: "%d/%m/%Y %H:%M:%S"}
columns: {account: login}
kind: {field: action, values: {CONSULT: lookup, CONNEXION: login}, otherwise: other}
"""


@pytest.fixture
def reading(tmp_path):
    def read(mapping, log, **options):
        path = tmp_path / "portal.yml"
        path.write_text(mapping)
        return read_both_ways(log if isinstance(log, bytes) else log.encode(), mapped(str(path)), **options)

    return read


def times(reading):
    return [f"{time:%Y-%m-%dT%H:%M:%S}" for time in reading.column("time")]


def test_reads_the_fields_it_names_by_any_order_of_columns(reading):
    found = reading(
        """
format: regional-portal
container: csv
separator: ";"
time: {field: horodatage, pattern: "%d/%m/%Y %H:%M:%S", zone: Europe/Paris}
columns: {account: login, ip: adresse, patient: nir, service: page, rows: nb}
patient_kind: nir
kind: {field: action, values: {CONNEXION: login, CONSULT: lookup, RECHERCHE: search}, otherwise: other}
outcome: {field: code, values: {"0": success, 404: not_found, "403": denied}, otherwise: unknown}
""",
        "login;horodatage;action;code;page;nir;nb;adresse;x\n"
        "A1;14/03/2022 10:00:00;CONSULT;0;droits;1850578006084;3;10.0.0.1;y\n"
        "A2;14/03/2022 10:00:01;connexion ;403;;;;10.0.0.2;\n"
        "A3;14/03/2022 10:00:02;AUTRE;9;;;;;\n",
    )
    assert times(found) == ["2022-03-14T09:00:00", "2022-03-14T09:00:01", "2022-03-14T09:00:02"]
    assert found.column("kind") == ["lookup", "login", "other"]
    assert found.column("outcome") == ["success", "denied", "unknown"]
    assert found.events.select("account", "ip", "patient", "service", "rows").row(0) == (
        "A1", "10.0.0.1", "1850578006084", "droits", 3,
    )  # fmt: skip
    assert (found.unknown_kinds, found.unknown_outcomes) == (1, 1)
    assert found.ignored == 1


def test_a_named_otherwise_is_meant_and_not_counted_as_unknown(reading):
    found = reading(
        BASE.replace("otherwise: other", "otherwise: lookup"),
        "horodatage;login;action\n14/03/2022 10:00:00;A1;DOSSIER\n",
    )
    assert found.column("kind") == ["lookup"]
    assert found.unknown_kinds == 0


def test_a_star_stands_for_any_characters_of_a_value(reading):
    mapping = BASE.replace("{CONSULT: lookup, CONNEXION: login}", '{"consult*": lookup, "*:login": login, "": logout}')
    log = "horodatage;login;action\n" + "".join(
        f"14/03/2022 10:00:00;A1;{word}\n" for word in ("Consultation dossier", "portal:LOGIN", "", "consul")
    )
    assert reading(mapping, log).column("kind") == ["lookup", "login", "logout", "other"]


def test_headers_are_found_below_the_title_of_an_export_and_without_accents(reading):
    mapping = BASE.replace("horodatage", "Date / Heure").replace("account: login", "account: Numéro d'agent")
    log = "Export du portail\n\nDATE/HEURE;Num\xe9ro d'agent;action\n14/03/2022 10:00:00;A1;CONSULT\n".encode("latin-1")
    found = reading(mapping, log)
    assert found.column("account") == ["A1"]
    assert found.rejects == [(1, 0, "1 columns instead of 3")]
    assert found.ignored == 2
    assert found.repaired == 1
    assert reading(mapping + "encoding: latin-1\n", log).repaired == 0


def test_a_csv_without_a_header_line_takes_the_names_in_the_mapping(reading):
    found = reading(BASE + "header: [horodatage, login, action]\n", "14/03/2022 10:00:00;A1;CONSULT\n")
    assert found.column("kind") == ["lookup"]
    assert found.ignored == 0


def test_values_may_be_constant_joined_the_first_filled_extracted_or_translated(reading):
    found = reading(
        """
container: csv
time: {join: [day, clock], pattern: "%Y-%m-%d %H:%M"}
columns:
  account: [badge, login]
  service: {constant: archive}
  patient: {field: url, extract: "/patient/([0-9]+)"}
  profession: {field: role, values: {PH: doctor, "IDE*": nurse}}
  structure: {field: role, values: {PH: north}, otherwise: south}
  break_glass: {field: urgent, values: {X: yes}, otherwise: no}
kind: {constant: lookup}
missing: [n/a]
""",
        "day,clock,badge,login,url,role,urgent\n"
        "2022-03-14,10:00, B1 ,A1,/patient/77/x,PH,X\n"
        "2022-03-14,10:01,n/a,A2,/other,IDE 2,\n"
        "2022-03-14,10:02,,A3,n/a,AS,\n",
    )
    assert found.column("account") == ["B1", "A2", "A3"]
    assert found.column("service") == ["archive"] * 3
    assert found.column("patient") == ["77", None, None]
    assert found.column("profession") == ["doctor", "nurse", "AS"]
    assert found.column("structure") == ["north", "south", "south"]
    assert found.column("break_glass") == [True, False, False]
    assert found.column("kind") == ["lookup"] * 3


def test_without_an_account_the_line_is_rejected_unless_the_mapping_says_account_ip(reading):
    log = "horodatage;login;action;adresse\n14/03/2022 10:00:00;-;CONSULT;10.0.0.1\n"
    mapping = BASE.replace("{account: login}", "{account: login, ip: adresse}")
    assert [reason for *_, reason in reading(mapping, log).rejects] == ["no account"]
    assert reading(mapping + "account: ip\n", log).column("account") == ["10.0.0.1"]
    assert reading(mapping.replace("account: login, ", "") + "account: ip\n", log).column("account") == ["10.0.0.1"]
    assert reading(mapping, log, account_from="ip").column("account") == ["10.0.0.1"]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("'%d/%m/%Y %H:%M:%S'", "1/3/2022 9:05:00", "2022-03-01T08:05:00"),
        ("'%Y-%m-%dT%H:%M:%SZ'", "2022-03-14T10:00:00Z", "2022-03-14T10:00:00"),
        ("'%d/%m/%y %Hh%M'", "14/03/22 10h05", "2022-03-14T09:05:00"),
        ("'%m/%d/%Y %I:%M %p'", "03/14/2022 10:05 PM", "2022-03-14T21:05:00"),
        ("'%d %b %Y %H:%M:%S %z'", "14 Mar 2022 10:05:00 +0200", "2022-03-14T08:05:00"),
        ("'%d/%m/%y %H:%M %z'", "14/03/22 10:05 -0130", "2022-03-14T11:35:00"),
        ("'%Y%m%d %H%M%S.%f'", "20220314 100500.250", "2022-03-14T09:05:00"),
        ("'%d %B %Y %H:%M:%S.%f'", "14 March 2022 10:05:00.250", "2022-03-14T09:05:00"),
        ("epoch", "1647252003123", "2022-03-14T10:00:03"),
        ("['%d/%m/%Y %H:%M', usual]", "2022-03-14 10:05:00", "2022-03-14T09:05:00"),
        ("[{pattern: '%Y/%m/%d %H:%M', zone: America/Martinique}]", "2022/03/14 10:05", "2022-03-14T14:05:00"),
        ("'%d/%m/%Y %H:%M'", "30/10/2022 02:30", "2022-10-30T00:30:00"),
        ("'%d/%m/%Y %H:%M'", "27/03/2022 02:30", "2022-03-27T01:30:00"),
        ("'%d/%m/%y %H:%M'", "27/03/22 02:30", "2022-03-27T01:30:00"),
    ],
)
def test_reads_times_by_pattern(reading, pattern, text, expected):
    mapping = BASE.replace('"%d/%m/%Y %H:%M:%S"', pattern)
    assert times(reading(mapping, f"horodatage;login;action\n{text};A1;CONSULT\n")) == [expected]


def test_patterns_and_zones_may_differ_from_line_to_line(reading):
    mapping = BASE.replace(
        '"%d/%m/%Y %H:%M:%S"', "['%d/%m/%Y %H:%M:%S', {pattern: '%Y-%m-%d %H:%M:%S', zone: UTC}], zone: Europe/Paris"
    )
    log = "horodatage;login;action\n14/03/2022 10:00:00;A1;CONSULT\n2022-03-14 10:00:00;A2;CONSULT\n14.03.2022;A3;CONSULT\n"
    found = reading(mapping, log, zone="Asia/Tokyo")
    assert times(found) == ["2022-03-14T09:00:00", "2022-03-14T10:00:00"]
    assert [reason for *_, reason in found.rejects] == ["time not readable"]


def test_a_missing_year_is_the_last_that_is_not_ahead_of_now(reading):
    mapping = BASE.replace('"%d/%m/%Y %H:%M:%S"', "'%b %d %H:%M:%S'")
    log = (
        "horodatage;login;action\nMar 14 10:00:00;A1;CONSULT\nDec 31 23:00:00;A2;CONSULT\nFeb 29 10:00:00;A3;CONSULT\n"
    )
    found = reading(mapping, log, now=datetime(2025, 3, 20, tzinfo=UTC))
    assert times(found) == ["2025-03-14T09:00:00", "2024-12-31T22:00:00", "2024-02-29T09:00:00"]


def test_an_offset_may_stand_in_a_field_of_its_own(reading):
    mapping = BASE.replace("{account: login}", "{account: login, offset_minutes: tz}").replace(
        '"%d/%m/%Y %H:%M:%S"', "usual"
    )
    log = "horodatage;login;action;tz\n" + "".join(
        f"2022-03-14T10:00:00Z;A1;CONSULT;{offset}\n" for offset in ("+02:00", "-0930", "UTC+1", "90", "x", "")
    )
    assert reading(mapping, log).column("offset_minutes") == [120, -570, 60, 90, None, None]


def test_a_field_that_is_not_in_the_log_leaves_its_column_empty(reading):
    mapping = BASE.replace("{account: login}", "{account: login, ip: adresse, rows: nb}")
    found = reading(mapping, "horodatage;login;action;nb\n14/03/2022 10:00:00;A1;CONSULT;3\n")
    assert (found.column("ip"), found.column("rows")) == ([None], [3])


@pytest.mark.parametrize(
    ("log", "message", "hint"),
    [
        ("horodatages;login;action\n", "log has no field 'horodatage'", "did you mean 'horodatages'?"),
        ("a,b\n", "log has no field 'horodatage'", "the first line has: a,b"),
        ("horodatage;login;x\n", "log has no field 'action'", "the first line has: horodatage, login, x"),
    ],
)
def test_a_log_without_the_fields_of_time_kind_and_account_is_refused(reading, log, message, hint):
    with pytest.raises(MappingError) as refused:
        reading(BASE, log)
    assert message in refused.value.message
    assert refused.value.hint == hint


LINES = """
container: regex
pattern: '(?P<when>\\S+ \\S+) \\[(?P<who>[^\\]]*)\\] (?P<what>\\w+)(?: (?P<whom>\\d+))?'
time: {field: when, pattern: "%Y-%m-%d %H:%M:%S"}
columns: {account: who, patient: whom}
kind: {field: what, values: {READ: lookup, LOGIN: login}}
"""


def test_a_regular_expression_names_the_fields_of_a_line(reading):
    found = reading(
        LINES,
        "2022-03-14 10:00:00 [A1] READ 77 and more\r\n\n# note\n2022-03-14 10:00:01 [A2] LOGIN\nnothing like it\n"
        "x 2022-03-14 10:00:02 [A3] LOGIN",
    )
    assert found.column("account") == ["A1", "A2"]
    assert found.column("patient") == ["77", None]
    assert found.column("line") == [1, 4]
    assert found.rejects == [(5, 82, "the line does not fit the pattern"), (6, 98, "the line does not fit the pattern")]
    assert found.ignored == 2


def test_a_name_that_looks_like_a_line_is_part_of_its_line(reading):
    found = reading(LINES, "2022-03-14 10:00:00 [A1 2022-03-14 10:00:00 [B2] READ 1\n")
    assert found.column("account") == ["A1 2022-03-14 10:00:00 [B2"]


NESTED = """
container: ndjson
time: {field: event.at, pattern: epoch}
columns:
  account: [actor.id, user]
  patient: "target[type=Patient].id"
  ip: http.peers[0]
  line: x
kind: {field: event.name, values: {open: lookup}, otherwise: lookup}
outcome: {field: ok, values: {true: success, false: failure}}
"""


def test_nested_keys_and_elements_of_lists_are_fields(reading):
    found = reading(
        NESTED.replace("  line: x\n", ""),
        '{"event":{"at":1647252003123,"name":"open"},"actor":{"id":"A1"},"ok":true,'
        '"target":[{"type":"Doc","id":"9"},{"type":"Patient","id":"77"}],"http":{"peers":["10.0.0.1","10.0.0.2"]}}\n'
        '{"event":{"at":"1647252004"},"user":"A2","ok":false}\n[1]\n{"event":\n',
    )
    assert found.column("account") == ["A1", "A2"]
    assert found.column("patient") == ["77", None]
    assert found.column("ip") == ["10.0.0.1", None]
    assert found.column("outcome") == ["success", "failure"]
    assert times(found) == ["2022-03-14T10:00:03", "2022-03-14T10:00:04"]
    assert [reason for *_, reason in found.rejects] == ["not a JSON object", "not JSON"]


def test_fields_called_line_and_byte_are_fields_like_others(reading):
    mapping = BASE.replace("{account: login}", "{account: login, service: line, request: byte}")
    found = reading(mapping, "horodatage;login;action;line;byte\n14/03/2022 10:00:00;A1;CONSULT;droits;r1\n")
    assert found.events.select("service", "request", "line", "byte").row(0) == ("droits", "r1", 2, 34)
