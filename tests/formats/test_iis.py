from datetime import UTC, datetime

import pytest

from reading_logs import read, read_both_ways, samples
from tocsin.formats import by_name
from tocsin.formats.base import Head
from tocsin.formats.detect import detect

FIELDS = b"#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) sc-status sc-bytes time-taken\n"
ROW = b"2022-03-14 10:00:00 GET /patients/1850578006084 v=2 DOM\\A1 10.0.0.1 Mozilla/5.0+(X11;+Linux) 200 512 65\n"
SHORT = b"#Fields: time c-ip cs-username cs-method cs-uri-stem sc-status \n"


def test_reads_who_when_where_what_and_how_it_ended():
    reading = read_both_ways(FIELDS + ROW, "iis")
    row = reading.events.row(0, named=True)
    assert row["time"] == datetime(2022, 3, 14, 10, tzinfo=UTC)
    assert (row["account"], row["ip"], row["user_agent"]) == ("DOM\\A1", "10.0.0.1", "Mozilla/5.0 (X11; Linux)")
    assert (row["kind"], row["service"], row["patient"]) == ("lookup", "patients", "1850578006084")
    assert (row["outcome"], row["bytes"], row["offset_minutes"]) == ("success", 512, None)
    assert (row["line"], row["byte"]) == (2, len(FIELDS))


def test_finds_the_person_in_the_query():
    row = ROW.replace(b"/patients/1850578006084 v=2", b"/droits v=2&nir=1850578006084")
    assert read_both_ways(FIELDS + row, "iis").column("patient") == ["1850578006084"]


@pytest.mark.parametrize(
    ("status", "outcome"), [(b"404", "not_found"), (b"403", "denied"), (b"500", "error"), (b"-", "unknown")]
)
def test_reads_the_status_as_the_outcome(status, outcome):
    assert read_both_ways(FIELDS + ROW.replace(b" 200 ", b" " + status + b" "), "iis").column("outcome") == [outcome]


def test_lines_between_tabs_below_names_between_blanks():
    reading = read_both_ways(FIELDS + ROW.replace(b" ", b"\t").replace(b"X11;+", b"X11; "), "iis")
    assert reading.column("user_agent") == ["Mozilla/5.0 (X11; Linux)"]
    assert reading.column("patient") == ["1850578006084"]


@pytest.mark.parametrize("name", [b"X-Forwarded-For", b"cs(X-Forwarded-For)"])
def test_what_a_proxy_passed_on_is_read_where_the_settings_say_so(name):
    log = SHORT.replace(b" \n", b" " + name + b"\n") + b"11:00:00 10.0.0.2 A GET /x 200 203.0.113.5,+10.0.0.9\n"
    log = b"#Date: 2022-03-14\n" + log + b"11:00:01 10.0.0.2 A GET /x 200 -\n"
    assert read_both_ways(log, "iis").column("ip") == ["10.0.0.2", "10.0.0.2"]
    told = read_both_ways(log, "iis", forwarded_for="last_field")
    assert told.column("ip") == ["203.0.113.5, 10.0.0.9, 10.0.0.2", "10.0.0.2"]


def test_a_refused_login_is_a_failure():
    row = ROW.replace(b"GET /patients/1850578006084", b"POST /login").replace(b" 200 ", b" 401 ")
    reading = read_both_ways(FIELDS + row, "iis")
    assert (reading.column("kind"), reading.column("outcome")) == (["login"], ["failure"])


def test_the_fields_may_change_inside_a_file():
    log = (
        FIELDS
        + ROW
        + b"#Date: 2022-03-15 00:00:00\n"
        + SHORT
        + b"11:00:00 10.0.0.2 A2 POST /login 302\n"
        + FIELDS
        + ROW
    )
    reading = read_both_ways(log, "iis")
    assert reading.column("account") == ["DOM\\A1", "A2", "DOM\\A1"]
    assert reading.column("time")[1] == datetime(2022, 3, 15, 11, tzinfo=UTC)
    assert (reading.column("line"), reading.ignored) == ([2, 5, 7], 4)


