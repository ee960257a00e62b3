"""Drift in the verdict: what adds up over nights is evidence of its own, and enough for an alert."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.drift import Drift, Sums
from tocsin.settings import Settings
from tocsin.verdict.points import Scores, with_family


@dataclass(frozen=True, slots=True)
class Drifting:
    """Tonight's sums, the level they ring above (hundredths; None while unknown), and who rings."""

    sums: Sums
    level: int | None
    rings: NDArray[np.bool_]


def add_up(
    before: Drift,
    night: date,
    accounts: pl.Series,
    scores: Scores,
    settings: Settings,
    elsewhere: NDArray[np.bool_] | None = None,
) -> tuple[Scores, Drifting]:
    """Add tonight's evidence to the sums; gives the scores with what drift says of those above the level.

    Where people come from counts for those who are `elsewhere` (verdict.whereabouts).
    """
    rules = settings.drifting
    told = {family: scores.families[family] for family in rules.families}
    if elsewhere is not None and "geography" in told:
        told["geography"] = np.where(elsewhere, told["geography"], 0).astype(np.int32)
    evidence = np.sum(list(told.values()), axis=0).astype(np.int32)
    sums = before.add(night, accounts, evidence, rules)
    level = before.level(rules)
    rings = np.zeros(accounts.len(), np.bool_)
    if level is not None:
        rings = (sums.total > level) & (evidence > round(100 * rules.allowance)) & (sums.nights >= rules.least_nights)
    said = np.where(rings, sums.total, 0).astype(np.int32)
    most = np.full(accounts.len(), round(100 * settings.families.caps["drift"]), np.int32)
    return with_family(scores, "drift", np.minimum(said, most), settings.families), Drifting(sums, level, rings)
