"""AuditEvents of FHIR R4 and R5, alone, in Bundles and as NDJSON."""

import base64
import json
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage import mutated
from reading_logs import read, read_both_ways
from tocsin.cli import main
from tocsin.errors import InputError
from tocsin.formats.base import Head
from tocsin.formats.detect import detect

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "fhir-r4-auditevent"

READ = {
    "resourceType": "AuditEvent",
    "id": "e1",
    "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
    "subtype": [{"system": "http://hl7.org/fhir/restful-interaction", "code": "read"}],
    "action": "R",
    "recorded": "2022-03-14T10:00:00.250+01:00",
    "outcome": "0",
    "agent": [
        {
            "type": {"coding": [{"code": "110153", "display": "Source Role ID"}]},
            "who": {"display": "server.example"},
            "requestor": False,
            "network": {"address": "192.0.2.9", "type": "2"},
        },
        {
            "type": {"coding": [{"code": "110152", "display": "Destination Role ID"}]},
            "who": {"display": "practice software"},
            "requestor": False,
            "network": {"address": "2001:db8::1", "type": "2"},
        },
        {
            "type": {"coding": [{"code": "IRCP"}]},
            "who": {"identifier": {"system": "urn:x", "value": "A1"}},
            "altId": "P1",
            "role": [{"coding": [{"code": "doc", "display": "doctor"}]}],
            "policy": ["https://consent.example/yes", "token-7"],
            "purposeOfUse": [{"coding": [{"code": "TREAT"}]}],
            "requestor": True,
        },
    ],
    "entity": [
        {"what": {"reference": "Patient/17"}, "type": {"code": "1"}, "role": {"code": "1"}},
        {"what": {"reference": "Observation/3"}, "type": {"code": "2"}, "role": {"code": "4"}},
        {"type": {"code": "XrequestId"}, "what": {"identifier": {"value": "req-1"}}},
    ],
}
QUERY = "GET test.example/r4/Observation?patient=17&_count=10\nAccept: application/fhir+json\n"
R5 = {
    "resourceType": "AuditEvent",
    "category": [{"coding": [{"code": "rest"}]}],
    "code": {"coding": [{"code": "search-type"}]},
    "action": "E",
    "recorded": "2022-03-14T10:00:01Z",
    "outcome": {"code": {"system": "http://terminology.hl7.org/CodeSystem/issue-severity", "code": "success"}},
    "authorization": [{"coding": [{"code": "BTG"}]}],
    "agent": [
        {"type": {"coding": [{"code": "110153"}]}, "who": {"display": "app"}, "networkString": "10.0.0.5"},
        {"who": {"reference": "Practitioner/9"}, "requestor": True},
    ],
    "patient": {"reference": "Patient/18"},
    "entity": [{"role": {"coding": [{"code": "24"}]}, "query": base64.b64encode(QUERY.encode()).decode()}],
}


def lines(*events):
    return "".join(json.dumps(event) + "\n" for event in events).encode()


def changed(event, **changes):
    return {**deepcopy(event), **changes}


def row(event, **options):
    reading = read_both_ways(lines(event), "fhir", **options)
    assert reading.rejects == []
    return {name: value for name, value in reading.events.row(0, named=True).items() if value is not None}


def test_the_person_who_acts_is_the_agent_that_asked_not_the_first():
    found = row(READ)
    assert (found["account"], found["person"], found["profession"]) == ("A1", "P1", "doctor")
    assert (found["kind"], found["outcome"], found["service"]) == ("lookup", "success", "read Observation")
    assert (found["patient"], found["request"], found["purpose"]) == ("17", "req-1", "TREAT")
    assert f"{found['time']:%H:%M:%S.%f}" == "09:00:00.250000"
    assert found["offset_minutes"] == 60


def test_a_policy_that_is_an_address_is_no_session():
    assert row(READ)["session"] == "token-7"


@pytest.mark.parametrize(
    ("action", "ip", "client"), [("R", "2001:db8::1", "practice software"), ("E", "192.0.2.9", "server.example")]
)
def test_the_client_is_destination_of_a_read_and_source_of_a_query(action, ip, client):
    found = row(changed(READ, action=action))
    assert (found["ip"], found["client"]) == (ip, client)


