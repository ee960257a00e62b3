"""What a web server says of a request: kind, service and patient by its address, outcome by its status.

2xx and 3xx success, 404 and 410 not_found, 401 and 403 denied (401 on a login: failure), other 4xx failure, 5xx error.
"""

import re
from collections.abc import Callable

import polars as pl

from tocsin.formats.alike import Alike
from tocsin.formats.base import ReadOptions
from tocsin.formats.blind import blind
from tocsin.formats.convert import Vocabulary
from tocsin.formats.urls import DEFAULT_URLS, read_requests
from tocsin.schema import KIND, OUTCOME, Kind, Outcome

_ENCODED = "[%+]"
"""What stands for another character: then what is read is not what is written."""

NOBODY = ["", "-", '""']
"""How servers write that nobody has signed in."""


def outcome_of(status: str) -> str | None:
    """Give the outcome that a status stands for."""
    match status:
        case "404" | "410":
            return Outcome.NOT_FOUND
        case "401" | "403":
            return Outcome.DENIED
        case _ if status[:1] in {"2", "3"}:
            return Outcome.SUCCESS
        case _ if status[:1] == "4":
            return Outcome.FAILURE
        case _ if status[:1] == "5":
            return Outcome.ERROR
        case _:
            return None


_STATUSES = pl.Enum([str(status) for status in range(200, 600)])
_MEANT = pl.Series("outcome", [outcome_of(status) for status in _STATUSES.categories], dtype=OUTCOME)

VOCABULARY = Vocabulary(kind=lambda _: None, outcome=outcome_of)


def account_of(options: ReadOptions) -> pl.Expr:
    """Give the account: who signed in, or the address where the user says that it may stand for nobody."""
    account = pl.col("account")
    if options.account_from != "ip":
        return account
    return pl.when(account.is_null() | account.is_in(NOBODY)).then("ip").otherwise(account).alias("account")


def behind_proxies(forwarded: pl.Expr) -> pl.Expr:
    """Give the address that asked, behind those it says it asks for: which is the client's is chosen later."""
    ip = pl.col("ip")
    said = forwarded.is_not_null() & ~forwarded.is_in(NOBODY)
    return pl.when(said).then(pl.concat_str(forwarded, pl.lit(", "), ip)).otherwise(ip).alias("ip")


def requests_of(
    parted: Callable[[pl.Series], pl.DataFrame], options: ReadOptions
) -> Callable[[pl.Series], pl.DataFrame]:
    """Give what reads requests as kind, service and patient.

    `parted` gives the `method` and `target` of each, and must treat all digits alike.
    """
    urls = options.urls or DEFAULT_URLS

    def read(asked: pl.Series) -> pl.DataFrame:
        return read_requests(parted(asked), urls).with_columns(pl.col("kind").cast(KIND))

    alike = all(blind(url.path) and not re.search("[0-9]", url.method) for url in urls)
    return Alike(read, _ENCODED).read if alike and not options.careful else read


def with_requests(rows: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """Add kind, service and patient, as read, to rows with an `outcome` that is a status; say what the status means.

    What an address names counts before what the log says in a column of that name.
    """
    outcomes = _outcomes(rows["outcome"])
    refused = ((requests["kind"] == Kind.LOGIN.value) & (rows["outcome"] == "401")).fill_null(value=False)
    if refused.any():
        failures = pl.Series([Outcome.FAILURE.value], dtype=outcomes.dtype).new_from_index(0, len(outcomes))
        outcomes = outcomes.zip_with(~refused, failures)
    rest = rows.drop("outcome")
    both = [name for name in requests.columns if name in rest.columns]
    named = [requests[name].zip_with(requests[name].is_not_null(), rest[name]) for name in both]
    return pl.DataFrame([*rest.drop(both), *requests.drop(both), *named, outcomes])


def _outcomes(statuses: pl.Series) -> pl.Series:
    """Give the outcomes of statuses, if all are known, else the statuses."""
    codes = statuses.cast(_STATUSES, strict=False)
    if codes.null_count() > statuses.null_count():
        return statuses
    return _MEANT.gather(codes.to_physical())


def with_web(rows: pl.DataFrame, options: ReadOptions) -> pl.DataFrame:
    """Add `web_kind`, `web_service`, `web_patient` to rows with `method`, `path` (or a whole URL) and `query`."""
    path, query = pl.col("path").str.replace(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*", ""), pl.col("query")
    alone = query.is_null() | path.str.contains("?", literal=True)
    target = pl.when(alone).then(path).otherwise(path + pl.lit("?") + query)
    requests = rows.select(method=pl.col("method").str.to_uppercase(), target=target)
    read = read_requests(requests, options.urls or DEFAULT_URLS)
    missing = [pl.lit(None, pl.String()).alias(name) for name in ("service", "patient") if name not in read]
    web = read.with_columns(missing).select(pl.col("kind", "service", "patient").name.prefix("web_"))
    return rows.hstack(web)
