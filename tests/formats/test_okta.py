import json
from datetime import UTC, datetime

import pytest

from reading_logs import read_both_ways
from tocsin.formats import by_name
from tocsin.formats.base import Head
from tocsin.formats.detect import detect

USER = {"type": "User", "id": "00u2", "alternateId": "a2@example.org"}


def event(event_type="user.session.start", result="SUCCESS", **more):
    return {
        "uuid": "u", "published": "2022-03-14T09:00:00.123Z", "eventType": event_type, "outcome": {"result": result, "reason": None},
        "actor": {"type": "User", "id": "00u1", "alternateId": "a1@example.org", "displayName": "A One"},
        "client": {"ipAddress": "10.0.0.1", "userAgent": {"rawUserAgent": "Mozilla", "os": "Linux"}, "geographicalContext": {"country": "France"}},
        "authenticationContext": {"externalSessionId": "s-1"}, "transaction": {"id": "t-1"}, "target": None,
        "securityContext": {"asNumber": 3215, "isProxy": False}, "debugContext": {"debugData": {"requestUri": "/api/v1/authn"}},
    } | more  # fmt: skip


def one(*arguments, **more):
    reading = read_both_ways(json.dumps(event(*arguments, **more)).encode() + b"\n", "okta")
    assert reading.rejects == []
    return reading.events.row(0, named=True)


def test_reads_who_when_where_and_how_it_ended():
    row = one(target=[{"type": "AppInstance", "displayName": "Portal"}], client=event()["client"] | {"id": "oauth-1"})
    assert row["time"] == datetime(2022, 3, 14, 9, 0, 0, 123_000, tzinfo=UTC)
    assert (row["account"], row["ip"], row["user_agent"], row["session"]) == (
        "a1@example.org",
        "10.0.0.1",
        "Mozilla",
        "s-1",
    )
    assert (row["country"], row["asn"], row["client"], row["service"]) == ("France", 3215, "oauth-1", "Portal")
    assert (row["kind"], row["outcome"], row["request"], row["network_type"]) == ("login", "success", "t-1", None)
    assert one(securityContext={"isProxy": True})["network_type"] == "proxy"


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        ("user.session.end", "logout"), ("user.authentication.sso", "login"), ("user.authentication.slo", "logout"),
        ("user.authentication.auth_via_IDP", "login"), ("user.account.reset_password", "credential_change"),
        ("user.account.update_password", "credential_change"), ("user.account.update_primary_email", "credential_change"),
        ("user.mfa.factor.activate", "credential_change"), ("user.mfa.factor.reset_all", "credential_change"),
        ("device.enrollment.create", "credential_change"), ("user.session.impersonation.initiate", "delegation"),
        ("policy.evaluate_sign_on", "other"), ("group.user_membership.add", "other"),
    ],
)  # fmt: skip
def test_the_event_type_gives_the_kind(event_type, kind):
    assert one(event_type)["kind"] == kind


def test_an_event_type_that_is_none_is_other_and_counted():
    reading = read_both_ways(json.dumps(event("what is this")).encode(), "okta")
    assert (reading.column("kind"), reading.unknown_kinds) == (["other"], 1)


@pytest.mark.parametrize(
    ("result", "reason", "outcome"),
    [("FAILURE", "INVALID_CREDENTIALS", "failure"), ("FAILURE", "LOCKED_OUT", "denied"), ("DENY", None, "denied"), ("ALLOW", None, "success"),
     ("CHALLENGE", None, "unknown"), ("UNKNOWN", None, "unknown"), ("ABANDONED", None, "failure")],
)  # fmt: skip
def test_the_result_gives_the_outcome(result, reason, outcome):
    assert one(outcome={"result": result, "reason": reason})["outcome"] == outcome


def test_a_push_that_was_sent_is_the_target_users_and_of_unknown_outcome():
    system = {"type": "SystemPrincipal", "alternateId": "system@okta.com"}
    row = one(
        "system.push.send_factor_verify_push",
        actor=system,
        target=[{"type": "AuthenticatorEnrollment", "id": "x"}, USER],
    )
    assert (row["kind"], row["outcome"], row["account"], row["person"]) == ("mfa", "unknown", "a2@example.org", None)


@pytest.mark.parametrize(
    ("event_type", "outcome", "factor", "expected"),
    [
        ("user.mfa.okta_verify.deny_push", {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}, None, ("mfa", "denied")),
        ("user.authentication.auth_via_mfa", {"result": "FAILURE", "reason": "User rejected Okta push verify"}, "OKTA_VERIFY_PUSH", ("mfa", "denied")),
        ("user.authentication.auth_via_mfa", {"result": "FAILURE", "reason": "DENIED_BY_USER"}, "OKTA_VERIFY_PUSH", ("mfa", "denied")),
        ("user.authentication.auth_via_mfa", {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}, "OKTA_VERIFY_PUSH", ("mfa", "failure")),
        ("user.authentication.auth_via_mfa", {"result": "SUCCESS"}, "OKTA_VERIFY_PUSH", ("mfa", "success")),
        ("user.authentication.auth_via_mfa", {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}, "PASSWORD_AS_FACTOR", ("login", "failure")),
    ],
)  # fmt: skip
def test_second_factors_that_were_refused_are_told_from_passwords(event_type, outcome, factor, expected):
    row = one(event_type, outcome=outcome, debugContext={"debugData": {"factor": factor}})
    assert (row["kind"], row["outcome"]) == expected


def test_another_users_reset_is_that_users_credential_change():
    row = one("user.account.reset_password", target=[USER])
    assert (row["account"], row["person"]) == ("a2@example.org", "a1@example.org")
    own = one("user.account.update_password", target=[USER | {"alternateId": "a1@example.org"}])
    assert (own["account"], own["person"]) == ("a1@example.org", None)


def test_an_unknown_actor_is_no_account():
    reading = read_both_ways(
        json.dumps(event(actor={"type": "User", "id": "unknown", "alternateId": "unknown"})).encode(), "okta"
    )
    assert [reason for _, _, reason in reading.rejects] == ["no account"]


@pytest.mark.parametrize("indent", [None, 2])
def test_is_recognised_as_lines_and_as_an_array(indent):
    array = json.dumps([event(), event()], indent=indent).encode()
    lines = json.dumps(event()).encode() + b"\n"
    assert detect(Head(array)).format is detect(Head(lines)).format is by_name("okta")
    assert read_both_ways(array, "okta").column("account") == ["a1@example.org"] * 2
