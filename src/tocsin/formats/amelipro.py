"""The health insurance portal's two CSV twins: consultations, and logins.

Consultations: `date_heure;identifiant_ps;profession;departement_ps;id_session;adresse_ip;navigateur;service;nir;
resultat;nb_lignes`. Logins: `date_heure;identifiant_ps;evenement;resultat;adresse_ip;navigateur`. Separator `;` (`,` and
tab are read too), header first, columns in any order.

date_heure      `DD/MM/YYYY HH:MM:SS` or ISO, local time of the portal (Europe/Paris unless the settings say otherwise).
identifiant_ps  the account. profession is kept as it is written (`pharmacien`). departement_ps is the region.
service         the kind, by how the name starts (SERVICE_KINDS). A service that is not listed is a lookup when the line
                has a nir, else other; either way it is counted as unknown.
evenement       the kind, by name (EVENT_KINDS).
resultat        the outcome (OUTCOMES); empty means unknown.
nb_lignes       rows shown by the answer.

Names are compared in upper case, without accents, with anything else than letters and digits as one `_`:
`Réinitialisation mdp` is REINITIALISATION_MDP.
"""

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
