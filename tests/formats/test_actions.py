import pytest

from tocsin.formats.actions import kind_of, outcome_of_words


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("login", "login"), ("User logged in", "login"), ("UserLoggedIn", "login"), ("logon_failed", "login"),
        ("authentication_success", "login"), ("session-start", "login"), ("SSO", "login"),
        ("logged-out", "logout"), ("User Logoff", "logout"), ("SessionExpired", "logout"), ("Déconnexion", "logout"),
        ("PasswordReset", "credential_change"), ("mfa factor enrolled", "credential_change"), ("email changed", "credential_change"),
        ("Réinitialisation du mot de passe", "credential_change"), ("device added", "credential_change"),
        ("mfa-push-denied", "mfa"), ("Push sent", "mfa"), ("OTP verified", "mfa"),
        ("Export CSV", "export"), ("file download", "export"), ("patient search", "search"), ("Recherche", "search"),
        ("list records", "list"), ("Consultation", "lookup"), ("View record", "lookup"), ("record.update", "write"),
        ("Impersonation started", "delegation"), ("port scan", None), ("", None),
    ],
)  # fmt: skip
def test_reads_what_programs_call_things(text, kind):
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Success", "success"), ("allowed", "success"), ("FAILED", "failure"), ("Access denied", "denied"), ("blocked", "denied"),
        ("user not_found", "not_found"), ("NotFound", "not_found"), ("log inserted", None), ("no such user", "not_found"), ("unknown user", "not_found"), ("error", "error"), ("échec", "failure"), ("maybe", None),
    ],
)  # fmt: skip
def test_reads_how_it_ended(text, outcome):
    assert outcome_of_words(text) == outcome
