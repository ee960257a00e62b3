"""Elastic Common Schema: objects as Filebeat and Logstash write them, or exported from Elasticsearch (`_source`).

The account is `user.name`, else `user.id`; a credential change is the target user's. What was done is told by
`event.action`, then `event.category` with `event.type`, then by the request and the table of addresses. `event.outcome`
says success and failure; the status of a response tells not_found and denied apart. Instants are UTC;
`event.timezone` gives the offset. Source: elastic.co/docs/reference/ecs.
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

_FIELDS: dict[str, tuple[str, ...]] = {
    "time": ("@timestamp", "event.created"),
    "zone": ("event.timezone",),
    "action": ("event.action",),
    "category": ("event.category",),
    "type": ("event.type",),
    "said": ("event.outcome",),
    "status": ("http.response.status_code",),
    "account": ("user.name", "user.id", "user.email"),
    "target": ("user.target.name", "user.target.id"),
    "profession": ("user.roles", "labels.profession"),
    "structure": ("organization.id", "organization.name", "labels.structure"),
    "region": ("labels.region",),
    "session": ("session.id", "labels.session_id", "labels.session"),
    "ip": ("source.ip", "client.ip"),
    "country": ("source.geo.country_iso_code", "client.geo.country_iso_code"),
    "asn": ("source.as.number", "client.as.number"),
    "network_type": ("labels.network_type",),
    "user_agent": ("user_agent.original",),
    "client": ("labels.client", "labels.client_id"),
    "service": ("service.name",),
    "method": ("http.request.method",),
    "path": ("url.path", "url.original"),
    "query": ("url.query",),
    "patient": ("labels.patient", "labels.patient_id"),
    "rows": ("labels.rows",),
    "bytes": ("http.response.body.bytes", "http.response.bytes"),
    "request": ("trace.id", "http.request.id"),
    "purpose": ("labels.purpose",),
    "break_glass": ("labels.break_glass",),
}
_PATHS = Paths({name: [*paths, *(f"_source.{path}" for path in paths)] for name, paths in _FIELDS.items()})
_AS_THEY_ARE = (
    "profession", "structure", "region", "session", "ip", "country", "asn", "network_type", "user_agent", "client",
    "rows", "bytes", "request", "purpose", "break_glass",
)  # fmt: skip
_WHO = ("user", "source", "client", "user_agent", "url", "http", "service")
_SURE, _SAMPLE = 90, 20


class Ecs:
    """Events in Elastic's common schema."""

    name = "ecs"
    title = "Elastic Common Schema (NDJSON, arrays, Elasticsearch exports)"
    gives = Gives(
        {
            "time": "`@timestamp`",
            "offset_minutes": "`event.timezone` where it is an offset",
            "kind": "`event.action`, `event.category` with `event.type`, or the request by the table of addresses",
            "outcome": "`event.outcome`, `http.response.status_code`, `event.type` denied",
            "account": "`user.name`, else `user.id`, `user.email`; for credential changes `user.target`",
            "person": "`user.name` where another's credentials were changed",
            "profession": "`user.roles`, `labels.profession`",
            "structure": "`organization.id`",
            "region": "`labels.region`",
            "session": "`session.id`, `labels.session_id`",
            "ip": "`source.ip`, else `client.ip`",
            "country": "`source.geo.country_iso_code`",
            "asn": "`source.as.number`",
            "network_type": "`labels.network_type`",
            "user_agent": "`user_agent.original`",
            "client": "`labels.client`",
            "service": "`service.name`, else `url.path` by the table of addresses",
            "patient": "`labels.patient`, else `url.path` and `url.query` by the table of addresses",
            "rows": "`labels.rows`",
            "bytes": "`http.response.body.bytes`",
            "request": "`trace.id`",
            "purpose": "`labels.purpose`",
            "break_glass": "`labels.break_glass`",
        },
        lacks="no field of its own for sessions, people read, rows and purpose: only where labels carry them",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for @timestamp and fields of the schema in the first objects."""
        objects = first_objects(head, _SAMPLE)
        fitting = sum(_is_event(found) for found in objects)
        if fitting * 2 > len(objects):
            return Likeness(_SURE, _("the objects have @timestamp and fields of ECS"))
        return Likeness(0, _("the objects have no @timestamp with fields of ECS"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read objects however they are written."""
        for found in ahead(read_any_objects(source, _PATHS, options.block_bytes, careful=options.careful)):
            # An instant without offset is UTC.
            yield finish(_events(found, options), VOCABULARY, replace(options, zone="UTC"))


def _is_event(found: dict[str, object]) -> bool:
    inner = found.get("_source")
    event = inner if isinstance(inner, dict) else found
    tops = {key.split(".")[0] for key in event}
    return "@timestamp" in event and ("event" in tops or "ecs" in tops) and bool(tops & set(_WHO))


VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)


