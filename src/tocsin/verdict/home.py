"""Where an account is at home: networks, or browsers, of most nights, or to which its people come back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from tocsin.settings_sessions import Sessions
from tocsin.verdict.habits import family
from tocsin.verdict.stretches import Ids, Stretch

MOST = 0.5
"""A network or browser in use on so large a share of the active nights is home."""

RETURNS = 0.5
"""Another one is home as well where people come back at least half as often as to the one of most nights."""

RETURNED = 5
"""People who came back that this takes: one or two meet a stranger's list by chance."""

Nights = Sequence[tuple[date, Sequence[Stretch]]]

Origin = Callable[[Stretch], str | None]


@dataclass(frozen=True, slots=True)
class Home:
    """Networks that the account lives with, and where there are none (a telephone has a new one daily) browsers."""

    networks: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()

    @property
    def is_known(self) -> bool:
        """Say whether the account has a home at all."""
        return bool(self.networks or self.devices)

    def holds(self, one: Stretch) -> bool:
        """Say whether a session came from home."""
        return one.network in self.networks or _device(one) in self.devices


def home_of(nights: Nights, first_alerted: date, rules: Sessions) -> Home:
    """Find the home over all nights held, whoever came first.

    Where the alert came before the account had habits, what read most on that night is not at home: it may be all
    that there ever was.
    """
    young = sum(night < first_alerted for night, _tonight in nights) < rules.own_nights
    alerted = [one for night, tonight in nights if night == first_alerted for one in tonight] if young else []
    networks = _settled([_people_by(tonight, _network) for _night, tonight in nights], alerted, _network, rules)
    if networks:
        return Home(networks=networks)
    return Home(
        devices=_settled([_people_by(tonight, _device) for _night, tonight in nights], alerted, _device, rules)
    )


def _network(one: Stretch) -> str | None:
    return one.network


def _device(one: Stretch) -> str | None:
    return family(one.device) if one.device is not None else None


def _people_by(tonight: Sequence[Stretch], origin: Origin) -> dict[str | None, Ids]:
    read: dict[str | None, list[Ids]] = {}
    for one in tonight:
        read.setdefault(origin(one), []).append(one.ids)
    return {name: np.unique(np.concatenate(ids)) for name, ids in read.items()}


def _settled(
    nights: Sequence[dict[str | None, Ids]], alerted: Sequence[Stretch], origin: Origin, rules: Sessions
) -> frozenset[str]:
    """Give the origins of most nights, and those of some nights to which people come back."""
    read = {name: len(ids) for name, ids in _people_by(alerted, origin).items()}
    accused = {max(read, key=lambda name: (read[name], str(name)))} if read else set()
    used: dict[str | None, list[Ids]] = {}
    for tonight in nights:
        for name in tonight.keys() - accused:
            used.setdefault(name, []).append(tonight[name])
    if not used:
        return frozenset()
    active = sum(bool(tonight.keys() - accused) for tonight in nights)
    again = {name: _returns(ids) for name, ids in used.items() if len(ids) >= rules.own_nights}
    main = max(used, key=lambda name: (len(used[name]), str(name)))
    usual = _share(again.get(main, (0, 0)))
    return frozenset(
        name
        for name, (came, of) in again.items()
        if name is not None
        and (len(used[name]) >= MOST * active or (came >= RETURNED and _share((came, of)) >= RETURNS * usual))
    )


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
