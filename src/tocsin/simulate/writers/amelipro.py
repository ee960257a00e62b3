"""The health insurance portal's two CSV files a night: consultations, and logins."""

import polars as pl

from tocsin.simulate.writers.page import Page, Sheet, patient_as_typed, wall_clock

_CREDENTIALS = ("login", "logout", "credential_change", "mfa", "delegation")
_SERVICES = {
    "droits": "ACQUISITION_DROITS",
    "affiliation": "CONSULTATION_AFFILIATION",
    "historique-remboursements": "HISTORIQUE_REMBOURSEMENTS",
    "medecin-traitant": "CONSULTATION_MEDECIN_TRAITANT",
    "recherche-patient": "RECHERCHE_PATIENT",
    "liste-patients": "LISTE_PATIENTS",
    "saisie-arret": "ARRET_TRAVAIL",
    "declaration": "DECLARATION_MEDECIN_TRAITANT",
    "export": "EXPORT",
    "api-droits": "ACQUISITION_DROITS",
}
_EVENTS = {
    "login": "CONNEXION",
    "logout": "DECONNEXION",
    "credential_change": "REINITIALISATION_MDP",
    "mfa": "CODE_OTP",
    "delegation": "DELEGATION",
}
_RESULTS = {
    "success": "OK",
    "failure": "ECHEC",
    "not_found": "INCONNU",
    "denied": "REFUS",
    "error": "ERREUR",
    "unknown": "",
}


def amelipro_sheets(page: Page) -> list[Sheet]:
    """Write a night as the twin files."""
    numbered = page.actions.with_row_index("row").with_columns(
        date_heure=wall_clock().dt.to_string("%d/%m/%Y %H:%M:%S"),
        resultat=pl.col("outcome").cast(pl.String).replace_strict(_RESULTS),
        entry=pl.col("kind").cast(pl.String).is_in(_CREDENTIALS),
    )
    return [_consultations(page, numbered.filter(~pl.col("entry"))), _logins(page, numbered.filter("entry"))]


def _consultations(page: Page, read: pl.DataFrame) -> Sheet:
    columns = {
        "date_heure": pl.col("date_heure"),
        "identifiant_ps": pl.col("account"),
        "profession": pl.col("profession"),
        "departement_ps": pl.col("region"),
        "id_session": pl.col("session"),
        "adresse_ip": pl.col("ip"),
        "navigateur": pl.col("user_agent"),
        "service": pl.col("service").replace_strict(_SERVICES),
        "nir": patient_as_typed(),
        "resultat": pl.col("resultat"),
        "nb_lignes": pl.col("rows"),
    }
    return Sheet(f"consultations-{page.day}.csv", _laid_out(page, read, columns), read["row"], "semicolons")


def _logins(page: Page, read: pl.DataFrame) -> Sheet:
    columns = {
        "date_heure": pl.col("date_heure"),
        "identifiant_ps": pl.col("account"),
        "evenement": pl.col("kind").cast(pl.String).replace_strict(_EVENTS),
        "resultat": pl.col("resultat"),
        "adresse_ip": pl.col("ip"),
        "navigateur": pl.col("user_agent"),
    }
    return Sheet(f"connexions-{page.day}.csv", _laid_out(page, read, columns), read["row"], "semicolons")


_NAMES = {
    "profession": "profession", "region": "departement_ps", "session": "id_session", "ip": "adresse_ip",
    "user_agent": "navigateur", "service": "service", "rows": "nb_lignes", "patient": "nir",
}  # fmt: skip


def _laid_out(page: Page, read: pl.DataFrame, columns: dict[str, pl.Expr]) -> pl.DataFrame:
    left_out = {_NAMES[name] for name in page.without if name in _NAMES}
    return read.select(**{name: column for name, column in columns.items() if name not in left_out})
