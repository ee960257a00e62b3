"""What readers must survive: one test for each thing, over every format. A new format is one line in LOGS."""

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from reading_logs import NOW, read, read_both_ways
from tocsin.errors import InputError
from tocsin.formats.lines import Source

pytestmark = pytest.mark.no_cover  # other tests go through the same lines

MORNING = datetime(2022, 3, 14, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Log:
    """How a format is written: what it is made of, header (may be empty), a unit of account, time and free text."""

    name: str
    container: str
    header: bytes
    unit: Callable[[str, datetime, str], bytes]
    text: str = "user_agent"
    """The column of the free text."""

    def one(self, account="A1", at=MORNING, text="Mozilla"):
        return self.unit(account, at, text)

    def read(self, *units, **options):
        return read_both_ways(self.header + b"".join(units), self.name, **options)


def csv_unit(account, at, text):
    return f'{at.isoformat()},lookup,success,{account},"{text}",1850578006084\n'.encode()


def json_unit(account, at, text):
    row = {"time": at.isoformat(), "kind": "lookup", "account": account, "user_agent": text}
    return (json.dumps(row) + "\n").encode()


def amelipro_unit(account, at, text):
    local = at + timedelta(hours=1)
    return f'{local:%d/%m/%Y %H:%M:%S};{account};10.0.0.1;"{text}";CONSULTATION;1850578006084;OK\n'.encode()


def combined_unit(account, at, text):
    return f'10.0.0.1 - {account} [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /patients/1850578006084 HTTP/1.1" 200 5 "-" "{text}"\n'.encode()


def iis_unit(account, at, text):
    return f"{at:%Y-%m-%d %H:%M:%S} GET /patients/1850578006084 - {account} 10.0.0.1 {text} 200\n".encode()


def ecs_unit(account, at, text):
    row = {
        "@timestamp": at.isoformat(),
        "event": {"action": "view"},
        "user": {"name": account},
        "user_agent": {"original": text},
    }
    return (json.dumps(row) + "\n").encode()


def ocsf_unit(account, at, text):
    user = {"user": {"name": account}}
    row = {
        "time": int(at.timestamp() * 1_000),
        "class_uid": 6003,
        "activity_id": 2,
        "actor": user,
        "http_request": {"user_agent": text},
    }
    return (json.dumps(row) + "\n").encode()


def cef_unit(account, at, text):
    told = f"rt={at.timestamp() * 1_000:.0f} suser={account} src=10.0.0.1 requestClientApplication={text}"
    return f"CEF:0|v|p|1|102|view|5|{told}\n".encode()


def leef_unit(account, at, text):
    told = f"devTime={at.timestamp() * 1_000:.0f}\tusrName={account}\tsrc=10.0.0.1\tuserAgent={text}"
    return f"LEEF:1.0|v|p|1|view|{told}\n".encode()


def keycloak_unit(account, at, text):
    said = f'type="LOGIN", realmId="r", clientId="{text}", userId="u-{account[:9]}", ipAddress="10.0.0.1", username="{account}"'
    return f"{at + timedelta(hours=1):%Y-%m-%d %H:%M:%S},357 INFO  [org.keycloak.events] (t-1) {said}\n".encode()


def fhir_unit(account, at, text):
    row = {
        "resourceType": "AuditEvent",
        "recorded": at.isoformat(),
        "action": "R",
        "type": {"code": "rest"},
        "purposeOfEvent": [{"coding": [{"code": text}]}],
        "agent": [{"who": {"identifier": {"value": account}}, "requestor": True}],
    }
    return (json.dumps(row) + "\n").encode()


def okta_unit(account, at, text):
    row = {
        "published": at.isoformat(),
        "eventType": "user.session.start",
        "actor": {"alternateId": account},
        "client": {"userAgent": {"rawUserAgent": text}},
    }
    return (json.dumps(row) + "\n").encode()


def entra_unit(account, at, text):
    row = {
        "createdDateTime": at.isoformat(),
        "userPrincipalName": account,
        "status": {"errorCode": 0},
        "userAgent": text,
    }
    return (json.dumps(row) + "\n").encode()


def atna_unit(account, at, text):
    return (
        f'<AuditMessage><EventIdentification EventActionCode="E" EventDateTime="{at.isoformat()}" EventOutcomeIndicator="0">'
        f'<EventID code="110114" displayName="{text}"/></EventIdentification>'
        f'<ActiveParticipant UserID="{account}" UserIsRequestor="true"/></AuditMessage>\n'
    ).encode()


IIS = (
    b"#Software: IIS\n#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) sc-status\n"
)
AMELIPRO = b"date_heure;identifiant_ps;adresse_ip;navigateur;service;nir;resultat\n"
LOGS = [
    Log("native", "csv", b"time,kind,outcome,account,user_agent,patient\n", csv_unit),
    Log("native", "json", b"", json_unit),
    Log("amelipro", "csv", AMELIPRO, amelipro_unit),
    Log("combined", "line", b"", combined_unit),
    Log("iis", "w3c", IIS, iis_unit),
    Log("ecs", "object", b"", ecs_unit),
    Log("ocsf", "object", b"", ocsf_unit),
    Log("cef", "message", b"", cef_unit),
    Log("leef", "message", b"", leef_unit),
    Log("keycloak", "event", b"", keycloak_unit, "client"),
    Log("fhir", "object", b"", fhir_unit, "purpose"),
    Log("okta", "object", b"", okta_unit),
    Log("entra", "object", b"", entra_unit),
    Log("atna", "xml", b"", atna_unit, "service"),
]
XML = LOGS[-1]

every_log = pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.name} {log.container}")


