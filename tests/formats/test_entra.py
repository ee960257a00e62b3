import json
from datetime import UTC, datetime

import pytest

from reading_logs import read, read_both_ways
from tocsin.errors import InputError
from tocsin.formats import by_name
from tocsin.formats.base import Head
from tocsin.formats.detect import detect

HEADER = (
    "Date (UTC),Request ID,User agent,Correlation ID,User ID,User,Username,User type,Incoming token type,Application,Application ID ,Resource,"
    "IP address,Location,Status,Sign-in error code,Failure reason,Client app,Multifactor authentication result,Session ID,"
    "Autonomous system  number,Incoming token type\n"
)


def event(code=0, **more):
    return {
        "id": "i", "createdDateTime": "2022-03-14T09:00:00Z", "userPrincipalName": "a1@example.org", "userId": "u-1",
        "appDisplayName": "Portal", "resourceDisplayName": "Records", "ipAddress": "10.0.0.1", "clientAppUsed": "Browser", "userAgent": "Mozilla",
        "correlationId": "c-1", "sessionId": "s-1", "status": {"errorCode": code, "failureReason": "x", "additionalDetails": None},
        "location": {"city": "Paris", "countryOrRegion": "FR"}, "autonomousSystemNumber": 3215, "authenticationDetails": [],
    } | more  # fmt: skip


def row_of(data):
    reading = read_both_ways(data.encode(), "entra")
    assert reading.rejects == []
    return reading.events.row(0, named=True)


def one(*arguments, **more):
    return row_of(json.dumps(event(*arguments, **more)) + "\n")


def check(row):
    assert row["time"] == datetime(2022, 3, 14, 9, tzinfo=UTC)
    assert (row["account"], row["ip"], row["user_agent"], row["session"]) == (
        "a1@example.org",
        "10.0.0.1",
        "Mozilla",
        "s-1",
    )
    assert (row["country"], row["asn"], row["client"], row["service"]) == ("FR", 3215, "Portal", "Records")
    assert (row["kind"], row["outcome"], row["request"]) == ("login", "success", "c-1")


def test_reads_who_when_where_and_how_it_ended():
    check(one())


def test_reads_what_diagnostic_settings_and_log_analytics_write():
    inner = event()
    check(
        row_of(
            json.dumps(
                {"time": "2022-03-14T10:00:00Z", "category": "SignInLogs", "resultType": "0", "properties": inner}
            )
            + "\n"
        )
    )
    table = {
        key[0].upper() + key[1:]: value
        for key, value in inner.items()
        if key not in {"ipAddress", "status", "location"}
    }
    table |= {"IPAddress": "10.0.0.1", "ResultType": "0", "LocationDetails": {"countryOrRegion": "FR"}}
    check(row_of(json.dumps(table) + "\n"))


@pytest.mark.parametrize(
    ("code", "detail", "expected"),
    [
        (50126, None, ("login", "failure")), (50053, None, ("login", "denied")), (53003, None, ("login", "denied")),
        (50140, None, ("login", "unknown")), (50074, None, ("mfa", "unknown")), (50076, None, ("mfa", "unknown")),
        (500121, "MFA denied; user declined the authentication", ("mfa", "denied")),
        (500121, "MFA denied; Phone App Reported Fraud", ("mfa", "denied")),
        (500121, "User did not respond to the notification", ("mfa", "failure")),
        (500121, None, ("mfa", "failure")),
    ],
)  # fmt: skip
def test_the_error_code_gives_kind_and_outcome(code, detail, expected):
    row = one(code, status={"errorCode": code, "additionalDetails": detail})
    assert (row["kind"], row["outcome"]) == expected


def test_the_step_that_failed_says_whether_the_user_declined():
    steps = [{"authenticationMethod": "Password", "succeeded": True, "authenticationStepResultDetail": "Correct password"},
             {"authenticationMethod": "Mobile app notification", "succeeded": False, "authenticationStepResultDetail": "MFA denied; user declined"}]  # fmt: skip
    assert one(500121, authenticationDetails=steps)["outcome"] == "denied"


def test_a_service_principal_is_an_account_too():
    assert one(userPrincipalName=None, servicePrincipalName="robot")["account"] == "robot"


def csv(**more):
    values = {
        "Date (UTC)": "2022-03-14T09:00:00Z", "User agent": "Mozilla", "Correlation ID": "c-1", "Username": "a1@example.org",
        "Application": "Portal", "Resource": "Records", "IP address": "10.0.0.1", "Location": '"Paris, Ile-de-France, FR"', "Status": "Success",
        "Sign-in error code": "0", "Session ID": "s-1", "Autonomous system  number": "3215",
    } | more  # fmt: skip
    return HEADER + ",".join(values.get(name, "") for name in HEADER.strip("\n").split(",")) + "\n"


def test_reads_the_csv_of_the_portal():
    check(row_of(csv()))
    check(row_of("\ufeff" + csv(**{"Date (UTC)": '"3/14/2022, 9:00:00 AM"'})))
    assert row_of(csv(**{"Date (UTC)": '"3/14/2022, 12:30:00 PM"'}))["time"] == datetime(
        2022, 3, 14, 12, 30, tzinfo=UTC
    )


def test_the_csv_says_how_it_ended_by_code_or_status():
    denied = csv(**{"Sign-in error code": "500121", "Multifactor authentication result": '"MFA denied; user declined"'})
    assert (row_of(denied)["kind"], row_of(denied)["outcome"]) == ("mfa", "denied")
    assert row_of(csv(**{"Sign-in error code": "", "Status": "Failure"}))["outcome"] == "failure"
    assert row_of(csv(**{"Sign-in error code": "", "Status": "Interrupted"}))["outcome"] == "unknown"


def test_refuses_a_csv_without_user_names():
    with pytest.raises(InputError, match="the header has no column 'Username'"):
        read(csv().replace("Username", "Nom").encode(), "entra")


@pytest.mark.parametrize(
    "text",
    [csv(), json.dumps(event()) + "\n", json.dumps([event()] * 2, indent=2), json.dumps({"@odata.context": "x", "value": [event()]}),
     json.dumps({"time": "x", "properties": event()})],
)  # fmt: skip
def test_is_recognised_however_it_is_written(text):
    assert detect(Head(text.encode())).format is by_name("entra")
    assert set(read_both_ways(text.encode(), "entra").column("account")) == {"a1@example.org"}
