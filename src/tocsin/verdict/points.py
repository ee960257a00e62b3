"""Points: families of evidence that add up, in hundredths, and the published table from points to risk."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.assess import Assessment
from tocsin.settings import Alerting, Families
from tocsin.settings_fixed import RISK

Hundredths = NDArray[np.int32]

Caps = Mapping[str, Hundredths]
"""The most a family may say of each account, before weights (verdict.caps)."""

AT_HOME = ("origin", "rhythm")
"""Families that say nothing of how people were read where they are the people of the account's own place."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Contributions of each family in hundredths, arrays in the order of the night's accounts."""

    families: Mapping[str, Hundredths]
    model: Mapping[str, Hundredths]
    hard: NDArray[np.bool_]
    noise: int
    """Below this (hundredths) a family says nothing."""

    @property
    def points(self) -> Hundredths:
        """Sum the families."""
        total = sum(self.families.values())
        return np.asarray(total, dtype=np.int32)


def score(assessment: Assessment, hits: pl.DataFrame, weights: Families, caps: Caps) -> Scores:
    """Add surprises and rule points up by family.

    `hits` has account, family, score (points within the family, 0-100, ten of them one point) and hard, a row a rule.
    """
    rules, hard = _by_family(assessment, hits)
    noise = round(100 * weights.noise)
    families: dict[str, Hundredths] = {}
    model: dict[str, Hundredths] = {}
    for family, weight in weights.weights.items():
        surprise = _loud(_strongest(assessment, family), noise)
        model[family] = _weighed(np.minimum(surprise, caps[family]), weight, noise)
        both = surprise + rules.get(family, np.zeros_like(surprise))
        families[family] = _weighed(np.minimum(both, caps[family]), weight, noise)
    return Scores(families, model, hard, noise)


def with_campaign(scores: Scores, lift: Hundredths, weights: Families, caps: Caps) -> Scores:
    """Add what an account's links to other suspects say."""
    weight = weights.weights["campaign"]
    most = _weighed(caps["campaign"], weight, scores.noise)
    lifted = np.minimum(scores.families["campaign"] + _weighed(lift, weight, scores.noise), most)
    return replace(scores, families={**scores.families, "campaign": lifted.astype(np.int32)})


def with_family(scores: Scores, family: str, said: Hundredths, weights: Families) -> Scores:
    """Set what a family says that no feature of tonight alone can show."""
    weighed = _weighed(said, weights.weights[family], scores.noise)
    families, model = {**scores.families, family: weighed}, {**scores.model, family: np.zeros_like(weighed)}
    return replace(scores, families=families, model=model)


def is_alert(
    scores: Scores,
    weights: Families,
    rules: Alerting,
    excused: NDArray[np.bool_],
    elsewhere: NDArray[np.bool_] | None = None,
    home: NDArray[np.bool_] | None = None,
    extreme: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """Tell the account-nights worth a person's time: data access, and something about it that work does not explain.

    How much was read and how new it was is one kind of evidence, how it was read another: vaccination centres, new
    practices and busy days have the first alone. The `excused` need no second kind (more than any account was ever
    shown, or logs that cannot show it), nor does a hard rule (level critical), or what adds up over nights
    (verdict.drifting) with a little of tonight beside it. Where people come from is a second kind only for those who
    are `elsewhere`; new networks and an even pace are none for those who read the people of their `home`. What is
    `extreme` needs no other reason.
    """
    access = np.column_stack([scores.families[family] for family in weights.data_access])
    told = {family: scores.families[family] for family in weights.manner}
    if elsewhere is not None and "geography" in told:
        told["geography"] = np.where(elsewhere, told["geography"], 0)
    if home is not None:
        told |= {name: np.where(home, 0, told[name]) for name in AT_HOME if name in told}
    manner = np.column_stack(list(told.values()))
    shown = access.max(axis=1) >= 100 * rules.counts
    seen_how = (manner.max(axis=1) >= 100 * rules.counts) | excused
    told_points = scores.points - scores.families.get("outlier", np.zeros_like(scores.points))
    adds_up = (scores.families["drift"] > 0) & (told_points >= 100 * rules.adds_up_points)
    enough = scores.hard | adds_up
    if extreme is not None:
        enough |= extreme
    alert: NDArray[np.bool_] = shown & ((seen_how & (told_points >= 100 * rules.floor_points)) | enough)
    return alert


def risk(points: float) -> int:
    """Translate points to risk by the published table."""
    return round(float(np.interp(points, [at for at, _ in RISK], [value for _, value in RISK])))


def _strongest(assessment: Assessment, family: str) -> Hundredths:
    if family == "outlier":
        return assessment.outlier
    mine = [assessment.surprises[feature.name] for feature in assessment.features if feature.family == family]
    return np.maximum.reduce(mine) if mine else np.zeros(assessment.rows.height, np.int32)


def _loud(surprise: Hundredths, noise: int) -> Hundredths:
    return np.where(surprise >= noise, surprise, 0).astype(np.int32)


def _weighed(points: Hundredths, weight: int, noise: int) -> Hundredths:
    return (_loud(points, noise) * weight // 100).astype(np.int32)


def _by_family(assessment: Assessment, hits: pl.DataFrame) -> tuple[dict[str, Hundredths], NDArray[np.bool_]]:
    rows = assessment.rows.select("account")
    summed = hits.group_by("account", "family").agg(pl.col("score").sum(), pl.col("hard").any())
    table: dict[str, Hundredths] = {}
    hard = np.zeros(rows.height, np.bool_)
    for (family,), part in summed.partition_by("family", as_dict=True).items():
        mine = rows.join(part, on="account", how="left", maintain_order="left")
        table[str(family)] = (mine["score"].fill_null(0) * 10).cast(pl.Int32).to_numpy()
        hard |= mine["hard"].fill_null(value=False).to_numpy()
    return table, hard
