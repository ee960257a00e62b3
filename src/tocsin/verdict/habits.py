"""What an account's own sessions were like."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tocsin.settings_sessions import Sessions
from tocsin.verdict.stretches import Ids, Stretch

HOSTED = ("hosting", "vpn", "proxy")

_VERSION = re.compile(r"\d+(?:[._]\d+)*")


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people of one session, or of several: how many, how many the account knows, and by department."""

    people: int
    known: int
    regions: Mapping[str, int]
    sessions: int
    strand: int = 0
    """People of all of the night's sessions of the same strand."""


@dataclass(slots=True)
class Habits:
    """Grows with every night of sessions that seem to be the owner's."""

    nights: int = 0
    sessions: int = 0
    networks: Counter[str] = field(default_factory=Counter)
    addresses: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By network and address: a line that is never renewed has one."""
    devices: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)
    new_networks: int = 0
    new_devices: int = 0
    hosted: int = 0
    gaps: list[float] = field(default_factory=list)
    hours: Counter[tuple[bool, int]] = field(default_factory=Counter)
    nights_of: Counter[bool] = field(default_factory=Counter)
    regions: Counter[str] = field(default_factory=Counter)
    known: Ids = field(default_factory=lambda: np.zeros(0, np.uint64))
    shares: list[tuple[int, int]] = field(default_factory=list)
    """Of the last own sessions: people whom the account knew, of how many."""
    strands: dict[str, list[int]] = field(default_factory=dict)
    """People of each strand on the nights that showed it."""

    def learn(self, night: Sequence[Stretch], rules: Sessions) -> None:
        """Take a night of the owner's sessions in."""
        if not night:
            return
        before = self.nights > 0
        read = [one.ids for one in night if one.people]
        people = np.unique(np.concatenate(read)) if read else np.zeros(0, np.uint64)
        if self.nights >= rules.own_nights:
            self.shares += [(both(one.ids, self.known), one.people) for one in night if one.people]
            del self.shares[: -rules.remembered]
        self.known = np.union1d(self.known, people)
        if before:
            self.new_networks += sum(one.network is not None and one.network not in self.networks for one in night)
            self.new_devices += sum(one.device is not None and family(one.device) not in self.families for one in night)
        self.sessions += len(night) if before else 0
        self.hosted += sum(one.network_type in HOSTED for one in night)
        self.networks.update({one.network for one in night if one.network is not None})
        self.addresses.update(
            {(one.network, one.ip) for one in night if one.network is not None and one.ip is not None}
        )
        self.devices.update({one.device for one in night if one.device is not None})
        self.families.update({family(one.device) for one in night if one.device is not None})
        self.gaps += [one.gap_seconds for one in night if is_paced(one, rules) and one.gap_seconds is not None]
        hours = {hour for one in night for hour in one.hours}
        self.hours.update(hours)
        self.nights_of.update({weekend for weekend, _hour in hours})
        for one in night:
            self.regions.update(one.regions)
        for strand, people_read in people_by_strand(night).items():
            self.strands.setdefault(strand, []).append(people_read)
        self.nights += 1


def people_by_strand(night: Sequence[Stretch]) -> Counter[str]:
    """Count the people of a night's strands."""
    counted: Counter[str] = Counter()
    for one in night:
        if one.strand is not None:
            counted[one.strand] += one.people
    return counted


def is_own_place(one: Stretch, own: Habits, rules: Sessions) -> bool:
    """Say whether the session comes from where the owner works: the address itself, or a line whose address changes."""
    if one.network is None or own.networks[one.network] < rules.known_nights:
        return False
    if one.ip is None or own.addresses[one.network, one.ip]:
        return True
    seen = sum(network == one.network for network, _ip in own.addresses)
    return seen > max(float(rules.moving_least), rules.moving_share * own.networks[one.network])


def family(device: str) -> str:
    """Name a browser without its version numbers, which change every month."""
    return _VERSION.sub("", device)


def crowd_of(sessions: Sequence[Stretch], own: Habits) -> Crowd:
    """Put the people of sessions together, as an account with these habits knows them."""
    people = sessions[0].ids if len(sessions) == 1 else np.unique(np.concatenate([one.ids for one in sessions]))
    regions: Counter[str] = Counter()
    for one in sessions:
        regions.update(one.regions)
    return Crowd(len(people), both(people, own.known), regions, len(sessions))


def is_paced(one: Stretch, rules: Sessions) -> bool:
    """Say whether a session asked for enough people to have a pace."""
    return one.asked >= rules.pace_asked and one.gap_seconds is not None


def both(people: Ids, known: Ids) -> int:
    """Count the people who are in both lists."""
    return int(np.isin(people, known, assume_unique=True).sum())
