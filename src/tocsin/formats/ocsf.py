"""Open Cybersecurity Schema Framework: the classes in which people sign in, change accounts and read data.

3001 account change, 3002 authentication, 3003 to 3005 sessions, entities and privileges, 6001 web, 6003 API, 6004 and
4002 HTTP, 6005 datastore. The account is who authenticates (3002, 3003), whose account is changed (3001, with the actor
as `person`), else the actor. A failed authentication with a second factor is `mfa`. Times are milliseconds. Source:
schema.ocsf.io, events of ocsf/ocsf-schema.
"""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from tocsin.formats.actions import by_distinct, kind_of, outcome_of_words
from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish
from tocsin.formats.elements import first_objects, read_any_objects
from tocsin.formats.lines import Source
from tocsin.formats.paths import Paths
from tocsin.formats.web import outcome_of, with_web
from tocsin.schema import Kind, Outcome
from tocsin.words import _

KINDS: dict[str, dict[str, str]] = {
    "3001": {
        **dict.fromkeys(("3", "4", "10", "11"), Kind.CREDENTIAL_CHANGE),
        **dict.fromkeys(("1", "2", "5", "6", "7", "8", "9", "12"), Kind.OTHER),
    },
    "3002": {
        "1": Kind.LOGIN,
        "2": Kind.LOGOUT,
        "3": Kind.LOGIN,
        "4": Kind.OTHER,
        "5": Kind.OTHER,
        "7": Kind.DELEGATION,
    },
    "3003": dict.fromkeys(("1", "2"), Kind.OTHER),
    "3004": {"1": Kind.WRITE, "2": Kind.LOOKUP, "3": Kind.WRITE, "4": Kind.WRITE},
    "3005": {"1": Kind.DELEGATION, "2": Kind.OTHER},
    "6003": {"1": Kind.WRITE, "2": Kind.LOOKUP, "3": Kind.WRITE, "4": Kind.WRITE},
    "6005": {
        "1": Kind.LOOKUP,
        "3": Kind.LOGIN,
        "4": Kind.SEARCH,
        "8": Kind.LIST,
        **dict.fromkeys(("2", "5", "6", "7"), Kind.WRITE),
        **dict.fromkeys(("9", "10"), Kind.OTHER),
    },
}
"""Class -> activity -> kind. A read by an API whose operation says search, list or export is that."""

_WEB = ("4002", "6001", "6004")
_FINER = (Kind.SEARCH.value, Kind.LIST.value, Kind.EXPORT.value)
_PATHS = Paths(
    {
        "time": ("time", "time_dt"),
        "offset_minutes": "timezone_offset",
        "class": "class_uid",
        "activity": "activity_id",
        "type": "type_uid",
        "activity_name": "activity_name",
        "status": "status_id",
        "detail": ("status_detail", "status_code", "status"),
        "answered": "http_response.code",
        "is_mfa": "is_mfa",
        "actor": ("actor.user.name", "actor.user.email_addr", "actor.user.uid"),
        "user": ("user.name", "user.email_addr", "user.uid"),
        "profession": "actor.user.type",
        "structure": ("actor.user.org.uid", "actor.user.org.name", "user.org.uid", "user.org.name"),
        "session": ("session.uid", "actor.session.uid"),
        "ip": "src_endpoint.ip",
        "country": "src_endpoint.location.country",
        "asn": "src_endpoint.autonomous_system.number",
        "user_agent": "http_request.user_agent",
        "client": ("actor.app_name", "actor.app_uid"),
        "service": ("api.operation", "service.name", "table.name", "databucket.name", "database.name"),
        "method": "http_request.http_method",
        "path": ("http_request.url.path", "http_request.url.url_string"),
        "query": "http_request.url.query_string",
        "person_read": ("resources[type=Patient].uid", "resources[type=patient].uid"),
        "first_resource": "resources[0].uid",
        "first_type": "resources[0].type",
        "bytes": ("http_response.body_length", "http_response.length"),
        "request": ("metadata.correlation_uid", "http_request.uid", "api.request.uid"),
    }
)
_AS_THEY_ARE = (
    "time", "offset_minutes", "profession", "structure", "session", "ip", "country", "asn", "user_agent", "client",
    "bytes", "request",
)  # fmt: skip
_SURE, _SAMPLE = 93, 20


