"""Microsoft Entra's sign-in logs: JSON of Graph and of diagnostic settings, and the CSV that the portal exports.

The outcome is told by the error code. A code that asks for the second factor is `mfa` of unknown outcome, one that says
it failed is `mfa` too, `denied` where the details say that the user declined. `client` is the application that signed
in, `service` the resource it asked for. Sources: Graph's signIn resource; reference of AADSTS codes.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from tocsin.errors import InputError
from tocsin.formats.actions import by_distinct, outcome_of_words
from tocsin.formats.ahead import ahead
from tocsin.formats.base import Batch, Gives, Head, Likeness, ReadOptions
from tocsin.formats.convert import Found, Vocabulary, finish, fold
from tocsin.formats.elements import first_objects, read_any_objects
from tocsin.formats.lines import Source
from tocsin.formats.paths import Paths
from tocsin.formats.tables import Header, find_header, read_table
from tocsin.schema import Kind, Outcome
from tocsin.words import _

CHALLENGES = frozenset({"50072", "50074", "50076", "50079", "50158"})
"""The second factor is asked for, or to be registered; the answer is another sign-in."""

REFUSED_FACTOR = "500121"
"""The second factor was declined, not answered or wrong."""

INTERRUPTS = frozenset({"16000", "16001", "50058", "50097", "50127", "50129", "50140", "50199", "51006", "65001"})
"""Sign-ins that go on elsewhere: choose an account, keep me signed in, consent."""

DENIED = frozenset({
    "50020", "50053", "50057", "50105", "53000", "53001", "53002", "53003", "53004", "53011", "90094", "530032",
    "530034",
})  # fmt: skip
"""Locked, disabled, not assigned, blocked by conditional access."""

_JSON = {
    "time": ("createdDateTime", "CreatedDateTime", "time", "TimeGenerated"),
    "account": ("userPrincipalName", "servicePrincipalName", "userId"),
    "ip": ("ipAddress", "IPAddress"),
    "country": ("location.countryOrRegion", "LocationDetails.countryOrRegion"),
    "asn": ("autonomousSystemNumber",),
    "user_agent": ("userAgent",),
    "client": ("appDisplayName", "appId"),
    "service": ("resourceDisplayName",),
    "session": ("sessionId",),
    "request": ("correlationId",),
    "code": ("status.errorCode", "ResultType", "resultType"),
    "reason": ("status.failureReason", "ResultDescription"),
    "detail": ("status.additionalDetails", "authenticationDetails[succeeded=false].authenticationStepResultDetail"),
}


def _ways(path: str) -> tuple[str, ...]:
    """How a property is named by Graph, by diagnostic settings and by tables of Log Analytics."""
    return path, f"properties.{path}", path[0].upper() + path[1:]


_PATHS = Paths(
    {name: tuple(dict.fromkeys(way for path in paths for way in _ways(path))) for name, paths in _JSON.items()}
)

_CSV = {
    "date_utc": "time",
    "date": "time",
    "createddatetime": "time",
    "username": "account",
    "userprincipalname": "account",
    "ip_address": "ip",
    "ipaddress": "ip",
    "location": "country",
    "country": "country",
    "autonomous_system_number": "asn",
    "user_agent": "user_agent",
    "application": "client",
    "appdisplayname": "client",
    "resource": "service",
    "session_id": "session",
    "correlation_id": "request",
    "status": "status",
    "sign_in_error_code": "code",
    "failure_reason": "reason",
    "multifactor_authentication_result": "detail",
}
"""Folded header of the portal's export -> column."""

_NEEDED = ("time", "account")
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d\d):(\d\d) ([AP])M")
_COLUMNS = (*_JSON, "status")
_SURE, _SAMPLE = 94, 20