def test_r5_renames_type_subtype_outcome_network_and_purpose():
    found = row(R5)
    assert (found["kind"], found["outcome"], found["service"]) == ("search", "success", "search-type Observation")
    assert (found["account"], found["client"], found["ip"]) == ("Practitioner/9", "app", "10.0.0.5")
    assert (found["patient"], found["purpose"], found["break_glass"]) == ("18", "BTG", True)


@pytest.mark.parametrize(
    ("outcome", "more", "expected"),
    [
        ("0", {}, "success"),
        ("4", {}, "failure"),
        ("8", {}, "error"),
        (12, {}, "error"),
        ("8", {"outcomeDesc": "HTTP 404 Not Found"}, "not_found"),
        ("4", {"outcomeDesc": "403"}, "denied"),
        ("8", {"contained": [{"resourceType": "OperationOutcome", "issue": [{"code": "not-found"}]}]}, "not_found"),
        ({"code": {"code": "error"}, "detail": [{"text": "access denied"}]}, {}, "denied"),
        ({"code": {"code": "fatal"}}, {}, "error"),
        ({"system": "x", "code": "4"}, {}, "failure"),
        ({"coding": [{"code": "information"}]}, {}, "success"),
    ],
)
def test_outcomes_of_every_release_and_not_found_survives(outcome, more, expected):
    assert row(changed(READ, outcome=outcome, **more))["outcome"] == expected


def test_an_unknown_outcome_is_counted():
    reading = read(lines(changed(READ, outcome="99")), "fhir")
    assert (reading.column("outcome"), reading.unknown_outcomes) == (["unknown"], 1)


@pytest.mark.parametrize(
    ("change", "kind", "service"),
    [
        ({"type": {"code": "110114"}, "subtype": [{"code": "110122", "display": "Login"}]}, "login", "Login"),
        ({"type": {"code": "110114"}, "subtype": [{"code": "110123", "display": "Logout"}]}, "logout", "Logout"),
        ({"type": {"code": "110106", "display": "Export"}, "subtype": []}, "export", "Export"),
        ({"type": {"code": "110106"}, "subtype": [{"code": "ITI-43"}]}, "lookup", "ITI-43"),
        ({"type": {"code": "110112"}, "subtype": [{"code": "ITI-78"}]}, "search", "ITI-78"),
        ({"type": {"code": "110110"}, "subtype": [], "action": "U"}, "write", "110110"),
        ({"type": {"code": "110110"}, "subtype": [], "action": "R"}, "lookup", "110110"),
        ({"type": {"code": "110100"}, "subtype": [{"code": "110120"}], "action": "E"}, "other", "110120"),
        ({"subtype": [{"code": "update"}], "action": "U"}, "write", "update Observation"),
        ({"type": {"code": "110113"}, "subtype": [{"code": "110137"}]}, "credential_change", "110137"),
    ],
)
def test_codes_say_what_was_done(change, kind, service):
    found = row(changed(READ, **change))
    assert (found["kind"], found["service"]) == (kind, service)


def test_contained_resources_are_told_apart_by_their_identifiers():
    def event(number, **more):
        contained = [
            {"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:oid:1.2.3", "value": number}]},
            {"resourceType": "Practitioner", "id": "who", "identifier": [{"value": f"dr.{number}"}]},
        ]
        agent = [{"who": {"reference": "#who"}, "requestor": True}]
        entity = [{"what": {"reference": "#p"}, "role": {"code": "1"}}]
        return changed(READ, **{"contained": contained, "agent": agent, "entity": entity} | more)

    reading = read_both_ways(
        lines(event("1"), event("2"), event("3", contained=[]), event("4", entity=[], patient={"reference": "#p"})),
        "fhir",
    )
    assert reading.column("patient") == ["1@1.2.3", "2@1.2.3", "4@1.2.3"]
    assert reading.column("account") == ["dr.1", "dr.2", "dr.4"]
    assert [reason for _, _, reason in reading.rejects] == ["no account"]