class Ocsf:
    """Events of OCSF."""

    name = "ocsf"
    title = "Open Cybersecurity Schema Framework (NDJSON, arrays)"
    gives = Gives(
        {
            "time": "`time` (ms)",
            "offset_minutes": "`timezone_offset`",
            "kind": "`class_uid` and `activity_id`; `api.operation`; requests by the table of addresses",
            "outcome": "`status_id`, `http_response.code`, `status_detail`",
            "account": "`user` (3001 to 3003), else `actor.user`: `name`, `email_addr` or `uid`",
            "person": "`actor.user` where another's account was changed",
            "profession": "`actor.user.type`",
            "structure": "`actor.user.org`",
            "session": "`session.uid`, `actor.session.uid`",
            "ip": "`src_endpoint.ip`",
            "country": "`src_endpoint.location.country`",
            "asn": "`src_endpoint.autonomous_system.number`",
            "user_agent": "`http_request.user_agent`",
            "client": "`actor.app_name`",
            "service": "`api.operation`, `service.name`, `table.name`, or the address by the table of addresses",
            "patient": "`resources` of type Patient, or the first without type; else the address",
            "bytes": "`http_response.body_length`",
            "request": "`metadata.correlation_uid`, `http_request.uid`",
        },
        lacks="pushes sent (only a second factor that failed shows), rows, purpose; of several resources one is read",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for a class and an activity in the first objects."""
        objects = first_objects(head, _SAMPLE)
        fitting = sum("class_uid" in found and bool({"activity_id", "type_uid"} & set(found)) for found in objects)
        if fitting * 2 > len(objects):
            return Likeness(_SURE, _("the objects have class_uid and activity_id"))
        return Likeness(0, _("the objects have no class_uid and activity_id"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read objects however they are written."""
        for found in ahead(read_any_objects(source, _PATHS, options.block_bytes, careful=options.careful)):
            yield finish(_events(found, options), VOCABULARY, options)


VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)


def _kind_of_pair(pair: str) -> str | None:
    uid, _dot, activity = pair.partition(".")
    return KINDS.get(uid, {}).get(activity)


def _events(found: Found, options: ReadOptions) -> Found:
    """Name what the objects say as columns of the schema."""
    said = found.rows
    activity = pl.coalesce("activity", pl.col("type").str.slice(4).str.strip_chars_start("0"))
    read = with_web(said, options).with_columns(pair=pl.concat_str("class", pl.lit("."), activity))
    read = read.with_columns(
        by_distinct(read["pair"], _kind_of_pair).alias("by_class"),
        by_distinct(read["service"], kind_of).alias("by_words"),
        by_distinct(read["activity_name"], kind_of).alias("by_name"),
        by_distinct(read["detail"], outcome_of_words).alias("ended"),
        by_distinct(read["answered"], outcome_of).alias("answered"),
    )
    read = read.with_columns(_outcome())
    rows = read.with_columns(_kind()).select(
        *_AS_THEY_ARE,
        "kind",
        "outcome",
        *_who(),
        pl.coalesce("service", "web_service").alias("service"),
        pl.coalesce("person_read", pl.when(pl.col("first_type").is_null()).then("first_resource"), "web_patient").alias(
            "patient"
        ),
        "line",
        "byte",
    )
    return replace(found, rows=rows)


def _outcome() -> pl.Expr:
    """Tell a refusal and what was not found from a failure, by the status of the answer or the words of the detail."""
    finer = [Outcome.NOT_FOUND.value, Outcome.DENIED.value, Outcome.ERROR.value]
    known = pl.coalesce(pl.when(pl.col(name).is_in(finer)).then(name) for name in ("answered", "ended"))
    return (
        pl.when(pl.col("status") == "1")
        .then(pl.lit(Outcome.SUCCESS.value))
        .when(pl.col("status") == "2")
        .then(pl.coalesce(known, pl.lit(Outcome.FAILURE.value)))
        .otherwise(pl.coalesce("answered", "ended"))
        .alias("outcome")
    )


def _kind() -> pl.Expr:
    refused = (pl.col("class") == "3002") & (pl.col("activity") == "1") & (pl.col("is_mfa") == "true")
    refused &= pl.col("outcome").is_in([Outcome.FAILURE.value, Outcome.DENIED.value])
    finer = (pl.col("by_class") == Kind.LOOKUP.value) & pl.col("by_words").is_in(list(_FINER))
    return (
        pl.when(refused)
        .then(pl.lit(Kind.MFA.value))
        .when(finer)
        .then("by_words")
        .when(pl.col("class").is_in(list(_WEB)))
        .then("web_kind")
        .otherwise(pl.coalesce("by_class", "by_name"))
        .alias("kind")
    )


def _who() -> list[pl.Expr]:
    own = pl.col("class").is_in(["3001", "3002", "3003"])
    account = pl.when(own).then(pl.coalesce("user", "actor")).otherwise(pl.coalesce("actor", "user"))
    others = (pl.col("class") == "3001") & (pl.col("user") != pl.col("actor"))
    return [account.alias("account"), pl.when(others).then("actor").alias("person")]
