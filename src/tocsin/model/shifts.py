"""Shifts: a figure that moves for many accounts at once is a change of the logs, or an attack on all of them.

One account in a thousand has a figure of 3.00 on an ordinary night. Where one in twenty of all accounts, or of a
profession, has it, something common happened; so it did where one in five has 2.00 of a figure that never says more
than a little by itself (new networks, new browsers). If these accounts show nothing else, the logs or a software
changed: the figure is not judged for them tonight, and not learned. If they do, many accounts are being used at once:
they are judged, and the report says so first. A person may accept either: from then on the figure is learned whole, and
not judged where it still moves.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.factors import NOBODY
from tocsin.model.surprise import Hundredths
from tocsin.settings import Settings

AMOUNTS = ("rows", "kB")
"""Units of amounts that the logs tell; others are counted."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A figure that moved: for how many of which accounts, and whether they show something else as well."""

    feature: str
    profession: str | None
    moved: int
    accounts: int
    alone: bool

    @property
    def key(self) -> str:
        """Name the shift, so that a person can acknowledge it."""
        return f"{self.feature}/{self.profession or '*'}"


@dataclass(frozen=True, slots=True)
class Shifts:
    """Tonight's shifts, and by feature the accounts for which it is not judged.

    `unlearned`: those of whom it is not learned either; `whole`: those of whom it is learned as it is, however much.
    """

    found: tuple[Shift, ...]
    muted: Mapping[str, NDArray[np.bool_]]
    unlearned: Mapping[str, NDArray[np.bool_]]
    whole: Mapping[str, NDArray[np.bool_]]


NO_SHIFTS = Shifts((), {}, {}, {})


def find_shifts(
    rows: pl.DataFrame,
    features: Sequence[Feature],
    surprises: Mapping[str, Hundredths],
    settings: Settings,
    accepted: Mapping[str, date] | None = None,
) -> Shifts:
    """Look at every figure, over all accounts and by profession; `accepted`: keys of shifts, and from which night on.

    What a person accepted of late is a shift however few accounts there are to show it: else it would be judged on the
    Sunday after.
    """
    rules, accepted = settings.shifting, accepted or {}
    night = rows["night"][0] if "night" in rows.columns and rows.height else date.min
    fresh = {key for key, since in accepted.items() if (night - since).days < rules.accepted_days}
    profession = rows["profession"].fill_null(NOBODY).to_numpy()
    families = {feature.family for feature in features}
    by_family = {
        family: np.maximum.reduce([surprises[f.name] for f in features if f.family == family]) for family in families
    }
    present = np.sum([told >= round(100 * rules.present) for told in by_family.values()], axis=0)
    shifts = NO_SHIFTS
    for feature in features:
        weak = feature.weak and settings.families.weak < rules.moved
        moved = surprises[feature.name] >= round(100 * (rules.present if weak else rules.moved))
        heard_of_late = any(key.startswith(f"{feature.name}/") for key in fresh)
        if int(moved.sum()) < (1 if heard_of_late else rules.accounts):
            continue
        groups: list[tuple[str | None, NDArray[np.bool_]]] = [(None, np.ones(rows.height, np.bool_))]
        groups += [(str(name), profession == name) for name in sorted(set(profession[moved].tolist()))]
        for name, mine in groups:
            here = moved & mine
            count, size = int(here.sum()), int(mine.sum())
            shift = Shift(feature.name, name, count, size, alone=float((present[here] <= 1).mean()) >= rules.alone)
            few = count < (1 if shift.key in fresh else rules.accounts)
            if few or count <= (rules.common if weak else rules.share) * size:
                continue
            shifts = _with(shifts, shift, mine, [one.name for one in features if _same_amount(one, feature)], accepted)
            if name is None:
                break
    return shifts


def _same_amount(one: Feature, other: Feature) -> bool:
    """Tell figures that are made of one amount that the logs tell: where that changes they all do."""
    return one is other or (one.unit == other.unit and one.unit in AMOUNTS)


def _with(
    shifts: Shifts, shift: Shift, mine: NDArray[np.bool_], alike: Sequence[str], accepted: Collection[str]
) -> Shifts:
    heard = shift.key in accepted
    names = alike if heard else [shift.feature] if shift.alone else []

    def added(told: Mapping[str, NDArray[np.bool_]]) -> dict[str, NDArray[np.bool_]]:
        return {**told, **{name: told.get(name, np.zeros(mine.size, np.bool_)) | mine for name in names}}

    return Shifts(
        (*shifts.found, shift),
        added(shifts.muted),
        shifts.unlearned if heard else added(shifts.unlearned),
        added(shifts.whole) if heard else shifts.whole,
    )
