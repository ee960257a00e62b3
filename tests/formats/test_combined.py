from pathlib import Path

import pytest

from reading_logs import read, read_both_ways
from tocsin.errors import SettingsError
from tocsin.formats.urls import DEFAULT_URLS
from tocsin.settings import UrlPattern


def line(request="GET / HTTP/1.1", account="A1", status="200", rest=' "-" "Mozilla"'):
    return f'10.0.0.1 - {account} [14/Mar/2022:10:00:00 +0100] "{request}" {status} 512{rest}\n'.encode()


def one(*arguments, **options):
    reading = read_both_ways(line(*arguments, **options), "combined")
    assert reading.rejects == []
    return reading.events.row(0, named=True)


@pytest.mark.parametrize(
    ("request_line", "kind", "service", "patient"),
    [
        ("GET /patients/185057800608436 HTTP/1.1", "lookup", "patients", "185057800608436"),
        ("GET /patients/1850578006084/historique?page=2 HTTP/1.1", "lookup", "historique", "1850578006084"),
        ("GET /droits?v=2&nir=1%2085%2005%202A%20006%20084 HTTP/1.1", "lookup", "droits", "1 85 05 2A 006 084"),
        ("POST /patients/1850578006084/notes HTTP/1.1", "write", "notes", "1850578006084"),
        ("GET /patients?page=1 HTTP/1.1", "list", "patients", None),
        ("GET /recherche?nom=martin HTTP/1.1", "search", "recherche", None),
        ("GET /recherche/avancee?x=1&nir=1850578006084 HTTP/1.1", "search", "recherche", "1850578006084"),
        ("POST /login HTTP/1.1", "login", "login", None),
        ("GET /login HTTP/1.1", "other", "/login", None),
        ("get /logout HTTP/1.1", "logout", "logout", None),
        ("POST /compte/mot-de-passe HTTP/1.1", "credential_change", "mot-de-passe", None),
        ("GET /exports/42 HTTP/1.1", "export", "exports", None),
        ("GET /img/logo-12.png?x=1850578006084 HTTP/1.1", "other", "/img/logo-#.png", None),
        ("GET /dossier/1850578006084 HTTP/1.1", "other", "/dossier/#", None),
        ("-", "other", None, None),
        ("\\x16\\x03\\x01", "other", None, None),
    ],
)
def test_reads_what_was_asked_by_the_table(request_line, kind, service, patient):
    event = one(request_line)
    assert (event["kind"], event["service"], event["patient"]) == (kind, service, patient)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("200", "success"), ("302", "success"), ("404", "not_found"), ("410", "not_found"), ("401", "denied"), ("403", "denied"),
     ("429", "failure"), ("503", "error"), ("000", "unknown")],
)  # fmt: skip
def test_reads_the_status_as_the_outcome(status, outcome):
    assert one("GET /x HTTP/1.1", status=status)["outcome"] == outcome


def escaped(text, form="%{:02X}"):
    return "".join(form.format(ord(letter)) if letter.isalnum() else letter for letter in text)


def test_five_thousand_escaped_reads_are_the_same_events_as_plain_ones():
    numbers = [f"18505780{order:05}" for order in range(1, 5_001)]
    plain = read(b"".join(line(f"GET /patients/{number}/droits HTTP/1.1") for number in numbers), "combined")
    hidden = (
        [f"/patients/{escaped(number)}/droits" for number in numbers[:2_000]]
        + [escaped(f"/patients/{number}/droits") for number in numbers[2_000:3_000]]
        + [escaped(f"/patients/{number}/droits", "%{:02x}") for number in numbers[3_000:]]
    )
    sought = read(b"".join(line(f"GET {target} HTTP/1.1") for target in hidden), "combined")
    assert set(plain.column("kind")) == {"lookup"}
    assert sought.events.drop("byte").rows() == plain.events.drop("byte").rows()


@pytest.mark.parametrize(
    ("target", "kind", "patient"),
    [
        ("/patients/%2531850578006084", "other", None),
        ("/droits?%6E%69%72=1850578006084", "lookup", "1850578006084"),
        ("/droits?x=%26nir=1850578006084", "other", None),
        ("/droits%3Fnir=1850578006084", "other", None),
        ("/patients/1850578006084/%zz%3", "lookup", "1850578006084"),
        ("/patients/%", "other", None),
    ],
)
def test_undoes_escapes_once_and_leaves_those_that_mean_something(target, kind, patient):
    event = one(f"GET {target} HTTP/1.1")
    assert (event["kind"], event["patient"]) == (kind, patient)


