"""ATNA audit messages, bare and in syslog, whatever the framing."""

import base64
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from damage import mutated
from reading_logs import read, read_both_ways
from tocsin.errors import InputError
from tocsin.formats.base import Head
from tocsin.formats.detect import detect

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "atna-xml"

QUERY = (
    '<AuditMessage><EventIdentification EventActionCode="E" EventDateTime="2022-03-14T10:00:00.250+01:00" EventOutcomeIndicator="0">'
    '<EventID csd-code="110112" codeSystemName="DCM" originalText="Query"/>'
    '<EventTypeCode csd-code="ITI-47" codeSystemName="IHE Transactions" originalText="PDQ"/></EventIdentification>'
    '<ActiveParticipant UserID="registry" UserIsRequestor="false" NetworkAccessPointID="192.0.2.9" NetworkAccessPointTypeCode="2">'
    '<RoleIDCode csd-code="110152"/></ActiveParticipant>'
    '<ActiveParticipant UserID="software" UserIsRequestor="true" NetworkAccessPointID="10.0.0.5" NetworkAccessPointTypeCode="2">'
    '<RoleIDCode csd-code="110153"/></ActiveParticipant>'
    '<ActiveParticipant UserID="A1" UserName="Dr A" UserIsRequestor="true"><RoleIDCode csd-code="doc" originalText="doctor"/></ActiveParticipant>'
    '<AuditSourceIdentification AuditSourceID="x"/>'
    '<ParticipantObjectIdentification ParticipantObjectID="24^^^MPI&amp;1.2.3&amp;ISO^PI" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1">'
    '<ParticipantObjectIDTypeCode csd-code="2"/></ParticipantObjectIdentification>'
    '<ParticipantObjectIdentification ParticipantObjectID="q" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="24">'
    '<ParticipantObjectDetail type="MSH-10" value="cmVxLTE="/></ParticipantObjectIdentification></AuditMessage>'
)  # fmt: skip
OLD = """<AuditMessage>
  <EventIdentification EventActionCode="R" EventDateTime="2022-03-14T10:00:01" EventOutcomeIndicator="8">
    <EventID code="110110" displayName="Patient Record"/>
    <EventOutcomeDescription>HTTP 404</EventOutcomeDescription>
  </EventIdentification>
  <ActiveParticipant UserID="A2" NetworkAccessPointID="ward-3" NetworkAccessPointTypeCode="1"/>
  <ParticipantObjectIdentification ParticipantObjectID="1850578006084">
    <ParticipantObjectIDTypeCode code="2"/>
  </ParticipantObjectIdentification>
</AuditMessage>"""
HEADER = "<85>1 2022-03-14T10:00:00Z host app 12 IHE+RFC-3881 - "
DECLARED = '\ufeff<?xml version="1.0" encoding="UTF-8"?>'


def accounts(log, rejects=()):
    reading = read_both_ways(log if isinstance(log, bytes) else log.encode(), "atna")
    assert [reason for *_, reason in reading.rejects] == list(rejects)
    return reading.column("account")


def row(log, **options):
    reading = read_both_ways(log.encode(), "atna", **options)
    assert reading.rejects == []
    return {name: value for name, value in reading.events.row(0, named=True).items() if value is not None}


def test_the_person_who_acts_is_the_one_that_asked_a_human_before_a_machine():
    found = row(QUERY)
    assert (found["account"], found["person"], found["profession"]) == ("A1", "Dr A", "doctor")
    assert (found["client"], found["ip"]) == ("software", "10.0.0.5")
    assert (found["kind"], found["outcome"], found["service"]) == ("search", "success", "ITI-47")
    assert (found["patient"], found["request"]) == ("24@1.2.3", "req-1")
    assert found["offset_minutes"] == 60


def test_rfc_3881_writes_code_and_may_leave_requestor_and_offset_out():
    found = row(OLD)
    assert (found["account"], found["kind"], found["outcome"]) == ("A2", "lookup", "not_found")
    assert (found["service"], found["patient"]) == ("Patient Record", "1850578006084")
    assert f"{found['time']:%H:%M}" == "09:00"
    assert "ip" not in found, "the name of a machine is no address"