def test_several_patients_are_a_row_each_tied_by_request():
    patients = [
        {"what": {"identifier": {"value": f"{n}^^^MPI&1.2.3&ISO^PI"}}, "role": {"code": "1"}} for n in (24, 27, 24)
    ]
    reading = read_both_ways(lines(READ, changed(READ, id=None, entity=patients)), "fhir")
    assert reading.column("patient") == ["17", "24@1.2.3", "27@1.2.3"]
    assert reading.column("request") == ["req-1", *[f"byte {len(lines(READ))}"] * 2]
    assert (reading.lines, reading.further) == (2, 1)


def test_an_event_of_two_patients_counts_once_and_fills_two_rows(tmp_path, capsys):
    patients = [{"what": {"reference": f"Patient/{n}"}, "role": {"code": "1"}} for n in (1, 2)]
    (tmp_path / "a.json").write_bytes(lines(changed(READ, entity=patients)))
    with pytest.raises(SystemExit) as stop:
        main(["parse", str(tmp_path / "a.json")])
    assert stop.value.code == 0
    out, err = capsys.readouterr()
    assert "1 lines = 1 events + 0 rejected" in err
    first, second = map(json.loads, out.splitlines())
    assert first["patient"] != second["patient"]
    assert (first["request"], first["patient_valid"]) == ("e1", None), "no social security numbers: opaque"


@pytest.mark.parametrize(
    ("what", "patient"),
    [
        ({"reference": "https://x.example/fhir/Patient/17/_history/2"}, "17"),
        ({"identifier": {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "185057800608436"}}, "185057800608436"),
        ({"identifier": {"system": "urn:oid:1.2.3", "value": "17"}, "reference": "Patient/9"}, "17@1.2.3"),
        ({"identifier": {"value": "17^^^&1.2.3&ISO"}}, "17@1.2.3"),
        ({"identifier": {"value": "17^^^MPI"}}, "17@MPI"),
        ({"identifier": [{"value": "17"}]}, "17"),
        ({"display": "John"}, None),
        ("Patient/17", None),
    ],
)
def test_numbers_of_patients_have_one_form(what, patient):
    found = row(changed(READ, entity=[{"what": what, "role": {"code": "1"}}]))
    assert found.get("patient") == patient


STORED = (
    '<rim:AdhocQuery id="u"><rim:Slot name="$XDSDocumentEntryStatus"><rim:ValueList><rim:Value>(\'x\')</rim:Value>'
    '</rim:ValueList></rim:Slot><rim:Slot name="$XDSDocumentEntryPatientId"><rim:ValueList><rim:Value>'
    "'78106^^^&amp;1.2&amp;ISO'</rim:Value></rim:ValueList></rim:Slot></rim:AdhocQuery>"
)


@pytest.mark.parametrize(
    ("query", "patients"),
    [
        (QUERY, ["17"]),
        ("GET x/r4/Patient?identifier=urn:oid:1.2.3|17,18", ["17@1.2.3", "18"]),
        ("GET x/r4/Observation?identifier=5", [None]),
        ("http://x/Observation?subject:Patient=Patient/17", ["17"]),
        ("GET /fhir/Patient/17/$everything", ["17"]),
        ("POST /r4/Observation/_search HTTP/1.1\nHost: x\n\npatient=17&_count=1\n", ["17"]),
        ("MSH|^~\\&|A|B\rQPD|QRY_1001^Q^IHE|Q1|78106^^^P&1.2&ISO\rRCP|I\r", ["78106@1.2"]),
        ("MSH|^~\\&|A|B\rQPD|IHE PDQ|4713|@PID.5.1^meier\r", [None]),
        ('<a xmlns="urn:hl7-org:v3"><livingSubjectId><value root="1.2" extension="78106"/></livingSubjectId></a>', ["78106@1.2"]),
        (STORED, ["78106@1.2"]),
        ("<Slot name='$patientId'><Value>('17^^^&amp;1.2&amp;ISO','185057800608436^^^&amp;1.3&amp;ISO')</Value></Slot>", ["17@1.2", "185057800608436"]),
        ('<PRPA xmlns="urn:hl7-org:v3"><patientIdentifier><value root="1.2" extension="7"/></patientIdentifier></PRPA>', ["7@1.2"]),
    ],
)  # fmt: skip
def test_queries_are_base64_and_name_patients(query, patients):
    entity = [{"role": {"code": "24"}, "query": base64.b64encode(query.encode()).decode()}]
    reading = read_both_ways(lines(changed(READ, entity=entity)), "fhir")
    assert reading.column("patient") == patients
    plain = read(lines(changed(READ, entity=[{"role": {"code": "24"}, "query": query}])), "fhir")
    assert plain.events.height == len(patients)


