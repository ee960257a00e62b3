"""Okta's System Log: objects of its API, in arrays or one a line.

The account is the actor where that is a user, else the target user (Okta itself sends the pushes); what is done to
another's credentials is an event of the target. A push or message that was sent is `mfa` of unknown outcome: the answer
is an event of its own. In the newer engine `auth_via_mfa` also tells of passwords: by its factor it is then a login.
Source: developer.okta.com, System Log API and catalogue of event types.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from tocsin.formats.actions import by_distinct, outcome_of_words
from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish
from tocsin.formats.elements import first_objects, read_any_objects
from tocsin.formats.lines import Source
from tocsin.formats.paths import Paths
from tocsin.schema import Kind, NetworkType, Outcome
from tocsin.words import _

KINDS: tuple[tuple[str, str], ...] = (
    (r"user\.session\.start", Kind.LOGIN),
    (r"user\.session\.(?:end|clear)|user\.authentication\.(?:slo|logout)", Kind.LOGOUT),
    (r"user\.session\.impersonation\..*", Kind.DELEGATION),
    (r"user\.authentication\.auth_via_mfa|user\.mfa\.(?:okta_verify.*|attempt_bypass)", Kind.MFA),
    (r"system\.(?:push|sms|voice|email)\.(?:send_.*(?:factor|mfa|challenge).*|challenge_factor_redeemed)", Kind.MFA),
    (r"user\.authentication\.(?:sso|authenticate|auth_via_.*)", Kind.LOGIN),
    (r"user\.account\.(?:(?:reset|update|expire)_password|update_(?:.*_email|phone.*))", Kind.CREDENTIAL_CHANGE),
    (r"user\.(?:mfa\.(?:factor|authenticator)|credential)\..*", Kind.CREDENTIAL_CHANGE),
    (r"device\.(?:user\.add|enrollment\.create)", Kind.CREDENTIAL_CHANGE),
    (r"[a-z0-9_]+(?:\.[A-Za-z0-9_]+)+", Kind.OTHER),
)
"""Event type -> kind; the first that fits the whole type counts. Policy decisions accompany a login and are `other`."""

OUTCOMES = {
    "SUCCESS": Outcome.SUCCESS,
    "ALLOW": Outcome.SUCCESS,
    "FAILURE": Outcome.FAILURE,
    "ABANDONED": Outcome.FAILURE,
    "DENY": Outcome.DENIED,
    "RATE_LIMIT": Outcome.DENIED,
}
"""Result -> outcome; CHALLENGE, SKIPPED, SCHEDULED and UNKNOWN are unknown."""

_COMPILED = tuple((re.compile(pattern), kind) for pattern, kind in KINDS)
_SENT = r"^system\.[a-z]+\.send_"
_DENY = "deny_push"
_PATHS = Paths(
    {
        "time": "published",
        "type": "eventType",
        "result": "outcome.result",
        "reason": "outcome.reason",
        "actor": ("actor.alternateId", "actor.id"),
        "actor_type": "actor.type",
        "target": ("target[type=User].alternateId", "target[type=User].id"),
        "app": ("target[type=AppInstance].displayName", "target[type=AppInstance].alternateId"),
        "session": ("authenticationContext.externalSessionId", "authenticationContext.rootSessionId"),
        "ip": "client.ipAddress",
        "country": "client.geographicalContext.country",
        "user_agent": "client.userAgent.rawUserAgent",
        "client": "client.id",
        "asn": "securityContext.asNumber",
        "proxy": "securityContext.isProxy",
        "factor": "debugContext.debugData.factor",
        "request": "transaction.id",
    }
)
_SURE, _SAMPLE = 95, 20


class Okta:
    """Okta's System Log."""

    name = "okta"
    title = "Okta System Log (JSON array or NDJSON)"
    gives = Gives(
        {
            "time": "`published`",
            "kind": "`eventType`",
            "outcome": "`outcome.result`, a refusal also by `outcome.reason`",
            "account": "`actor.alternateId` of a user, else the target user; for credential changes the target user",
            "person": "`actor.alternateId` where another's credentials were changed",
            "session": "`authenticationContext.externalSessionId`",
            "ip": "`client.ipAddress`",
            "country": "`client.geographicalContext.country` (a name)",
            "asn": "`securityContext.asNumber`",
            "network_type": "proxy where `securityContext.isProxy`",
            "user_agent": "`client.userAgent.rawUserAgent`",
            "client": "`client.id` (OAuth)",
            "service": "the target application, else `eventType`",
            "request": "`transaction.id`",
        },
        lacks="people read: it tells who signs in and whose credentials change, nothing of what is read then",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for the keys of an event in the first objects."""
        objects = first_objects(head, _SAMPLE)
        fitting = sum({"published", "eventType", "actor"} <= set(found) for found in objects)
        if fitting * 2 > len(objects):
            return Likeness(_SURE, _("the objects have published, eventType and actor"))
        return Likeness(0, _("the objects have no published, eventType and actor"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read objects however they are written."""
        for found in ahead(read_any_objects(source, _PATHS, options.block_bytes, careful=options.careful)):
            yield finish(_events(found), VOCABULARY, options)


VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)


def _kind_of(event_type: str) -> str | None:
    return next((kind for pattern, kind in _COMPILED if pattern.fullmatch(event_type)), None)


def _events(found: Found) -> Found:
    """Name what the objects say as columns of the schema."""
    said = found.rows
    read = said.with_columns(
        by_distinct(said["type"], _kind_of).alias("kind"),
        by_distinct(said["result"], OUTCOMES.get).alias("ended"),
        by_distinct(said["reason"], outcome_of_words).alias("why"),
        *(pl.when(pl.col(name) != "unknown").then(name).alias(name) for name in ("actor", "target")),
    )
    primary = (pl.col("kind") == Kind.MFA.value) & pl.col("factor").str.contains("(?i)password")
    read = read.with_columns(kind=pl.when(primary).then(pl.lit(Kind.LOGIN.value)).otherwise("kind"))
    changed = (
        pl.col("kind").is_in([Kind.CREDENTIAL_CHANGE.value, Kind.DELEGATION.value]) & pl.col("target").is_not_null()
    )
    is_user = pl.col("actor_type").is_null() | (pl.col("actor_type") == "User")
    acting = pl.when(is_user).then(pl.coalesce("actor", "target")).otherwise(pl.coalesce("target", "actor"))
    rows = read.select(
        "time",
        "kind",
        _outcome(),
        pl.when(changed).then("target").otherwise(acting).alias("account"),
        pl.when(changed & (pl.col("target") != pl.col("actor"))).then("actor").alias("person"),
        pl.when(pl.col("proxy") == "true").then(pl.lit(NetworkType.PROXY.value)).alias("network_type"),
        pl.coalesce("app", "type").alias("service"),
        *("session", "ip", "country", "asn", "user_agent", "client", "request", "line", "byte"),
    )
    return replace(found, rows=rows)


def _outcome() -> pl.Expr:
    kind = pl.col("type")
    refused = kind.str.contains(_DENY, literal=True) | (
        (pl.col("ended") == Outcome.FAILURE.value) & (pl.col("why") == Outcome.DENIED.value)
    )
    return (
        pl.when(kind.str.contains(_SENT))
        .then(pl.lit(Outcome.UNKNOWN.value))
        .when(refused)
        .then(pl.lit(Outcome.DENIED.value))
        .otherwise("ended")
        .alias("outcome")
    )