def test_without_a_human_the_machine_that_asked_is_the_account():
    found = row(
        QUERY.replace('UserID="A1" UserName="Dr A" UserIsRequestor="true"', 'UserID="A1" UserIsRequestor="false"')
    )
    assert found["account"] == "software"
    assert "client" not in found


def test_a_message_that_nobody_asked_for_is_rejected_unless_the_address_counts():
    nobody = QUERY.replace('UserIsRequestor="true"', 'UserIsRequestor="false"')
    assert accounts(nobody, ["no account"]) == []
    assert row(nobody, account_from="ip")["account"] == "10.0.0.5"
    assert accounts(OLD.replace('UserID="A2"', 'UserID=""'), ["no account"]) == []


@pytest.mark.parametrize(
    ("code", "outcome"), [("0", "success"), ("4", "failure"), ("8", "error"), ("12", "error"), ("7", "unknown")]
)
def test_outcomes_by_their_numbers(code, outcome):
    assert row(QUERY.replace('EventOutcomeIndicator="0"', f'EventOutcomeIndicator="{code}"'))["outcome"] == outcome


def test_several_patients_are_a_row_each_tied_by_request():
    thing = QUERY[
        QUERY.index("<ParticipantObjectIdentification") : QUERY.index("</ParticipantObjectIdentification>") + 34
    ]
    more = thing.replace("24^^^", "27^^^")
    reading = read_both_ways(QUERY.replace(thing, thing + more).encode(), "atna")
    assert reading.column("patient") == ["24@1.2.3", "27@1.2.3"]
    assert reading.column("request") == ["req-1", "req-1"]
    assert (reading.lines, reading.further) == (1, 1)


def test_without_a_patient_the_query_says_whom_it_asks_for():
    query = base64.b64encode(b"MSH|^~\\&|A\rQPD|Q^Q^IHE|T1|78106^^^P&1.2&ISO\r").decode()
    start = QUERY.index("<ParticipantObjectIdentification")
    thing = f'<ParticipantObjectIdentification ParticipantObjectTypeCodeRole="24"><ParticipantObjectQuery>{query}</ParticipantObjectQuery></ParticipantObjectIdentification>'
    assert row(QUERY[:start] + thing + "</AuditMessage>")["patient"] == "78106@1.2"


def octets(*frames):
    return b"".join(b"%d %b" % (len(frame.encode()), frame.encode()) for frame in frames)


FRAMED = {
    "bare": QUERY + OLD,
    "lines": QUERY + "\n" + OLD + "\n",
    "documents": f'<?xml version="1.0"?>\n<!-- one\n-->\n{QUERY}\n<?xml version="1.0"?>\n{OLD}\n',
    "wrapped": f'<?xml version="1.0"?><AuditLog xmlns="urn:x" a="b">\n{QUERY}\n{OLD}\n</AuditLog>\n',
    "syslog": f"{HEADER}{DECLARED}{QUERY}\n{HEADER}{DECLARED}{OLD}\n",
    "syslog with data": f'{HEADER[:-2]}[x@1 a="<b> \\] c"][y@1] {DECLARED}{QUERY}\r\n{HEADER}\n{OLD}\n',
    "old syslog": f"<85>Mar 14 10:00:00 host app: {QUERY}\nMar 14 10:00:01 host app[1]: {OLD}\n",
    "declared on a line of its own": f"{HEADER}{DECLARED}\n{QUERY}\n{HEADER}{DECLARED}\n{OLD}\n",
    "octets": octets(HEADER + DECLARED + QUERY, HEADER + OLD),
    "octets and lines": octets(HEADER + DECLARED + QUERY + "\n", HEADER + OLD + "\n"),
    "nul": f"{HEADER}{QUERY}\x00{HEADER}{OLD}\x00",
}


