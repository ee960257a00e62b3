"""Assess one night: the surprise at every feature of every account, and what the night teaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.enrich.calendar import DayClass
from tocsin.features.feature import Feature
from tocsin.model import baseline
from tocsin.model.against import Usual, tell, worth_saying
from tocsin.model.baseline import Own
from tocsin.model.begun import first_figures, not_yet, told_on
from tocsin.model.carried import just_awake, learn_seen, with_carried
from tocsin.model.common_shift import common_shift
from tocsin.model.company import learn_addresses, with_company
from tocsin.model.desks import Known, learnable, with_desks
from tocsin.model.factors import NOBODY
from tocsin.model.held import ASKED
from tocsin.model.memory import Lesson, Memory, learn, summed, with_known_profiles
from tocsin.model.moves import Moves
from tocsin.model.networks import learn_networks, with_elsewhere
from tocsin.model.newcomers import with_newcomers
from tocsin.model.nights import Past
from tocsin.model.older import Older
from tocsin.model.outlier import unusual
from tocsin.model.peers import Peers, peers
from tocsin.model.places import learn_places
from tocsin.model.room import give_back
from tocsin.model.settled import settled_distance
from tocsin.model.shifts import Shift, find_shifts
from tocsin.model.sums import Sums
from tocsin.model.surprise import Floats, Hundredths
from tocsin.model.usual import no_more_than_ever, told_of
from tocsin.settings import Settings


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a night besides its accounts.

    `origins`: tonight's rows as measure.Measured has them, where the logs tell addresses. `accepted`: keys of shifts
    that a person took for the new usual, and from which night on. `elsewhere`: the accounts for which the day is of
    another class, what has priority first.
    """

    when: tuple[date, DayClass]
    with_model: bool
    origins: pl.DataFrame | None = None
    accepted: Mapping[str, date] = field(default_factory=dict)
    elsewhere: Sequence[tuple[pl.Expr, DayClass]] = ()
    second_desk: pl.DataFrame | None = None
    """The sums of strangers at a second desk that are above zero (drift.SUMS)."""

    def with_day(self, tonight: pl.DataFrame) -> pl.DataFrame:
        """Add `day`, the class of the day for each account."""
        day = pl.lit(self.when[1], pl.String)
        for mine, other in reversed(self.elsewhere):
            day = pl.when(mine).then(pl.lit(other)).otherwise(day)
        return tonight.with_columns(day.alias("day"))


@dataclass(frozen=True, slots=True)
class Assessment:
    """A night's surprises, arrays in the order of `rows` (sorted by account; each with the class of its `day`).

    `of_self` says where the own baseline spoke louder than the peers'; `expected` is the own mean under tonight's
    weather (or the share); `known` says whether the account has an own baseline.
    """

    rows: pl.DataFrame
    features: tuple[Feature, ...]
    surprises: Mapping[str, Hundredths]
    of_self: Mapping[str, NDArray[np.bool_]]
    expected: Mapping[str, Floats]
    factors: Mapping[str, Floats]
    known: NDArray[np.bool_]
    own: Own
    peers: Peers
    outlier: Hundredths
    nights: int
    learned: Memory
    taken: pl.DataFrame
    """What accounts that were shown many rows tonight took to where nobody is read on nights before: account, night,
    `lists_apart`."""
    shifts: tuple[Shift, ...] = ()
    beyond: tuple[tuple[str, str | None], ...] = ()
    """Who reads more together than the weather excuses (common_shift.Common)."""


class Assess(Protocol):
    """Whoever assesses a night as `assess` does."""

    def __call__(
        self, tonight: pl.DataFrame, memory: Memory, features: Sequence[Feature], settings: Settings, about: About
    ) -> Assessment:
        """Assess a night against memory."""


