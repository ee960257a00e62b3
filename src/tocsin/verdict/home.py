"""Where an account is at home: networks, or browsers, of most nights, or to which its people come back."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from tocsin.settings_sessions import Sessions
from tocsin.verdict.habits import family
from tocsin.verdict.stretches import Ids, Stretch

Nights = Sequence[tuple[date, Sequence[Stretch]]]

Origin = Callable[[Stretch], str | None]


@dataclass(frozen=True, slots=True)
class Home:
    """Networks that the account lives with, and where there are none (a telephone has a new one daily) browsers.

    None among the networks: its own sessions show no address that can be read. To the `returned` networks people come
    back, whether they are used on most nights or not; to the `strange` ones nobody does, though elsewhere they do.
    """

    networks: frozenset[str | None] = frozenset()
    devices: frozenset[str | None] = frozenset()
    returned: frozenset[str | None] = frozenset()
    strange: frozenset[str | None] = frozenset()
    moved: frozenset[str | None] = frozenset()
    """Networks that took the place of the others while they were in use: a renewed line, not a second person."""

    @property
    def is_known(self) -> bool:
        """Say whether the account has a home at all."""
        return bool(self.networks or self.devices)

    def holds(self, one: Stretch) -> bool:
        """Say whether a session came from home."""
        return one.network in self.networks or (_device(one) in self.devices and one.network not in self.strange)


def home_of(nights: Nights, first_alerted: date, rules: Sessions) -> Home:
    """Find the home, whoever came first: on the nights before the alert, else on all that are held.

    Where the alert came before the account had habits, what read most on that night is not at home: it may be all
    that there ever was.
    """
    networks = _read_at(nights, first_alerted, _network, rules)
    usual = networks.usual
    if not usual[0]:
        usual = _read_at(nights, first_alerted, _device, rules).usual
    most, returned = networks.most - networks.strange(usual), networks.returned - {None}
    strange = networks.strange(usual)
    moved = _moved([one for _night, tonight in nights for one in tonight], strange)
    if most or returned:
        return Home(most | returned, frozenset(), returned, strange, moved)
    devices = _read_at(nights, first_alerted, _device, rules)
    at_home = (devices.most - devices.strange(usual)) | devices.returned
    return Home(frozenset(), at_home - {None}, returned, strange, moved)


def _moved(found: Sequence[Stretch], strange: frozenset[str | None]) -> frozenset[str | None]:
    """Find the networks in use on several nights without another one in between, but for strange ones."""
    seen: dict[str | None, list[int]] = {}
    for at, one in enumerate(found):
        seen.setdefault(one.network, []).append(at)
    return frozenset(
        network
        for network, places in seen.items()
        if found[places[0]].night < found[places[-1]].night
        and all(one.network == network or one.network in strange for one in found[places[0] : places[-1]])
    )


def _network(one: Stretch) -> str | None:
    return one.network


def _device(one: Stretch) -> str | None:
    return family(one.device) if one.device is not None else None


@dataclass(frozen=True, slots=True)
class _Read:
    """Origins of `most` of the work, and of all that were used for some nights (people who came back, all people)."""

    rules: Sessions
    most: frozenset[str | None]
    again: Mapping[str | None, tuple[int, int]]

    @property
    def usual(self) -> tuple[int, int]:
        """Give the returns of the origin to which most come back."""
        return max(self.again.values(), default=(0, 0))

    @property
    def returned(self) -> frozenset[str | None]:
        """Give the origins to which people come back."""
        least = max(self.rules.home_returns * _share(self.usual), self.rules.home_returning)
        return frozenset(
            n for n, came in self.again.items() if came[0] >= self.rules.home_returned and _share(came) >= least
        )

    def strange(self, usual: tuple[int, int]) -> frozenset[str | None]:
        """Give the origins to which nobody comes back, where elsewhere they do."""
        least, rare = self.rules.home_returned, self.rules.home_returning
        never = self.rules.home_never * rare
        if usual[0] < least or _share(usual) < rare:
            return frozenset()
        return frozenset(n for n, came in self.again.items() if came[1] >= least and _share(came) < never)


def _read_at(nights: Nights, first_alerted: date, origin: Origin, rules: Sessions) -> _Read:
    read = [(night, _people_by(tonight, origin)) for night, tonight in nights]
    before = [people for night, people in read if night < first_alerted]
    accused: set[str | None] = set()
    if len(before) < rules.own_nights:
        alerted = next((people for night, people in read if night == first_alerted), {})
        accused = {max(alerted, key=lambda name: (len(alerted[name]), str(name)))} if alerted else set()
        before = [people for _night, people in read if people.keys() - accused]
    every: dict[str | None, list[Ids]] = {}
    for _night, people in read:
        for name, ids in people.items():
            every.setdefault(name, []).append(ids)
    again = {name: _returns(ids) for name, ids in every.items() if len(ids) >= rules.own_nights}
    return _Read(rules, frozenset(_most(before, rules) - accused), again)


def _most(nights: Sequence[dict[str | None, Ids]], rules: Sessions) -> set[str | None]:
    """Give the origins of most nights or most people, and a fair part of the other."""
    lived = Counter(name for people in nights for name in people)
    read = Counter(dict.fromkeys(lived, 0))
    for people in nights:
        read.update({name: len(ids) for name, ids in people.items()})
    every = max(read.total(), 1)
    shares = {
        name: (lived[name] / len(nights), read[name] / every) for name in lived if lived[name] >= rules.own_nights
    }
    return {name for name, share in shares.items() if max(share) >= rules.home_share and min(share) >= rules.home_least}


def _people_by(tonight: Sequence[Stretch], origin: Origin) -> dict[str | None, Ids]:
    read: dict[str | None, list[Ids]] = {}
    for one in tonight:
        read.setdefault(origin(one), []).append(one.ids)
    return {name: np.unique(np.concatenate(ids)) for name, ids in read.items()}


def _share(part: tuple[int, int]) -> float:
    return part[0] / part[1] if part[1] else 0.0


def _returns(nights: Sequence[Ids]) -> tuple[int, int]:
    """Count, from the second night on, the people who had been read there on an earlier one, and all people."""
    known, again, every = nights[0], 0, 0
    for ids in nights[1:]:
        again += int(np.isin(ids, known, assume_unique=True).sum())
        every += len(ids)
        known = np.union1d(known, ids)
    return again, every
