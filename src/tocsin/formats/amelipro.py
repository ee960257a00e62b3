"""The health insurance portal's two CSV twins: consultations, and logins.

Consultations: `date_heure;identifiant_ps;profession;departement_ps;id_session;adresse_ip;navigateur;service;nir;
resultat;nb_lignes`. Logins: `date_heure;identifiant_ps;evenement;resultat;adresse_ip;navigateur`. Separator `;` (`,`
and tab are read too), header first, columns in any order.

date_heure      `DD/MM/YYYY HH:MM:SS` or ISO, local time of the portal (Europe/Paris unless the settings say otherwise).
identifiant_ps  the account. profession is kept as written (`pharmacien`). departement_ps is the
                region.
service         the kind, by how the name starts (SERVICE_KINDS). A service that is not listed is a lookup when the line
                has a nir, else other; either way it is counted as unknown.
evenement       the kind, by name (EVENT_KINDS).
resultat        the outcome (OUTCOMES); empty means unknown.
nb_lignes       rows shown by the answer.

Words are compared without case and accents, with anything else than letters and digits as one `_`: `Réinitialisation
mdp` is REINITIALISATION_MDP.
"""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from tocsin.errors import InputError
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish, fold
from tocsin.formats.lines import Source
from tocsin.formats.tables import Header, find_header, read_table
from tocsin.schema import KIND, Kind
from tocsin.words import _

SERVICE_KINDS = {
    "RECHERCHE": "search",
    "LISTE": "list",
    "EXPORT": "export",
    "TELECHARGEMENT": "export",
    "CONSULTATION": "lookup",
    "HISTORIQUE": "lookup",
    "DROITS": "lookup",
    "ACQUISITION_DROITS": "lookup",
    "DOSSIER": "lookup",
    "SUIVI": "lookup",
    "DECLARATION": "write",
    "SAISIE": "write",
    "PRESCRIPTION": "write",
    "PROTOCOLE": "write",
    "ARRET_TRAVAIL": "write",
    "DELEGATION": "delegation",
}
"""How the name of a service starts -> kind."""

EVENT_KINDS = {
    "CONNEXION": "login",
    "AUTHENTIFICATION": "login",
    "DECONNEXION": "logout",
    "FIN_SESSION": "logout",
    "REINITIALISATION_MDP": "credential_change",
    "CHANGEMENT_MDP": "credential_change",
    "CHANGEMENT_EMAIL": "credential_change",
    "CHANGEMENT_TELEPHONE": "credential_change",
    "CHANGEMENT_APPAREIL": "credential_change",
    "ENROLEMENT_APPAREIL": "credential_change",
    "SECOND_FACTEUR": "mfa",
    "CODE_OTP": "mfa",
    "DELEGATION": "delegation",
}
"""Name of a login event -> kind."""

OUTCOMES = {
    "OK": "success",
    "SUCCES": "success",
    "ECHEC": "failure",
    "KO": "failure",
    "INCONNU": "not_found",
    "NON_TROUVE": "not_found",
    "REFUS": "denied",
    "REFUSE": "denied",
    "BLOQUE": "denied",
    "ERREUR": "error",
    "INDISPONIBLE": "error",
}
"""Result -> outcome."""

COLUMNS = {
    "date_heure": "time",
    "identifiant_ps": "account",
    "profession": "profession",
    "departement_ps": "region",
    "id_session": "session",
    "adresse_ip": "ip",
    "navigateur": "user_agent",
    "service": "service",
    "nir": "patient",
    "evenement": "kind",
    "resultat": "outcome",
    "nb_lignes": "rows",
}
"""French header -> column."""

_NEEDED = ("time", "account")
_SURE = 95

_SERVICES = {fold(word): kind for word, kind in SERVICE_KINDS.items()}
_EVENTS = {fold(word): kind for word, kind in EVENT_KINDS.items()}
_OUTCOMES = {fold(word): outcome for word, outcome in OUTCOMES.items()}


def _kind_of_service(word: str) -> str | None:
    starts = [start for start in _SERVICES if word.startswith(start)]
    return _SERVICES[max(starts, key=len)] if starts else None


_CONSULTATIONS = Vocabulary(kind=_kind_of_service, outcome=_OUTCOMES.get)
_LOGINS = Vocabulary(kind=_EVENTS.get, outcome=_OUTCOMES.get)


class Amelipro:
    """Both twins: a table with a service is of consultations, one with an event is of logins."""

    name = "amelipro"
    title = "health insurance portal, consultations or logins (CSV, French headers)"
    gives = Gives(
        {
            "time": "`date_heure`, local time of the portal",
            "kind": "`evenement` (logins), `service` (consultations)",
            "outcome": "`resultat`",
            "account": "`identifiant_ps`",
            "profession": "`profession` (consultations)",
            "region": "`departement_ps` (consultations)",
            "session": "`id_session` (consultations)",
            "ip": "`adresse_ip`",
            "user_agent": "`navigateur`",
            "service": "`service` (consultations)",
            "patient": "`nir` (consultations)",
            "rows": "`nb_lignes` (consultations)",
        },
        lacks="the session of a login, bytes, the client software",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for the French headers."""
        header = find_header(head, _name_of)
        missing = _missing(header)
        if header is None or len(header.names) < 3:
            return Likeness(0, _("the first line has none of the French headers"))
        if missing:
            return Likeness(0, _("the header has no column '{name}'").format(name=missing))
        columns = [french for french, name in COLUMNS.items() if name in header.names]
        return Likeness(_SURE, _("the header names {columns}").format(columns=", ".join(columns)))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read either twin; raises InputError where the header lacks a needed column."""
        header = find_header(Head(source.head()), _name_of)
        missing = _missing(header)
        if header is None or missing:
            why = _("the header has no column '{name}'").format(name=missing)
            raise InputError(_("{path} cannot be read as amelipro: {why}").format(path=source.name, why=why))

        def events(found: Found) -> Batch:
            if "kind" in header.names:
                return finish(found, _LOGINS, options)
            asked = replace(found, rows=found.rows.with_columns(kind="service"))
            return _with_lookups(finish(asked, _CONSULTATIONS, options))

        return read_table(source, header, options, events)


def _name_of(field: str) -> str | None:
    return COLUMNS.get(fold(field))


def _missing(header: Header | None) -> str | None:
    """Give the first needed header that is not there."""
    names = header.names if header else {}
    for french, name in COLUMNS.items():
        if name in _NEEDED and name not in names:
            return french
    return None if "kind" in names or "service" in names else "service"


def _with_lookups(batch: Batch) -> Batch:
    """Take a service that is not listed but was asked for a person as a lookup (no listed one is `other`)."""
    asked = (pl.col("kind") == Kind.OTHER.value) & pl.col("patient").is_not_null()
    kind = pl.when(asked).then(pl.lit(Kind.LOOKUP.value, KIND)).otherwise("kind").alias("kind")
    return replace(batch, events=batch.events.with_columns(kind))