def some(container):
    logs = [log for log in LOGS if log.container == container]
    return pytest.mark.parametrize("log", logs, ids=lambda log: log.name)


def first_line(log):
    return log.header.count(b"\n") + 1


@every_log
def test_invalid_utf8(log):
    reading = log.read(log.one(text="caf").replace(b"caf", b"caf\xe9"), log.one("A2"))
    assert reading.column("account") == ["A1", "A2"]
    assert reading.column(log.text)[0] == "café"
    assert reading.repaired == 1


@every_log
def test_a_byte_order_mark(log):
    reading = read_both_ways(b"\xef\xbb\xbf" + log.header + log.one(), log.name)
    assert reading.column("account") == ["A1"]
    assert reading.column("byte") == [len(log.header) or 3] if not log.header else [3 + len(log.header)]


@every_log
def test_nul_bytes(log):
    reading = log.read(log.one().replace(b"Moz", b"M\x00oz"), b"\x00" * 50 + b"\n", log.one("A2"))
    assert reading.column("account") == ["A1", "A2"]
    assert reading.column(log.text)[0] == "Mozilla"
    assert reading.column("line") == [first_line(log), first_line(log) + 2]


@every_log
def test_windows_line_ends(log):
    reading = read_both_ways((log.header + log.one() + log.one("A2")).replace(b"\n", b"\r\n"), log.name)
    assert reading.column("account") == ["A1", "A2"]
    assert reading.rejects == []


@every_log
def test_a_lone_carriage_return_ends_no_line(log):
    reading = log.read(log.one(text="M").replace(b"M", b"a\rb"), log.one("A2"))
    assert reading.column("line")[-1] == first_line(log) + 1
    assert reading.events.height + len(reading.rejects) == 2


@every_log
def test_a_truncated_last_line(log):
    whole = log.read(log.one(), log.one("A2").rstrip(b"\n"))
    assert whole.column("account") == ["A1", "A2"]
    cut = log.read(log.one(), log.one("A2")[:12])
    assert cut.column("account") == ["A1"]
    assert [line for line, _, _ in cut.rejects] == [first_line(log) + 1]


@pytest.mark.no_cover
@every_log
def test_a_truncated_gzip(log):
    units = [log.one(f"A{number * 7919 % 104729}") for number in range(5_000)]
    reading = read(gzip.compress(log.header + b"".join(units))[:-3_000], log.name, block_bytes=100_000)
    unended = ["the audit message never ends"] if log.container == "xml" else []
    assert [reason for _, _, reason in reading.rejects] == [*unended, "the archive breaks off here"]
    assert 1_000 < reading.events.height < 5_000
    assert reading.adds_up


