"""Accounts that a directory has a new name for: what the state holds of them goes on under it (docs/decisions/0084)."""

import dataclasses
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import polars as pl

from tocsin.results import Night
from tocsin.store.manifest import Manifest
from tocsin.store.names import Names
from tocsin.store.state import State
from tocsin.verdict.docket import Open
from tocsin.verdict.judge import Before
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


def taught(before: Before, names: Names) -> Before:
    """Give what a night left under today's names."""
    return cast("Before", _Renaming(names).of(before)) if names.table.height else before


def concluded(night: Night, names: Names) -> Night:
    """Give the conclusions of a night under today's names; its sentences stay as they were."""
    return cast("Night", _Renaming(names).of(night)) if names.table.height else night


@dataclasses.dataclass(frozen=True, slots=True)
class _Renaming:
    names: Names

    def of(self, value: Any) -> Any:
        """Rename the accounts in all tables and objects of a value, however deep they lie."""
        if isinstance(value, pl.DataFrame):
            return self.names.single(value)
        if isinstance(value, tuple):
            return tuple(map(self.of, value))
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            told = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
            return replace(value, **{name: self._field(name, held) for name, held in told.items()})
        return value

    def _field(self, name: str, value: Any) -> Any:
        match name, value:
            case "account", str():
                return self.names.now(value)
            case (("accounts" | "measures"), Mapping()):
                return self._by_account(value)
            case (("accounts" | "members"), (tuple() | frozenset())):
                return type(value)(self.names.now(one) if isinstance(one, str) else self.of(one) for one in value)
        return self.of(value)

    def _by_account(self, held: Mapping[str, Any]) -> dict[str, Any]:
        """Rename the keys; of two cases of one account one is made."""
        found: dict[str, Any] = {}
        for name, value in held.items():
            now = self.names.now(name)
            found[now] = _put_together(found.get(now), value)
        return found


def _put_together(one: Any, other: Any) -> Any:
    if isinstance(one, Open) and isinstance(other, Open):
        return Open(min(one.first, other.first), max(one.last, other.last), one.nights + other.nights)
    return other
