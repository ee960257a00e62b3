"""Drift in the verdict: what adds up over nights is evidence of its own, and enough for an alert."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tocsin.model.drift import Drift, Sums
from tocsin.model.hands import learn_hands, nobodys
from tocsin.model.surprise import Hundredths
from tocsin.settings import AddingUp, Settings
from tocsin.settings_fixed import STRANGER
from tocsin.verdict.points import Scores, with_family

MOST_TOLD = 10_000
"""Evidence of a night ends here (hundredths), so that sums of years fit their column."""


@dataclass(frozen=True, slots=True)
class Adding:
    """Tonight's sums of one kind of evidence, the level they ring above (None while unknown), and who rings."""

    sums: Sums
    level: int | None
    rings: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        before: Drift,
        night: date,
        accounts: pl.Series,
        evidence: Hundredths,
        rules: AddingUp,
        still: NDArray[np.bool_] | None = None,
    ) -> "Adding":
        """Add tonight's evidence (hundredths, in the order of `accounts`) to the sums of the nights before."""
        sums, level = before.add(night, accounts, evidence, rules, still), before.level(rules)
        rings = np.zeros(accounts.len(), np.bool_)
        if level is not None:
            rings = (
                (sums.total > level) & (evidence > round(100 * rules.allowance)) & (sums.nights >= rules.least_nights)
            )
        return cls(sums, level, rings)

    @property
    def told(self) -> Hundredths:
        """Give the sums of those who ring."""
        return np.where(self.rings, self.sums.total, 0).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Drifting:
    """What adds up: a little of every kind, strangers at a second desk, more strangers than usual, another hand."""

    little: Adding
    desk: Adding
    more: Adding
    hand: Adding

    @property
    def rings(self) -> NDArray[np.bool_]:
        """Tell who rings by either."""
        rings: NDArray[np.bool_] = self.little.rings | self.desk.rings | self.more.rings | self.hand.rings
        return rings


@dataclass(frozen=True, slots=True)
class Added:
    """The sums that a night inherits, and leaves."""

    little: Drift = field(default_factory=Drift)
    desk: Drift = field(default_factory=Drift)
    more: Drift = field(default_factory=Drift)
    hand: Drift = field(default_factory=Drift)
    hands: pl.DataFrame = field(default_factory=nobodys)
    """How each account works (hands.HANDS)."""

    def learn(
        self, night: date, rows: pl.DataFrame, drifting: Drifting, suspects: NDArray[np.bool_], settings: Settings
    ) -> "Added":
        """Give the sums after tonight (`rows`: its accounts); suspects start anew and set no level.

        They teach no habit either, but by another hand that was told: it may have come to stay.
        """
        return Added(
            self.little.learn(night, drifting.little.sums, suspects, settings.drifting),
            self.desk.learn(night, drifting.desk.sums, suspects, settings.second_desk),
            self.more.learn(night, drifting.more.sums, suspects, settings.more_strangers),
            self.hand.learn(night, drifting.hand.sums, suspects, settings.another_hand),
            learn_hands(rows, self.hands, suspects & ~drifting.hand.rings, settings.another_hand),
        )


def add_up(
    before: Added,
    night: date,
    rows: pl.DataFrame,
    scores: Scores,
    settings: Settings,
    elsewhere: NDArray[np.bool_],
    crowds: NDArray[np.bool_] | None = None,
) -> tuple[Scores, Drifting]:
    """Add tonight's evidence to the sums; gives the scores with what drift says of those above the level.

    `rows`: the night's accounts and features. Where people come from counts for those who are `elsewhere`
    (verdict.whereabouts). What is beyond an account's usual adds up, not what a rule says of it every night. On closed
    days more strangers than usual neither add up nor fade: few work, and not as usual; nor do those of `crowds`, and
    they are no other hand.
    """
    accounts = rows["account"]
    told = {name: np.minimum(scores.families[name], scores.model[name]) for name in settings.drifting.families}
    if "geography" in told:
        told["geography"] = np.where(elsewhere, told["geography"], 0).astype(np.int32)
    evidence = np.sum(list(told.values()), axis=0).astype(np.int32)
    little = Adding.of(before.little, night, accounts, evidence, settings.drifting)
    beside = _told(rows, "strangers_beside", STRANGER)
    away = rows["strangers_beside"].is_null().to_numpy() if "strangers_beside" in rows.columns else None
    desk = Adding.of(before.desk, night, accounts, beside, settings.second_desk, away)
    closed = (rows["day"] == "closed").fill_null(value=False).to_numpy()
    crowds = np.zeros(accounts.len(), np.bool_) if crowds is None else crowds
    strangers = np.where(closed | crowds, 0, _told(rows, "newcomers_above")).astype(np.int32)
    more = Adding.of(before.more, night, accounts, strangers, settings.more_strangers, closed | crowds)
    others = np.where(crowds, 0, _told(rows, "hand")).astype(np.int32)
    hand = Adding.of(before.hand, night, accounts, others, settings.another_hand, crowds)
    most = np.full(accounts.len(), round(100 * settings.families.caps["drift"]), np.int32)
    said = np.minimum(np.maximum.reduce([little.told, desk.told, more.told, hand.told]), most)
    return with_family(scores, "drift", said, settings.families), Drifting(little, desk, more, hand)


def _told(rows: pl.DataFrame, name: str, times: int = 1) -> Hundredths:
    """Give a column of evidence in hundredths; nothing where the night's logs cannot tell it."""
    if name not in rows.columns:
        return np.zeros(rows.height, np.int32)
    told: Hundredths = np.minimum(times * rows[name].fill_null(0).to_numpy(), MOST_TOLD).astype(np.int32)
    return told
