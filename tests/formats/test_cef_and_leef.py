import time
from datetime import UTC, datetime

import pytest

from reading_logs import read, read_both_ways
from tocsin.formats import by_name
from tocsin.formats.base import Head
from tocsin.formats.detect import detect

NINE = datetime(2022, 3, 14, 9, tzinfo=UTC)


def cef(extension="", name="User login", header="", event="100", version="0"):
    return (
        f"{header}CEF:{version}|Vendor|Portal|1.0|{event}|{name}|3|rt=1647248400000 {extension}".rstrip().encode()
        + b"\n"
    )


def leef(*attributes, event="login", header="", version="1.0|V|P|1", separator="\t"):
    text = separator.join(("devTime=Mar 14 2022 10:00:00", "usrName=A1", *attributes))
    return f"{header}LEEF:{version}|{event}|{text}\n".encode()


def one(log, name):
    reading = read_both_ways(log, name)
    assert reading.rejects == []
    return reading.events.row(0, named=True)


def test_reads_who_when_where_and_how_it_ended():
    row = one(
        cef("suser=A1 src=10.0.0.1 requestClientApplication=Mozilla/5.0 (X11) outcome=success externalId=r-1 out=12"),
        "cef",
    )
    assert (row["time"], row["account"], row["ip"], row["user_agent"]) == (NINE, "A1", "10.0.0.1", "Mozilla/5.0 (X11)")
    assert (row["kind"], row["outcome"], row["request"], row["bytes"]) == ("login", "success", "r-1", 12)
    row = one(leef("src=10.0.0.1", "userAgent=Mozilla", "role=nurse", "status=success", "sessionId=s"), "leef")
    assert (row["time"], row["account"], row["ip"], row["user_agent"]) == (NINE, "A1", "10.0.0.1", "Mozilla")
    assert (row["kind"], row["outcome"], row["profession"], row["session"]) == ("login", "success", "nurse", "s")


@pytest.mark.parametrize(
    ("name", "extension", "kind", "outcome"),
    [
        ("User logout", "", "logout", "unknown"),
        ("Login failed", "", "login", "failure"),
        ("Login", "outcome=Failure reason=account blocked", "login", "denied"),
        ("MFA push sent", "outcome=success", "mfa", "success"),
        ("MFA push denied", "", "mfa", "denied"),
        ("Event", "act=export cat=records outcome=/Success", "export", "success"),
        ("Access", "request=https://p/patients/1850578006084 outcome=404", "lookup", "not_found"),
        ("Thing", "requestMethod=POST request=/login outcome=401", "login", "denied"),
        ("Port scan", "", "other", "unknown"),
    ],
)  # fmt: skip
def test_words_and_request_give_kind_and_outcome(name, extension, kind, outcome):
    row = one(cef("suser=A1 " + extension, name=name), "cef")
    assert (row["kind"], row["outcome"]) == (kind, outcome)


def test_a_credential_change_is_of_the_one_whose_credentials_changed():
    row = one(cef("suser=helpdesk duser=A2", name="Password reset"), "cef")
    assert (row["kind"], row["account"], row["person"]) == ("credential_change", "A2", "helpdesk")
    row = one(cef("suser=A1 duser=A2", name="Login"), "cef")
    assert (row["account"], row["person"]) == ("A1", None)
    assert one(cef("duser=A2", name="Login"), "cef")["account"] == "A2"
    row = one(leef("targetUser=A2", event="PasswordReset"), "leef")
    assert (row["account"], row["person"]) == ("A2", "A1")


def test_undoes_escapes():
    row = one(cef(r"suser=DOM\\A1 sourceServiceName=a\=b\|c\nd", name=r"log\|in login"), "cef")
    assert (row["account"], row["client"], row["kind"]) == ("DOM\\A1", "a=b|c\nd", "login")


def test_values_may_hold_blanks_and_addresses_their_equal_signs():
    row = one(cef("suser=Jean Paul  Martin request=https://p/droits?a=1&nir=1850578006084 src=10.0.0.1"), "cef")
    assert (row["account"], row["ip"], row["patient"]) == ("Jean Paul  Martin", "10.0.0.1", "1850578006084")


