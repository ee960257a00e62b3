import json
from datetime import UTC, datetime

import pytest

from reading_logs import read_both_ways
from tocsin.formats.base import Head
from tocsin.formats.detect import detect


def event(activity="Reset user password", actor="desk@example.org", target="a1@example.org", **more):
    return {
        "id": "i", "category": "UserManagement", "correlationId": "c-1", "result": "success", "resultReason": "",
        "activityDisplayName": activity, "activityDateTime": "2022-03-14T09:00:00.1234567Z", "loggedByService": "Core Directory",
        "initiatedBy": {"user": {"userPrincipalName": actor, "ipAddress": "10.0.0.1"}, "app": None},
        "targetResources": [
            {"id": "d-1", "type": "Device", "userPrincipalName": None},
            {"id": "u-1", "type": "User", "userPrincipalName": target, "modifiedProperties": []},
        ],
    } | more  # fmt: skip


def row_of(found):
    reading = read_both_ways(json.dumps(found).encode() + b"\n", "entra-audit")
    assert reading.rejects == []
    return reading.events.row(0, named=True)


def test_a_reset_is_an_event_of_the_account_that_was_changed():
    row = row_of(event())
    assert row["time"] == datetime(2022, 3, 14, 9, 0, 0, 123_456, tzinfo=UTC)
    assert (row["account"], row["person"], row["kind"], row["outcome"]) == (
        "a1@example.org",
        "desk@example.org",
        "credential_change",
        "success",
    )
    assert (row["ip"], row["service"], row["request"]) == ("10.0.0.1", "Reset user password", "c-1")


def test_who_changes_their_own_factor_is_alone():
    row = row_of(event("User registered security info", actor="a1@example.org"))
    assert (row["account"], row["person"], row["kind"]) == ("a1@example.org", None, "credential_change")


def test_an_application_that_resets_a_password_is_said():
    began = {"user": None, "app": {"displayName": "Sync", "servicePrincipalId": "p-1"}}
    row = row_of(event(initiatedBy=began))
    assert (row["account"], row["person"], row["client"]) == ("a1@example.org", "Sync", "Sync")


@pytest.mark.parametrize(
    ("activity", "kind"),
    [
        ("Change user password", "credential_change"),
        ("Reset password (self-service)", "credential_change"),
        ("Admin deleted security info", "credential_change"),
        ("Disable Strong Authentication", "credential_change"),
        ("Add Passkey (device-bound)", "credential_change"),
        ("Add registered owner to device", "credential_change"),
        ("Fraud reported - user is blocked for MFA", "mfa"),
        ("User started security info registration", "other"),
        ("Add member to group", "other"),
        ("Update user", "other"),
    ],
)
def test_reads_what_was_done(activity, kind):
    assert row_of(event(activity))["kind"] == kind


def test_what_is_no_change_of_credentials_is_of_whoever_did_it():
    row = row_of(event("Add member to group"))
    assert (row["account"], row["person"]) == ("desk@example.org", None)


@pytest.mark.parametrize(("result", "outcome"), [("failure", "failure"), ("timeout", "error"), ("odd", "unknown")])
def test_reads_how_it_ended(result, outcome):
    assert row_of(event(result=result))["outcome"] == outcome


def test_a_reported_fraud_is_a_refused_second_factor():
    assert row_of(event("Fraud reported - no action taken"))["outcome"] == "denied"


def test_reads_what_diagnostic_settings_and_log_analytics_write():
    diagnostic = {"time": "2022-03-14T09:00:01Z", "operationName": "x", "category": "AuditLogs", "properties": event()}
    capitals = {key[0].upper() + key[1:]: value for key, value in event().items()}
    for found in (diagnostic, capitals):
        row = row_of(found)
        assert (row["account"], row["kind"], row["outcome"]) == ("a1@example.org", "credential_change", "success")


def test_is_recognised_and_no_sign_in_is_taken_for_it():
    found = detect(Head(json.dumps(event()).encode()))
    assert found.format is not None
    assert found.format.name == "entra-audit"
    sign_in = {"createdDateTime": "2022-03-14T09:00:00Z", "userPrincipalName": "a", "appDisplayName": "b"}
    assert detect(Head(json.dumps(sign_in).encode())).format.name == "entra"
