import json
import time
from datetime import UTC, datetime

import pytest

from reading_logs import read, read_both_ways, samples
from tocsin.formats import by_name
from tocsin.formats.base import Head
from tocsin.formats.detect import detect


def line(kind="LOGIN", *more, user="u-1", error=None, quote=""):
    pairs = [("type", kind), ("realmId", "r"), ("clientId", "portal"), ("userId", user), ("ipAddress", "10.0.0.1")]
    pairs += [("error", error)] if error else []
    text = ", ".join(f"{key}={quote}{value}{quote}" for key, value in [*pairs, *more])
    return f"2022-03-14 10:00:00,357 WARN  [org.keycloak.events] (executor-thread-1) {text}\n".encode()


def one(log):
    reading = read_both_ways(log, "keycloak")
    assert reading.rejects == []
    return reading.events.row(-1, named=True)


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_reads_who_when_where_and_how_it_ended(quote):
    row = one(
        line("LOGIN_ERROR", ("code_id", "s-1"), ("username", "Ada"), user="null", error="user_not_found", quote=quote)
    )
    assert row["time"] == datetime(2022, 3, 14, 9, 0, 0, 357_000, tzinfo=UTC)
    assert (row["kind"], row["outcome"], row["account"]) == ("login", "failure", "Ada")
    assert (row["ip"], row["session"], row["client"], row["service"]) == ("10.0.0.1", "s-1", "portal", "LOGIN")


@pytest.mark.parametrize(
    ("kind", "error", "expected"),
    [
        ("LOGIN", None, ("login", "success")),
        ("CLIENT_LOGIN", None, ("login", "success")),
        ("LOGOUT", None, ("logout", "success")),
        ("UPDATE_PASSWORD", None, ("credential_change", "success")),
        ("UPDATE_EMAIL", None, ("credential_change", "success")),
        ("UPDATE_TOTP_ERROR", "invalid_code", ("credential_change", "failure")),
        ("REFRESH_TOKEN", None, ("other", "success")),
        ("LOGIN_ERROR", "user_temporarily_disabled", ("login", "denied")),
        ("IMPERSONATE", None, ("delegation", "success")),
    ],
)
def test_the_type_gives_kind_and_outcome(kind, error, expected):
    row = one(line(kind, error=error))
    assert (row["kind"], row["outcome"]) == expected


def test_a_failed_second_factor_is_told_from_a_failed_password():
    row = one(line("LOGIN_ERROR", ("credential_type", "otp"), error="invalid_user_credentials"))
    assert (row["kind"], row["outcome"]) == ("mfa", "failure")


def test_a_changed_email_in_a_profile_is_a_credential_change():
    assert one(line("UPDATE_PROFILE", ("updated_email", "x@example.org")))["kind"] == "credential_change"
    assert one(line("UPDATE_PROFILE", ("updated_first_name", "Ada")))["kind"] == "other"


def test_an_unknown_type_is_other_and_counted():
    reading = read_both_ways(line("FLY"), "keycloak")
    assert (reading.column("kind"), reading.unknown_kinds) == (["other"], 1)


def test_an_id_has_the_name_under_which_it_first_succeeded():
    log = line("REFRESH_TOKEN") + line("LOGIN", ("username", "ada")) + line("LOGIN", ("username", "ada@example.org"))
    log += line("LOGOUT") + line("LOGIN_ERROR", ("username", "ADA"), error="x") + line("LOGOUT", user="u-2")
    assert read_both_ways(log, "keycloak").column("account") == ["u-1", "ada", "ada", "ada", "ada", "u-2"]


def test_what_a_user_typed_cannot_pass_for_a_key():
    typed = "x, userId=victim, ipAddress=1.2.3.4, username=victim"
    for quote in ("'", '"'):
        forged = (
            line("LOGIN_ERROR", error="e", user="null")[:-1] + f", username={quote}{typed}{quote}, code_id=s\n".encode()
        )
        row = one(forged)
        assert (row["account"], row["ip"], row["session"]) == (typed, "10.0.0.1", "s")
    escaped = line("LOGIN_ERROR", error="e", user="null")[:-1] + rb', username="a\", ipAddress=\"1.2.3.4"' + b"\n"
    assert one(escaped)["account"] == 'a", ipAddress="1.2.3.4'


