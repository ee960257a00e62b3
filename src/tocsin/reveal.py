"""Identities put back beside tokens, for listed people only, streaming through the source logs."""

from collections.abc import Sequence

import polars as pl

from tocsin.enrich.identifiers import describe
from tocsin.intake import IntakeOptions, Ledger, take_in
from tocsin.nightly import Scan
from tocsin.privacy.tokens import TokenKey, token


def identities(tokens: pl.Series, logs: Sequence[str], asked: Scan, key: TokenKey) -> pl.DataFrame:
    """Give `patient` (token) and `identity` of those of the tokens that the logs name; only they are ever held."""
    portal = asked.settings.portal
    options = IntakeOptions(
        zone=portal.zone,
        now=asked.now,
        format_name=asked.format_name,
        patient_kind=portal.patient_kind,
        urls=asked.settings.urls,
        account_from=asked.account_from,
    )
    wanted = pl.DataFrame({"patient": tokens.unique()}, schema={"patient": pl.String})
    found = pl.DataFrame(schema={"patient": pl.String, "identity": pl.String})
    for portion in take_in(sorted(logs), options, key, Ledger(), raw=True):
        written = portion["patient"].drop_nulls().unique()
        named = describe(written, portal.patient_kind).select(
            patient=token(key.digest(pl.col("identifier"))), identity="identifier"
        )
        found = pl.concat([found, named.join(wanted, on="patient", how="semi")]).unique("patient", maintain_order=True)
    return found
