"""Who read one person: the accounts, from a token or from an identifier that is turned into one."""

from collections.abc import Sequence

import polars as pl

from tocsin.enrich.identifiers import describe
from tocsin.features.work import READING
from tocsin.intake import Ledger
from tocsin.nightly import Scan, read_in
from tocsin.privacy.tokens import TokenKey, token
from tocsin.schema import STORED, Outcome, empty
from tocsin.store.lake import Lake
from tocsin.store.state import State

COLUMNS = ("time", "account", "kind", "outcome", "service", "patient", "source", "line")


def token_of(identifier: str, patient_kind: str, key: TokenKey) -> str:
    """Turn an identifier, however written, into its token."""
    parts = describe(pl.Series([identifier], dtype=pl.String), patient_kind)
    made: str = parts.select(token(key.digest(pl.col("identifier")))).item()
    return made


def readers_of(wanted: str, asked: Scan, key: TokenKey) -> pl.DataFrame:
    """List the accounts that asked for the person: first, last, reads, not_shown, services, one place in the logs."""
    return _readers([portion.filter(_asked_for(wanted)) for portion in read_in(asked, key, Ledger())])


def readers_in(wanted: str, state: State) -> pl.DataFrame:
    """List the same from the events that a state holds."""
    lake = Lake.of(state.files, state.manifest)
    return _readers([part.filter(_asked_for(wanted)) for part in lake.parts(state.manifest.nights, COLUMNS)])


def _asked_for(wanted: str) -> pl.Expr:
    return (pl.col("patient") == wanted) & pl.col("kind").is_in(list(READING))


def _readers(found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    rows = pl.concat([empty(STORED).select(COLUMNS), *(part.select(COLUMNS) for part in found)])
    rows = rows.sort("time", "source", "line")
    shown = pl.col("outcome").is_in([Outcome.SUCCESS, Outcome.UNKNOWN])
    return (
        rows.group_by("account")
        .agg(
            first=pl.col("time").min().dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
            last=pl.col("time").max().dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
            reads=shown.sum(),
            not_shown=(~shown).sum(),
            services=pl.col("service").drop_nulls().unique().sort().str.join(" "),
            place=pl.concat_str("source", "line", separator=":").first(),
        )
        .sort("first", "account")
    )
