"""Keycloak's events: lines of its server log (`type=LOGIN, realmId=...`, quoted or not), or JSON of its events API.

The account is the name under which a user's id first succeeded in this log, else the username that was typed, else
the id. What an administrator does to a user's credentials, and an impersonation, is an event of that user, with the
administrator as `person`. Lines of other loggers, and what continues them, are ignored. Sources: EventType, Details
and JBossLoggingEventListenerProvider of keycloak/keycloak.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish
from tocsin.formats.elements import first_objects, read_any_objects
from tocsin.formats.lines import Source
from tocsin.formats.paths import Paths
from tocsin.formats.perline import IGNORED, Ignored, Texts, read_by_line
from tocsin.schema import Kind, Outcome
from tocsin.words import _

NOT_AN_EVENT = "not a Keycloak event"

CREDENTIALS = frozenset({
    "UPDATE_PASSWORD", "UPDATE_EMAIL", "UPDATE_TOTP", "REMOVE_TOTP", "UPDATE_CREDENTIAL", "REMOVE_CREDENTIAL",
    "RESET_PASSWORD", "FEDERATED_IDENTITY_LINK", "REMOVE_FEDERATED_IDENTITY", "IDENTITY_PROVIDER_LINK_ACCOUNT",
})  # fmt: skip
"""Types of events that change how an account is entered."""

OTHERS = frozenset({
    "REGISTER", "CODE_TO_TOKEN", "REFRESH_TOKEN", "VALIDATE_ACCESS_TOKEN", "INTROSPECT_TOKEN", "UPDATE_PROFILE",
    "VERIFY_EMAIL", "VERIFY_PROFILE", "GRANT_CONSENT", "UPDATE_CONSENT", "REVOKE_GRANT", "SEND_VERIFY_EMAIL",
    "SEND_RESET_PASSWORD", "SEND_IDENTITY_PROVIDER_LINK", "RESTART_AUTHENTICATION", "INVALID_SIGNATURE",
    "REGISTER_NODE",
    "UNREGISTER_NODE", "USER_INFO_REQUEST", "IDENTITY_PROVIDER_LOGIN", "IDENTITY_PROVIDER_FIRST_LOGIN",
    "IDENTITY_PROVIDER_POST_LOGIN", "IDENTITY_PROVIDER_RESPONSE", "IDENTITY_PROVIDER_RETRIEVE_TOKEN",
    "CUSTOM_REQUIRED_ACTION", "EXECUTE_ACTIONS", "EXECUTE_ACTION_TOKEN", "CLIENT_INFO", "CLIENT_REGISTER",
    "CLIENT_UPDATE",
    "CLIENT_DELETE", "CLIENT_INITIATED_ACCOUNT_LINKING", "TOKEN_EXCHANGE", "OAUTH2_DEVICE_AUTH",
    "OAUTH2_DEVICE_VERIFY_USER_CODE", "OAUTH2_DEVICE_CODE_TO_TOKEN", "AUTHREQID_TO_TOKEN", "PERMISSION_TOKEN",
    "DELETE_ACCOUNT", "PUSHED_AUTHORIZATION_REQUEST", "USER_DISABLED_BY_PERMANENT_LOCKOUT",
    "USER_DISABLED_BY_TEMPORARY_LOCKOUT", "OAUTH2_EXTENSION_GRANT", "JWT_BEARER",
})  # fmt: skip
"""Types of events that are `other`; what an identity provider adds to a login is followed by the LOGIN itself."""

DENIED = frozenset({
    "access_denied", "rejected_by_user", "consent_denied", "not_allowed", "user_disabled", "user_temporarily_disabled",
    "client_disabled",
})  # fmt: skip
"""Errors that say no; all others are failures."""

SECOND_FACTORS = frozenset({"otp", "totp", "hotp", "webauthn", "recovery-authn-codes"})
"""Types of credentials whose failed login is a failed second factor."""

_DETAILS = ("code_id", "username", "impersonator", "credential_type", "updated_email")
_ADMIN = ("operationType", "resourceType", "resourcePath")
_KEYS = ("time", "type", "clientId", "userId", "ipAddress", "error", "sessionId", *_DETAILS, *_ADMIN)
_PATHS = Paths(
    {
        "time": ["time", "timestamp", "@timestamp"],
        "type": "type",
        **{name: [name, f"authDetails.{name}"] for name in ("clientId", "userId", "ipAddress")},
        "error": "error",
        "sessionId": "sessionId",
        **{name: f"details.{name}" for name in _DETAILS},
        **{name: name for name in (*_ADMIN, "message")},
    }
)
_EVENT = re.compile(r"""\b(?:type|operationType)=["']?[A-Z0-9_]+["']?, realmId=""")
_TIME = re.compile(r"\s*(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)")
_PAIR = re.compile(
    r"""(?:^|(?<=,\ ))([A-Za-z_][\w.-]{0,60})=
    (?:"((?:[^"\\]|\\.){0,2000}+)"|'((?:[^'\\]|\\.|'(?!,\ |$)){0,2000}+)'|((?:[^,]|,(?!\ ))*+))(?:,\ |$)""",
    re.VERBOSE,
)
"""A value in quotes holds whatever it likes: what a user typed cannot pass for a key."""
_ESCAPED = re.compile(r"""\\(["'\\])""")
_USER_PATH = re.compile(r"users/([^/]+)(?:/(reset-password|credentials|impersonation|disable-credential-types))?")
_SURE, _SAMPLE = 92, 50


class Keycloak:
    """Events of Keycloak's realms."""

    name = "keycloak"
    title = "Keycloak events (server log or JSON)"
    gives = Gives(
        {
            "time": "time of the line (local) or `time` (ms)",
            "kind": "`type`; `operationType` and `resourcePath` of administrators",
            "outcome": "success, or by `error` denied or failure",
            "account": "`username`, else `userId`",
            "person": "`impersonator`, or the administrator who changed the account's credentials",
            "session": "`sessionId`, else `code_id`",
            "ip": "`ipAddress`",
            "client": "`clientId`",
            "service": "`type` without `_ERROR`",
        },
        lacks="people read, the browser, pushes sent (only a second factor that failed shows)",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for an event in the first lines, or for its keys in the first objects."""
        objects = first_objects(head, _SAMPLE)
        if objects:
            fitting = sum(_is_event(found) for found in objects)
        else:
            fitting = sum(_EVENT.search(line) is not None for line in head.lines[:_SAMPLE])
        if fitting:
            return Likeness(_SURE, _("it holds events with type and realmId"))
        return Likeness(0, _("no line is an event with type and realmId"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a server log or JSON."""
        names = _Names()
        for found in ahead(_read(source, options)):
            yield finish(_events(found, names), VOCABULARY, options)


def _read(source: Source, options: ReadOptions) -> Iterator[Found]:
    if Head(source.head()).text.lstrip().startswith((b"{", b"[")):
        for found in read_any_objects(source, _PATHS, options.block_bytes, careful=options.careful):
            yield _with_messages(found)
    else:
        yield from read_by_line(source, _KEYS, _Lines().read, options.block_bytes)


def _is_event(found: Mapping[str, object]) -> bool:
    if "realmId" in found:
        return ("type" in found and "clientId" in found) or "operationType" in found
    return _EVENT.search(str(found.get("message"))) is not None


def _kind(word: str) -> str | None:
    match word:
        case "login" | "client_login":
            return Kind.LOGIN
        case "impersonate":
            return Kind.DELEGATION
        case _ if word.upper() in CREDENTIALS:
            return Kind.CREDENTIAL_CHANGE
        case _ if word.upper() in OTHERS:
            return Kind.OTHER
        case _:
            return None


VOCABULARY = Vocabulary(kind=_kind, outcome=lambda _: None)


class _Lines:
    """Reads lines of the server log; knows whether the last one was another logger's."""

    def __init__(self) -> None:
        self._other = False

    def read(self, line: str) -> Texts | str | Ignored:
        """Read one line."""
        time, event = _TIME.match(line), _EVENT.search(line)
        if time and event:
            self._other = False
            return _values(line[event.start() :], time[1])
        if event is None and (time or self._other):
            # A line of another logger, or one of its stack trace.
            self._other = True
            return IGNORED
        return NOT_AN_EVENT


def _values(text: str, time: str | None) -> Texts:
    """Read the pairs of an event; of a key that comes twice the first counts."""
    found: dict[str, str | None] = {"time": time}
    for key, double, single, plain in _PAIR.findall(text):
        value = _ESCAPED.sub(r"\1", double or single) or plain.strip()
        found.setdefault(key, None if value == "null" else value)
    return tuple(found.get(key) for key in _KEYS)


def _with_messages(found: Found) -> Found:
    """Read events that stand as text in the `message` of a log in JSON; other messages are ignored."""
    rows = found.rows
    is_message = rows["message"].is_not_null() & rows["type"].is_null() & rows["operationType"].is_null()
    plain = rows.filter(~is_message).drop("message")
    if plain.height == rows.height:
        return replace(found, rows=plain)
    records: list[tuple[str | int | None, ...]] = []
    for time, message, line, byte in rows.filter(is_message).select("time", "message", "line", "byte").iter_rows():
        event = _EVENT.search(message)
        if event:
            records.append((*_values(message[event.start() :], time), line, byte))
    schema = {**dict.fromkeys(_KEYS, pl.String()), "line": pl.UInt64(), "byte": pl.UInt64()}
    read = pl.DataFrame(records, schema=schema, orient="row").select(plain.columns)
    ignored = found.ignored + rows.height - plain.height - read.height
    return replace(found, rows=pl.concat((plain, read)).sort("line", "byte"), ignored=ignored)


class _Names:
    """The name under which each user's id first succeeded."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def accounts(self, rows: pl.DataFrame) -> pl.Series:
        """Give the account of each row, in order."""
        accounts = []
        for user, name, error in rows.select("userId", "username", "error").iter_rows():
            if user is not None and name is not None and error is None:
                self._names.setdefault(user, name)
            accounts.append(self._names.get(user, name or user) if user is not None else name)
        return pl.Series("account", accounts, dtype=pl.String())

    def of(self, users: pl.Series) -> pl.Series:
        """Give the names of these ids, or the ids."""
        return pl.Series([self._names.get(user, user) for user in users], dtype=pl.String())


def _events(found: Found, names: _Names) -> Found:
    """Name what the pairs say as columns of the schema."""
    rows = found.rows
    path = rows["resourcePath"].str.extract_groups(_USER_PATH.pattern).struct.unnest()
    admin = pl.col("operationType").is_not_null()
    touched = admin & pl.col("action").is_not_null()
    rows = rows.with_columns(
        names.accounts(rows),
        target=names.of(path["1"]),
        action=path["2"],
        type=pl.col("type").str.strip_suffix("_ERROR"),
    )
    failed = pl.col("error").is_not_null()
    denied = pl.col("error").is_in(list(DENIED))
    second = failed & (pl.col("type") == "LOGIN") & pl.col("credential_type").is_in(list(SECOND_FACTORS))
    changed = (pl.col("action") != "impersonation") | pl.col("updated_email").is_not_null()
    return replace(
        found,
        rows=rows.select(
            "time",
            kind=pl.when(second)
            .then(pl.lit(Kind.MFA.value))
            .when(changed)
            .then(pl.lit(Kind.CREDENTIAL_CHANGE.value))
            .when(touched)
            .then(pl.lit(Kind.DELEGATION.value))
            .when(admin)
            .then(pl.lit(Kind.OTHER.value))
            .otherwise("type"),
            outcome=pl.when(denied)
            .then(pl.lit(Outcome.DENIED.value))
            .when(failed)
            .then(pl.lit(Outcome.FAILURE.value))
            .otherwise(pl.lit(Outcome.SUCCESS.value)),
            account=pl.when(touched).then("target").otherwise("account"),
            person=pl.when(touched).then("account").otherwise("impersonator"),
            session=pl.coalesce("sessionId", "code_id"),
            ip="ipAddress",
            client="clientId",
            service=pl.when(admin)
            .then(pl.concat_str(pl.lit("admin "), "operationType", pl.lit(" "), "resourceType", ignore_nulls=True))
            .otherwise("type"),
            line="line",
            byte="byte",
        ),
    )