def _events(found: Found, options: ReadOptions) -> Found:
    """Name what the objects say as columns of the schema."""
    said = found.rows
    read = with_web(said, options).with_columns(
        by_distinct(said["action"], kind_of).alias("done"),
        by_distinct(said["action"], outcome_of_words).alias("ended"),
        by_distinct(said["status"], outcome_of).alias("answered"),
    )
    rows = read.with_columns(_kind(), _outcome()).select(
        pl.col("time").str.strip_suffix("Z"),
        _offset(),
        "kind",
        "outcome",
        *_who(),
        *_AS_THEY_ARE,
        pl.coalesce("service", "web_service").alias("service"),
        pl.coalesce("patient", "web_patient").alias("patient"),
        "line",
        "byte",
    )
    return replace(found, rows=rows)


def _kind() -> pl.Expr:
    category, kind = pl.col("category"), pl.col("type")
    by_category = (
        pl.when(category.is_in(["authentication", "session"]))
        .then(pl.when(kind == "end").then(pl.lit(Kind.LOGOUT.value)).otherwise(pl.lit(Kind.LOGIN.value)))
        .when(category.is_in(["database", "file"]) & (kind == "access"))
        .then(pl.lit(Kind.LOOKUP.value))
        .when(category.is_in(["database", "file"]) & kind.is_in(["change", "creation", "deletion"]))
        .then(pl.lit(Kind.WRITE.value))
    )
    told = pl.when(pl.col("web_kind") != Kind.OTHER.value).then("web_kind")
    return pl.coalesce("done", by_category, told, pl.lit(Kind.OTHER.value)).alias("kind")


def _outcome() -> pl.Expr:
    """Tell a refusal from a failure, by the words, the type or the status."""
    failed = pl.col("said") == "failure"
    denied = failed & ((pl.col("type") == "denied") | (pl.col("ended") == Outcome.DENIED.value))
    return (
        pl.when(denied)
        .then(pl.lit(Outcome.DENIED.value))
        .when(failed & pl.col("answered").is_in([Outcome.NOT_FOUND.value, Outcome.DENIED.value, Outcome.ERROR.value]))
        .then("answered")
        .when(pl.col("said").is_in(["success", "failure"]))
        .then("said")
        .otherwise(pl.coalesce("answered", "ended"))
        .alias("outcome")
    )


def _who() -> list[pl.Expr]:
    others = (pl.col("kind") == Kind.CREDENTIAL_CHANGE.value) & (pl.col("target") != pl.col("account"))
    return [
        pl.when(others).then("target").otherwise("account").alias("account"),
        pl.when(others).then("account").alias("person"),
    ]


def _offset() -> pl.Expr:
    """Give `+02:00` as minutes."""
    parts = pl.col("zone").str.extract_groups(r"^([+-])(\d{2}):?(\d{2})$").struct
    minutes = parts.field("2").cast(pl.Int64) * 60 + parts.field("3").cast(pl.Int64)
    signed = pl.when(parts.field("1") == "-").then(-minutes).otherwise(minutes)
    return signed.cast(pl.String()).alias("offset_minutes")