@pytest.mark.parametrize("name", FRAMED)
def test_messages_are_found_in_every_frame(name):
    rejects = ["no audit message"] if name == "syslog with data" else []
    assert accounts(FRAMED[name], rejects) == ["A1", "A2"]


def test_a_unit_is_where_its_frame_starts():
    reading = read_both_ways(FRAMED["syslog"].encode(), "atna")
    assert list(zip(reading.column("line"), reading.column("byte"), strict=True)) == [
        (1, 0), (2, len(f"{HEADER}{DECLARED}{QUERY}\n".encode())),
    ]  # fmt: skip
    reading = read_both_ways(FRAMED["octets"], "atna")
    assert reading.column("byte") == [0, len(octets(HEADER + DECLARED + QUERY))]
    reading = read_both_ways(FRAMED["documents"].encode(), "atna")
    assert reading.column("line") == [4, 5], "a declaration is the beginning of its message"


def test_what_is_no_audit_message_is_rejected_line_by_line_and_frame_by_frame():
    log = f"{HEADER}hello\n\n{HEADER}{QUERY}\n<other a='b'/>\n{HEADER}bye\n"
    reading = read_both_ways(log.encode(), "atna")
    assert [(line, reason) for line, _byte, reason in reading.rejects] == [
        (1, "no audit message"),
        (4, "no audit message"),
        (5, "no audit message"),
    ]
    log = octets(HEADER + "hello", HEADER + "hello", HEADER + QUERY, HEADER + "bye")
    assert accounts(log, ["no audit message"] * 3) == ["A1"]
    assert accounts(f"<AuditMessage/>\n{QUERY}", ["no audit message"]) == ["A1"]
    assert accounts(f"<x>\n<other a='b'></other>\n{QUERY}\n</x>", ["no audit message"]) == ["A1"]


def test_a_message_that_never_ends_costs_its_beginning_alone():
    cut = QUERY[:-40]
    assert accounts(f"{HEADER}{cut}\n{HEADER}{OLD}\n", ["the audit message never ends"]) == ["A2"]
    assert accounts(cut + OLD, ["the audit message never ends"]) == ["A2"]
    assert accounts(octets(HEADER + cut, HEADER + OLD), ["the audit message never ends"]) == ["A2"]
    assert accounts(OLD + "\n" + cut, ["the audit message never ends"]) == ["A2"]


def test_entities_are_refused_and_depth_is_bounded():
    entity = '<!DOCTYPE AuditMessage [\n<!ENTITY lol "lol">\n]>\n' + QUERY.replace(
        'UserName="Dr A"', 'UserName="&lol;"'
    )
    reading = read_both_ways(entity.encode(), "atna")
    assert reading.events.height == 0
    assert reading.rejects[-1][2] == "an XML entity, which is refused"
    outside = f'<!DOCTYPE AuditMessage SYSTEM "file:///etc/passwd">\n{QUERY}'
    assert accounts(outside, ["no audit message"]) == ["A1"]
    deep = QUERY.replace("<AuditSource", "<a>" * 1_000 + "</a>" * 1_000 + "<AuditSource")
    assert accounts(deep, ["XML nested too deeply"]) == []
    assert accounts(QUERY.replace("<EventID", "<EventID <"), ["not XML"]) == []


def test_bytes_that_are_not_utf8_are_repaired_and_prefixes_of_a_wrapper_known():
    reading = read_both_ways(QUERY.replace("Dr A", "Dr H\xe9l\xe8ne").encode("latin-1"), "atna")
    assert (reading.column("person"), reading.repaired) == (["Dr Hélène"], 1)
    prefixed = QUERY.replace("</", "</a:").replace("<", "<a:").replace("<a:/a:", "</a:")
    assert accounts(f'<log xmlns:a="urn:y">{prefixed}</log>') == ["A1"]


def test_a_name_that_looks_like_a_message_is_part_of_its_message():
    assert accounts(QUERY.replace("Dr A", "&lt;/AuditMessage&gt;&lt;AuditMessage&gt;")) == ["A1"]


