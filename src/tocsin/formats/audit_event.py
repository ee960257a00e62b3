"""One FHIR AuditEvent as the columns of an event, whichever release wrote it (R4, R4B, R5, and R6's drafts).

R5 renames type to category, subtype to code, network.address to network[x], purposeOfUse to authorization, and makes
the outcome a Coding; what was a Coding may be a CodeableConcept. All of them are looked for, so that no release has to
be known.

The person who acts is the agent with requestor true, not the first; the address is the person's, else that of the
client, whose role code IHE BALP swaps between a read and a query.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tocsin.formats import audit_codes
from tocsin.formats.patient_numbers import asked_in, decoded, number, resource_in
from tocsin.formats.several import together
from tocsin.schema import Kind

COLUMNS: Final = (
    "time", "account", "person", "profession", "session", "ip", "client", "kind", "outcome", "service", "patient",
    "request", "purpose", "break_glass",
)  # fmt: skip

_PATIENT_ROLE, _QUERY_ROLE = "1", "24"
_REQUEST_IDS: Final = frozenset({"xrequestid", "x-request-id", "msh-10", "request-id", "requestid", "traceparent"})
_MOST: Final = 10_000
"""Members of one list that are looked at."""

Parts = Mapping[str, Any]


def read_event(event: Parts) -> dict[str, str | None]:
    """Give the columns of a resource as text; what it does not say, or says in a wrong shape, is None."""
    event = _with_contained(event)
    agents, entities = _parts(event.get("agent")), _parts(event.get("entity"))
    action = _text(event.get("action")) or ""
    said = [code for key in ("type", "category", "subtype", "code") for code in _codes(event.get(key))]
    kind = audit_codes.kind_of(said, action)
    person, client = _person(agents), _client(agents, action)
    queries = [decoded(text) for entity in entities if (text := _text(entity.get("query")))]
    purposes = [
        purpose
        for part in (event, person or {})
        for key in ("purposeOfUse", "purposeOfEvent", "authorization")
        for purpose in _codes(part.get(key))
    ]
    return {
        "time": _text(event.get("recorded")) or _text(event.get("occurredDateTime")),
        "account": _who(person) if person else None,
        "person": _text(person.get("altId")) if person else None,
        "profession": next(_shown(person.get("role")), None) if person else None,
        "session": _session(person, client),
        "ip": _address(person) or _address(client) or next(filter(None, map(_address, agents)), None),
        "client": _who(client) if client else None,
        "kind": kind,
        "outcome": _outcome(event, kind),
        "service": _service(event, entities, queries),
        "patient": together(_patients(event, entities, queries)),
        "request": _request(event, entities),
        "purpose": purposes[0] if purposes else None,
        "break_glass": "true" if audit_codes.EMERGENCY & {*purposes, *said} else None,
    }


def _with_contained(event: Parts) -> Parts:
    """Let identifiers of contained resources stand for references to them: `#p` is another one in each event."""
    held = {f"#{_text(each.get('id'))}": each.get("identifier") for each in _parts(event.get("contained"))}

    def told(what: Any) -> Any:
        reference = _member(what, "reference") if isinstance(what, dict) else None
        if reference is None or not reference.startswith("#"):
            return what
        return {**what, "reference": None, "identifier": what.get("identifier") or held.get(reference)}

    def parts(name: str) -> list[Parts]:
        keys = ("who", "what", "reference")
        return [{**each, **{key: told(each[key]) for key in keys if key in each}} for each in _parts(event.get(name))]

    return {**event, "agent": parts("agent"), "entity": parts("entity"), "patient": told(event.get("patient"))}


def _person(agents: list[Parts]) -> Parts | None:
    """Choose who acts: of the agents that asked, a human one before others."""
    asking = [agent for agent in agents if _asked(agent)]
    human = [agent for agent in asking if audit_codes.HUMAN & {*_codes(agent.get("type"))}]
    return next(iter(human or asking), None)


def _asked(agent: Parts) -> bool:
    return _text(agent.get("requestor")) == "true"


def _client(agents: list[Parts], action: str) -> Parts | None:
    """Choose the software that asked, by its role."""
    for role in (audit_codes.role_of_client(action), audit_codes.APPLICATION):
        for agent in agents:
            if role in _codes(agent.get("type")) and not _asked(agent):
                return agent
    return None


def _who(agent: Parts) -> str | None:
    """Give the login of an agent: an identifier before a reference before a name."""
    who = agent.get("who") or agent.get("reference")
    parts = who if isinstance(who, dict) else {}
    identifiers = [_member(parts.get("identifier"), "value"), _member(agent.get("userId"), "value")]
    said = [*identifiers, _text(parts.get("reference")), _text(agent.get("altId")), _text(parts.get("display"))]
    return next((text for text in [*said, _text(agent.get("name"))] if text), None)


def _session(person: Parts | None, client: Parts | None) -> str | None:
    """Give the id of the token that allowed it; a policy that is an address is a consent, no session."""
    policies = [_text(policy) for agent in (person, client) if agent for policy in _list(agent.get("policy"))]
    return next((policy for policy in policies if policy and "/" not in policy), None)


def _address(agent: Parts | None) -> str | None:
    """Give the IP address of an agent; names of machines and URIs are none."""
    if agent is None:
        return None
    network = agent.get("network")
    said = _text(network.get("address")) if isinstance(network, dict) else None
    text = said or _text(agent.get("networkString")) or _text(agent.get("networkUri")) or ""
    text = text.removeprefix("ip://").strip("[] ")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _outcome(event: Parts, kind: Kind | None) -> str | None:
    said = event.get("outcome")
    details = [_text(event.get("outcomeDesc")) or ""]
    if isinstance(said, dict):
        details += [text for detail in _list(said.get("detail")) for text in (*_codes(detail), *_shown(detail))]
        said = said.get("code") if "code" in said and not isinstance(said.get("code"), str) else said
    code = next(iter(_codes(said)), None) if isinstance(said, dict) else _text(said)
    for inner in _parts(event.get("contained")):
        if inner.get("resourceType") == "OperationOutcome":
            details += [_text(issue.get("code")) or "" for issue in _parts(inner.get("issue"))]
    return audit_codes.outcome_of(code or "", details, kind)


def _service(event: Parts, entities: list[Parts], queries: list[str]) -> str | None:
    """Name the function: the most telling code, with the type of resource for plain FHIR interactions."""
    named = [part for key in ("subtype", "code", "type", "category") for part in _parts(event.get(key))]
    said = [code for part in named for code in _codes(part)]
    if not said:
        return None
    code = next((each for each in said if each.startswith("ITI-")), said[0])
    if code.isdigit():
        return next(_shown(named), code)
    resources = [resource_in(query) for query in queries]
    for entity in entities:
        reference = _member(entity.get("what"), "reference") or _member(entity.get("reference"), "reference") or ""
        resources.append(reference.split("/", 1)[0] if "/" in reference and ":" not in reference else None)
    kinds = [resource for resource in resources if resource]
    resource = next((each for each in kinds if each != "Patient"), kinds[0] if kinds else None)
    return f"{code} {resource}" if resource and code.islower() else code


def _patients(event: Parts, entities: list[Parts], queries: list[str]) -> Iterator[str]:
    """Find the patients an event names: by their role, as a resource, or else in the query."""
    in_role = [entity for entity in entities if _PATIENT_ROLE in _codes(entity.get("role"))]
    found = [*_subjects(event.get("patient")), *(each for entity in in_role for each in _named(entity))]
    if not found:
        found = [each for entity in entities if _is_patient(entity) for each in _named(entity)]
    if not found:
        found = [each for query in queries for each in asked_in(query)]
    yield from found[:_MOST]


def _is_patient(entity: Parts) -> bool:
    """Say whether an entity is a Patient resource, in whatever role but that of a query."""
    what = entity.get("what") or entity.get("reference")
    return _QUERY_ROLE not in _codes(entity.get("role")) and "Patient/" in (_member(what, "reference") or "")


def _named(entity: Parts) -> Iterator[str]:
    yield from _subjects(entity.get("what") or entity.get("reference"))
    yield from _subjects({"identifier": entity.get("identifier")})


def _subjects(what: Any) -> Iterator[str]:
    """Give the number of a patient who is referred to: an identifier before a reference."""
    if not isinstance(what, dict):
        return
    identifier = what.get("identifier")
    value, system = _member(identifier, "value"), _member(identifier, "system")
    text = value or _text(what.get("reference")) or ""
    found = number(text, (system or "") if value else "")
    if found:
        yield found


def _request(event: Parts, entities: list[Parts]) -> str | None:
    for entity in entities:
        if _REQUEST_IDS & {code.lower() for code in _codes(entity.get("type"))}:
            return _member(_inner(entity.get("what"), "identifier"), "value")
        for detail in _parts(entity.get("detail")):
            if _REQUEST_IDS & {code.lower() for code in _codes(detail.get("type"))}:
                encoded = _text(detail.get("valueBase64Binary"))
                return _text(detail.get("valueString")) or (decoded(encoded) if encoded else None)
    return _text(event.get("id")) if len(entities) > 1 else None


def _codes(said: Any) -> list[str]:
    """List the codes of a Coding, a CodeableConcept, a text, or a list of them."""
    match said:
        case str():
            return [said]
        case list():
            return [code for each in said[:_MOST] if not isinstance(each, list) for code in _codes(each)]
        case dict():
            own = [code] if (code := _text(said.get("code"))) else []
            coded = own + [code for each in _parts(said.get("coding")) if (code := _text(each.get("code")))]
            return coded or ([text] if (text := _text(said.get("text"))) else [])
        case _:
            return []


def _shown(said: Any) -> Iterator[str]:
    """Give what codes are called: the display, else the text, else the code."""
    for each in _parts(_list(said)):
        coding = next(iter(_parts(each.get("coding"))), each)
        texts = [_text(coding.get("display")), _text(each.get("text")), _text(coding.get("code"))]
        yield from (text for text in texts if text)


def _text(value: Any) -> str | None:
    """Give a text, number or truth as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    # Half a surrogate pair is no character.
    return str(value).encode("utf-8", "replace").decode() if isinstance(value, str | int | float) else None


def _member(value: Any, key: str) -> str | None:
    return _text(_inner(value, key))


def _inner(value: Any, key: str) -> Any:
    first = value[0] if isinstance(value, list) and value else value
    return first.get(key) if isinstance(first, dict) else None


def _list(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else [] if value is None else [value]


def _parts(value: Any) -> list[Parts]:
    return [each for each in _list(value) if isinstance(each, dict)]