def test_a_refused_login_is_a_failure():
    assert one("POST /login HTTP/1.1", status="401")["outcome"] == "failure"


def test_each_line_has_the_offset_it_says():
    autumn = line().replace(b"+0100", b"+0200") + line() + line().replace(b"+0100", b"-0030")
    events = read_both_ways(autumn, "combined").events
    assert events["offset_minutes"].to_list() == [120, 60, -30]
    assert [time.strftime("%H:%M") for time in events["time"]] == ["08:00", "09:00", "10:30"]


@pytest.mark.parametrize(
    "clock", [b"[31/Feb/2022:10:00:00", b"[14/Mai/2022:10:00:00", b"[14/Mar/2022:10:0a:00", b"[14/Mar/2022 10:00:00"]
)
def test_a_clock_that_cannot_be_read_costs_its_line_alone(clock):
    reading = read_both_ways(line() + line().replace(b"[14/Mar/2022:10:00:00", clock) + line(), "combined")
    assert reading.column("line") == [1, 3]
    assert [number for number, _byte, _reason in reading.rejects] == [2]


def test_a_leap_second_is_read():
    leap = line().replace(b"10:00:00", b"10:00:60")
    assert [f"{time:%H:%M:%S}" for time in read_both_ways(line() + leap, "combined").events["time"]] == [
        "09:00:00",
        "09:01:00",
    ]


def test_a_status_that_nobody_knows_leaves_the_others_alone():
    log = b"".join(line("POST /login HTTP/1.1", status=status) for status in ("200", "099", "401", "404"))
    reading = read_both_ways(log, "combined")
    assert reading.column("outcome") == ["success", "unknown", "failure", "not_found"]
    assert reading.unknown_outcomes == 1


def test_reads_common_lines_and_lines_with_further_fields():
    assert one(rest="")["user_agent"] is None
    assert one(rest=' "-" "Mozilla" "10.1.2.3" 0.004 x')["user_agent"] == "Mozilla"
    mixed = read_both_ways(line() + line(rest="") + line(rest=' "-" "Opera" 7'), "combined")
    assert mixed.column("user_agent") == ["Mozilla", None, "Opera"]


def test_the_site_before_the_address_is_left_out():
    log = b"portal.example.fr:443 " + line() + b"portal.example.fr:443 " + line(account="-")
    reading = read_both_ways(log + line(), "combined")
    assert reading.column("ip") == ["10.0.0.1"] * 2
    assert reading.column("account") == ["A1"] * 2
    assert [reason for _, _, reason in reading.rejects] == ["no account"]


def test_keeps_an_account_with_blanks():
    assert one(account="Jean Paul Martin")["account"] == "Jean Paul Martin"
    assert one(account="J P M x", rest="")["account"] == "J P M x"


def test_escaped_quotes_do_not_end_a_field():
    event = one(rest=' "-" "say \\"hi\\" 200 5 \\" "')
    assert event["user_agent"] == 'say \\"hi\\" 200 5 \\" '


def test_a_user_name_that_looks_like_a_line_is_a_user_name():
    forged = 'x [14/Mar/2022:09:00:00 +0100] \\"GET /patients/1850578006084 HTTP/1.1\\" 200 5'
    event = one(account=forged)
    assert event["account"] == forged
    assert event["kind"] == "other"


def test_nobody_is_no_account_unless_the_address_may_stand_for_it():
    log = line(account="-") + line(account='""')
    assert [reason for _, _, reason in read_both_ways(log, "combined").rejects] == ["no account"] * 2
    assert read_both_ways(log, "combined", account_from="ip").column("account") == ["10.0.0.1"] * 2


def test_rejects_what_is_no_line_of_an_access_log():
    reading = read_both_ways(line() + b"oops\n" + line() + b'10.0.0.1 - A1 [yesterday] "GET /" 200 1\n', "combined")
    assert [(number, reason) for number, _, reason in reading.rejects] == [
        (2, "not a line of an access log"), (4, "not a line of an access log"),
    ]  # fmt: skip


def test_takes_the_table_of_the_settings():
    urls = (UrlPattern("", r"/(a|b)/dossier/(?P<patient>\d+)/(?P<purpose>[a-z]+)", "lookup", "dossier"),)
    reading = read_both_ways(
        line("GET /b/dossier/42/urgence HTTP/1.1") + line("GET /patients/1850578006084 HTTP/1.1"), "combined", urls=urls
    )
    assert reading.column("patient") == ["42", None]
    assert reading.column("purpose") == ["urgence", None]