@pytest.mark.parametrize("many", [1, 80])
def test_lines_without_a_date_pass_midnight(many):
    """Local days hold two days of UTC; a request written late is of the day before, a quiet half day passes none."""
    date = b"#Date: 2022-03-14 23:00:00\n" + SHORT
    clocks = [b"23:30:00", b"23:59:59", b"00:00:01", b"23:59:58", b"00:00:02", b"bad", b"12:30:00", b"22:59:00"]
    days = [14, 14, 15, 14, 15, None, 15, 15]
    again = b"#Date: 2022-03-16 00:00:00\n" + b"".join(b"%s 10.0.0.2 A2 GET /x 200\n" % clock for clock in clocks[:1])
    log = date + b"".join(b"%s 10.0.0.2 A2 GET /x 200\n" % clock * many for clock in clocks) + again
    reading = read_both_ways(log, "iis")
    expected = [day for day in days for _ in range(many) if day] + [16]
    assert [time.day for time in reading.column("time")] == expected
    assert len(reading.rejects) == many


def test_fields_that_change_at_every_line_are_read_fast_enough():
    log = (SHORT + b"11:00:00 10.0.0.2 A2 GET /x 200\n" + FIELDS + ROW) * 10_000
    reading = read(b"#Date: 2022-03-14 00:00:00\n" + log, "iis")
    assert (reading.events.height, reading.ignored) == (20_000, 20_001)
    assert reading.events["line"].is_sorted()


@pytest.mark.no_cover
def test_long_stretches_are_read_as_carefully_as_short_ones():
    bad = b"2022-03-14 10:00:00 GET\n"
    log = FIELDS + ROW * 300 + bad + ROW.replace(b" GET ", b"  GET  ") + ROW.replace(b"Mozilla", b'"Moz\t"') + ROW * 300
    reading = read_both_ways(log + SHORT + ROW, "iis")
    assert [(line, reason) for line, _, reason in reading.rejects] == [
        (302, "3 fields instead of 11"),
        (606, "11 fields instead of 6"),
    ]
    assert reading.events.height == 602
    assert reading.column("user_agent")[301] == '"Moz\t"/5.0 (X11; Linux)'


def test_without_a_date_in_line_or_directive_there_is_no_time():
    reading = read_both_ways(SHORT + b"11:00:00 10.0.0.2 A2 GET /x 200\n", "iis")
    assert [reason for _, _, reason in reading.rejects] == ["no time"]


def test_a_line_above_the_first_fields_is_rejected():
    reading = read_both_ways(ROW + FIELDS + ROW, "iis")
    assert reading.rejects == [(1, 0, "no #Fields line above")]


def test_nobody_is_no_account_unless_the_address_may_stand_for_it():
    log = FIELDS + ROW.replace(b"DOM\\A1", b"-")
    assert [reason for _, _, reason in read_both_ways(log, "iis").rejects] == ["no account"]
    assert read_both_ways(log, "iis", account_from="ip").column("account") == ["10.0.0.1"]


def test_tabs_separate_where_the_fields_are_separated_by_tabs():
    log = (FIELDS + ROW).replace(b" ", b"\t").replace(b"#Fields:\t", b"#Fields: ")
    assert read_both_ways(log, "iis").column("account") == ["DOM\\A1"]


def test_a_line_too_long_is_rejected():
    reading = read(FIELDS + ROW + b"x" * (17 << 20) + b"\n" + ROW, "iis")
    assert [(line, reason) for line, _, reason in reading.rejects] == [(3, "line too long")]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        (FIELDS + ROW, 95),
        (b"#Version: 1.0\n" + FIELDS.upper() + ROW.rstrip(), 95),
        (b"#Fields: a b\n1 2\n", 0),
        (ROW, 0),
    ],
)
def test_is_recognised_by_its_fields(text, score):
    assert by_name("iis").likeness(Head(text)).score == score
    assert (detect(Head(text)).format is by_name("iis")) == bool(score)


@pytest.mark.no_cover
def test_every_real_line_is_an_event_or_a_named_reject():
    reasons = {}
    for name, data in samples("iis-w3c").items():
        guess = detect(Head(data[: 64 << 10]))
        if name != "README.md":
            assert guess.format is by_name("combined" if "apache" in name else "iis"), name
            reading = read_both_ways(data, guess.format.name)
            reasons[name] = {reason for _, _, reason in reading.rejects}
            everyone = read_both_ways(data, guess.format.name, account_from="ip")
            assert everyone.events["time"].dt.year().is_between(2013, 2022).all()
            assert everyone.events.height + len(everyone.rejects) == len(data.splitlines()) - everyone.ignored
    assert reasons.pop("plaso_apache_access.log") == {"no account", "not a line of an access log"}
    assert set().union(*reasons.values()) == {"no account"}
