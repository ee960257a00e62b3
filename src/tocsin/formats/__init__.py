"""Readers of logs: one file a format, all of them in FORMATS."""

from tocsin.formats.amelipro import Amelipro
from tocsin.formats.atna import Atna
from tocsin.formats.base import Format
from tocsin.formats.cef import Cef
from tocsin.formats.combined import Combined
from tocsin.formats.ecs import Ecs
from tocsin.formats.entra import Entra
from tocsin.formats.entra_audit import EntraAudit
from tocsin.formats.fhir import Fhir
from tocsin.formats.iis import Iis
from tocsin.formats.keycloak import Keycloak
from tocsin.formats.leef import Leef
from tocsin.formats.native import Native
from tocsin.formats.ocsf import Ocsf
from tocsin.formats.okta import Okta

FORMATS: tuple[Format, ...] = (
    Native(),
    Amelipro(),
    Combined(),
    Iis(),
    Keycloak(),
    Fhir(),
    Atna(),
    Ecs(),
    Ocsf(),
    Cef(),
    Leef(),
    Okta(),
    Entra(),
    EntraAudit(),
)


def by_name(name: str) -> Format | None:
    """Find a format by its name."""
    return next((known for known in FORMATS if known.name == name), None)
