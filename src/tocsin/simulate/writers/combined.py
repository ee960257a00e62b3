"""A web server's combined log: social security numbers stand inside the addresses of pages."""

import polars as pl

from tocsin.simulate.randomness import Purpose, stream
from tocsin.simulate.writers.page import Page, Sheet, every_row, patient_as_typed, wall_clock, zone

_STATUS = {"success": "200", "failure": "401", "not_found": "404", "denied": "403", "error": "500", "unknown": "200"}
_SITE = "https://portail-sante.example"
_METHODS = {"login": "POST", "credential_change": "POST", "write": "POST", "mfa": "POST", "delegation": "POST"}


def combined_sheet(page: Page) -> list[Sheet]:
    """Write a night as one access log; some referers and browsers carry a number too."""
    toss = stream(page.seed, Purpose.WRITING, page.day.toordinal()).random(page.actions.height)
    read = page.actions.with_columns(
        patient=patient_as_typed(),
        status=pl.col("outcome").cast(pl.String).replace_strict(_STATUS),
        method=pl.col("kind").cast(pl.String).replace_strict(_METHODS, default="GET"),
        clock=wall_clock(),
    ).with_columns(path=_path(), odd=pl.Series(toss))
    line = pl.concat_str(
        pl.col("ip"), pl.lit(" - "), pl.col("account"), pl.lit(" ["),
        pl.col("clock").dt.to_string("%d/%b/%Y:%H:%M:%S "), zone("{sign}{hours:02d}{minutes:02d}"),
        pl.lit('] "'), pl.col("method"), pl.lit(" "), pl.col("path"), pl.lit(' HTTP/1.1" '), pl.col("status"),
        pl.lit(" "), pl.col("bytes").cast(pl.String), pl.lit(' "'), _referer(), pl.lit('" "'), _agent(), pl.lit('"'),
    )  # fmt: skip
    return [Sheet(f"access-{page.day}.log", read.select(line=line), every_row(page), "lines")]


def _path() -> pl.Expr:
    """Give each action its page. Half of the accounts' software puts the number in the path, half in the query."""
    kind = pl.col("kind").cast(pl.String)
    written = pl.concat_str(pl.lit("/patients/"), pl.col("patient"), pl.lit("/"), pl.col("service"))
    in_path = pl.concat_str(pl.lit("/patients/"), pl.col("patient"), _tail("/"))
    in_query = pl.concat_str(pl.lit("/"), pl.col("service"), pl.lit("?nir="), pl.col("patient"), pl.lit("&v=2"))
    lookup = pl.when(pl.col("long_identifier")).then(in_query).otherwise(in_path)
    return (
        pl.when(kind == "login").then(pl.lit("/login"))
        .when(kind == "logout").then(pl.lit("/logout"))
        .when(kind == "credential_change").then(pl.lit("/compte/mot-de-passe"))
        .when(kind == "search").then(pl.concat_str(pl.lit("/recherche?page=1&q="), pl.col("bytes").cast(pl.String)))
        .when(kind == "mfa").then(pl.lit("/otp"))
        .when(kind == "delegation").then(pl.lit("/delegations"))
        .when(kind == "export").then(pl.lit("/export"))
        .when(kind == "list").then(pl.lit("/patients"))
        .when(kind == "write").then(written)
        .otherwise(lookup)
    )  # fmt: skip


def _tail(slash: str) -> pl.Expr:
    """Rights are the patient's first page; other services are pages below it."""
    below = pl.concat_str(pl.lit(slash), pl.col("service"))
    return pl.when(pl.col("service") == "droits").then(pl.lit("")).otherwise(below)


def _referer() -> pl.Expr:
    number = pl.concat_str(pl.lit(f"{_SITE}/patients/"), pl.col("patient"))
    carries = pl.col("patient").is_not_null() & (pl.col("odd") < 0.15)
    return (
        pl.when(carries).then(number).when(pl.col("odd") < 0.6).then(pl.lit(f"{_SITE}/accueil")).otherwise(pl.lit("-"))
    )


def _agent() -> pl.Expr:
    """Let a few terminals write the number of the card in the reader into their browser string."""
    carries = pl.col("patient").is_not_null() & (pl.col("odd") > 0.997)
    told = pl.concat_str(pl.col("user_agent"), pl.lit(" CardReader/2.1 (card "), pl.col("patient"), pl.lit(")"))
    return pl.when(carries).then(told).otherwise(pl.col("user_agent"))
