"""Beside the usual: how surprising each figure of an account is against its own nights, and against its peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model import surprise
from tocsin.model.baseline import Own
from tocsin.model.memory import values
from tocsin.model.peers import Peers
from tocsin.model.settled import SETTLED
from tocsin.model.surprise import Floats, Hundredths
from tocsin.settings import Baselines, Settings
from tocsin.settings_fixed import SURPRISES_END


@dataclass(frozen=True, slots=True)
class Usual:
    """What tonight's accounts are compared with; `settled`: how far each lies from its peers on any night."""

    own: Own
    known: NDArray[np.bool_]
    factors: Mapping[str, Floats]
    peers: Peers
    settled: Mapping[str, Hundredths]


@dataclass(frozen=True, slots=True)
class Told:
    """What each feature says, filled feature by feature."""

    surprises: dict[str, Hundredths] = field(default_factory=dict)
    of_self: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    expected: dict[str, Floats] = field(default_factory=dict)
    against_peers: dict[str, Hundredths] = field(default_factory=dict)


def tell(tonight: pl.DataFrame, usual: Usual, features: Sequence[Feature], habits: Baselines) -> Told:
    """Tell what each figure says of each account, an array in the order of `tonight`."""
    told = Told()
    for feature in features:
        if feature.family == "state":
            _tell_state(tonight, feature, habits, told)
        elif feature.shape == "share":
            _tell_share(tonight, usual, feature, told)
        else:
            _tell_count(tonight, usual, feature, habits, told)
    return told


def _tell_count(tonight: pl.DataFrame, usual: Usual, feature: Feature, habits: Baselines, told: Told) -> None:
    name, like = feature.name, feature.like or feature.name
    value, factor = values(tonight, name), usual.factors[like]
    told.expected[name] = usual.own.mean[like] * factor
    mine = surprise.of_counts(value, told.expected[name], usual.own.dispersion[like])
    theirs = surprise.of_peers(value / factor, usual.peers.middle[like], usual.peers.spread[like], habits.peer_freedom)
    told.against_peers[name] = theirs
    beyond = np.maximum(theirs - usual.settled[name], 0) if feature.family in SETTLED else np.zeros_like(theirs)
    cold = np.minimum(theirs, round(100 * habits.cold_cap))
    told.surprises[name] = np.where(usual.known, np.maximum(mine, beyond), cold).astype(np.int32)
    told.of_self[name] = usual.known & (mine >= beyond)


def _tell_share(tonight: pl.DataFrame, usual: Usual, feature: Feature, told: Told) -> None:
    name, like = feature.name, feature.like or feature.name
    told.expected[name] = usual.own.mean[like]
    part, whole = values(tonight, name), values(tonight, feature.of or "")
    mine = surprise.of_shares(part, whole, usual.own.mean[like], usual.own.dispersion[like])
    told.surprises[name], told.of_self[name] = mine, usual.known
    if name in usual.own.theirs:
        theirs = surprise.of_shares(part, whole, *usual.own.theirs[name])
        told.against_peers[name] = theirs
        beyond = np.where(usual.known, np.maximum(theirs - usual.settled[name], 0), 0)
        told.surprises[name] = np.maximum(mine, beyond).astype(np.int32)
        told.of_self[name] = usual.known & (mine >= beyond)


def _tell_state(tonight: pl.DataFrame, feature: Feature, habits: Baselines, told: Told) -> None:
    name = feature.name
    told.surprises[name] = surprise.of_absence(values(tonight, name), habits.away_days, habits.away_points)
    told.expected[name] = np.full(tonight.height, float(habits.away_days))
    told.of_self[name] = np.ones(tonight.height, np.bool_)


def worth_saying(feature: Feature, told: Hundredths, tonight: pl.DataFrame, own: Own, settings: Settings) -> Hundredths:
    """Silence what is too little to say anything, and hold what is common to the most it may say."""
    reading = settings.reading
    part = values(tonight, feature.name)
    if feature.of:
        whole = values(tonight, feature.of)
        floor = reading.pace_floor if feature.family == "rhythm" else reading.share_floor
        enough = (whole >= reading.share_least) & (part >= reading.share_part) & (part >= floor * whole)
    else:
        enough = part >= reading.least.get(feature.unit, 0)
    if feature.history:
        enough &= own.history_nights >= settings.baselines.novelty_own_nights
    most = round(100 * settings.families.weak) if feature.weak else SURPRISES_END
    return np.where(enough, np.minimum(told, most), 0).astype(np.int32)