def test_what_an_address_names_counts_before_what_the_log_says():
    urls = (UrlPattern("", r"/via/(?P<ip>[0-9.]+)(?:/(?P<user_agent>[a-z]+))?", "lookup", "via"),)
    named = line("GET /via/192.0.2.7/kiosk HTTP/1.1") + line("GET /via/192.0.2.8 HTTP/1.1") + line("GET / HTTP/1.1")
    reading = read_both_ways(named, "combined", urls=urls)
    assert reading.column("ip") == ["192.0.2.7", "192.0.2.8", "10.0.0.1"]
    assert reading.column("user_agent") == ["kiosk", "Mozilla", "Mozilla"]


@pytest.mark.parametrize("path", ["/(", "/(?P<colour>x)"])
def test_refuses_a_table_that_cannot_work(path):
    with pytest.raises(SettingsError, match="url pattern"):
        read(line(), "combined", urls=(UrlPattern("GET", path, "lookup", "x"),))


def test_the_table_has_no_kind_but_the_schemas():
    from tocsin.schema import Kind

    assert {pattern.kind for pattern in DEFAULT_URLS} <= set(Kind)


@pytest.fixture
def apache_logs():
    for folder in Path(__file__).resolve().parents:
        sample = folder / "shared" / "samples" / "apache-combined-10k" / "apache_logs"
        if sample.is_file():
            return sample.read_bytes()
    pytest.skip("the sample of real lines is not beside this project")
    return None


def test_every_real_line_is_an_event_or_a_named_reject(apache_logs):
    fast = read(apache_logs, "combined", account_from="ip")
    careful = read(apache_logs, "combined", account_from="ip", careful=True)
    assert fast.adds_up
    assert (fast.lines, fast.events.height) == (10_000, 10_000)
    assert careful.events.rows() == fast.events.rows()
    nobody = read(apache_logs, "combined")
    assert {reason for _, _, reason in nobody.rejects} == {"no account"}
    assert len(nobody.rejects) == 10_000


def test_the_last_field_may_be_x_forwarded_for():
    log = b"".join(
        b'10.0.0.1 - A1 [14/Mar/2022:10:00:00 +0100] "GET /%s HTTP/1.1" 200 5 "-" "M" %s\n' % (path, forwarded)
        for path, forwarded in [
            (b"a", b'"203.0.113.9, 10.0.0.2"'), (b"b", b'"-"'), (b'\\"c\\"', b'0.004 "203.0.113.8"'), (b'\\"d\\"', b"203.0.113.7"), (b'\\"e\\"', b'"'),
        ]
    )  # fmt: skip
    reading = read_both_ways(log, "combined", forwarded_for="last_field")
    assert reading.column("ip") == [
        "203.0.113.9, 10.0.0.2, 10.0.0.1", "10.0.0.1", "203.0.113.8, 10.0.0.1", "203.0.113.7, 10.0.0.1", "10.0.0.1",
    ]  # fmt: skip
    assert read(log, "combined").column("ip") == ["10.0.0.1"] * 5


def test_who_stands_for_nobody_is_the_address_that_asked_behind_the_proxy():
    log = b"".join(
        b'10.0.0.1 - - [14/Mar/2022:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "M" "%s"\n' % asked
        for asked in (b"203.0.113.9", b"203.0.113.8", b"-")
    )
    reading = read_both_ways(log, "combined", account_from="ip", forwarded_for="last_field")
    assert reading.column("account") == ["203.0.113.9, 10.0.0.1", "203.0.113.8, 10.0.0.1", "10.0.0.1"]


def test_without_a_further_field_the_address_is_the_one_that_asked():
    log = b'10.0.0.1 - A1 [14/Mar/2022:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "M"\n'
    assert read(log, "combined", forwarded_for="last_field").column("ip") == ["10.0.0.1"]


def test_the_address_may_be_a_list():
    log = b'203.0.113.9, 10.0.0.1,10.0.0.2 - A1 [14/Mar/2022:10:00:00 +0100] "GET / HTTP/1.1" 200 5 "-" "M"\n'
    reading = read_both_ways(log * 2, "combined")
    assert reading.column("ip") == ["203.0.113.9, 10.0.0.1,10.0.0.2"] * 2
    assert reading.column("account") == ["A1"] * 2


def test_a_long_list_of_nothing_is_refused_quickly():
    assert (
        read(
            b"1," * 50_000 + b" x\n" + b'1 - A1 [14/Mar/2022:10:00:00 +0100] "GET / HTTP/1.1" 200 5\n', "combined"
        ).events.height
        == 1
    )
