"""Caps that overlays set on families of evidence: what a region explains weighs less there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from tocsin.rules.overlay import Overlays
from tocsin.rules.tuning import covers
from tocsin.settings import Families
from tocsin.verdict.points import Hundredths, Scores, weighed


def caps_of(rows: pl.DataFrame, overlays: Overlays, night: date, weights: Families) -> dict[str, Hundredths]:
    """Give the most that families may add to each account, in weighed hundredths; where several hold, the lowest.

    `rows` has profession, structure and region, a row an account; families of which no overlay speaks are left out.
    """
    caps: dict[str, Hundredths] = {}
    for overlay, family in overlays.caps(night):
        most = round(100 * min(family.cap, weights.caps[family.family]))
        covered = rows.select(is_mine=covers(overlay.when))["is_mine"].to_numpy()
        unbound = np.full(rows.height, np.iinfo(np.int32).max, np.int32)
        own = np.where(covered, weighed(np.full(rows.height, most), weights.weights[family.family]), unbound)
        caps[family.family] = np.minimum(caps.get(family.family, unbound), own).astype(np.int32)
    return caps


def capped(scores: Scores, caps: Mapping[str, Hundredths]) -> Scores:
    """Hold families back to the caps of overlays."""
    if not caps:
        return scores

    def held(table: Mapping[str, Hundredths]) -> dict[str, Hundredths]:
        return {name: np.minimum(points, caps[name]) if name in caps else points for name, points in table.items()}

    return replace(scores, families=held(scores.families), model=held(scores.model))
