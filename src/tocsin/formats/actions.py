"""Reads the words by which programs name what was done ("User logged in", `mfa-push-denied`, `PasswordReset`) as kinds.

For formats that carry other programs' events and fix no words for what people do. The first pattern whose words all
occur decides. Words are compared without case and accents, longer ones by their beginning; `camelCase` is parted.
"""

import re
from collections.abc import Callable

import polars as pl

from tocsin.formats.convert import fold
from tocsin.schema import Kind, Outcome

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_CHANGE = (
    "chang|updat|modif|reset|reinit|set|enrol|regist|activat|deactivat|add|added|remov|delet|creat|enabl|disabl|link"
)
_CREDENTIAL = (
    "password|passwd|pwd|mdp|credential|mail|email|phone|telephone|device|factor|mfa|2fa|otp|totp|authenticator|passkey"
)
_FACTOR = "mfa|2fa|otp|totp|push|multifactor|factor|webauthn|fido"

PATTERNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (Kind.CREDENTIAL_CHANGE, (_CREDENTIAL, _CHANGE)),
    (Kind.CREDENTIAL_CHANGE, ("mot", "passe", _CHANGE)),
    (Kind.MFA, (_FACTOR,)),
    (Kind.LOGOUT, ("logout|logoff|signout|signoff|deconnexion",)),
    (Kind.LOGOUT, ("log|logged|sign|signed|session", "out|off|end|ended|closed|expired")),
    (Kind.DELEGATION, ("delegat|impersonat|mandat",)),
    (Kind.LOGIN, ("login|logon|signin|signon|connexion|authent|sso|kerberos",)),
    (Kind.LOGIN, ("log|logged|sign|signed", "in|on")),
    (Kind.LOGIN, ("session", "start|started|open|opened|creat")),
    (Kind.EXPORT, ("export|download|telecharg|print|impress|extract",)),
    (Kind.SEARCH, ("search|query|recherch|find",)),
    (Kind.LIST, ("list|lister|browse",)),
    (Kind.WRITE, ("creat|updat|insert|delet|writ|modif|edit|patch|put|post|saisi",)),
    (Kind.LOOKUP, ("lookup|view|read|access|open|consult|get|fetch|display|show",)),
)
"""Kind, and for each word that must occur how it may begin (words of up to three letters: how it is)."""

_REFUSED = ("deny|denied|denial|reject|refus|block|lock|forbid|forbidden|unauthor|fraud",)
_MISSING = ("not|no", "found|exist|such|trouv")
_UNKNOWN = ("notfound|unknown|inconnu",)
_FAILED = ("fail|failure|echec|invalid|incorrect|wrong|bad|ko|unsuccess|timeout|expired",)
_SUCCEEDED = ("success|succeed|ok|allow|permit|accept|grant|pass",)
_ERROR = ("error|erreur|exception|abort",)


def kind_of(text: str) -> str | None:
    """Read one name of an action."""
    words = _words(text)
    return next((kind for kind, needed in PATTERNS if _occur(words, needed)), None)


def outcome_of_words(text: str) -> str | None:
    """Read one word for how it ended."""
    words = _words(text)
    for outcome, needed in (
        (Outcome.NOT_FOUND, _MISSING),
        (Outcome.DENIED, _REFUSED),
        (Outcome.FAILURE, _FAILED),
        (Outcome.NOT_FOUND, _UNKNOWN),
        (Outcome.ERROR, _ERROR),
        (Outcome.SUCCESS, _SUCCEEDED),
    ):
        if _occur(words, needed):
            return outcome
    return None


def by_distinct(texts: pl.Series, read: Callable[[str], str | None]) -> pl.Series:
    """Apply a reading of words to a column, each text once."""
    if texts.null_count() == len(texts):
        return texts.cast(pl.String())
    distinct = texts.drop_nulls().unique()
    meant = pl.Series([read(text) for text in distinct], dtype=pl.String())
    return texts.replace_strict(distinct, meant, default=None, return_dtype=pl.String())


def _words(text: str) -> list[str]:
    return fold(_CAMEL.sub(" ", text)).split("_")


def _occur(words: list[str], needed: tuple[str, ...]) -> bool:
    return all(any(_begins(word, start) for word in words for start in starts.split("|")) for starts in needed)


def _begins(word: str, start: str) -> bool:
    return word == start if len(start) <= 3 else word.startswith(start)