@every_log
def test_concatenated_gzip_members(log):
    reading = read(gzip.compress(log.header + log.one()) + gzip.compress(log.one("A2")), log.name)
    assert reading.column("account") == ["A1", "A2"]


@every_log
@pytest.mark.parametrize("packed", ["gz", "zst", "xz", "bz2"])
def test_every_packing_by_content(log, packed):
    import bz2
    import lzma

    import zstandard

    pack = {"gz": gzip.compress, "zst": zstandard.compress, "xz": lzma.compress, "bz2": bz2.compress}[packed]
    assert read(pack(log.header + log.one()), log.name).column("account") == ["A1"]


@some("csv")
def test_an_unclosed_quote(log):
    open_ended = log.one("A2", text="M").replace(b'"M"', b'"M')
    reading = log.read(log.one(), open_ended, *[log.one(f"B{number}") for number in range(30)])
    assert reading.column("account") == ["A1", *(f"B{number}" for number in range(30))]
    assert [line for line, _, _ in reading.rejects] == [first_line(log) + 1]


@some("csv")
def test_quoted_newlines(log):
    reading = log.read(log.one(text="a\nb\n\nc"), log.one("A2"))
    assert reading.column("user_agent")[0] == "a\nb\n\nc"
    assert reading.column("line") == [first_line(log), first_line(log) + 4]


@every_log
def test_blank_lines(log):
    reading = log.read(log.one(), b"\n", b"  \t\n", log.one("A2"))
    assert reading.column("line") == [first_line(log), first_line(log) + 3]
    # Between messages of XML a line is no unit.
    assert reading.ignored == (0 if log.container == "xml" else 2 + log.header.count(b"\n"))


@some("json")
def test_a_json_line_that_is_no_object(log):
    reading = log.read(log.one(), b'[1]\n"text"\n7\nnull\nnonsense\n', log.one("A2"))
    assert reading.column("account") == ["A1", "A2"]
    assert [reason for _, _, reason in reading.rejects] == ["not a JSON object"] * 4 + ["not JSON"]


@some("json")
def test_duplicate_keys(log):
    reading = log.read(log.one().replace(b"}", b', "account": "EVIL"}'))
    assert reading.column("account") == ["A1"]


@some("json")
def test_lone_surrogates(log):
    reading = log.read(log.one(text="M").replace(b'"M"', b'"a\\ud800b"'), log.one("A2"))
    assert reading.column("account") == ["A1", "A2"]
    assert reading.column("user_agent")[0] == "a?b"


@some("json")
def test_numbers_where_text_is_due(log):
    reading = log.read(log.one().replace(b'"A1"', b"7"), log.one("A2").replace(b'"Mozilla"', b"1.5"))
    assert reading.column("account") == ["7", "A2"]
    assert reading.column("user_agent")[1] == "1.5"


@every_log
def test_columns_missing_or_too_many_in_a_line(log):
    units = {
        "csv": (b"x;y,z\n", log.one().replace(b"\n", b";,;,\n")),
        "json": (b'{"kind":"login"}\n', log.one().replace(b"}", b', "more": {"x": [1]}}')),
        "line": (b"10.0.0.1 - A1\n", log.one().replace(b"\n", b' "more" 7\n')),
        "w3c": (b"2022-03-14 GET\n", log.one().replace(b"\n", b" more\n")),
        "object": (b'{"kind":"login"}\n', log.one().replace(b"}\n", b', "more": {"x": [1]}}\n')),
        "xml": (b"<AuditMessage/>\n", log.one().replace(b"</AuditMessage>", b"<More x='y'/></AuditMessage>")),
        "event": (log.one().split(b", realmId")[0] + b", realmId=r\n", log.one().replace(b"\n", b', more="7"\n')),
        "message": (log.one().split(b"|v|")[0] + b"|v|p\n", log.one().replace(b"\n", b" more=7\n")),
    }
    short, long = units[log.container]
    reading = log.read(log.one(), short, long, log.one("A2"))
    assert next(line for line, _, _ in reading.rejects) == first_line(log) + 1
    assert reading.column("account")[-1] == "A2"
    assert reading.adds_up


