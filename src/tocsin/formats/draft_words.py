"""What fields and values of logs are usually called, in French and English: what a draft of a mapping guesses from."""

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "patient": ("nir", "ins", "ipp", "nip", "mrn", "ssn", "patient", "dossier", "assure", "beneficiaire", "num_secu"),
    "time": ("horodatage", "timestamp", "date_heure", "datetime", "date", "time", "ts", "quand", "when"),
    "user_agent": ("user_agent", "navigateur", "browser", "useragent", "nav", "ua"),
    "session": ("session", "session_id", "id_session", "sid", "jeton", "token"),
    "ip": ("ip", "adresse_ip", "ip_address", "client_ip", "source_ip", "remote_addr", "adresse", "poste"),
    "profession": ("profession", "metier", "fonction", "role", "specialite", "job"),
    "structure": (
        "structure", "etablissement", "etab", "finess", "unite", "uf", "pole", "organisation", "site", "ward",
    ),
    "region": ("region", "departement", "dept"),
    "person": ("nom", "nom_agent", "nom_utilisateur", "nom_prenom", "full_name", "name"),
    "kind": ("action", "evenement", "event", "operation", "activite", "acte", "type", "event_type", "verb", "op"),
    "outcome": ("resultat", "result", "statut", "status", "outcome", "code_retour", "retour", "code", "etat"),
    "break_glass": ("bris_de_glace", "break_glass", "urgence", "forcage"),
    "purpose": ("motif", "purpose", "raison", "reason"),
    "client": ("application", "logiciel", "client", "client_id", "app"),
    "service": ("page", "ecran", "module", "url", "uri", "service", "ressource", "resource", "transaction", "rubrique"),
    "rows": ("nb_lignes", "nb_resultats", "nombre", "nb", "rows", "row_count", "lignes", "count", "nbres", "nb_res"),
    "bytes": ("octets", "bytes", "taille", "size"),
    "request": ("request_id", "trace_id", "correlation_id", "id_requete"),
    "account": (
        "login", "identifiant", "utilisateur", "user", "compte", "account", "agent", "user_id", "username", "uid",
        "operateur", "matricule", "professionnel", "actor", "acteur", "auteur",
    ),
}  # fmt: skip
"""Column -> words of a field's name, written as convert.fold does; the most telling columns first."""

OF_ITS_PARENT: Final = frozenset({"id", "identifier", "name", "login", "value", "number", "ref", "reference", "key"})
"""Last parts of a path that say nothing alone: `patient.id` is a patient."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "credential_change": ("mdp", "mot_de_passe", "password", "reinit", "reset", "changement_email", "credential"),
    "mfa": ("mfa", "otp", "second_facteur", "2fa"),
    "logout": ("deconnexion", "logout", "logoff", "signout", "fin_session", "fermeture_session"),
    "login": ("connexion", "login", "logon", "signin", "authentif", "ouverture_session", "session_start"),
    "delegation": ("delegation", "mandat"),
    "export": ("export", "telecharg", "download", "extraction"),
    "search": ("recherche", "search", "srch", "query", "find"),
    "list": ("liste", "list"),
    "write": (
        "creation", "create", "modif", "update", "ajout", "saisie", "write", "suppr", "delete", "edit", "enreg",
        "prescri", "insert", "valid", "annul",
    ),
    "lookup": (
        "consult", "lookup", "view", "read", "lect", "ouverture", "open", "visu", "affich", "acces", "get", "voir",
        "dossier", "droits", "impress", "imprim", "print",
    ),
}  # fmt: skip
"""Kind -> what a word for it holds; the first kind that fits counts (a deconnexion is no connexion)."""

OUTCOMES: Final[Mapping[str, tuple[str, ...]]] = {
    "not_found": ("inconnu", "introuvable", "not_found", "non_trouve", "aucun", "absent", "404", "410"),
    "denied": ("refus", "denied", "forbidden", "interdit", "non_autoris", "bloqu", "403", "401", "unauthor"),
    "error": ("erreur", "error", "exception", "timeout", "indispo", "500", "502", "503", "504"),
    "failure": ("echec", "ko", "fail", "false", "non", "nok", "incorrect", "invalid"),
    "success": ("ok", "succes", "reussi", "true", "oui", "200", "201", "204", "304", "autoris", "accept", "success"),
}  # fmt: skip
"""Outcome -> what a word for it holds (short words must stand alone in it, as in CHANGEMENT_MDP)."""

DOUBTFUL: Final = ("0", "1", "impress", "imprim", "print")
"""Beginnings of values that mean one thing here and another there: good or bad, one record printed or a whole list."""

_SHORT: Final = 3


def kind_of(word: str) -> str | None:
    """Guess the kind that a folded value means."""
    return _first(word, KINDS)


def outcome_of(word: str) -> str | None:
    """Guess the outcome that a folded value means."""
    return "success" if word == "0" else _first(word, OUTCOMES)


def _first(word: str, table: Mapping[str, tuple[str, ...]]) -> str | None:
    parts = word.split("_")
    for meaning, starts in table.items():
        if any(start in parts if len(start) <= _SHORT else start in word for start in starts):
            return meaning
    return None
