"""What a web server says of a request: kind, service and patient by its address, outcome by its status.

2xx and 3xx success, 404 and 410 not_found, 401 and 403 denied (401 on a login: failure), other 4xx failure, 5xx error.
"""

import polars as pl

from tocsin.formats.base import ReadOptions
from tocsin.formats.convert import Vocabulary
from tocsin.formats.urls import DEFAULT_URLS, read_requests
from tocsin.schema import Kind, Outcome

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


VOCABULARY = Vocabulary(kind=lambda _: None, outcome=outcome_of)


def account_of(options: ReadOptions) -> pl.Expr:
    """Give the account: who signed in, or the address where the user says that it may stand for nobody."""
    account = pl.col("account")
    if options.account_from != "ip":
        return account
    return pl.when(account.is_null() | account.is_in(NOBODY)).then("ip").otherwise(account).alias("account")


def with_requests(rows: pl.DataFrame, requests: pl.DataFrame, options: ReadOptions) -> pl.DataFrame:
    """Add kind, service and patient to rows with an `outcome` that is a status; requests have `method` and `target`."""
    events = rows.hstack(read_requests(requests, options.urls or DEFAULT_URLS))
    refused = (pl.col("kind") == Kind.LOGIN.value) & (pl.col("outcome") == "401")
    return events.with_columns(outcome=pl.when(refused).then(pl.lit(Outcome.FAILURE.value)).otherwise("outcome"))


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
