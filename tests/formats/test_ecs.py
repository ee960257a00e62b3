import json
from datetime import UTC, datetime

import pytest

from reading_logs import read_both_ways
from tocsin.formats import by_name
from tocsin.formats.base import Head
from tocsin.formats.detect import detect


def event(**more):
    return {
        "@timestamp": "2022-03-14T09:00:00.123Z", "ecs": {"version": "8.11"},
        "event": {"category": ["authentication"], "type": ["start"], "outcome": "success"},
        "user": {"name": "A1", "roles": ["nurse", "admin"]}, "source": {"ip": "10.0.0.1", "as": {"number": 3215}, "geo": {"country_iso_code": "FR"}},
        "user_agent": {"original": "Mozilla"}, "organization": {"id": "H1"},
    } | more  # fmt: skip


def ndjson(*events):
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def one(**more):
    reading = read_both_ways(ndjson(event(**more)), "ecs")
    assert reading.rejects == []
    return reading.events.row(0, named=True)


def test_reads_who_when_where_and_how_it_ended():
    row = one()
    assert row["time"] == datetime(2022, 3, 14, 9, 0, 0, 123_000, tzinfo=UTC)
    assert (row["account"], row["profession"], row["structure"], row["ip"]) == ("A1", "nurse", "H1", "10.0.0.1")
    assert (row["country"], row["asn"], row["user_agent"], row["offset_minutes"]) == ("FR", 3215, "Mozilla", None)
    assert (row["kind"], row["outcome"]) == ("login", "success")


@pytest.mark.parametrize(
    ("said", "kind", "outcome"),
    [
        ({"category": ["session"], "type": ["end"], "outcome": "success"}, "logout", "success"),
        ({"category": "authentication", "type": "start", "outcome": "failure"}, "login", "failure"),
        ({"category": ["authentication"], "type": ["denied"], "outcome": "failure"}, "login", "denied"),
        ({"action": "mfa-push-denied", "category": ["authentication"], "outcome": "failure"}, "mfa", "denied"),
        ({"action": "mfa-push-sent", "category": ["authentication"], "outcome": "success"}, "mfa", "success"),
        ({"action": "password-reset", "category": ["iam"], "type": ["user", "change"], "outcome": "success"}, "credential_change", "success"),
        ({"category": ["database"], "type": ["access"], "outcome": "success"}, "lookup", "success"),
        ({"category": ["database"], "type": ["change"]}, "write", "unknown"),
        ({"category": ["network"]}, "other", "unknown"),
    ],
)  # fmt: skip
def test_action_category_and_type_give_the_kind(said, kind, outcome):
    row = one(event=said)
    assert (row["kind"], row["outcome"]) == (kind, outcome)


def test_a_request_is_read_by_the_table_of_addresses():
    row = one(
        event={"category": ["web"], "outcome": "failure"},
        url={"path": "/droits", "query": "nir=1850578006084"},
        http={"request": {"method": "get"}, "response": {"status_code": 404, "body": {"bytes": 512}}},
    )
    assert (row["kind"], row["service"], row["patient"]) == ("lookup", "droits", "1850578006084")
    assert (row["outcome"], row["bytes"]) == ("not_found", 512)


def test_labels_give_what_the_schema_has_no_field_for():
    labels = {
        "patient": "1850578006084",
        "session_id": "s",
        "rows": 3,
        "purpose": "care",
        "break_glass": True,
        "network_type": "vpn",
        "client": "c",
    }
    row = one(labels=labels, service={"name": "dossier"}, trace={"id": "t"})
    assert (row["patient"], row["session"], row["rows"], row["purpose"]) == ("1850578006084", "s", 3, "care")
    assert (row["break_glass"], row["network_type"], row["client"]) == (True, "vpn", "c")
    assert (row["service"], row["request"]) == ("dossier", "t")


def test_another_users_reset_is_that_users_credential_change():
    row = one(event={"action": "password-reset"}, user={"name": "helpdesk", "target": {"name": "A1"}})
    assert (row["account"], row["person"]) == ("A1", "helpdesk")
    own = one(event={"action": "password-reset"}, user={"name": "A1", "target": {"name": "A1"}})
    assert (own["account"], own["person"]) == ("A1", None)


def test_the_offset_is_the_events_timezone():
    for zone, minutes in (("+02:00", 120), ("-0530", -330), ("Europe/Paris", None)):
        assert one(event={"action": "login", "timezone": zone})["offset_minutes"] == minutes


@pytest.mark.parametrize(
    "text",
    [
        ndjson(event(), event()),
        ndjson({"_index": "x", "_id": "1", "_source": event()}, {"_index": "x", "_source": event()}),
        ndjson(
            {
                "@timestamp": "2022-03-14T09:00:00.123Z",
                "event.action": "login",
                "user.name": "A1",
                "source.ip": "10.0.0.1",
            }
        )
        * 2,
        json.dumps(
            {"took": 1, "hits": {"total": {"value": 2}, "hits": [{"_id": "1", "_source": event()}] * 2}}, indent=1
        ).encode(),
        json.dumps([event(), event()]).encode(),
    ],
    ids=["ndjson", "exported", "flat", "answer", "array"],
)
def test_is_recognised_and_read_however_it_is_written(text):
    assert detect(Head(text)).format is by_name("ecs")
    reading = read_both_ways(text, "ecs")
    assert reading.column("account") == ["A1", "A1"]
    assert reading.column("kind") == ["login", "login"]
    assert reading.column("ip") == ["10.0.0.1"] * 2
    assert reading.rejects == []


def test_an_event_without_user_or_time_is_a_named_reject():
    nobody, undated = event(), event()
    del nobody["user"], undated["@timestamp"]
    reading = read_both_ways(ndjson(nobody, undated, event()), "ecs")
    assert [reason for _, _, reason in reading.rejects] == ["no account", "no time"]
