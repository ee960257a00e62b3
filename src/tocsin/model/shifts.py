"""Shifts: a figure that moves for many accounts at once is a change of the logs, or an attack on all of them.

One account in a thousand has a figure of 3.00 on an ordinary night. Where one in twenty of all accounts, of a
profession, or of a source has it, something common happened; so it did where one in five has 2.00 of a figure that
never says more than a little by itself (new networks, new browsers). If these accounts show nothing else, the figure is
not judged for them tonight; and if it was otherwise on nights before (moves), the logs or a software changed, and it is
not learned either. If they do show more, many accounts are being used at once: they are judged, and the report says so
first. Where only accounts of some sources moved, it is those sources' change and nobody else's, however many of all
accounts that are. A person may accept either: from then on the figure is learned whole, and not judged where it still
moves.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model.factors import NOBODY
from tocsin.model.moves import Moves
from tocsin.model.surprise import Hundredths
from tocsin.rules.comparisons import SOURCE_NAME
from tocsin.settings import Settings, Shifting
from tocsin.visible import visible

AMOUNTS = ("rows", "kB")
"""Units of amounts that the logs tell; others are counted."""


By = Literal["profession", "source"]

_WHERE = ("profession:", "source:")


@dataclass(frozen=True, slots=True)
class Shift:
    """A figure that moved: for how many of which accounts, and whether they show something else as well."""

    feature: str
    group: str | None
    moved: int
    accounts: int
    alone: bool
    by: By = "profession"

    @property
    def key(self) -> str:
        """Name the shift, so that a person can acknowledge it: as reports show it, and none for another."""
        return f"{self.feature}/{_named(self.by, self.group)}"


def _named(by: By, group: str | None) -> str:
    if group is None:
        return "*"
    plain = by == "profession" and group not in {"", "*"} and not group.startswith(_WHERE)
    return f"{'' if plain else f'{by}:'}{visible(group)}"


@dataclass(frozen=True, slots=True)
class Shifts:
    """Tonight's shifts, and by feature the accounts for which it is not judged.

    `unlearned`: those of whom it is not learned either; `whole`: those of whom it is learned as it is, however much.
    """

    found: tuple[Shift, ...]
    muted: Mapping[str, NDArray[np.bool_]]
    unlearned: Mapping[str, NDArray[np.bool_]]
    whole: Mapping[str, NDArray[np.bool_]]
    moves: pl.DataFrame = field(default_factory=lambda: Moves().before)
    """What later nights know of tonight's moves (moves.MOVES)."""


NO_SHIFTS = Shifts((), {}, {}, {})


def find_shifts(
    rows: pl.DataFrame,
    features: Sequence[Feature],
    surprises: Mapping[str, Hundredths],
    settings: Settings,
    accepted: Mapping[str, date] | None = None,
    moves: Moves | None = None,
) -> Shifts:
    """Look at every figure, over all accounts, by profession and by source.

    `accepted`: keys of shifts, and from which night on. What a person accepted of late is a shift however few accounts
    there are to show it: else it would be judged on the Sunday after. What moves as often on nights like this one
    (`moves`) is not judged where nothing else moved with it, but it is learned, and no news.
    """
    rules, accepted, moves = settings.shifting, accepted or {}, moves or Moves()
    night = rows["night"][0] if "night" in rows.columns and rows.height else date.min
    fresh = {key for key, since in accepted.items() if (night - since).days < rules.accepted_days}
    groupings, usual = list(_groupings(rows, moves)), moves.usual(rules)
    present = _present(features, surprises, rules)
    shifts, shares = NO_SHIFTS, dict[str, float]()
    for feature in features:
        weak = feature.weak and settings.families.weak < rules.moved
        moved = surprises[feature.name] >= round(100 * (rules.present if weak else rules.moved))
        share = rules.common if weak else rules.share
        changed = _changed_sources(groupings, feature, moved, share, rules, fresh)
        everybody = False
        for group in groupings:
            counts = group.counted(moved)
            large = group.telling[feature.history] & (group.sizes >= rules.accounts)
            keys = group.keys(feature)
            told = {keys[at]: counts[at] / group.sizes[at] for at in np.flatnonzero(large).tolist()}
            for at in np.flatnonzero(counts > share * group.sizes).tolist():
                key, count, size = keys[at], int(counts[at]), int(group.sizes[at])
                if count < (1 if key in fresh else rules.accounts):
                    continue
                heard, news = key in accepted, key in usual and count > rules.times * usual[key] * size
                if news and not heard:
                    told.pop(key, None)
                mine = group.codes == at
                if not heard and group.by != "source" and _is_of(changed, mine, moved, share):
                    told.pop(key, None)
                    continue
                if everybody or (group.by == "source" and _covers(shifts.muted.get(feature.name), mine)):
                    continue
                alone = float((present[moved & mine] <= 1).mean()) >= rules.alone
                shift = Shift(feature.name, group.words[at], count, size, alone, by=group.by)
                alike = [one.name for one in features if _same_amount(one, feature)]
                shifts = _with(shifts, shift, mine, alike, heard=heard, news=news)
                everybody = group.words[at] is None
            shares |= told
    return replace(shifts, moves=moves.learn(night, shares, rules))


