"""Accounts that a directory has a new name for: what the state holds of them goes on under it (docs/decisions/0084)."""

from dataclasses import replace

import polars as pl

from tocsin.store.manifest import Manifest
from tocsin.store.names import Names
from tocsin.store.state import State
from tocsin.words import ngettext

NAMED = 5
"""Accounts that are named one by one."""


def with_renames(manifest: Manifest, renames: pl.DataFrame, state: State) -> Manifest:
    """Keep which accounts of the state have a new name, as a directory says (former, account)."""
    if manifest.accounts is None or not manifest.nights or renames.is_empty():
        return manifest
    since = state.files.read_frame(manifest.accounts)
    if not since["account"].is_in(renames["former"].implode()).any():
        return manifest
    names = Names.of(state.files, manifest.renames).told(renames, since["account"], max(manifest.nights))
    since = names.rows(since).group_by("account").agg(pl.col("since").min()).sort("account")
    return replace(
        manifest,
        renames=state.files.write_frame(f"seen/renames-{state.prefix}.parquet", names.table),
        accounts=state.files.write_frame(f"seen/accounts-{state.prefix}-renamed.parquet", since),
    )


def renamed_since(before: Manifest, after: Manifest, state: State) -> list[str]:
    """Say whose past goes on under a new name since the last run."""
    if after.renames == before.renames:
        return []
    known = Names.of(state.files, before.renames).table
    new = Names.of(state.files, after.renames).table.join(known, on=["former", "account"], how="anti")
    found = new.select("former", "account").rows()
    one = "{n} account has a new name, under which its past goes on: {names}"
    many = "{n} accounts have new names, under which their past goes on: {names}"
    names = ", ".join(f"{former} > {account}" for former, account in found[:NAMED])
    names = names if len(found) <= NAMED else f"{names}, …"
    return [ngettext(one, many, len(found)).format(n=len(found), names=names)] if found else []
