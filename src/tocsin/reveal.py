"""Identities put back beside tokens, for listed people only, streaming through the source logs."""

from collections.abc import Sequence

import polars as pl

from tocsin.enrich.identifiers import describe
from tocsin.errors import InputError
from tocsin.formats.inputs import expand
from tocsin.intake import IntakeOptions, Ledger, take_in
from tocsin.nightly import Scan
from tocsin.privacy.tokens import TokenKey, token
from tocsin.verdict.listing import ExposureList
from tocsin.words import _


def matched(logs: Sequence[str], listed: ExposureList) -> tuple[list[str], list[str]]:
    """Find the logs that the list rests on among these files, by their bytes; give them, and the paths not found.

    Raises InputError for a file that is none of them, or that has changed since it was read.
    """
    wanted = {one.sha256: one.path for one in listed.inputs}
    paths = set(wanted.values())
    found: dict[str, str] = {}
    for file in expand(sorted(logs)).files:
        digest = file.sha256()
        if digest in wanted:
            found.setdefault(digest, file.path)
        elif file.path in paths or any(file.path.endswith(path) or path.endswith(file.path) for path in paths):
            raise InputError(
                _("{path} is not what it was when it was read: its SHA-256 differs").format(path=file.path),
                hint=_("restore it from a backup; no identity was shown"),
            )
    if not found:
        raise InputError(
            _("none of the logs given holds the people of this list: no SHA-256 is that of a log it rests on"),
            hint=_("`tocsin exposure --breach --json` names the logs to preserve"),
        )
    return sorted(found.values()), sorted(path for digest, path in wanted.items() if digest not in found)


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
