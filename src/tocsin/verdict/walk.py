"""Judges an account's sessions night by night: which of them teach its habits, and what a night is compared with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Literal

from tocsin.settings_sessions import Sessions
from tocsin.verdict.habits import Crowd, Habits, crowd_of, family, is_own_place, people_by_strand
from tocsin.verdict.home import Home, home_of
from tocsin.verdict.marks import Mark, is_robot, marks
from tocsin.verdict.stretches import Stretch

Verdict = Literal["owner", "intruder", "mixed"]

ORIGIN = ("network", "device", "hosted", "at once")
"""Measures of where a session came from."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A stretch with what its measures say."""

    stretch: Stretch
    marks: tuple[Mark, ...]
    points: float
    verdict: Verdict
    by_hand: bool = False
    """A person knew better."""


def walk(found: Sequence[Stretch], first_alerted: date, rules: Sessions) -> list[Judged]:
    """Judge stretches (in the order of time) against those that seem to be the owner's.

    A night is compared with the nights before it; those of the first half, of which little was known then, are judged
    again against the nights after them: an intruder who was there from the beginning must not measure himself.
    """
    nights = [(night, list(group)) for night, group in groupby(found, key=lambda one: one.night)]
    pass_ = _Pass(home_of(nights, first_alerted, rules), _pools(found), first_alerted, rules)
    half = len(nights) // 2
    early, late = nights[:half], nights[half:]
    own = Habits()
    first = [*pass_.over(early, own), *pass_.over(late, own)]
    after = Habits()
    for tonight in reversed(first[half:]):
        after.learn([one.stretch for one in tonight if pass_.taught[one.stretch.at]], rules)
    if after.nights < rules.own_nights:
        return [one for tonight in first for one in tonight]
    before = dict(pass_.taught)
    again = list(pass_.over(early[::-1], after))[::-1]
    if before == pass_.taught:  # nothing else is learned, so nothing else follows
        return [one for tonight in (*again, *first[half:]) for one in tonight]
    own = Habits()
    for tonight in again:
        own.learn([one.stretch for one in tonight if pass_.taught[one.stretch.at]], rules)
    return [one for tonight in (*again, *pass_.over(late, own)) for one in tonight]


class _Pass:
    """Goes over nights; `taught` says of each stretch (by number) whether it teaches, as it was last judged."""

    def __init__(
        self, home: Home, pools: Mapping[str, Sequence[Stretch]], first_alerted: date, rules: Sessions
    ) -> None:
        self.home, self.pools, self.first_alerted, self.rules = home, pools, first_alerted, rules
        self.taught: dict[int, bool] = {}

    def over(self, nights: Sequence[tuple[date, Sequence[Stretch]]], own: Habits) -> Iterator[list[Judged]]:
        """Judge night after night; `own` learns from each."""
        for night, tonight in nights:
            crowds: dict[str, Crowd] = {}
            strands = people_by_strand(tonight)
            told = []
            for one in tonight:
                crowd = replace(self._crowd(one, own, crowds), strand=strands[one.strand or ""])
                judged = _judge(
                    one, crowd, own, self.rules, at_home=self._at_home(one, own), moved=one.network in self.home.moved
                )
                self.taught[one.at] = self._teaches(judged, crowd, night, own)
                told.append(judged)
            own.learn([one.stretch for one in told if self.taught[one.stretch.at]], self.rules)
            yield told

    def _crowd(self, one: Stretch, own: Habits, crowds: dict[str, Crowd]) -> Crowd:
        """Give the people of the session; from a network new to the account, those of all sessions there."""
        network = one.network
        if network is None or own.networks[network] or len(self.pools[network]) < 2:
            return crowd_of([one], own)
        if network not in crowds:
            crowds[network] = crowd_of(self.pools[network], own)
        return crowds[network]

    def _at_home(self, one: Stretch, own: Habits) -> bool:
        """Say whether it came from a network that turns out to be home, where it is not known yet: a move."""
        nights = own.networks[one.network or ""]
        return one.network in self.home.returned and nights < self.rules.known_nights

    def _teaches(self, one: Judged, crowd: Crowd, night: date, own: Habits) -> bool:
        """Let the owner's sessions teach, and strange ones of people the account knows: a move, a locum.

        Before the account has habits its home teaches, where it has one, and otherwise all that came before the alert.
        """
        if one.stretch.network in self.home.strange:
            return False
        if own.nights < self.rules.own_nights:
            at_home = self.home.holds(one.stretch) and not is_robot(one.marks, self.rules)
            return at_home if self.home.is_known else night < self.first_alerted
        people = sum(mark.points for mark in one.marks if mark.measure == "people")
        known = people < 0 < crowd.known or self._at_home(one.stretch, own)
        return one.verdict == "owner" or (one.verdict == "mixed" and known and not is_robot(one.marks, self.rules))


def _pools(found: Sequence[Stretch]) -> dict[str, list[Stretch]]:
    pools: dict[str, list[Stretch]] = {}
    for one in found:
        if one.network is not None:
            pools.setdefault(one.network, []).append(one)
    return pools


def _judge(one: Stretch, crowd: Crowd, own: Habits, rules: Sessions, *, at_home: bool, moved: bool) -> Judged:
    found = marks(one, crowd, own, rules, at_home=at_home)
    points = round(sum(mark.points for mark in found), 2)
    verdict: Verdict = "mixed"
    hides = at_home or (
        _hides_among_own(one, found, own, rules, moved=moved) and not _outnumbers(one, crowd, own, rules)
    )
    if points >= rules.intruder and not hides:
        verdict = "intruder"
    elif points <= rules.owner and own.nights >= rules.own_nights:
        verdict = "owner"
    return Judged(one, found, points, verdict)


def _hides_among_own(one: Stretch, found: Sequence[Mark], own: Habits, rules: Sessions, *, moved: bool) -> bool:
    """Say whether the owner may be in it too.

    It came from its network, or with its browser from the one that took its place, from nothing that the account
    does not use, or the log has no origin at all.
    """
    if one.network is None and one.device is None:
        return one.session is None
    if one.network is not None:
        known = one.device is None or family(one.device) in own.families
        if is_own_place(one, own, rules) or (own.networks[one.network] >= rules.known_nights and known):
            return True
        if moved and known and not is_robot(found, rules):
            return True
    return not is_strange(found) and not is_robot(found, rules)


def _outnumbers(one: Stretch, crowd: Crowd, own: Habits, rules: Sessions) -> bool:
    """Say whether, where the log does not say who asked, the owner's part of such people is too small to matter."""
    usual = own.strands.get(one.strand or "", [])
    if one.strand is None or own.nights < rules.own_nights:
        return False
    return crowd.strand * rules.owners_part >= max([*usual, rules.owners_least])


def is_strange(found: Sequence[Mark]) -> bool:
    """Say whether it came from where the account does not come from."""
    return sum(mark.points for mark in found if mark.measure in ORIGIN) > 0
