"""Whom a tuning is for: the accounts of a region, of an overlay, of a structure or of a profession."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tocsin.errors import SettingsError
from tocsin.located import did_you_mean
from tocsin.rules.overlay import Overlays
from tocsin.rules.tuning import column_of, covers
from tocsin.words import _


@dataclass(frozen=True, slots=True)
class Scope:
    """The accounts that a tuning is for: a name to call them, and what an overlay says of them."""

    name: str
    when: Mapping[str, tuple[str, ...]]

    def within(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Keep the rows (PROFILE) of these accounts."""
        return rows.filter(covers(self.when))


def scope_of(
    region: str | None,
    structures: Sequence[str],
    professions: Sequence[str],
    overlays: Overlays,
    *,
    sources: Sequence[str] = (),
    everybody: bool = False,
) -> Scope:
    """Tell whom a tuning is for; `region` is a code, or the title or file name of an overlay.

    Raises SettingsError where nobody is named, unless a look at `everybody` is meant.
    """
    when: dict[str, tuple[str, ...]] = {}
    if region is not None:
        when |= _of_overlay(region, overlays) or {"region": (region,)}
    if structures:
        when["structure"] = tuple(structures)
    if professions:
        when["profession"] = tuple(professions)
    if sources:
        when["source"] = tuple(sources)
    if not when and everybody:
        return Scope(_("all regions"), {})
    if not when:
        raise SettingsError(
            _("a tuning is for somebody: no region, structure, profession or source is named"),
            hint=_("name one, as in --region 29"),
        )
    named = [region] if region is not None else []
    return Scope(", ".join([*named, *structures, *professions, *sources]), when)


def refuse_nobody(scope: Scope, active: pl.DataFrame) -> None:
    """Raise SettingsError where no account-night (PROFILE) of the logs is of the scope, with the nearest names."""
    if not scope.within(active).is_empty():
        return
    for column, values in scope.when.items():
        known = active[column_of(column)].drop_nulls().unique().sort().to_list()
        if set(values) & set(known):
            continue
        message = _("no account is of the {column} {value!r}").format(column=_(column), value=", ".join(values))
        if not known:
            raise SettingsError(message, hint=_("the logs name no {column}").format(column=_(column)))
        near = did_you_mean(values[0], known)
        listed = _("the logs name {names}").format(names=", ".join(known[:20]))
        raise SettingsError(message, hint=near or listed)
    raise SettingsError(_("no account is of all that: {name}").format(name=scope.name))


def _of_overlay(name: str, overlays: Overlays) -> Mapping[str, tuple[str, ...]]:
    """Give for whom an overlay of this title, or in a file of this name, is; nothing where there is none."""
    found = [one for one in overlays.overlays if one.title == name]
    found = found or [one for one in overlays.overlays if Path(one.place.file).stem == name]
    meant = {tuple(sorted(one.when.items())): one.when for one in found}
    if len(meant) > 1:
        titles = ", ".join(sorted(one.title for one in found))
        raise SettingsError(
            _("{name!r} holds overlays for different accounts").format(name=name),
            hint=_("name one by its title: {titles}").format(titles=titles),
        )
    return next(iter(meant.values()), {})