def test_an_event_that_nobody_asked_for_is_rejected_unless_the_address_counts():
    nobody = changed(READ, agent=[changed(agent, requestor=False) for agent in READ["agent"]])
    reading = read_both_ways(lines(nobody), "fhir")
    assert reading.rejects == [(1, 0, "no account")]
    assert row(nobody, account_from="ip")["account"] == "2001:db8::1"


def bundle(*entries, before='"id": "b", "type": "history", "link": [{"url": "x"}],', indent=None):
    wrapped = ",".join(json.dumps({"fullUrl": "urn:x", "resource": entry}, indent=indent) for entry in entries)
    return f'{{"resourceType": "Bundle", {before} "entry": [{wrapped}]}}\n'.encode()


@pytest.mark.parametrize("indent", [None, 2])
def test_an_entry_of_a_bundle_is_a_unit_at_its_own_place(indent):
    log = bundle(READ, {"resourceType": "Patient", "id": "17"}, R5, indent=indent)
    reading = read_both_ways(log, "fhir")
    assert reading.column("account") == ["A1", "Practitioner/9"]
    assert [reason for *_, reason in reading.rejects] == ["not an AuditEvent"]
    assert reading.lines == 3
    starts = [
        at for at in range(len(log)) if log.startswith(b'{"fullUrl"' if indent is None else b'{\n  "fullUrl"', at)
    ]
    assert reading.column("byte") == [starts[0], starts[2]]
    assert reading.column("line") == [1 + log[:start].count(b"\n") for start in (starts[0], starts[2])]


def test_a_resource_over_many_lines_and_several_of_them_are_read():
    log = json.dumps(READ, indent=2).encode() + b"\n" + json.dumps(R5, indent=4).encode()
    reading = read_both_ways(log, "fhir")
    assert reading.column("line") == [1, 1 + json.dumps(READ, indent=2).count("\n") + 1]
    assert reading.rejects == []


def test_bundles_may_follow_each_other_and_be_empty_or_late_to_name_themselves():
    empty = b'{"resourceType": "Bundle", "type": "searchset", "total": 0}\n'
    late = bundle(R5).replace(
        b'"resourceType": "Bundle", "id": "b",', b'"id": "b", "meta": {"x": "y"}, "resourceType": "Bundle",'
    )
    reading = read_both_ways(bundle(READ) + empty + late + b"\n" + bundle(READ, before=""), "fhir")
    assert reading.column("account") == ["A1", "Practitioner/9", "A1"]
    assert [reason for *_, reason in reading.rejects] == ["not an AuditEvent"], "the empty Bundle"


def test_a_bundle_in_the_middle_of_lines_is_named_not_lost():
    reading = read_both_ways(lines(READ) + bundle(R5), "fhir")
    assert reading.rejects == [(2, len(lines(READ)), "not an AuditEvent")]


@pytest.mark.parametrize("indent", [None, 2])
def test_bundles_in_bundles_are_read_however_deep(indent):
    inner = json.loads(bundle(R5, READ))
    deeper = json.loads(bundle(READ, inner, {"resourceType": "Patient"}))
    reading = read_both_ways(bundle(READ, deeper, R5, indent=indent), "fhir")
    assert reading.column("account") == ["A1", "A1", "Practitioner/9", "A1", "Practitioner/9"]
    assert [reason for *_, reason in reading.rejects] == ["not an AuditEvent"], "the patient"
    assert reading.lines == 6


