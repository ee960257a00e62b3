"""Memory: what the nights before teach, and how tonight is learned so that nobody teaches it too much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.features.catalogue import JUDGED
from tocsin.features.feature import Feature
from tocsin.model import surprise, weather
from tocsin.model.baseline import Own
from tocsin.model.carried import SEEN
from tocsin.model.company import ADDRESSES
from tocsin.model.held import PROFILE
from tocsin.model.moves import MOVES
from tocsin.model.networks import NETWORKS
from tocsin.model.nights import Past
from tocsin.model.older import Blocks, learn_older
from tocsin.model.peers import Peers
from tocsin.model.places import MIX
from tocsin.model.room import give_back
from tocsin.model.settled import SETTLED
from tocsin.model.shifts import NO_SHIFTS, Shifts
from tocsin.model.surprise import Floats, Hundredths
from tocsin.model.usual import last_told
from tocsin.schema import empty
from tocsin.settings import Baselines, Settings
from tocsin.store.codec import PARTS

ANSWERED = ("answers", "bytes_kb", "answers_closed", "bytes_closed")
"""Features that tell how much was sent in answers that name nobody."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier nights taught: the learned rows of the nights held, and their weather.

    `older` sums the nights before those. `seen` (carried.SEEN), `mix` (places.MIX) and `networks`
    (networks.NETWORKS) reach further back than those nights too. `moves` (moves.MOVES): how many accounts usually move.
    `addresses` (company.ADDRESSES): how many work behind which address.
    """

    past: Past | None = field(default=None, metadata={PARTS: Past.of_parts})
    skies: weather.Skies = field(default_factory=weather.Skies)
    seen: pl.DataFrame = field(default_factory=lambda: empty(SEEN))
    mix: pl.DataFrame = field(default_factory=lambda: empty(MIX))
    networks: pl.DataFrame = field(default_factory=lambda: empty(NETWORKS))
    older: Blocks = field(default_factory=Blocks, metadata={PARTS: Blocks.of_parts})
    moves: pl.DataFrame = field(default_factory=lambda: empty(MOVES))
    addresses: pl.DataFrame = field(default_factory=lambda: empty(ADDRESSES))

    @property
    def nights(self) -> int:
        """Count the nights held."""
        return len({night for night, _day, _factors in self.skies.nights})


def with_known_profiles(tonight: pl.DataFrame, memory: Memory) -> pl.DataFrame:
    """Take profession, structure and region from the last night that told them, where tonight's logs do not."""
    if memory.past is None:
        return tonight
    places = memory.past.places(tonight["account"])
    before = {
        name: last_told(memory.past, name, np.where(tonight[name].is_null(), places, -1))
        for name in PROFILE
        if tonight[name].has_nulls()
    }
    return tonight.with_columns(pl.coalesce(name, told) for name, told in before.items())


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the assessment of a night knows that learning it needs."""

    own: Own
    peers: Peers
    known: NDArray[np.bool_]
    factors: Mapping[str, Floats]
    against_peers: Mapping[str, Hundredths]
    expected: Mapping[str, Floats]
    surprises: Mapping[str, Hundredths]
    learnable: Floats
    """The share of its answers that each account may teach as usual (desks.learnable)."""


def learn(
    tonight: pl.DataFrame,
    memory: Memory,
    lesson: Lesson,
    counts: Sequence[Feature],
    shares: Sequence[Feature],
    habits: Baselines,
    shifts: Shifts | None = None,
) -> Past:
    """Learn tonight up to the value at which it would ring, so that nobody teaches more than that.

    Of ANSWERED only what went to desks of the account is. What tonight's logs, or the first nights, cannot tell is
    learned as null, and so is what is `unlearned` of the shifts: it is no habit of reading nothing. What is `whole` of
    them a person accepted: it is learned as it is.
    """
    columns: dict[str, pl.Series] = {}
    shifts, early = shifts or NO_SHIFTS, memory.nights < habits.novelty_nights
    for feature in counts:
        name = feature.name
        value, factor = values(tonight, name), lesson.factors[name]
        mine = surprise.ring_value(value, lesson.expected[name], lesson.own.dispersion_of(name), habits.clip_surprise)
        reach = lesson.peers.middle[name] + habits.clip_peers * lesson.peers.spread[name]
        theirs = np.ceil(np.expm1(np.minimum(reach, 30.0)) * factor) + 1
        own = value * lesson.learnable if name in ANSWERED else value
        clipped = np.minimum(own, np.where(lesson.known, mine, theirs))
        clipped = np.where(np.asarray(shifts.whole.get(name, False)), own, clipped)
        columns[name] = pl.Series(name, clipped.astype(np.int64))
        if feature.family in SETTLED:
            columns[f"peer_{name}"] = pl.Series(f"peer_{name}", lesson.against_peers[name])
    people = values(tonight, "people")
    kept = np.divide(
        floats(columns.get("people", tonight["people"])), people, out=np.ones_like(people), where=people > 0
    )
    for feature in shares:
        whole = np.ceil(values(tonight, feature.of or "") * kept)
        part = np.ceil(values(tonight, feature.name) * kept)
        mean, alike = lesson.expected[feature.name], lesson.own.dispersion_of(feature.name)
        rings = lesson.surprises[feature.name] >= round(100 * habits.clip_surprise)
        rings &= ~np.asarray(shifts.whole.get(feature.name, False))
        most = surprise.ring_share(whole[rings], mean[rings], alike[rings], habits.clip_surprise)
        learned = part.copy()
        learned[rings] = np.minimum(part[rings], most)
        columns.setdefault(feature.name, pl.Series(feature.name, learned.astype(np.int64)))
        if feature.family in SETTLED:
            theirs = lesson.against_peers[feature.name]
            unheard = early and feature.history
            columns[f"peer_{feature.name}"] = pl.Series([None] * theirs.size if unheard else theirs, dtype=pl.Int32)
        columns.setdefault(feature.of or "", pl.Series(feature.of or "", whole.astype(np.int64)))
    told = {feature.name for feature in (*counts, *shares)}
    untold = [f.name for f in JUDGED if f.name not in told or (early and f.history)]
    rows = tonight.with_columns(values.alias(name) for name, values in columns.items()).with_columns(
        pl.lit(None, pl.Int64).alias(name) for name in untold
    )
    rows = rows.with_columns(
        pl.when(~pl.Series(mine)).then(pl.col(name)).alias(name) for name, mine in shifts.unlearned.items()
    )
    if memory.past is None:
        return Past.of(rows)
    return memory.past.with_rows(rows, _since(rows["night"][0], habits))


def summed(memory: Memory, night: date, settings: Settings) -> Blocks:
    """Learn the nights that are no longer held in full after `night`."""
    if memory.past is None:
        return memory.older
    nights = night, _since(night, settings.baselines)
    settling = settings.more_strangers.settling_days
    older = learn_older(memory.older, memory.past, nights, memory.skies, memory.seen, settling, settings.older)
    give_back(memory.past.names.len())
    return older


def _since(night: date, habits: Baselines) -> date:
    """Give the first night held in full after a night."""
    return night - timedelta(days=habits.nights - 1)


def values(rows: pl.DataFrame, name: str) -> Floats:
    """Give a column as numbers."""
    return floats(rows[name])


def floats(column: pl.Series) -> Floats:
    """Give a column as numbers."""
    return column.cast(pl.Float64).to_numpy()
