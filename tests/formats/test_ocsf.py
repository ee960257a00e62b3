import json
from datetime import UTC, datetime

import pytest

from reading_logs import read_both_ways
from tocsin.formats import by_name
from tocsin.formats.base import Head
from tocsin.formats.detect import detect


def event(class_uid=3002, activity_id=1, status_id=1, **more):
    return {
        "time": 1647248400123, "class_uid": class_uid, "activity_id": activity_id, "status_id": status_id,
        "metadata": {"version": "1.1.0", "correlation_uid": "r-1"}, "timezone_offset": 60,
        "actor": {"user": {"name": "A1", "org": {"uid": "H1"}}, "session": {"uid": "s-1"}},
        "src_endpoint": {"ip": "10.0.0.1", "location": {"country": "FR"}, "autonomous_system": {"number": 3215}},
        "http_request": {"user_agent": "Mozilla"},
    } | more  # fmt: skip


def one(*arguments, **more):
    reading = read_both_ways(json.dumps(event(*arguments, **more)).encode() + b"\n", "ocsf")
    assert reading.rejects == []
    return reading.events.row(0, named=True)


def test_reads_who_when_where_and_how_it_ended():
    row = one(user={"name": "A1"}, service={"name": "portal"})
    assert row["time"] == datetime(2022, 3, 14, 9, 0, 0, 123_000, tzinfo=UTC)
    assert (row["account"], row["structure"], row["session"], row["ip"]) == ("A1", "H1", "s-1", "10.0.0.1")
    assert (row["country"], row["asn"], row["user_agent"], row["offset_minutes"]) == ("FR", 3215, "Mozilla", 60)
    assert (row["kind"], row["outcome"], row["service"], row["request"]) == ("login", "success", "portal", "r-1")


@pytest.mark.parametrize(
    ("class_uid", "activity", "kind"),
    [(3002, 2, "logout"), (3001, 4, "credential_change"), (3001, 10, "credential_change"), (3001, 1, "other"), (3005, 1, "delegation"),
     (6003, 2, "lookup"), (6003, 3, "write"), (6005, 1, "lookup"), (6005, 4, "search"), (6005, 8, "list"), (6005, 7, "write")],
)  # fmt: skip
def test_class_and_activity_give_the_kind(class_uid, activity, kind):
    assert one(class_uid, activity)["kind"] == kind


def test_the_type_stands_for_a_missing_activity():
    assert one(6005, None, type_uid=600501)["kind"] == "lookup"


def test_a_class_that_is_not_known_is_other_and_counted():
    reading = read_both_ways(json.dumps(event(1001, 5)).encode(), "ocsf")
    assert (reading.column("kind"), reading.unknown_kinds) == (["other"], 1)


def test_a_failed_second_factor_is_mfa():
    assert (one(is_mfa=True, status_id=2)["kind"], one(is_mfa=True)["kind"], one(status_id=2)["kind"]) == (
        "mfa",
        "login",
        "login",
    )
    row = one(is_mfa=True, status_id=2, status_detail="MFA push rejected by user")
    assert (row["kind"], row["outcome"]) == ("mfa", "denied")


@pytest.mark.parametrize(
    ("status", "more", "outcome"),
    [(2, {}, "failure"), (2, {"http_response": {"code": 404}}, "not_found"), (2, {"status_detail": "Access denied"}, "denied"),
     (0, {}, "unknown"), (99, {"http_response": {"code": 500}}, "error")],
)  # fmt: skip
def test_the_status_is_refined_by_the_answer_and_the_detail(status, more, outcome):
    assert one(6003, 2, status, **more)["outcome"] == outcome


def test_an_operation_says_whether_a_read_was_a_search_a_list_or_an_export():
    assert one(6003, 2, api={"operation": "SearchPatients"})["kind"] == "search"
    assert one(6003, 2, api={"operation": "ExportRecords"})["kind"] == "export"
    assert one(6003, 2, api={"operation": "GetPatient"})["kind"] == "lookup"


def test_the_person_read_is_the_resource_of_type_patient_or_one_without_type():
    assert one(6003, 2, resources=[{"uid": "x", "type": "Bucket"}, {"uid": "P1", "type": "Patient"}])["patient"] == "P1"
    assert one(6003, 2, resources=[{"uid": "P2"}])["patient"] == "P2"
    assert one(6003, 2, resources=[{"uid": "x", "type": "Bucket"}])["patient"] is None


def test_a_web_request_is_read_by_the_table_of_addresses():
    request = {"http_method": "GET", "url": {"path": "/patients/1850578006084"}, "user_agent": "x"}
    row = one(6001, 2, http_request=request)
    assert (row["kind"], row["patient"], row["service"]) == ("lookup", "1850578006084", "patients")


def test_another_users_reset_is_that_users_credential_change():
    row = one(3001, 4, user={"email_addr": "a2@example.org", "uid": "2"})
    assert (row["account"], row["person"]) == ("a2@example.org", "A1")


@pytest.mark.parametrize("indent", [None, 2])
def test_is_recognised_as_lines_and_as_an_array(indent):
    array = json.dumps([event(), event()], indent=indent).encode()
    lines = json.dumps(event()).encode() + b"\n"
    assert detect(Head(array)).format is detect(Head(lines)).format is by_name("ocsf")
    assert read_both_ways(array, "ocsf").column("account") == ["A1", "A1"]
