"""One audit message (RFC 3881, DICOM PS3.15 A.5) as the columns of an event.

Codes stand in `code` (RFC 3881) or `csd-code` (DICOM). The person who acts is the participant with UserIsRequestor
true, a human before a machine; RFC 3881 takes the attribute for true where it is missing. A participant object is a
patient by its role, or because its number is a patient's.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any, Final

from lxml import etree

from tocsin.formats import audit_codes
from tocsin.formats.patient_numbers import asked_in, decoded, number
from tocsin.formats.several import together

COLUMNS: Final = (
    "time", "account", "person", "profession", "ip", "client", "kind", "outcome", "service", "patient", "request",
    "purpose", "break_glass",
)  # fmt: skip

NOT_XML: Final = "not XML"
TOO_DEEP: Final = "XML nested too deeply"
ENTITY: Final = "an XML entity, which is refused"

_PARSER: Final = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)
"""Nothing is fetched or expanded; libxml2 itself ends at 256 levels and 10 MB a text."""

_MACHINE_ROLES: Final = frozenset({"110150", "110151", "110152", "110153", "110154", "110155"})
_PATIENT, _PATIENT_NUMBER, _PERSON, _QUERY = "1", "2", "1", "24"
_REQUEST_IDS: Final = frozenset({"msh-10", "x-request-id", "xrequestid", "request-id"})
_MOST: Final = 10_000

Element = Any


def read_message(text: bytes) -> dict[str, str | None] | str:
    """Give the columns of a message as text; the reason where it is none."""
    root = _parsed(text)
    if isinstance(root, str):
        return root
    event = _child(root, "EventIdentification")
    participants = _children(root, "ActiveParticipant")
    things = _children(root, "ParticipantObjectIdentification")
    types = [_code(each) for each in _children(event, "EventTypeCode")]
    said = [code for code in (_code(_child(event, "EventID")), *types) if code]
    action = _attribute(event, "EventActionCode") or ""
    kind = audit_codes.kind_of(said, action)
    person, machine = _person(participants), _machine(participants, action)
    purposes = [code for each in _children(event, "PurposeOfUse") if (code := _code(each))]
    told = [_shown(each) or "" for each in _children(event, "EventOutcomeDescription")]
    return {
        "time": _attribute(event, "EventDateTime"),
        "account": _account(person),
        "person": _attribute(person, "UserName"),
        "profession": _profession(person),
        "ip": next(filter(None, map(_address, [person, machine, *participants])), None),
        "client": _attribute(machine, "UserID") if machine is not person else None,
        "kind": kind,
        "outcome": audit_codes.outcome_of(_attribute(event, "EventOutcomeIndicator") or "", told, kind),
        "service": _service(event),
        "patient": together(_patients(things)),
        "request": next(_requests(things), None),
        "purpose": purposes[0] if purposes else None,
        "break_glass": "true" if audit_codes.EMERGENCY & {*purposes, *said} else None,
    }


def _parsed(text: bytes) -> Element | str:
    name = text[1:].split(b":", 1)[0] if b":" in text[:32].split(b">", 1)[0].split(None, 1)[0] else b""
    if name:  # a prefix that the message's wrapper declares
        text = b'<w xmlns:%b="urn:w">%b</w>' % (name, text)
    try:
        root = etree.fromstring(text, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        told = str(error)
        return ENTITY if told.startswith("Entity") else TOO_DEEP if "depth" in told else NOT_XML
    return root[0] if name else root


def _person(participants: Sequence[Element]) -> Element | None:
    """Choose who acts: of the participants that asked, one whose role is no machine's before others."""
    said = [each for each in participants if _attribute(each, "UserIsRequestor") in {"true", "1"}]
    asking = said or [each for each in participants if each.get("UserIsRequestor") is None]
    asking = [each for each in asking if _account(each)]
    human = [each for each in asking if not _MACHINE_ROLES.intersection(_roles(each))]
    return next(iter(human or asking), None)


def _machine(participants: Sequence[Element], action: str) -> Element | None:
    """Choose the software that asked, by its role."""
    for role in (audit_codes.role_of_client(action), audit_codes.APPLICATION):
        for each in participants:
            if role in _roles(each):
                return each
    return None


def _account(participant: Element | None) -> str | None:
    return _attribute(participant, "UserID") or _attribute(participant, "AlternativeUserID")


def _roles(participant: Element) -> list[str]:
    return [code for each in _children(participant, "RoleIDCode") if (code := _code(each))]


def _profession(person: Element | None) -> str | None:
    roles = (each for each in _children(person, "RoleIDCode") if _code(each) not in _MACHINE_ROLES)
    return next(filter(None, map(_shown, roles)), None)


def _address(participant: Element | None) -> str | None:
    """Give the IP address of a participant; names of machines are none."""
    text = (_attribute(participant, "NetworkAccessPointID") or "").strip("[]")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _service(event: Element | None) -> str | None:
    """Name the function: the transaction, else what the type (or the event) is called."""
    types = [*_children(event, "EventTypeCode"), *_children(event, "EventID")]
    codes = [code for each in types if (code := _code(each))]
    named = next((code for code in codes if code.startswith("ITI-")), None)
    return named or next(filter(None, map(_shown, types)), None)


def _patients(things: Sequence[Element]) -> Iterator[str]:
    """Give the numbers of the patients a message names, or else of those its query asks for."""
    named = (number(_attribute(each, "ParticipantObjectID") or "") for each in things if _is_patient(each))
    found = [written for written in named if written]
    if not found:
        queries = (query for each in things for query in _children(each, "ParticipantObjectQuery"))
        found = [written for query in queries for written in asked_in(decoded(query.text or ""))]
    yield from found[:_MOST]


def _is_patient(thing: Element) -> bool:
    role = _attribute(thing, "ParticipantObjectTypeCodeRole")
    if role is not None:
        return role == _PATIENT and _attribute(thing, "ParticipantObjectTypeCode") in {None, _PERSON}
    return _code(_child(thing, "ParticipantObjectIDTypeCode")) == _PATIENT_NUMBER


def _requests(things: Sequence[Element]) -> Iterator[str]:
    for each in things:
        for detail in _children(each, "ParticipantObjectDetail"):
            value = _attribute(detail, "value")
            if value and (_attribute(detail, "type") or "").lower() in _REQUEST_IDS:
                yield decoded(value)


def _children(parent: Element | None, name: str) -> list[Element]:
    """List the children of a name, whatever their namespace."""
    if parent is None:
        return []
    return [each for each in parent[:_MOST] if isinstance(each.tag, str) and etree.QName(each).localname == name]


def _child(parent: Element | None, name: str) -> Element | None:
    return next(iter(_children(parent, name)), None)


def _attribute(element: Element | None, name: str) -> str | None:
    text = None if element is None else element.get(name)
    return text.strip() or None if text else None


def _code(element: Element | None) -> str | None:
    return _attribute(element, "csd-code") or _attribute(element, "code")


def _shown(element: Element) -> str | None:
    """Give what a code is called, else the code, else the text."""
    said = [_attribute(element, name) for name in ("originalText", "displayName")]
    return next((text for text in (*said, _code(element), (element.text or "").strip()) if text), None)
