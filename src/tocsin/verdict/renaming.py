"""Accounts that have a new name in what nights left and concluded (docs/decisions/0084)."""

import dataclasses
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import polars as pl

from tocsin.model.nights import Past
from tocsin.model.older import Blocks
from tocsin.results import Night
from tocsin.store.names import Names
from tocsin.verdict.docket import Open, Waiting

if TYPE_CHECKING:
    from tocsin.verdict.judge import Before


def taught(before: "Before", names: Names) -> "Before":
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
        if isinstance(value, Past):
            return value.changed(self.names.single)
        if isinstance(value, Blocks):
            return value.changed(self.names.rows)
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
            case (("accounts" | "measures" | "cut_accounts" | "waiting"), Mapping()):
                return self._by_account(value)
            case (("accounts" | "members"), (tuple() | frozenset())):
                return type(value)(self.names.now(one) if isinstance(one, str) else self.of(one) for one in value)
        return self.of(value)

    def _by_account(self, held: Mapping[str, Any]) -> dict[str, Any]:
        """Rename the keys, and what they stand for; of two cases of one account one is made."""
        found: dict[str, Any] = {}
        for name, value in held.items():
            now = self.names.now(name)
            found[now] = _put_together(found.get(now), self.of(value))
        return found


def _put_together(one: Any, other: Any) -> Any:
    if isinstance(one, Open) and isinstance(other, Open):
        return Open(min(one.first, other.first), max(one.last, other.last), one.nights + other.nights)
    if isinstance(one, Waiting) and isinstance(other, Waiting):
        told = max(one, other, key=lambda waits: waits.suspect.points)
        began = min(one.suspect.first_alerted, other.suspect.first_alerted)
        return replace(told, suspect=replace(told.suspect, first_alerted=began), last_rang=max(one.last, other.last))
    return other