class Entra:
    """Sign-ins of Microsoft Entra."""

    name = "entra"
    title = "Microsoft Entra sign-in logs (JSON or the portal's CSV)"
    gives = Gives(
        {
            "time": "`createdDateTime`; `Date (UTC)`",
            "kind": "login; mfa where `status.errorCode` is of the second factor",
            "outcome": "`status.errorCode`; `Sign-in error code` or `Status`; declined by the details",
            "account": "`userPrincipalName`, else `servicePrincipalName`; `Username`",
            "session": "`sessionId`; `Session ID`",
            "ip": "`ipAddress`; `IP address`",
            "country": "`location.countryOrRegion`; the end of `Location`",
            "asn": "`autonomousSystemNumber`",
            "user_agent": "`userAgent`; `User agent`",
            "client": "`appDisplayName`; `Application`",
            "service": "`resourceDisplayName`; `Resource`",
            "request": "`correlationId`; `Correlation ID`",
        },
        lacks="people read; logouts; credential changes, which are in Entra's audit logs (`entra-audit`)",
    )

    def likeness(self, head: Head) -> Likeness:
        """Look for the keys of a sign-in, or for the headers of the portal's export."""
        objects = first_objects(head, _SAMPLE)
        fitting = sum(_is_sign_in(found) for found in objects)
        if fitting * 2 > len(objects):
            return Likeness(_SURE, _("the objects are sign-ins: createdDateTime, userPrincipalName"))
        header = None if objects else find_header(head, _name_of)
        if header is not None and not header.missing((*_NEEDED, "client")) and {"code", "status"} & set(header.names):
            return Likeness(_SURE, _("the header names a date, a user name, an application and a status"))
        return Likeness(0, _("neither objects nor header are of sign-ins"))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read JSON or CSV; raises InputError where a CSV lacks a needed column."""
        # An instant without offset is UTC, as the header says.
        for found in ahead(_read(source, options)):
            yield finish(_events(found), VOCABULARY, replace(options, zone="UTC"))


def _is_sign_in(found: dict[str, object]) -> bool:
    inner = found.get("properties")
    keys = {key.lower() for key in (inner if isinstance(inner, dict) else found)}
    return (
        "createddatetime" in keys
        and bool(keys & {"userprincipalname", "serviceprincipalname"})
        and bool(keys & {"appdisplayname", "appid", "status"})
    )


def _name_of(field: str) -> str | None:
    return _CSV.get(fold(field))


def _read(source: Source, options: ReadOptions) -> Iterator[Found]:
    head = Head(source.head())
    if head.text.lstrip().startswith((b"{", b"[")):
        for found in read_any_objects(source, _PATHS, options.block_bytes, careful=options.careful):
            yield replace(found, rows=found.rows.with_columns(status=pl.lit(None, pl.String())))
    else:
        yield from _read_csv(source, _checked(find_header(head, _name_of), source.name), options)


def _read_csv(source: Source, header: Header, options: ReadOptions) -> Iterator[Found]:
    missing = [pl.lit(None, pl.String()).alias(name) for name in _COLUMNS if name not in header.names]

    def filled(found: Found) -> Found:
        rows = found.rows.with_columns(missing)
        place = pl.col("country").str.split(",").list.last().str.strip_chars()
        times = by_distinct(rows["time"], _american) if rows["time"].str.ends_with("M").any() else rows["time"]
        return replace(found, rows=rows.with_columns(times.alias("time"), place.alias("country")))

    return read_table(source, header, options, filled)


def _checked(header: Header | None, path: str) -> Header:
    missing = _NEEDED if header is None else header.missing(_NEEDED)
    if header is None or missing:
        said = {"time": "Date (UTC)", "account": "Username"}[missing[0]]
        raise InputError(
            _("{path} cannot be read as entra: the header has no column '{name}'").format(path=path, name=said),
            hint=_("export the sign-in logs in English, as CSV or JSON"),
        )
    return header


def _american(text: str) -> str:
    """Write `3/14/2022, 10:00:00 AM` as ISO text; other texts stay as they are."""
    found = _AMERICAN.fullmatch(text.strip())
    if found is None:
        return text
    hour = int(found[4]) % 12 + 12 * (found[7] == "P")
    return f"{found[3]}-{int(found[1]):02}-{int(found[2]):02}T{hour:02}:{found[5]}:{found[6]}"


VOCABULARY = Vocabulary(kind=lambda _: None, outcome=lambda _: None)


def _events(found: Found) -> Found:
    """Name what the sign-ins say as columns of the schema."""
    said = found.rows
    words = [by_distinct(said[name], outcome_of_words).alias(f"why_{name}") for name in ("detail", "status")]
    code = pl.col("code").str.strip_chars().str.replace(r"^AADSTS", "")
    read = said.with_columns(*words, code)
    code = pl.col("code")
    declined = pl.col("detail").str.contains("(?i)declin|denied|fraud").fill_null(value=False)
    factor = code.is_in([*CHALLENGES, REFUSED_FACTOR])
    outcome = (
        pl.when(code == "0")
        .then(pl.lit(Outcome.SUCCESS.value))
        .when(code.is_in([*CHALLENGES, *INTERRUPTS]))
        .then(pl.lit(Outcome.UNKNOWN.value))
        .when(code.is_in(list(DENIED)) | ((code == REFUSED_FACTOR) & declined))
        .then(pl.lit(Outcome.DENIED.value))
        .when(code.is_not_null())
        .then(pl.lit(Outcome.FAILURE.value))
        .otherwise("why_status")
    )
    rows = read.select(
        *("time", "account", "ip", "country", "asn", "user_agent", "client", "session", "request", "line", "byte"),
        kind=pl.when(factor).then(pl.lit(Kind.MFA.value)).otherwise(pl.lit(Kind.LOGIN.value)),
        outcome=outcome,
        service=pl.coalesce("service", "client"),
    )
    return replace(found, rows=rows)
