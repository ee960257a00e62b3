"""Where an account is at home: networks, or browsers, of most nights, or to which its people come back."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from tocsin.settings_sessions import Sessions
from tocsin.verdict.habits import family
from tocsin.verdict.stretches import Ids, Stretch

MOST = 0.5
"""Home is in use on half of the nights, or has half of the people."""

SOME = 0.25
"""Of the other of the two it has a quarter: who reads more than that beside the owner is named, not overlooked."""

RETURNS = 0.5
"""A network is home as well where people come back at least half as often as to where most come back."""

RETURNED = 5
"""People who came back that this takes: one or two meet a stranger's list by chance."""

RETURNING = 0.05
"""Where fewer of the people come back (an admission desk), coming back says nothing."""

Nights = Sequence[tuple[date, Sequence[Stretch]]]

Origin = Callable[[Stretch], str | None]


@dataclass(frozen=True, slots=True)
class Home:
    """Networks that the account lives with, and where there are none (a telephone has a new one daily) browsers.

    None among the networks: its own sessions show no address that can be read. To the `returned` networks people come
    back, whether they are used on most nights or not.
    """

    networks: frozenset[str | None] = frozenset()
    devices: frozenset[str | None] = frozenset()
    returned: frozenset[str | None] = frozenset()

    @property
    def is_known(self) -> bool:
        """Say whether the account has a home at all."""
        return bool(self.networks or self.devices)

    def holds(self, one: Stretch) -> bool:
        """Say whether a session came from home."""
        return one.network in self.networks or _device(one) in self.devices


def home_of(nights: Nights, first_alerted: date, rules: Sessions) -> Home:
    """Find the home, whoever came first: on the nights before the alert, else on all that are held.

    Where the alert came before the account had habits, what read most on that night is not at home: it may be all
    that there ever was.
    """
    most, returned = _settled(nights, first_alerted, _network, rules)
    returned -= {None}
    if most or returned:
        return Home(networks=most | returned, returned=returned)
    most, returned = _settled(nights, first_alerted, _device, rules)
    return Home(devices=(most | returned) - {None})


def _network(one: Stretch) -> str | None:
    return one.network


def _device(one: Stretch) -> str | None:
    return family(one.device) if one.device is not None else None


def _settled(
    nights: Nights, first_alerted: date, origin: Origin, rules: Sessions
) -> tuple[frozenset[str | None], frozenset[str | None]]:
    """Give the origins of most of the work before the alert, and all those to which people come back."""
    read = [(night, _people_by(tonight, origin)) for night, tonight in nights]
    before = [people for night, people in read if night < first_alerted]
    accused: set[str | None] = set()
    if len(before) < rules.own_nights:
        alerted = next((people for night, people in read if night == first_alerted), {})
        accused = {max(alerted, key=lambda name: (len(alerted[name]), str(name)))} if alerted else set()
        before = [people for _night, people in read if people.keys() - accused]
    every: dict[str | None, list[Ids]] = {}
    for _night, people in read:
        for name in people.keys() - accused:
            every.setdefault(name, []).append(people[name])
    again = {name: _returns(ids) for name, ids in every.items() if len(ids) >= rules.own_nights}
    usual = _share(max(again.values(), default=(0, 0)))
    returned = {
        name for name, came in again.items() if came[0] >= RETURNED and _share(came) >= max(RETURNS * usual, RETURNING)
    }
    # Where people come back somewhere, nobody comes back to a stranger's list, however often he is there.
    strange = {name for name, came in again.items() if came[1] and _share(came) < RETURNING} if returned else set()
    return frozenset(_most(before, rules) & again.keys() - accused - strange), frozenset(returned)


def _most(nights: Sequence[dict[str | None, Ids]], rules: Sessions) -> set[str | None]:
    """Give the origins of most nights or most people, and a fair part of the other."""
    lived = Counter(name for people in nights for name in people)
    read = Counter({name: 0 for name in lived})
    for people in nights:
        read.update({name: len(ids) for name, ids in people.items()})
    every = max(read.total(), 1)
    shares = {
        name: (lived[name] / len(nights), read[name] / every) for name in lived if lived[name] >= rules.own_nights
    }
    return {name for name, share in shares.items() if max(share) >= MOST and min(share) >= SOME}


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
