"""What a benign look-alike is: innocent work that resembles an attack, labelled in the truth."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from tocsin.simulate.days import Days
from tocsin.simulate.plan import Plan, Spell
from tocsin.simulate.population import NEVER, Integers, Population


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known when accounts are chosen: no night is drawn yet."""

    population: Population
    days: Days
    chance: np.random.Generator
    taken: set[int]  # accounts that have an innocent story already


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known when the nights of the chosen accounts are changed."""

    population: Population
    plan: Plan
    days: Days
    accounts: Integers
    chance: np.random.Generator


class LookAlike(Protocol):
    """Innocent work that resembles an attack, with its share of accounts as a field."""

    name: ClassVar[str]

    def recruit(self, draft: Draft) -> Integers:
        """Choose accounts and change what they always are; before the nights are drawn."""
        ...

    def shape(self, scene: Scene) -> None:
        """Change nights of these accounts and note the spells."""
        ...


def nobody(draft: Draft) -> Integers:
    """Choose nobody before the nights: the look-alike comes over whoever is there."""
    return draft.population.of()


def some(draft: Draft, share: float, *professions: str) -> Integers:
    """Choose a share of all accounts, at least one, among professions and accounts without a story."""
    free = np.setdiff1d(draft.population.of(*professions), np.array(sorted(draft.taken), np.int64))
    free = free[draft.population.open_from[free] < NEVER]
    count = min(len(free), max(1, round(len(draft.population) * share)))
    chosen = np.sort(draft.chance.permutation(free)[:count])
    draft.taken.update(chosen.tolist())
    return chosen


def note(scene: Scene, spell: Spell) -> None:
    """Label an account and remember the nights."""
    scene.population.label(spell.account, spell.label)
    scene.plan.spells.append(spell)


def grow(plan: Plan, account: int, night: int, people: int, fresh_share: float) -> None:
    """Add people to a night, a share of them new."""
    plan.people[account, night] += people
    plan.fresh[account, night] += round(people * fresh_share)


def some_nights(nights: int, shortest: int, longest: int, chance: np.random.Generator) -> tuple[int, int]:
    """Choose a stretch of nights, first and last; cut at the end of the simulation."""
    first = int(chance.integers(0, max(nights - shortest, 0) + 1))
    last = first + int(chance.integers(shortest, longest + 1)) - 1
    return min(first, nights - 1), min(last, nights - 1)
