"""A plan for those professions alone that ring most: the others keep what they have (docs/decisions/0117)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tocsin.tune.knobs import Knob
from tocsin.tune.scope import Scope
from tocsin.tune.search import NEAR, PROFESSION, Places, Plan, Search, accounts_of, today_of

MOST_JUDGED = 12
"""Plans that are judged of those that look best."""

STEPS = 3
"""Plans for the same accounts that are looked at: near the number, and one and two steps of NEAR below it."""

TURNED = 2
"""Knobs of a plan that are turned anew, the last ones: the others stay as they are in it."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """Values for some professions, and how good that looks: the lowest order is the best."""

    order: tuple[bool, int, int, float]
    turned: Mapping[Knob, float]
    whom: Scope


def narrower(search: Search, plan: Plan) -> Iterator[Plan]:
    """Turn the knobs of a plan further, for fewer: gives what meets the number of what is likely to.

    Professions are taken by how often an account of theirs rings today. An account has one, so what rings with a knob
    turned for some professions is what rings of them with it turned for all, and of the others what rings today. Where
    confirmed cases stand in the way the same is tried without their professions.
    """
    tried = _judged(search, plan, frozenset())
    yield from (made for made in tried if _will_do(search, made))
    in_the_way = frozenset().union(*(search.in_the_way(made) for made in tried))
    if in_the_way:
        yield from (made for made in _judged(search, plan, in_the_way) if _will_do(search, made))


def _will_do(search: Search, made: Plan) -> bool:
    return made.meets and not search.in_the_way(made)


def _judged(search: Search, plan: Plan, spared: frozenset[str]) -> Sequence[Plan]:
    """Judge what is likely to meet the number, for some professions but those that are spared."""
    likely: dict[str, list[_Guess]] = {}
    for guess in sorted(_guesses(search, plan, spared), key=lambda one: one.order):
        mine = likely.setdefault(guess.whom.name, [])
        if guess.order[1] not in {one.order[1] for one in mine}:
            mine.append(guess)
    made: list[Plan] = []
    for mine in likely.values():
        for guess in mine[: min(STEPS, MOST_JUDGED - len(made))]:
            made.append(search.told(replace(plan, turned=guess.turned, whom=guess.whom)))
            if _will_do(search, made[-1]):
                break
    return made


def _guesses(search: Search, plan: Plan, spared: frozenset[str]) -> Iterator[_Guess]:
    """Give values for some professions that are likely to meet the number: as near ones by how little they change."""
    groups = _groups(search, plan, spared)
    room = plan.wanted * len(plan.outcome.nights)
    today, everybody = _counted(search, plan.today.places), _accounts(search, plan.today.places)
    for turned in _combinations(search, plan) if groups else ():
        places, is_risky = _left(search, turned), not search.is_safe(turned)
        left, still = _counted(search, places), _accounts(search, places)
        for whom in groups:
            names = whom.when[PROFESSION]
            alerts = today.total() + sum(left[one] - today[one] for one in names)
            if alerts <= room:
                near, fallen = int((room - alerts) / (NEAR * room)), sum(everybody[one] - still[one] for one in names)
                yield _Guess((is_risky, near, fallen, search.change(turned, whom)), turned, whom)


def _groups(search: Search, plan: Plan, spared: frozenset[str]) -> Sequence[Scope]:
    """Give the profession of which an account rings most, that and the next, and so on, but not all of them."""
    counted, sizes = plan.today.by_profession, search.sizes
    ringing = [one for one in counted if sizes[one] and one not in spared]
    ringing.sort(key=lambda one: (-counted[one] / sizes[one], one))
    most = len(ringing) - (len(ringing) == len(sizes))
    return [search.of_professions(ringing[:count]) for count in range(1, most + 1)]


def _combinations(search: Search, plan: Plan) -> Iterator[dict[Knob, float]]:
    """Give the values of the last knobs of a plan that are as far from today's as its own, or further."""
    free = list(plan.turned)[-TURNED:]
    kept = {knob: value for knob, value in plan.turned.items() if knob not in free}
    ways = [_away(search, plan, knob) for knob in free]
    for values in product(*ways):
        turned = {**kept, **{knob: value for knob, value in zip(free, values, strict=True) if value is not None}}
        if turned:
            yield turned


def _away(search: Search, plan: Plan, knob: Knob) -> list[float | None]:
    """Give the values that ring less on the side of today's to which a plan turns a knob, and None for today's own."""
    today = today_of(next(one for one in search.sweeps if one.knob == knob))
    is_up = plan.turned[knob] > today
    fewer = [step.value for sweep, step in search.fewer if sweep.knob == knob]
    return [None, *(value for value in fewer if (value > today) == is_up)]


def _left(search: Search, turned: Mapping[Knob, float]) -> Places:
    """Guess what rings with these knobs turned for the whole scope."""
    alone = [one.at(value) for one in search.sweeps if (value := turned.get(one.knob)) is not None]
    if len(alone) == 1:
        return alone[0].places
    return search.guess(turned, frozenset.intersection(*(outcome.places for outcome in alone)))


def _accounts(search: Search, places: Places) -> Counter[str]:
    """Count who rings by profession."""
    return Counter(search.terms.professions.get(account, "") for account in accounts_of(places))


def _counted(search: Search, places: Places) -> Counter[str]:
    """Count the new alerts by profession; those of accounts without one under no name."""
    return Counter(search.terms.professions.get(account, "") for _night, account in places)