@pytest.mark.parametrize("name", ["bare", "documents", "syslog", "octets"])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_mutated_logs_are_accounted_for(name, data):
    log = FRAMED[name] if isinstance(FRAMED[name], bytes) else FRAMED[name].encode()
    try:
        reading = read(data.draw(mutated(log)), "atna", block_bytes=data.draw(st.sampled_from([200, 1 << 20])))
    except InputError as refused:
        message = refused.message
    else:
        assert reading.adds_up
        return
    assert "cannot be unpacked" in message, "it begins as an archive does"


@settings(max_examples=40, deadline=None)
@given(tail=st.binary(max_size=300))
def test_random_bytes_after_a_sound_message_cost_nothing_before_them(tail):
    reading = read(FRAMED["syslog"].encode() + tail, "atna")
    assert reading.column("account")[:2] == ["A1", "A2"]
    assert reading.adds_up


PIECES = st.sampled_from(
    [QUERY, OLD, HEADER, DECLARED, "<AuditMessage>", "</AuditMessage>", "<AuditMessage/>", "<!--", "-->", "\n", "12 ", "<85>1 ",
     "<?xml?>", "?>", "text", " ", "<a>", "</a>", "<b/>", "\x00"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(pieces=st.lists(PIECES, max_size=12))
def test_messages_between_anything_are_read_the_same_in_one_piece_and_in_many(pieces):
    log = "".join(pieces).encode()
    reading = read(log, "atna")
    assert reading.adds_up
    events, rejects = set(reading.column("byte")), {byte for _line, byte, _reason in reading.rejects}
    assert not events & rejects
    assert reading.events.height + len(reading.rejects) >= sum(piece in {QUERY, OLD} for piece in pieces)


@pytest.mark.parametrize("name", FRAMED)
def test_is_recognised_by_its_content(name):
    log = FRAMED[name]
    guess = detect(Head(log if isinstance(log, bytes) else log.encode()))
    assert guess.format is not None
    assert guess.format.name == "atna"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not here")
def test_the_samples_of_the_field_are_events_of_the_one_who_asked():
    found = {}
    for path in sorted(SAMPLES.glob("*.xml")):
        reading = read_both_ways(path.read_bytes(), "atna")
        assert (reading.lines, reading.rejects) == (1, [])
        found[path.stem] = (reading.column("account")[0], reading.column("kind")[0], len(reading.column("patient")))
    assert found == {
        "atna-record-1": ("smitty@readingroom.hospital.org", "write", 1),
        "pdq": ("MESA_DEPARTMENT|MESA_PD_CONSUMER", "search", 4),
        "pixfeed": ("PKL|SAP-ISH", "write", 1),
        "pixquery": ("MESA_DEPARTMENT|MESA_PIX_CLIENT", "search", 2),
        "start": ("WDF-LAP-1237$", "other", 1),
    }


@pytest.mark.parametrize("name", ["bare", "documents", "syslog", "octets"])
def test_a_log_that_comes_in_pieces_is_read_as_in_one(name, monkeypatch):
    log = FRAMED[name] if isinstance(FRAMED[name], bytes) else FRAMED[name].encode()
    log = log * 5 + b"stray\n" + log * 5 + QUERY[:-30].encode()
    whole = read(log, "atna")
    monkeypatch.setattr("tocsin.formats.archives.PIECE_BYTES", 700)
    monkeypatch.setattr("tocsin.formats.atna.HEAD_BYTES", 900)
    pieces = read(log, "atna", block_bytes=900)
    assert pieces.events.rows() == whole.events.rows()
    assert pieces.rejects == whole.rejects
    assert pieces.events.height == 20


def test_an_archive_that_breaks_off_is_said():
    packed = gzip.compress((QUERY + "\n").encode() * 50, compresslevel=0)
    reading = read(packed[: len(packed) // 2], "atna")
    assert reading.rejects[-1][2] == "the archive breaks off here"
    assert reading.adds_up