def test_lines_of_other_loggers_are_ignored_with_their_stack_traces():
    other = b"2022-03-14 10:00:00,000 ERROR [io.quarkus] (main) failed\njava.lang.Error: x\n\tat a.b(C.java:1)\n"
    reading = read_both_ways(other + line() + b"what is this\n" + other, "keycloak")
    assert (reading.events.height, reading.ignored) == (1, 6)
    assert reading.rejects == [(5, len(other + line()), "not a Keycloak event")]


EVENT = {"time": 1647248400357, "type": "LOGIN", "realmId": "r", "clientId": "portal", "userId": "u-1", "sessionId": "s-1",
         "ipAddress": "10.0.0.1", "details": {"username": "ada", "code_id": "s-2"}}  # fmt: skip
ADMIN = {"time": 1647248401000, "realmId": "r", "authDetails": {"clientId": "console", "userId": "boss", "ipAddress": "10.0.0.9"},
         "operationType": "ACTION", "resourceType": "USER", "resourcePath": "users/u-1/reset-password"}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_reads_events_of_the_api(indent):
    reading = read_both_ways(json.dumps([EVENT, ADMIN], indent=indent).encode(), "keycloak")
    first, second = reading.events.rows(named=True)
    assert (first["account"], first["session"], first["ip"], first["kind"]) == ("ada", "s-1", "10.0.0.1", "login")
    assert first["time"] == datetime(2022, 3, 14, 9, 0, 0, 357_000, tzinfo=UTC)
    assert (second["kind"], second["account"], second["person"]) == ("credential_change", "ada", "boss")
    assert (second["ip"], second["service"]) == ("10.0.0.9", "admin ACTION USER")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("users/u-1/impersonation", ("delegation", "u-1", "boss")),
        ("users/u-1/credentials/c-1", ("credential_change", "u-1", "boss")),
        ("users/u-1", ("other", "boss", None)),
        ("clients/c-1", ("other", "boss", None)),
    ],
)
def test_what_an_administrator_does_to_a_user_is_the_users(path, expected):
    row = one(json.dumps(ADMIN | {"resourcePath": path}).encode() + b"\n")
    assert (row["kind"], row["account"], row["person"]) == expected


def test_reads_events_in_the_message_of_a_json_log():
    text = line("LOGIN_ERROR", ("username", "ada"), error="x").decode().split("(executor-thread-1) ")[1].strip()
    log = [{"timestamp": "2022-03-14T10:00:00.357+01:00", "loggerName": "org.keycloak.events", "message": text},
           {"timestamp": "2022-03-14T10:00:01+01:00", "loggerName": "io.quarkus", "message": "started"}]  # fmt: skip
    data = b"".join(json.dumps(each).encode() + b"\n" for each in log)
    assert detect(Head(data)).format is by_name("keycloak")
    reading = read_both_ways(data, "keycloak")
    assert (reading.column("account"), reading.column("outcome"), reading.ignored) == (["ada"], ["failure"], 1)


@pytest.mark.parametrize(
    "text",
    [
        line(),
        line(quote='"'),
        b"2022-03-14 10:00:00,000 INFO  [io.quarkus] (main) up\n" + line(),
        json.dumps([EVENT]).encode(),
    ],
)
def test_is_recognised_by_its_events(text):
    assert detect(Head(text)).format is by_name("keycloak")


def test_lines_made_to_be_slow_are_not():
    started = time.process_time()
    for hostile in ("a='x, " * 10_000, "a" * 60_000, 'a="' * 20_000, "a=b" * 20_000, "x" * 70_000):
        read(line()[:-1] + b", " + hostile.encode() + b"\n", "keycloak")
    assert time.process_time() - started < 10


def test_every_real_line_is_an_event():
    for name, data in samples("keycloak-events-text").items():
        if name.endswith(".log"):
            assert detect(Head(data)).format is by_name("keycloak")
            reading = read_both_ways(data, "keycloak")
            assert (reading.rejects, reading.ignored) == ([], 0)
            assert set(reading.column("kind")) == {"login"}
            assert set(reading.column("outcome")) == {"failure"}
            assert None not in reading.column("account") + reading.column("ip") + reading.column("client")