def assess(
    tonight: pl.DataFrame,
    memory: Memory,
    features: Sequence[Feature],
    settings: Settings,
    about: About,
) -> Assessment:
    """Assess `tonight` (one row an account, sorted) against memory; the result holds the next night's memory."""
    when, habits, older = about.when, settings.baselines, Older.of(memory.older, tonight["account"], settings.older)
    tonight = _filled_in(tonight, memory, older, features, settings, about)
    # What nobody's surprise decides is learned first: later there is less room.
    seen, blocks = learn_seen(tonight, when[0], memory.seen, habits), summed(memory, when[0], settings)
    networks = learn_networks(about.origins, when[0], memory.networks, memory.seen, settings.desks)
    addresses = _addresses(tonight, memory, features, settings, about)
    mix = learn_places(tonight, memory.mix, habits) if any(one.name == "far_people" for one in features) else memory.mix
    counts = [feature for feature in features if feature.shape == "count" and feature.family != "state"]
    shares = [feature for feature in features if feature.shape == "share"]
    states = [feature for feature in features if feature.family == "state"]
    past = Past.of(tonight.clear()) if memory.past is None else memory.past
    places = past.places(tonight["account"])
    sums = Sums.of(past, memory.skies)
    held = past.height >= habits.peer_accounts  # a handful of events before the first night are no peers
    pool = sums if held else Sums.of(Past.of(tonight.select(_asked(tonight))), memory.skies)
    own = baseline.own(places, tonight["profession"].fill_null(NOBODY), sums, pool, [*counts, *shares], habits, older)
    known = (own.nights >= habits.own_nights) & ~just_awake(tonight, habits)
    common = common_shift(tonight, own.mean, known, counts, when, memory.skies, habits)
    near = peers(tonight, pool, counts, habits)
    del sums, pool, older  # of large portals they take room
    give_back(tonight.height)
    settled = settled_distance(past, places, [*counts, *shares])
    told = tell(tonight, Usual(own, known, common.factors, near, settled), [*counts, *shares, *states], habits)
    early = memory.nights < habits.novelty_nights + habits.novelty_own_nights
    heard = [feature for feature in features if not (early and feature.family == "geography")]
    surprises = {f.name: np.zeros(tonight.height, np.int32) for f in features}
    surprises |= {f.name: worth_saying(f, told.surprises.pop(f.name), tonight, own, settings) for f in heard}
    for name, silent in no_more_than_ever(tonight, past, places, shares, habits.batch_nights).items():
        surprises[name] = np.where(silent & (own.nights >= habits.own_nights), 0, surprises[name]).astype(np.int32)
    surprises |= not_yet(past, surprises, habits)
    enough = own.history_nights >= habits.novelty_own_nights
    moves = Moves(memory.moves, when[1] == "closed", known, known & enough)
    shifts = find_shifts(tonight, heard, surprises, settings, about.accepted, moves)
    surprises |= {name: np.where(mute, 0, surprises[name]).astype(np.int32) for name, mute in shifts.muted.items()}
    give_back(tonight.height)
    mine = learnable(tonight, settings.desks)
    lesson = Lesson(own, near, known, common.factors, told.against_peers, told.expected, surprises, mine)
    learned = learn(tonight, memory, lesson, counts, shares, habits, shifts)
    skies = memory.skies.learn_all(when[0], common.by_day, common.regions, habits.nights)
    told.against_peers.clear()  # this and the next take room while the forests grow
    past.forget_where()
    own = replace(own, mean={})  # what is expected was made of it
    del lesson, settled
    give_back(tonight.height)
    outlier = (
        unusual([surprises[one.name] for one in features], _professions(tonight), settings.outlier)
        if about.with_model
        else np.zeros(tonight.height, np.int32)
    )
    give_back(tonight.height)
    return Assessment(
        rows=tonight, features=tuple(features), surprises=surprises, of_self=told.of_self, expected=told.expected,
        factors=common.factors, known=known, own=own, peers=near, outlier=outlier,
        nights=memory.nights, learned=Memory(learned, skies, seen, mix, networks, blocks, shifts.moves, addresses),
        taken=_taken(tonight, past, settings), shifts=shifts.found, beyond=common.beyond,
    )  # fmt: skip


def _taken(tonight: pl.DataFrame, past: Past, settings: Settings) -> pl.DataFrame:
    """Look up what accounts took away before, where that is going to be asked (verdict.records.extreme)."""
    least = min(settings.alerting.extreme_rows, settings.alerting.extreme_closed)
    many = (tonight["answers"] > least).fill_null(value=False)
    return told_of(past, "lists_apart", tonight["account"].filter(many))


def _filled_in(
    tonight: pl.DataFrame,
    memory: Memory,
    older: Older,
    features: Sequence[Feature],
    settings: Settings,
    about: About,
) -> pl.DataFrame:
    """Fill in what only the nights before can tell."""
    tonight = about.with_day(with_known_profiles(tonight, memory))
    night, origins = about.when[0], about.origins
    if origins is not None:
        tonight = with_elsewhere(tonight, night, origins, memory.networks, settings.desks)
        known = Known(memory.networks, memory.seen, memory.past, about.second_desk)
        tonight = with_desks(tonight, night, origins, known, settings.desks)
        if any(one.name == "company" for one in features):
            tonight = with_company(tonight, origins, memory.addresses, settings.desks)
    tonight = first_figures(tonight, memory.past, features)
    tonight = with_newcomers(tonight, memory, older, settings.more_strangers)
    return with_carried(tonight, night, memory.past, memory.seen, memory.mix, features, settings.baselines)


def _addresses(
    tonight: pl.DataFrame, memory: Memory, features: Sequence[Feature], settings: Settings, about: About
) -> pl.DataFrame:
    """Learn who shares addresses, where that is judged: in full while 'never before' means nothing yet."""
    if not any(one.name == "company" for one in features):
        return memory.addresses
    first = memory.past is None or not told_on(memory.past, "company")
    return learn_addresses(tonight, about.when[0], about.origins, memory.addresses, settings.desks, first=first)


def _professions(tonight: pl.DataFrame) -> NDArray[np.intp]:
    """Give the profession of each account by number."""
    return tonight["profession"].fill_null(NOBODY).rank("dense").to_numpy().astype(np.intp)


def _asked(rows: pl.DataFrame) -> list[str]:
    return [name for name in rows.columns if name in ASKED or name in {"account", "night"}]
