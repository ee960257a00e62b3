"""Microsoft Entra's audit logs: the changes of passwords and second factors that its sign-in logs do not tell.

JSON of Graph (directoryAudit), of diagnostic settings and of Log Analytics. A change is an event of the user it was
made to, with who made it as `person` where that is somebody else (docs/decisions/0030). What else administrators do is
`other`. Sources: Graph's directoryAudit resource; Microsoft's list of audit activities.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from tocsin.formats.actions import by_distinct
from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish
from tocsin.formats.elements import first_objects, read_any_objects
from tocsin.formats.lines import Source
from tocsin.formats.paths import Paths
from tocsin.schema import Kind, Outcome
from tocsin.words import _

_CHANGED = "create|add|register|update|change|delete|remove|reset|enable|disable"
_FACTOR = "authentication|passkey|fido|phone|access pass|app password|windows hello"

KINDS: tuple[tuple[str, str], ...] = (
    (r"(?:self-serve |bulk )?(?:change|reset|set) (?:.* )?password.*|unlock user account.*", Kind.CREDENTIAL_CHANGE),
    (r"(?:user|admin) (?:registered|deleted|changed|updated|reset) .*(?:security info|method|passkey|phone).*",
     Kind.CREDENTIAL_CHANGE),
    (rf"(?:{_CHANGED}) .*(?:{_FACTOR}).*", Kind.CREDENTIAL_CHANGE),
    (r"(?:add registered (?:owner|users?) to|register) device.*", Kind.CREDENTIAL_CHANGE),
    (r".*fraud reported.*", Kind.MFA),
    (r".*", Kind.OTHER),
)  # fmt: skip
"""Activity in small letters -> kind; the first that fits the whole name counts."""

OUTCOMES = {"success": Outcome.SUCCESS, "failure": Outcome.FAILURE, "timeout": Outcome.ERROR}

_COMPILED = tuple((re.compile(pattern), kind) for pattern, kind in KINDS)
_FRAUD = "(?i)fraud reported"

_JSON = {
    "time": ("activityDateTime", "time", "TimeGenerated"),
    "activity": ("activityDisplayName", "operationName"),
    "result": ("result",),
    "actor": ("initiatedBy.user.userPrincipalName", "initiatedBy.user.id"),
    "app": ("initiatedBy.app.displayName", "initiatedBy.app.servicePrincipalId"),
    "target": ("targetResources[type=User].userPrincipalName", "targetResources[type=User].id"),
    "ip": ("initiatedBy.user.ipAddress",),
    "logged_by": ("loggedByService",),
    "request": ("correlationId",),
}


def _ways(path: str) -> tuple[str, ...]:
    """How a property is named by Graph, by diagnostic settings and by tables of Log Analytics."""
    return path, f"properties.{path}", path[0].upper() + path[1:]


_PATHS = Paths(
    {name: tuple(dict.fromkeys(way for path in paths for way in _ways(path))) for name, paths in _JSON.items()}
)
_SURE, _SAMPLE = 94, 20
_MARKS = frozenset({"initiatedby", "targetresources"})


class EntraAudit:
    """Changes in a directory of Microsoft Entra."""

    name = "entra-audit"
    title = "Microsoft Entra audit logs (JSON): passwords, second factors, devices"
    gives = Gives(
        {
            "time": "`activityDateTime`",
            "kind": "`activityDisplayName`: changes of password, second factor and device; all else is other",
            "outcome": "`result`",
            "account": "for credential changes the target user, else who began it: a user or an application",
            "person": "who changed somebody else's credentials",
            "ip": "`initiatedBy.user.ipAddress`",
            "client": "the application that began it",
            "service": "`activityDisplayName`",
            "request": "`correlationId`",
        },
        lacks="people read, sign-ins (which are in Entra's sign-in logs), sessions, the browser",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for the keys of an audited activity in the first objects."""
        objects = first_objects(head, _SAMPLE)
        fitting = sum(_keys(found) >= _MARKS for found in objects)
        if fitting * 2 > len(objects):
            return Likeness(_SURE, _("the objects have initiatedBy and targetResources"))
        return Likeness(0, _("the objects have no initiatedBy and targetResources"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read objects however they are written."""
        # An instant without offset is UTC, as Microsoft says of all of them.
        for found in ahead(read_any_objects(source, _PATHS, options.block_bytes, careful=options.careful)):
            yield finish(_events(found), VOCABULARY, replace(options, zone="UTC"))


VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)


def _keys(found: dict[str, object]) -> set[str]:
    inner = found.get("properties")
    return {key.lower() for key in (inner if isinstance(inner, dict) else found)}


def _kind_of(activity: str) -> str | None:
    named = activity.strip().lower()
    return next((kind for pattern, kind in _COMPILED if pattern.fullmatch(named)), None)


def _outcome_of(result: str) -> str | None:
    return OUTCOMES.get(result.lower())


def _events(found: Found) -> Found:
    """Name what the objects say as columns of the schema."""
    said = found.rows
    read = said.with_columns(
        by_distinct(said["activity"], _kind_of).alias("kind"),
        by_distinct(said["result"], _outcome_of).alias("ended"),
    )
    actor, target = pl.col("actor"), pl.col("target")
    changed = (pl.col("kind") == Kind.CREDENTIAL_CHANGE.value) & target.is_not_null()
    somebody = pl.coalesce("actor", "app")
    # Whoever reports a fraud has refused a push.
    fraud = pl.col("activity").str.contains(_FRAUD)
    rows = read.select(
        "time",
        "kind",
        pl.when(fraud).then(pl.lit(Outcome.DENIED.value)).otherwise("ended").alias("outcome"),
        pl.when(changed).then(target).otherwise(pl.coalesce(actor, target, "app")).alias("account"),
        pl.when(changed & (somebody != target)).then(somebody).alias("person"),
        *("ip", "request", "line", "byte"),
        client="app",
        service=pl.coalesce("activity", "logged_by"),
    )
    return replace(found, rows=rows)