@dataclass(frozen=True, slots=True)
class _Grouping:
    """Accounts by profession, or by source: the groups' words (None: everybody), their sizes, each account's number."""

    by: By
    words: Sequence[str | None]
    codes: NDArray[np.intp]
    sizes: NDArray[np.intp]
    names: Sequence[str]
    telling: Mapping[bool, NDArray[np.bool_]]
    """Which groups can tell figures that need no history, and which those that do."""

    @classmethod
    def of(cls, by: By, words: Sequence[str | None], codes: NDArray[np.intp], moves: Moves) -> "_Grouping":
        """Look at groups by number."""
        telling = {history: moves.telling(codes, len(words), history=history) for history in (False, True)}
        named = [_named(by, word) for word in words]
        return cls(by, words, codes, np.bincount(codes, minlength=len(words)), named, telling)

    @classmethod
    def by_name(cls, by: By, names: pl.Series, moves: Moves) -> "_Grouping":
        """Give the groups in the order of their names."""
        words = names.unique().sort()
        codes = names.cast(pl.Enum(words)).to_physical().to_numpy().astype(np.intp)
        return cls.of(by, words.to_list(), codes, moves)

    def counted(self, moved: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Count those of each group that moved."""
        return np.bincount(self.codes[moved], minlength=len(self.words))

    def keys(self, feature: Feature) -> list[str]:
        """Name the shift of a figure in each group (Shift.key)."""
        return [f"{feature.name}/{name}" for name in self.names]


def _groupings(rows: pl.DataFrame, moves: Moves) -> Iterator[_Grouping]:
    """Give everybody, the professions, and the sources where there are several: a log's change is of one of them."""
    yield _Grouping.of("profession", [None], np.zeros(rows.height, np.intp), moves)
    yield _Grouping.by_name("profession", rows["profession"].fill_null(NOBODY), moves)
    if SOURCE_NAME in rows.columns and rows[SOURCE_NAME].n_unique() > 1:
        yield _Grouping.by_name("source", rows[SOURCE_NAME].fill_null(NOBODY), moves)


def _changed_sources(
    groupings: Sequence[_Grouping],
    feature: Feature,
    moved: NDArray[np.bool_],
    share: float,
    rules: Shifting,
    fresh: Collection[str],
) -> NDArray[np.bool_] | None:
    """Tell the accounts of the sources of which a figure moved; None where there is one source, or none that did."""
    for group in groupings:
        if group.by == "source":
            counts = group.counted(moved)
            least = np.array([1 if key in fresh else rules.accounts for key in group.keys(feature)])
            changed = (counts > share * group.sizes) & (counts >= least)
            return changed[group.codes] if changed.any() else None
    return None


def _is_of(changed: NDArray[np.bool_] | None, mine: NDArray[np.bool_], moved: NDArray[np.bool_], share: float) -> bool:
    """Tell a group that moved only by the accounts that it has in `changed` sources: they are said, not it."""
    if changed is None or not (mine & changed).any():
        return False
    others = mine & ~changed
    return bool(others.any()) and int((moved & others).sum()) <= share * int(others.sum())


def _covers(muted: NDArray[np.bool_] | None, mine: NDArray[np.bool_]) -> bool:
    return muted is not None and bool(muted[mine].all())


def _present(features: Sequence[Feature], surprises: Mapping[str, Hundredths], rules: Shifting) -> NDArray[np.int64]:
    """Count the families of evidence that each account shows."""
    by_family = {
        family: np.maximum.reduce([surprises[f.name] for f in features if f.family == family])
        for family in {feature.family for feature in features}
    }
    seen: NDArray[np.int64] = np.sum([told >= round(100 * rules.present) for told in by_family.values()], axis=0)
    return seen


def _same_amount(one: Feature, other: Feature) -> bool:
    """Tell figures that are made of one amount that the logs tell: where that changes they all do."""
    return one is other or (one.unit == other.unit and one.unit in AMOUNTS)


def _with(
    shifts: Shifts, shift: Shift, mine: NDArray[np.bool_], alike: Sequence[str], *, heard: bool, news: bool
) -> Shifts:
    names = alike if heard else [shift.feature] if shift.alone else []

    def added(told: Mapping[str, NDArray[np.bool_]]) -> dict[str, NDArray[np.bool_]]:
        return {**told, **{name: told.get(name, np.zeros(mine.size, np.bool_)) | mine for name in names}}

    return Shifts(
        (*shifts.found, shift) if heard or news else shifts.found,
        added(shifts.muted),
        added(shifts.unlearned) if news and not heard else shifts.unlearned,
        added(shifts.whole) if heard else shifts.whole,
    )
