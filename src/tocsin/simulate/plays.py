"""Which accounts an attack takes and when it comes; and its actions of a night beside the owners'."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from tocsin.errors import SettingsError
from tocsin.simulate.days import Days
from tocsin.simulate.plan import Plan
from tocsin.simulate.population import Population
from tocsin.simulate.randomness import Purpose, stream
from tocsin.simulate.scenarios.spec import Attack
from tocsin.simulate.scenarios.stage import Free, Stage, Tonight

_POISONED = 80  # lookups an account and night


class TooFewFreeError(SettingsError):
    """An attack wants more accounts than are free; `fewer` says how to ask for those that are."""

    def __init__(self, name: str, wanted: int, free: int) -> None:
        self.fewer = f" or write fewer behind the name, as in {name}:{free}" if free else ""
        super().__init__(f"{name} needs {wanted} accounts, {free} are free", hint=f"raise --accounts{self.fewer}")


@dataclass(frozen=True, slots=True)
class Play:
    """An attack on its stage; its actions carry the stage's number."""

    attack: Attack
    stage: Stage

    @property
    def name(self) -> str:
        """Name it as the truth does."""
        scenario = self.attack.scenario.name
        return scenario if self.stage.most is None else f"{scenario}-poison"


def cast(
    population: Population, drawn: Plan, days: Days, attacks: tuple[Attack, ...], singled_out: frozenset[int]
) -> tuple[Play, ...]:
    """Give each attack accounts of its own; SettingsError when one does not fit.

    An account with an innocent story (`singled_out`) is not stolen too; the truth would be of no use.
    """
    plays: list[Play] = []
    taken = set(singled_out)
    for number, attack in enumerate(attacks, 1):
        stage = _cast(population, drawn, days, attack, number, taken)
        attack.scenario.begin(stage)
        taken.update(stage.cast)
        plays.append(Play(attack, stage))
    spoiled = [play for play in plays if play.attack.scenario.poison]
    poisons = [Play(play.attack, _poison(play, len(plays) + place)) for place, play in enumerate(spoiled, 1)]
    return (*plays, *poisons)


def actions(plays: tuple[Play, ...], owners: pl.DataFrame, night: int, day: date, year: int) -> list[pl.DataFrame]:
    """Play every attack of a night beside the owners' actions (schema ACTIONS)."""
    return [
        play.attack.scenario.play(
            play.stage, Tonight(night, day, year, owners.filter(pl.col("account").is_in(play.stage.cast)))
        )
        for play in plays
        if play.stage.plays(night)
    ]


def _poison(play: Play, number: int) -> Stage:
    """Let the intruder come every third night before, and read little enough for a busy day."""
    stage = play.stage
    nights = range(stage.first_night - 2, max(stage.first_night - 2 - 3 * play.attack.scenario.poison, -1), -3)
    only = frozenset(night for night in nights if night >= 0)
    first, last = min(only, default=0), max(stage.first_night - 1, 0)
    return replace(stage, number=number, first_night=first, last_night=last, only=only, most=_POISONED)


def _cast(population: Population, drawn: Plan, days: Days, attack: Attack, number: int, taken: set[int]) -> Stage:
    first, last = attack.window(len(days))
    untouched = np.setdiff1d(np.arange(len(population)), np.array(sorted(taken), np.int64))
    # An account in use: somebody's password was there to be stolen, and its owner goes on working.
    busy = np.flatnonzero(drawn.people[:, max(first - 7, 0) : last + 1].sum(axis=1) > 0)
    dormant = np.flatnonzero(drawn.people.sum(axis=1) == 0)
    free = Free(np.intersect1d(busy, untouched), np.intersect1d(dormant, untouched))
    chosen = attack.scenario.choose(population, free, stream(population.seed, Purpose.CAST, number))
    wanted = max(attack.scenario.accounts, 1)
    if len(chosen) < wanted:
        raise TooFewFreeError(attack.scenario.name, wanted, len(chosen))
    return Stage(population, drawn, number, tuple(int(place) for place in chosen), first, last, days)
