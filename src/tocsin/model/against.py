"""Beside the usual: how surprising each figure of an account is against its own nights, and against its peers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.feature import Feature
from tocsin.model import surprise
from tocsin.model.baseline import Own
from tocsin.model.each import ACCOUNTS, side_by_side
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


@dataclass(frozen=True, slots=True)
class _Said:
    """What one feature says; `theirs`: against peers, where it is asked of a count."""

    surprise: Hundredths
    of_self: NDArray[np.bool_]
    expected: Floats
    theirs: Hundredths | None = None

    def copied(self) -> "_Said":
        """Copy out of a thread's memory (each) what was made there; what shares are compared with was not."""
        if self.theirs is None:
            return replace(self, surprise=self.surprise.copy())
        return _Said(self.surprise.copy(), self.of_self.copy(), self.expected.copy(), self.theirs.copy())


def tell(tonight: pl.DataFrame, usual: Usual, features: Sequence[Feature], habits: Baselines) -> Told:
    """Tell what each figure says of each account, an array in the order of `tonight`."""

    def said_by(feature: Feature) -> _Said:
        if feature.family == "state":
            return _of_state(tonight, feature, habits)
        if feature.shape == "share":
            return _of_share(tonight, usual, feature)
        return _of_count(tonight, usual, feature, habits)

    told = Told()
    together = side_by_side(said_by, features, together=tonight.height > ACCOUNTS)
    for feature, made in zip(features, together, strict=True):
        said = made.copied()
        told.surprises[feature.name] = said.surprise
        told.of_self[feature.name] = said.of_self
        told.expected[feature.name] = said.expected
        if said.theirs is not None:
            told.against_peers[feature.name] = said.theirs
    return told


def _of_count(tonight: pl.DataFrame, usual: Usual, feature: Feature, habits: Baselines) -> _Said:
    name, like = feature.name, feature.like or feature.name
    value, factor = values(tonight, name), usual.factors[like]
    expected = usual.own.mean[like] * factor
    mine = surprise.of_counts(value, expected, usual.own.dispersion_of(like))
    theirs = surprise.of_peers(value / factor, usual.peers.middle[like], usual.peers.spread[like], habits.peer_freedom)
    beyond = np.maximum(theirs - usual.settled[name], 0) if feature.family in SETTLED else np.zeros_like(theirs)
    cold = np.minimum(theirs, round(100 * habits.cold_cap))
    told = np.where(usual.known, np.maximum(mine, beyond), cold).astype(np.int32)
    return _Said(told, usual.known & (mine >= beyond), expected, theirs)


def _of_share(tonight: pl.DataFrame, usual: Usual, feature: Feature) -> _Said:
    name, like = feature.name, feature.like or feature.name
    mean = usual.own.mean[like]
    part, whole = values(tonight, name), values(tonight, feature.of or "")
    mine = surprise.of_shares(part, whole, mean, usual.own.dispersion_of(like))
    if name not in usual.own.theirs:
        return _Said(mine, usual.known, mean)
    theirs = surprise.of_shares(part, whole, *usual.own.theirs[name])
    beyond = np.where(usual.known, np.maximum(theirs - usual.settled[name], 0), 0)
    return _Said(np.maximum(mine, beyond).astype(np.int32), usual.known & (mine >= beyond), mean, theirs)


def _of_state(tonight: pl.DataFrame, feature: Feature, habits: Baselines) -> _Said:
    told = surprise.of_absence(values(tonight, feature.name), habits.away_days, habits.away_points)
    return _Said(told, np.ones(tonight.height, np.bool_), np.full(tonight.height, float(habits.away_days)))


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
