"""What tonight has in common: how much more or less than usual each profession did, in each of its regions.

A factor is what past nights let expect of the profession (weather.Skies) times tonight's shift: what accounts did over
what their own means expect, the extremes left out, within the bounds of the settings. The shift is that of the
profession in the region, leaning on the whole profession's as much as few of it work there tonight; where there are
fewer still, and where nobody tells the region, it is the profession's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.enrich.calendar import DayClass
from tocsin.features.feature import Feature
from tocsin.model.by_group import ByGroup
from tocsin.model.factors import NOBODY
from tocsin.model.memory import values
from tocsin.model.surprise import Floats
from tocsin.model.weather import HERE, Factors, Skies
from tocsin.settings import Baselines

Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Common:
    """Tonight's factors: of each account by feature, and for the nights to come (Skies.learn_all)."""

    factors: ByGroup
    by_day: Mapping[DayClass, Factors]
    regions: pl.DataFrame
    beyond: tuple[tuple[str, str | None], ...] = ()
    """Professions, and where only there their regions, that read as many people as the bound excuses, or more."""


def common_shift(
    tonight: pl.DataFrame,
    means: Mapping[str, Floats],
    known: NDArray[np.bool_],
    features: Sequence[Feature],
    when: tuple[date, DayClass],
    skies: Skies,
    habits: Baselines,
) -> Common:
    """Find the factors of a night: `means` of its accounts' own nights, told where they are `known`."""
    rows = tonight.select("day", pl.col("profession").fill_null(NOBODY), "region")
    groups, of_group = _numbered(rows.select("day", "profession"))
    cells, of_cell = _numbered(rows)
    group_of = _places(cells, groups)
    somewhere = cells["region"].is_not_null().to_numpy()
    own = np.flatnonzero(known)
    at, here = of_group[own], of_cell[own]
    night, portals = when
    by_day: dict[DayClass, Factors] = {portals: {}}
    figures: dict[str, Floats] = {}
    regions: dict[str, pl.Series] = {}
    beyond: tuple[tuple[str, str | None], ...] = ()
    before = _expected(skies, night, groups, features)
    for feature in features:
        name, start = feature.name, before[feature.name]
        value, mean = values(tonight, name)[own], means[name][own] * start[at]
        order = _by_ratio(value, mean)
        theirs, _accounts = shifts(value, mean, at, groups.height, order, habits)
        theirs = np.where(np.isnan(theirs), 1.0, theirs)
        alone, accounts = shifts(value, mean, here, cells.height, order, habits)
        lean = habits.shift_leaning
        leaning = ((accounts * alone + lean * theirs[group_of]) / np.maximum(accounts + lean, 1)).round(3)
        told = somewhere & ~np.isnan(alone)
        of_groups, of_cells = (start * theirs).round(3), (start[group_of] * leaning).round(3)
        for (day, profession), factor in zip(groups.rows(), of_groups.tolist(), strict=True):
            by_day.setdefault(day, {})[profession, name] = factor
        figures[name] = np.where(told, of_cells, of_groups[group_of])
        regions[name] = pl.Series(name, np.where(told, 1000 * of_cells, np.nan))
        if name == "people":
            beyond = _beyond(groups, theirs, cells.filter(told), alone[told], habits)
    factors = ByGroup(figures, of_cell.astype(np.int32))
    several = pl.any_horizontal(pl.col(name).is_not_null() for name in regions) if regions else pl.lit(value=False)
    thousandths = pl.DataFrame(regions).select(pl.all().fill_nan(None).round().cast(pl.Int32))
    learned = cells.select(pl.lit(night).alias("night"), *HERE).hstack(thousandths.get_columns()).filter(several)
    return Common(factors, by_day, learned, beyond)


def shifts(
    value: Floats, expected: Floats, groups: Codes, count: int, order: Codes, habits: Baselines
) -> tuple[Floats, Floats]:
    """Measure the shift of each of so many groups: trimmed sum seen over trimmed sum expected, bounded.

    Undefined (NaN) where there are too few accounts, or too little is expected of them; and of how many accounts each
    consists. `order`: the accounts with something expected of them by what they did over it.
    """
    few = count <= np.iinfo(np.uint16).max  # sorted without comparing
    by = order[np.argsort(groups[order].astype(np.uint16 if few else np.int64), kind="stable")]
    sizes = np.bincount(groups[by], minlength=count)
    ends = np.cumsum(sizes)
    first, cut = ends - sizes, (sizes * habits.shift_trimmed).astype(np.intp)
    seen, asked = (np.concatenate([[0.0], np.cumsum(told[by])]) for told in (value, expected))
    enough = (sizes >= habits.shift_accounts) & (asked[ends] - asked[first] >= habits.shift_count)
    did, usual = (told[ends - cut] - told[first + cut] for told in (seen, asked))
    ratio = np.divide(did, usual, out=np.full(count, np.nan), where=enough)
    return np.clip(ratio, habits.shift_low, habits.shift_high).round(3), sizes.astype(np.float64)


def _beyond(
    groups: pl.DataFrame, theirs: Floats, cells: pl.DataFrame, alone: Floats, habits: Baselines
) -> tuple[tuple[str, str | None], ...]:
    """Name who reaches the upper bound on an open day, regions of a profession that does not as a whole."""
    reach = habits.shift_high
    whole = (
        groups.filter(pl.Series(theirs >= reach) & (pl.col("day") != "closed"))["profession"].unique().sort().to_list()
    )
    here = cells.filter(pl.Series(alone >= reach) & (pl.col("day") != "closed") & ~pl.col("profession").is_in(whole))
    parts = here.select("profession", "region").unique().sort("profession", "region").rows()
    return (*((profession, None) for profession in whole), *parts)


def _numbered(rows: pl.DataFrame) -> tuple[pl.DataFrame, Codes]:
    """Give the different rows in order, and which of them each row is."""
    different = rows.unique().sort(rows.columns)
    return different, _places(rows, different)


def _places(rows: pl.DataFrame, among: pl.DataFrame) -> Codes:
    """Give the place of each row's figures among different ones."""
    told = rows.join(among.with_row_index("at"), on=among.columns, how="left", nulls_equal=True, maintain_order="left")
    return told["at"].to_numpy().astype(np.intp)


def _expected(skies: Skies, night: date, groups: pl.DataFrame, features: Sequence[Feature]) -> Mapping[str, Floats]:
    """Give the factors that past nights let expect, by feature in the order of the groups."""
    told = [
        (profession, skies.expect(night, day, [(profession, feature.name) for feature in features]))
        for day, profession in groups.rows()
    ]
    return {one.name: np.array([sky[group, one.name] for group, sky in told]) for one in features}


def _by_ratio(value: Floats, expected: Floats) -> Codes:
    """Give the accounts of which something is expected, by what they did over it."""
    some = np.flatnonzero(expected > 0)
    return some[np.argsort(value[some] / expected[some], kind="stable")]