def test_custom_strings_count_under_their_labels():
    row = one(
        cef(
            "suser=A1 cs1=1850578006084 cs1Label=NIR cs2=s-1 cs2Label=Session ID cs3=evil cs3Label=suser cn1=7 cn1Label=rows"
        ),
        "cef",
    )
    assert (row["patient"], row["session"], row["account"], row["rows"]) == ("1850578006084", "s-1", "A1", 7)


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("<13>Mar 14 10:00:00 host ", NINE),
        ("Mar 14 10:00:00 host app: ", NINE),
        ('<134>1 2022-03-14T10:00:00.000+01:00 host app 12 id [x y="z"] ', NINE),
        ("\ufeff<13>Mar  4 10:00:00 host ", datetime(2022, 3, 4, 9, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_syslog_header_gives_the_time_where_the_message_has_none(header, moment):
    now = datetime(2022, 3, 20, tzinfo=UTC)
    log = cef("suser=A1", header=header).replace(b"rt=1647248400000 ", b"")
    assert read(log, "cef", now=now).column("time") == [moment]
    log = leef(header=header).replace(b"devTime=Mar 14 2022 10:00:00\t", b"")
    assert read(log, "leef", now=now).column("time") == [moment]


def test_a_time_without_year_is_of_the_last_year_that_is_not_ahead():
    new_year = datetime(2022, 1, 1, 0, 30, tzinfo=UTC)
    log = b"".join(
        cef("suser=A1", header=f"<13>{text} host ").replace(b"rt=1647248400000 ", b"")
        for text in ("Dec 31 23:59:59", "Jan  1 00:10:00", "Jan 03 00:10:00")
    )
    assert [moment.year for moment in read(log, "cef", now=new_year, zone="UTC").column("time")] == [2021, 2022, 2021]


@pytest.mark.parametrize(
    "text",
    [
        "Mar 14 2022 10:00:00",
        "Mar 14 2022 10:00:00.000 CET",
        "Mar 14 2022 09:00:00 UTC",
        "14 Mar 2022 11:00:00 GMT+02:00",
        "1647248400000",
    ],
)
def test_reads_the_times_of_devices(text):
    assert one(cef("suser=A1").replace(b"rt=1647248400000", b"rt=" + text.encode()), "cef")["time"] == NINE


def test_a_time_in_an_unknown_zone_is_not_guessed():
    reading = read_both_ways(cef("suser=A1").replace(b"rt=1647248400000", b"rt=Mar 14 2022 10:00:00 XYZ"), "cef")
    assert [reason for _, _, reason in reading.rejects] == ["time not readable"]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("dd/MM/yyyy HH:mm:ss", "14/03/2022 10:00:00"),
        ("MM/dd/yyyy HH:mm:ss", "03/14/2022 10:00:00"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2022-03-14T10:00:00.000+0100"),
        ("MMM dd yyyy hh:mm:ss a", "Mar 14 2022 10:00:00 AM"),
    ],
)
def test_reads_the_device_time_in_its_format(form, text):
    log = leef(f"devTimeFormat={form}").replace(b"Mar 14 2022 10:00:00", text.encode())
    assert one(log, "leef")["time"] == NINE


def test_a_device_time_format_that_names_a_part_twice_leaves_the_time_as_it_stands():
    log = leef("devTimeFormat=yyyy yy yy").replace(b"Mar 14 2022 10:00:00", b"2022-03-14T09:00:00Z")
    assert one(log, "leef")["time"] == NINE


@pytest.mark.parametrize(
    ("version", "separator"),
    [("1.0|V|P|1", "\t"), ("2.0|V|P|1", "\t"), ("1.0|V|P|1", "  ")],
)
def test_attributes_are_parted_by_tabs_or_what_is_left_of_them(version, separator):
    row = one(leef("src=10.0.0.1", "userAgent=a b", version=version, separator=separator), "leef")
    assert (row["ip"], row["user_agent"]) == ("10.0.0.1", "a b")


@pytest.mark.parametrize(
    ("named", "separator"), [("^", "^"), ("0x5E", "^"), ("x7c", "|"), ("0x09", "\t"), ("", "\t"), ("|", "|")]
)
def test_leef_2_names_its_separator(named, separator):
    log = (
        f"LEEF:2.0|V|P|1|login|{named}|"
        + separator.join(("devTime=1647248400000", "usrName=A1", "src=10.0.0.1"))
        + "\n"
    )
    assert one(log.encode(), "leef")["ip"] == "10.0.0.1"


def test_a_line_without_a_message_or_with_half_a_header_is_rejected():
    reading = read_both_ways(b"hello\n" + cef("suser=A1") + b"CEF:0|a|b|c\n", "cef")
    assert [(line, reason) for line, _, reason in reading.rejects] == [
        (1, "no CEF message"),
        (3, "a CEF header of too few fields"),
    ]
    reading = read_both_ways(b"hello\n" + leef() + b"LEEF:1.0|a|b\n", "leef")
    assert [(line, reason) for line, _, reason in reading.rejects] == [
        (1, "no LEEF message"),
        (3, "a LEEF header of too few fields"),
    ]


def test_nobody_is_no_account():
    assert [reason for _, _, reason in read_both_ways(cef("src=10.0.0.1"), "cef").rejects] == ["no account"]


@pytest.mark.parametrize(
    ("log", "name"), [(cef(), "cef"), (cef(header="<13>Mar 14 10:00:00 h ", version="1"), "cef"), (leef(), "leef")]
)
def test_is_recognised_by_its_header(log, name):
    assert detect(Head(log * 3)).format is by_name(name)


def test_lines_made_to_be_slow_are_not():
    started = time.process_time()
    for hostile in ("a=" * 30_000, "a =" * 20_000, "\\" * 60_000, "a" * 60_000, "|" * 60_000, "x=\\=" * 15_000):
        read(cef(hostile) + b"CEF:0|" + hostile.encode() + b"\n", "cef")
        read(leef(hostile) + leef(hostile, separator=" "), "leef")
    assert time.process_time() - started < 10
