"""What every attacker may do to stay unseen, and how one stretch of reading on one account is made."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from tocsin.schema import Kind, Outcome
from tocsin.simulate.actions import ACTIONS, WEB, Deeds, Sessions, frame, joined
from tocsin.simulate.lines import session_lines
from tocsin.simulate.population import Floats, Integers, Population
from tocsin.simulate.scenarios.guise import Place, robot_browser
from tocsin.simulate.scenarios.robot import Sweep, lookups, mixed, pace, shuffled
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight, preferably
from tocsin.simulate.work import credentials

LAST_SECOND = 86_300.0  # leaves room for the last gap before midnight
_POISON_SHARE = 0.15  # of an ordinary night
_SERVICES = ("droits", "affiliation", "historique-remboursements")


@dataclass(frozen=True, slots=True)
class Attacker:
    """Knobs that all scenarios share; each sets its own usual values."""

    accounts: int = 1
    jitter: float = 0.5  # 0: a metronome, 1: exponential waits
    shuffle: float = 0.0  # share of numbers out of order
    local: float = 0.0  # share of people who live around the account
    warm_up: float = 0.0  # share of the full pace that each night adds; 0 starts at full pace
    quota: int = 0  # most lookups an account and night; 0 is none
    rotate: tuple[int, int] = (0, 0)  # lookups before the next session comes from elsewhere; 0 stays
    owner_browser: float = 0.0  # share of accounts on which the owner's browser string is copied
    pharmacies: float = 0.5  # share of the stolen accounts, as far as there are any
    poison: int = 0  # nights before the first one, every third, on which it asks a little, to spoil the history
    abroad: float = 0.5  # share of the homes and phones it comes through that lie abroad, where countries are logged
    delegates: float = 0.25  # share of the accounts that hand their rights on to a second one, where that is logged

    def choose(self, population: Population, free: Free, chance: np.random.Generator) -> Integers:
        """Steal accounts in use, a share of them pharmacies."""
        return preferably(population, free.busy, self.accounts, self.pharmacies, chance, "pharmacien")

    def begin(self, stage: Stage) -> None:
        """Leave the owners as they are; scenarios say otherwise."""

    def play(self, stage: Stage, tonight: Tonight) -> pl.DataFrame:
        """Work on every stolen account."""
        parts = [part for account in stage.cast for part in self.account(stage, tonight, account)]
        return pl.concat(parts) if parts else pl.DataFrame(schema=dict(ACTIONS))

    def account(self, stage: Stage, tonight: Tonight, account: int) -> list[pl.DataFrame]:
        """Work on one account for a night; scenarios say how."""
        raise NotImplementedError

    def held(self, count: float, stage: Stage, tonight: Tonight) -> int:
        """Say how many lookups warming up and the quota leave of tonight's."""
        if self.warm_up:
            count *= min(1.0, (tonight.night - stage.first_night + 1) * self.warm_up)
        count = min(count, self.quota) if self.quota else count
        if stage.most is not None:
            count = min(count * _POISON_SHARE, stage.most)
        return max(1, round(count))

    def dressed(self, asked: Sweep, stage: Stage, account: int, year: int, chance: np.random.Generator) -> Sweep:
        """Put numbers out of order and people of the region among them."""
        asked = shuffled(asked, self.shuffle, chance)
        return mixed(asked, stage.locals(chance, account, round(len(asked.nir) * self.local), year), chance)

    def stretch(self, start: float, end: float, count: int, chance: np.random.Generator) -> Floats:
        """Spread lookups over a stretch of the day; what would lie behind the night's end is not asked."""
        second = start + pace(chance, count, max(end - start, 1.0) / max(count, 1), self.jitter)
        return second[second < LAST_SECOND]

    def browser(self, stage: Stage, tonight: Tonight, account: int, *, shared: bool) -> str:
        """Give the browser string: the owner's on some accounts, else the robot's, one for all or one an account."""
        if self.owner_browser and stage.chance(account, 8).random() < self.owner_browser:
            seen = tonight.of(account)["user_agent"].drop_nulls()
            usual = seen.mode().sort().to_list()
            if usual:
                return str(usual[0])
            line = session_lines(
                stage.population, stage.plan, np.array([account]), np.zeros(1, np.int64), tonight.night, tonight.day
            )
            return line.user_agents[0]
        return robot_browser(stage.word(3) if shared else stage.word(12, account), tonight.day)

    def cut(self, second: Floats, hours: float, chance: np.random.Generator) -> Integers:
        """Give each lookup its session: a new one after some lookups where addresses rotate, else after hours."""
        if self.rotate[1]:
            return np.arange(len(second)) // max(1, int(chance.integers(self.rotate[0], self.rotate[1] + 1)))
        _, number = np.unique((second - second[:1].sum()) // (hours * 3_600.0), return_inverse=True)
        return number.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Reading:
    """One stretch of reading on one account: when, whom, in which session, through which service."""

    account: int
    second: Floats
    asked: Sweep
    session: Integers
    service: str


def service_of(stage: Stage, *place: int) -> str:
    """Give the one service that this robot knows."""
    return _SERVICES[stage.word(13, *place) % len(_SERVICES)]


def read(
    stage: Stage,
    tonight: Tonight,
    reading: Reading,
    places: list[Place],
    browser: str,
    opening: tuple[tuple[Kind, Outcome, str, float], ...] = (),
    client: str | None = WEB,
) -> pl.DataFrame:
    """Make the actions: log in to each session, then look up; `opening` comes before, seconds ahead of the first login.

    Session number n comes from `places[n % len(places)]`.
    """
    if not len(reading.second):
        return pl.DataFrame(schema=dict(ACTIONS))
    _, starts = np.unique(reading.session, return_index=True)
    first = reading.second[starts]
    chance = stage.chance(tonight.night, reading.account, 9)
    number = np.arange(len(first))
    entered = first - chance.uniform(0.8, 6.0, len(first))
    parts: list[Deeds] = [
        lookups(reading.session, reading.second, reading.asked, reading.service),
        credentials(number, entered, Kind.LOGIN, Outcome.SUCCESS, "connexion"),
    ]
    for what, ends, where, ahead in opening:
        moment = np.maximum(entered[:1] - ahead, 0.5)
        parts.append(credentials(number[:1], moment, what, ends, where))
    sessions = named(stage, tonight, reading.account, [places[at % len(places)] for at in number], browser, client)
    return frame(joined(parts), sessions, stage.number)


def named(
    stage: Stage,
    tonight: Tonight,
    account: int,
    places: list[Place],
    browser: str,
    client: str | None = WEB,
) -> Sessions:
    """Give an intruder's sessions their names, addresses and browser, one session a place."""
    return Sessions(
        account=np.full(len(places), account),
        names=[f"{stage.word(7, account, tonight.night, number):016x}" for number in range(len(places))],
        ips=[place.ip for place in places],
        network_types=[place.network_type for place in places],
        user_agents=[browser] * len(places),
        clients=[client] * len(places),
    )