def test_odd_json_is_survived():
    deep = b'{"resourceType": "AuditEvent", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}\n"
    twice = lines(READ).replace(b'"action": "R"', b'"action": "R", "action": "D", "outcome": "8"', 1)
    surrogate = lines(READ).replace(b'"value": "A1"', b'"value": "A\\ud800"')
    reading = read_both_ways(lines(READ) + deep + twice + surrogate + b"[1]\n{\n", "fhir")
    assert reading.column("account") == ["A1", "A1", "A?"]
    assert reading.column("kind") == ["lookup"] * 3
    assert [reason for *_, reason in reading.rejects] == ["JSON nested too deeply", "not a JSON object", "not JSON"]


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["1", "24", "R", "Patient/17", "110152", "a^b^c^d&e"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from(["code", "coding", "what", "who", "identifier", "value", "reference", "requestor", "role", "type", "network",
                         "address", "query", "detail", "policy", "display", "text", "system"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
KEYS = ["agent", "entity", "outcome", "type", "subtype", "category", "code", "action", "recorded", "patient", "contained", "id",
        "purposeOfEvent", "authorization", "outcomeDesc"]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(change=st.dictionaries(st.sampled_from(KEYS), SHAPES, max_size=4))
def test_values_of_any_shape_are_an_event_or_a_named_reject(change):
    reading = read_both_ways(lines(changed(READ, **change)), "fhir")
    assert reading.adds_up
    assert reading.lines == 1


SOUND = {"lines": lines(READ, R5), "bundle": bundle(READ, R5, indent=1), "pretty": json.dumps(READ, indent=2).encode()}


@pytest.mark.parametrize("name", SOUND)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_logs_are_accounted_for(name, data):
    try:
        reading = read(data.draw(mutated(SOUND[name])), "fhir", block_bytes=data.draw(st.sampled_from([200, 1 << 20])))
    except InputError as refused:
        message = refused.message
    else:
        assert reading.adds_up
        return
    assert "cannot be unpacked" in message, "it begins as an archive does"


@settings(max_examples=40, deadline=None)
@given(tail=st.binary(max_size=300))
def test_random_bytes_after_a_sound_bundle_cost_nothing_before_them(tail):
    reading = read(SOUND["bundle"] + tail, "fhir")
    assert reading.column("account")[:1] == ["A1"]
    assert reading.adds_up


@pytest.mark.parametrize("name", SOUND)
def test_is_recognised_by_its_content(name):
    guess = detect(Head(SOUND[name]))
    assert guess.format is not None
    assert guess.format.name == "fhir"


def test_other_resources_are_not():
    assert detect(Head(lines({"resourceType": "Patient", "id": "17"}))).format is None


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
def test_the_examples_of_the_specification_are_events_or_named_rejects():
    accounts, rejects = [], []
    for path in sorted(SAMPLES.glob("*.json")):
        reading = read_both_ways(path.read_bytes(), "fhir")
        assert reading.lines == 1
        accounts += reading.column("account")
        rejects += [(path.stem, reason) for *_, reason in reading.rejects]
    assert accounts == ["SomeIdiot@nowhere", *["95"] * 7]
    assert rejects == [("AuditEvent-example", "no account")]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_bundle_that_comes_in_pieces_is_read_as_in_one(indent, monkeypatch):
    log = bundle(*[READ, R5] * 10, indent=indent) + bundle(READ, {"resourceType": "Patient"}, indent=indent)
    whole = read(log, "fhir")
    monkeypatch.setattr("tocsin.formats.archives.PIECE_BYTES", 700)
    monkeypatch.setattr("tocsin.formats.elements.HEAD_BYTES", 900)
    pieces = read(log, "fhir", block_bytes=900)
    assert pieces.events.rows() == whole.events.rows()
    assert pieces.rejects == whole.rejects
    assert (pieces.events.height, len(pieces.rejects)) == (21, 1)
