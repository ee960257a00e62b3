"""One way to write the number of a patient, however a healthcare message has it, and numbers inside queries.

HL7 CX: `id^^^namespace&oid&ISO^type`. FHIR: an identifier with its system, or a reference (`Patient/17/_history/2`).
A social security number stands alone; any other number keeps the domain that gave it (`17@1.2.3`), for each domain
counts from one.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl

_NIR: Final = re.compile(r"[0-9]{5}(?:[0-9]{2}|2[ABab])[0-9]{6}(?:[0-9]{2})?")
_REFERENCE: Final = re.compile(r"(?:^|/)Patient/([A-Za-z0-9.\-]{1,64})(?:/_history/[^/]{1,64})?$")
_PATH: Final = re.compile(r"(?:^|/)Patient/([A-Za-z0-9.\-]{1,64})(?=[/?]|$)")
_V3: Final = re.compile(
    r"<(?:\w{1,20}:)?(?:patientId(?:entifier)?|livingSubjectId)\b.{0,2000}?<(?:\w{1,20}:)?value\b([^>]{0,500})>",
    re.DOTALL,
)
"""A number in a query of HL7 v3: PIX asks by `patientIdentifier`, PDQ and XCPD by `livingSubjectId`."""
_SLOT: Final = re.compile(
    r"<(?:\w{1,20}:)?Slot\b[^>]{0,200}?\bname=[\"']\$(?:XDS\w{1,40}PatientId|patientId)[\"'][^>]{0,200}>(.{0,2000}?)"
    r"</(?:\w{1,20}:)?Slot>",
    re.DOTALL,
)
"""The patients of a stored query (ITI-18, 38 and 51): each a CX between single quotes, several in brackets."""
_QUOTED: Final = re.compile(r"'([^'<]{1,300})'")
_ATTRIBUTE: Final = re.compile(r"\b(extension|root)=[\"']([^\"']{1,200})[\"']")
_ASKED: Final = frozenset({"patient", "subject", "patient.identifier", "subject.identifier"})
_ON_PATIENTS: Final = frozenset({"_id", "identifier", "sourceidentifier"})
_CX_PARTS: Final = 4

MOST_QUERY_BYTES: Final = 1 << 20
_MOST_LINES: Final = 200


def number(value: str, domain: str = "") -> str | None:
    """Write a number with its domain; a text that is a CX or a reference is taken apart."""
    text = value.strip()
    if "^" in text:
        parts = text.split("^")
        text, domain = parts[0].strip(), _authority(parts[3]) if len(parts) >= _CX_PARTS else domain
    reference = _REFERENCE.search(text)
    if reference and not domain:
        return reference[1]
    if not text:
        return None
    if not domain or _NIR.fullmatch(re.sub(r"[\s.-]", "", text)):
        return text
    return f"{text}@{domain.removeprefix('urn:oid:')}"


def decoded(query: str) -> str:
    """Undo base64; empty where it is too long, the text itself where it was not encoded."""
    if len(query) > MOST_QUERY_BYTES:
        return ""
    try:
        return base64.b64decode(re.sub(r"\s", "", query), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return query


def asked_in(query: str) -> Iterator[str]:
    """Find the patients that a query (decoded: URL, HL7 v2 or v3, stored query of XDS) asks for by number."""
    if query.lstrip().startswith("<"):
        yield from _in_v3(query)
    elif "QPD|" in query:
        yield from _in_v2(query)
    else:
        yield from _in_urls(query)


def resource_in(query: str) -> str | None:
    """Give the type of resource that a FHIR search asks for."""
    url = _url(query)
    if url is None:
        return None
    path = url.split("?", 1)[0].removesuffix("/_search").rstrip("/")
    last = path.rsplit("/", 1)[-1]
    return last if re.fullmatch(r"[A-Z][A-Za-z]{2,40}", last) else None


def _in_v3(query: str) -> Iterator[str]:
    for found in _V3.finditer(query):
        parts = dict(_ATTRIBUTE.findall(found[1]))
        written = number(parts.get("extension", ""), parts.get("root", ""))
        if written:
            yield written
    for slot in _SLOT.finditer(query):
        for value in _QUOTED.findall(html.unescape(slot[1])):
            if written := number(value):
                yield written


def _in_v2(query: str) -> Iterator[str]:
    """Look at the parameters of QPD segments: a patient's number is the only one with a domain (CX)."""
    for segment in re.split(r"[\r\n]+", query)[:_MOST_LINES]:
        if segment.startswith("QPD|"):
            for field in re.split(r"[|~]", segment)[3:]:
                parts = field.split("^")
                if len(parts) >= _CX_PARTS and parts[3] and not parts[0].startswith("@") and (written := number(field)):
                    yield written


def _url(query: str) -> str | None:
    words = query.split(None, 8)[:8]
    return next((word for word in words if "?" in word or "/Patient/" in word or word.startswith("/")), None)


def _in_urls(query: str) -> Iterator[str]:
    url = _url(query) or ""
    on_patients = resource_in(query) == "Patient"
    yield from _PATH.findall(url.split("?", 1)[0])
    body = [line for line in query.splitlines()[1:_MOST_LINES] if "=" in line and ":" not in line.split("=", 1)[0]]
    for text in (url.partition("?")[2], *body):
        for key, value in _parameters(text):
            name = key.split(":", 1)[0].lower()
            if name in _ASKED or (on_patients and name in _ON_PATIENTS):
                yield from (written for part in value.split(",") if (written := _token(part)))


def _parameters(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, max_num_fields=200)
    except ValueError:
        return []


def _token(value: str) -> str | None:
    """Read `system|value`, `Patient/17` or a plain number."""
    domain, bar, text = value.rpartition("|")
    return number(text, domain) if bar else number(value.strip("'\""))


def _authority(text: str) -> str:
    """Give the oid of an assigning authority, else its name."""
    name, _, rest = text.partition("&")
    return rest.split("&", 1)[0].strip() or name.strip()