@some("csv")
def test_columns_in_another_order_and_some_nobody_knows(log):
    separator = b"," if b"," in log.header else b";"
    turned = [
        separator.join([*reversed(line.rstrip(b"\n").split(separator)), b"x"]) for line in (log.header, log.one())
    ]
    reading = read_both_ways(b"\n".join(turned), log.name)
    assert reading.column("account") == ["A1"]
    assert reading.rejects == []


@some("csv")
def test_the_header_repeated_in_the_middle(log):
    reading = log.read(log.one(), log.header, log.one("A2"))
    assert reading.column("account") == ["A1", "A2"]
    assert (reading.ignored, reading.rejects) == (2, [])


@some("w3c")
def test_the_fields_of_iis_changed_in_the_middle(log):
    other = b"#Fields: date time cs-username c-ip cs-method cs-uri-stem sc-status\n"
    reading = log.read(log.one(), other, b"2022-03-14 09:00:01 A2 10.0.0.2 GET /patients/1850578006084 404\n")
    assert reading.column("account") == ["A1", "A2"]
    assert reading.column("outcome") == ["success", "not_found"]
    assert reading.rejects == []


@every_log
def test_a_format_change_in_the_middle(log):
    others = [other.header + other.one("B1") for other in LOGS if other.container != log.container]
    reading = log.read(log.one(), *others, log.one("A2"))
    assert reading.column("account") == ["A1", "A2"]
    assert len(reading.rejects) == reading.lines - reading.ignored - 2
    # In a server log, lines with a time of their own are those of other loggers, and what follows them theirs too.
    assert reading.rejects or log.name == "keycloak"


@some("json")
@pytest.mark.parametrize("quoted", [False, True], ids=["number", "text"])
@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
def test_epochs_in_s_ms_us_ns(log, unit, quoted):
    epoch = str(int(MORNING.timestamp()) * unit)
    written = json.dumps(epoch if quoted else int(epoch))
    reading = log.read(log.one().replace(json.dumps(MORNING.isoformat()).encode(), written.encode()))
    assert reading.column("time") == [MORNING]


@pytest.mark.parametrize(
    "epoch", ["1647248400", "1647248400000", "1647248400000000", "1647248400000000000", "1647248400.0"]
)
def test_epochs_in_a_table(epoch):
    assert read_both_ways(f"time,kind,account\n{epoch},login,A1\n".encode()).column("time") == [MORNING]


@pytest.mark.parametrize(
    "log", [log for log in LOGS if b"+00" in log.one() or log.name == "amelipro"], ids=lambda log: log.name
)
def test_mixed_offsets_in_one_file(log):
    if log.name == "amelipro":
        here = [log.one(), log.one().replace(b"14/03/2022 10:00:00", b"2022-03-14T11:00:00+02:00")]
    else:
        there = {b"2022-03-14T09:00:00+00:00": b"2022-03-14T14:30:00+05:30", b"09:00:00 +0000": b"02:00:00 -0700"}
        here = [log.one(), log.one()]
        for old, new in there.items():
            here[1] = here[1].replace(old, new)
        assert here[0] != here[1]
    assert log.read(*here).column("time") == [MORNING, MORNING]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("27/03/2022 02:30:00", (2022, 3, 27, 1, 30)), ("30/10/2022 02:30:00", (2022, 10, 30, 0, 30))],
)
def test_naive_local_times_at_the_spring_gap_and_the_autumn_fold(written, meant):
    row = amelipro_unit("A1", MORNING, "M").replace(b"14/03/2022 10:00:00", written.encode())
    assert read_both_ways(AMELIPRO + row, "amelipro").column("time") == [datetime(*meant, tzinfo=UTC)]


