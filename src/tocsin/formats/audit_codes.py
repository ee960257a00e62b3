"""What the codes of healthcare audit trails mean: DICOM (PS3.16 CID 400 and on), IHE transactions, FHIR interactions.

Shared by FHIR AuditEvents and ATNA messages, which are two ways to write the same thing. The most telling code of an
event decides; where none is known, the action (create, read, update, delete, execute) does.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from tocsin.schema import Kind, Outcome

KINDS: Final[Mapping[str, Kind]] = {
    # FHIR RESTful interactions (http://hl7.org/fhir/restful-interaction)
    **dict.fromkeys(("read", "vread", "history", "history-instance"), Kind.LOOKUP),
    **dict.fromkeys(("search", "search-type", "search-system", "search-compartment"), Kind.SEARCH),
    **dict.fromkeys(("history-type", "history-system"), Kind.LIST),
    **dict.fromkeys(("create", "update", "patch", "delete"), Kind.WRITE),
    # DICOM audit events and their types
    "110122": Kind.LOGIN,
    "110123": Kind.LOGOUT,
    "110106": Kind.EXPORT,
    "110107": Kind.WRITE,
    "110112": Kind.SEARCH,
    "110105": Kind.WRITE,
    "110136": Kind.CREDENTIAL_CHANGE,
    "110137": Kind.CREDENTIAL_CHANGE,
    # IHE transactions: queries, retrievals, feeds
    **dict.fromkeys((f"ITI-{number}" for number in (9, 16, 18, 21, 38, 45, 47, 66, 67, 78, 83, 119)), Kind.SEARCH),
    **dict.fromkeys((f"ITI-{number}" for number in (39, 43, 68)), Kind.LOOKUP),
    **dict.fromkeys((f"ITI-{number}" for number in (8, 10, 15, 30, 31, 41, 42, 44, 57, 61, 65, 93, 104)), Kind.WRITE),
    "ITI-32": Kind.EXPORT,
}  # fmt: skip
"""Code of a type or subtype -> kind."""

_BY_ACTION: Final[Mapping[str, Kind]] = {"C": Kind.WRITE, "R": Kind.LOOKUP, "U": Kind.WRITE, "D": Kind.WRITE}
_RECORDS: Final = frozenset({"110103", "110104", "110109", "110110", "110111", "rest", "object", "hl7-v3"})
"""Events about records, whose kind is their action: an application that starts (E) or a log that is read is none."""
_VAGUE: Final = ("110106", "110107", "110112")
"""Export, import and query: an IHE transaction says more (a document that is retrieved is exported from its store)."""

EMERGENCY: Final = frozenset({"110127", "BTG"})
"""Emergency override started (DICOM), break the glass (HL7 v3 purpose of use)."""
DESTINATION: Final = "110152"
SOURCE: Final = "110153"
APPLICATION: Final = "110150"
HUMAN: Final = frozenset({"IRCP", "humanuser"})

_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "0": Outcome.SUCCESS,
    "4": Outcome.FAILURE,
    "8": Outcome.ERROR,
    "12": Outcome.ERROR,
    "success": Outcome.SUCCESS,
    "information": Outcome.SUCCESS,
    "warning": Outcome.FAILURE,
    "error": Outcome.ERROR,
    "fatal": Outcome.ERROR,
}
"""RFC 3881's numbers (FHIR R4, DICOM) and the severities of FHIR R5."""
_NOT_FOUND: Final = re.compile(r"\b(?:404|410)\b|not[- _]?found|unknown key identifier|\bdeleted\b", re.IGNORECASE)
_DENIED: Final = re.compile(r"\b40[13]\b|forbidden|denied|unauthori[sz]ed|\bsecurity\b", re.IGNORECASE)


def kind_of(codes: Iterable[str], action: str) -> Kind | None:
    """Say what was done; None where neither a code nor the action is known."""
    said = list(codes)
    telling = [code for code in reversed(said) if code in KINDS]
    clear = [code for code in telling if code not in _VAGUE]
    if clear or telling:
        return KINDS[(clear or telling)[0]]
    if any(code in _RECORDS for code in said):
        return _BY_ACTION.get(action, Kind.OTHER)
    return Kind.OTHER if said else None


def outcome_of(code: str, details: Iterable[str], kind: Kind | None) -> str | None:
    """Say how it ended: by the code, and by its description where it failed; the code itself where it is unknown."""
    outcome = _OUTCOMES.get(code.strip().lower())
    if outcome is None or outcome is Outcome.SUCCESS:
        return outcome or code or None
    text = " ".join(details)
    if kind not in {Kind.LOGIN, Kind.LOGOUT}:
        if _NOT_FOUND.search(text):
            return Outcome.NOT_FOUND
        if _DENIED.search(text):
            return Outcome.DENIED
    return outcome


def role_of_client(action: str) -> str:
    """Give the role code of the client: the data of a read flow to it, the words of a query come from it (IHE BALP)."""
    return DESTINATION if action == "R" else SOURCE