def test_years_missing():
    rows = b"time,kind,account\nDec 31 23:30:00,login,A1\nJan  1 00:30:00,login,A1\n"
    times = read_both_ways(rows, now=datetime(2022, 1, 1, 3, tzinfo=UTC)).column("time")
    assert times == [datetime(2021, 12, 31, 22, 30, tzinfo=UTC), datetime(2021, 12, 31, 23, 30, tzinfo=UTC)]


@every_log
def test_future_and_1970_dates(log):
    future, past = NOW + timedelta(hours=30), datetime(1970, 1, 1, tzinfo=UTC)
    reading = log.read(log.one(), log.one(at=future), log.one(at=past), log.one("A2", at=NOW + timedelta(hours=20)))
    assert reading.column("account") == ["A1", "A2"]
    assert [reason for _, _, reason in reading.rejects] == ["undated", "undated"]


@every_log
def test_log_injection(log):
    """A user name that looks like a line, as the writer of such a log escapes it."""
    line = log.one("EVIL", text="x").decode().rstrip("\n")
    name = {
        "csv": '"A1\n' + line.replace('"', '""') + '\n"',
        "json": json.dumps("A1\n" + line + "\n")[1:-1],
        "line": "A1\\n" + line.replace('"', '\\"') + "\\n",
        "w3c": "A1+" + line.replace(" ", "+"),
        "object": json.dumps("A1\n" + line + "\n")[1:-1],
        "xml": "A1&#10;" + line.replace('"', "&quot;").replace("<", "&lt;"),
        "event": "A1\\n" + line.replace('"', '\\"') + "\\n",
        "message": "A1\\n" + line.replace("=", "\\=").replace("\t", " ") + "\\n",
    }[log.container]
    text = log.one("NAME", text="y").decode().replace("NAME", name)
    reading = log.read(text.encode(), log.one("A2"))
    assert "EVIL" not in reading.column("account")
    assert reading.column("account")[0].startswith("A1")
    assert len(reading.column("account")) == 2


@pytest.mark.no_cover
@pytest.mark.parametrize("packed", ["gzip", "zstd", "xz", "bzip2"])
def test_a_zip_bomb(packed):
    import bz2
    import lzma

    import zstandard

    pack = {"gzip": gzip.compress, "zstd": zstandard.compress, "xz": lzma.compress, "bzip2": bz2.compress}[packed]
    bomb = pack(LOGS[0].header + b"a" * (100 << 20))
    with pytest.raises(InputError, match=r"unpacks to more than 400 times its size.*unpack it yourself"):
        list(Source("log", io.BytesIO(bomb)).blocks())


@some("json")
@pytest.mark.parametrize("deep", [200, 2_000, 100_000])
@pytest.mark.parametrize("brackets", [("[", "]"), ('{"x":', "}")], ids=["arrays", "objects"])
def test_deep_json(log, deep, brackets):
    start, end = brackets
    nested = start * deep + "1" + end * deep
    reading = log.read(log.one(), log.one("A2").replace(b"}", f', "more": {nested}}}'.encode()), log.one("A3"))
    assert reading.column("account") in (["A1", "A2", "A3"], ["A1", "A3"])
    assert [reason for _, _, reason in reading.rejects] in ([], ["JSON nested too deeply"])
    assert isinstance(reading.events, pl.DataFrame)


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;&b;&b;&b;&b;">',
        '<!ENTITY e SYSTEM "file:///etc/passwd">',
    ],
    ids=["grows", "fetches"],
)
def test_entity_expansion(declared):
    reading = XML.read(XML.one(), f"<!DOCTYPE x [{declared}]>".encode() + XML.one("&e;"), XML.one("A2"))
    assert reading.column("account") == ["A1", "A2"]
    assert [(line, reason) for line, _, reason in reading.rejects] == [(2, "an XML entity, which is refused")]


def test_deep_xml():
    nested = b"<x>" * 100_000 + b"</x>" * 100_000 + b"</AuditMessage>"
    reading = XML.read(XML.one(), XML.one("B1").replace(b"</AuditMessage>", nested), XML.one("A2"))
    assert reading.column("account") == ["A1", "A2"]
    assert [(line, reason) for line, _, reason in reading.rejects] == [(2, "XML nested too deeply")]
