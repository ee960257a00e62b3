"""The accounts of a portal: who they are, where, and how much each one reads."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.simulate.actions import WEB
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.people import anywhere
from tocsin.simulate.professions import PARTNER, PROFESSIONS, Profession
from tocsin.simulate.randomness import Purpose, scatter, share, stream

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SINCE_EVER = -1_000_000
NEVER = 1_000_000
_EVERY_PROFESSION = 100  # accounts from which on no profession is missing
_DORMANT = 0.025  # accounts of people who retired, moved or died, that nobody closed
_GROUP_PRACTICES = {"generaliste": 0.55, "infirmier": 0.45}


@dataclass(slots=True)
class Population:
    """Columns of the accounts, one element an account; look-alikes change some before the first night."""

    seed: int
    accounts: list[str]
    profession: Integers  # place in PROFESSIONS
    structure: Integers
    structures: list[str]  # name of each structure
    department: Integers
    mean: Floats
    dispersion: Floats
    new_share: Floats
    repeat_share: Floats
    repeat_seconds: Floats
    typo_share: Floats
    workstations: Integers
    base: Integers  # accounts with the same base read the same people
    base_size: Integers
    practices: Integers  # how many practices a tele-secretary answers for
    works: NDArray[np.bool_]  # accounts x weekdays
    shift_seconds: Floats
    open_from: Integers  # first night the account exists
    long_identifier: NDArray[np.bool_]  # its software sends fifteen digits
    software: Integers
    clients: list[str]  # what the log calls each account's software
    labels: dict[int, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.accounts)

    def of(self, *names: str) -> Integers:
        """List the accounts of these professions."""
        wanted = [place for place, profession in enumerate(PROFESSIONS) if profession.name in names]
        return np.flatnonzero(np.isin(self.profession, wanted))

    def per_profession(self, attribute: str, part: int | None = None) -> Floats:
        """Give each account a number of its profession, or one end of a range."""
        return _of(self.profession, attribute, part)

    def label(self, account: int, name: str) -> None:
        """Say that an account is a benign look-alike."""
        names = self.labels.setdefault(account, [])
        if name not in names:
            names.append(name)


def populate(seed: int, accounts: int, departments: tuple[str, ...] = ()) -> Population:
    """Draw the accounts of a portal; all departments of France unless some are given."""
    chance = stream(seed, Purpose.POPULATION)
    counts = _counts(accounts)
    profession = np.repeat(np.arange(len(PROFESSIONS)), counts)
    structure = _structures(chance, counts)
    places = np.array([DEPARTMENTS.index(code) for code in departments] or range(len(DEPARTMENTS.codes)), np.int64)
    home = _homes(seed, int(structure[-1]) + 1, places)
    department = home[structure]
    names = _structure_names(seed, home)
    size = len(profession)
    population = Population(
        seed=seed,
        accounts=_account_names(seed, profession, structure, names),
        profession=profession,
        structure=structure,
        structures=names,
        department=department,
        mean=_means(chance, profession),
        dispersion=_of(profession, "dispersion") * np.exp(chance.normal(0.0, 0.4, size)),
        new_share=chance.uniform(_of(profession, "new_people", 0), _of(profession, "new_people", 1)),
        repeat_share=_repeat_shares(chance, size),
        repeat_seconds=np.exp(chance.normal(np.log(140.0), 0.7, size)),
        typo_share=chance.uniform(0.01, 0.04, size),
        workstations=_between(chance, profession, "workstations"),
        base=np.where(_of(profession, "size_of_structure") > 1, structure, 1_000_000_000 + np.arange(size)),
        base_size=_base_sizes(chance, profession, structure),
        practices=_between(chance, profession, "practices"),
        works=_weeks(chance, profession),
        shift_seconds=_shifts(chance, department),
        open_from=_openings(seed, profession),
        long_identifier=chance.random(size) < 0.35,
        software=chance.choice(12, size, p=_software_shares()),
        clients=[],
    )
    population.clients = _clients(seed, profession, population.software)
    return population


def _clients(seed: int, profession: Integers, software: Integers) -> list[str]:
    """Name the software that calls the portal; a third of the accounts only know its web pages."""
    by_hand = share(scatter(seed, 97, np.arange(len(profession)))) < 0.33
    partner = profession == PROFESSIONS.index(PARTNER)
    return [
        f"api-partenaire-{place % 97:02d}" if served else WEB if web else f"logiciel-{number + 1:02d}"
        for place, (served, web, number) in enumerate(zip(partner, by_hand, software, strict=True))
    ]


def _counts(accounts: int) -> Integers:
    """Share accounts out over professions, largest remainders first; from some size on none is missing."""
    exact = np.array([profession.share for profession in PROFESSIONS]) * accounts
    counts = exact.astype(np.int64)
    for place in np.argsort(counts - exact, kind="stable")[: accounts - int(counts.sum())]:
        counts[place] += 1
    if accounts >= _EVERY_PROFESSION:
        missing = np.flatnonzero(counts == 0)
        counts[missing] = 1
        counts[int(counts.argmax())] -= len(missing)
    return counts


def _structures(chance: np.random.Generator, counts: Integers) -> Integers:
    """Gather accounts in structures: practices of one to six, hospitals of many."""
    sizes: list[int] = []
    for profession, count in zip(PROFESSIONS, counts, strict=True):
        left = int(count)
        while left:
            size = min(left, _structure_size(chance, profession))
            sizes.append(size)
            left -= size
    return np.repeat(np.arange(len(sizes)), sizes)


def _structure_size(chance: np.random.Generator, profession: Profession) -> int:
    if profession.size_of_structure > 1:
        return 5 + int(chance.lognormal(np.log(profession.size_of_structure), 0.6))
    grouped = chance.random() < _GROUP_PRACTICES.get(profession.name, 0.0)
    return int(chance.integers(2, 7)) if grouped else 1


def _homes(seed: int, structures: int, places: Integers) -> Integers:
    words = scatter(seed, int(Purpose.POPULATION), np.arange(structures))
    if len(places) == len(DEPARTMENTS.codes):
        return anywhere(words)
    weights = np.cumsum(DEPARTMENTS.inhabitants[places] / DEPARTMENTS.inhabitants[places].sum())
    return places[np.minimum(np.searchsorted(weights, (words >> np.uint64(11)) * 2.0**-53), len(places) - 1)]


def _structure_names(seed: int, home: Integers) -> list[str]:
    """Name structures like entries of the national register of establishments: department, then up to nine digits."""
    tails = scatter(seed, int(Purpose.POPULATION), np.arange(len(home)), 7) % np.uint64(10**7)
    names: dict[str, None] = {}
    for place, tail in zip(home, tails, strict=True):
        name = f"{DEPARTMENTS.codes[place]}{int(tail):07d}"[:9]
        while name in names:
            tail = (int(tail) + 10) % 10**7  # noqa: PLW2901 the next free number
            name = f"{DEPARTMENTS.codes[place]}{tail:07d}"[:9]
        names[name] = None
    return list(names)


def _account_names(seed: int, profession: Integers, structure: Integers, names: list[str]) -> list[str]:
    """Name accounts as portals do: a personal number of eleven digits, or an agent of a structure."""
    numbers = 10_000_000_000 + scatter(seed, int(Purpose.POPULATION), np.arange(len(profession)), 5) % np.uint64(10**8)
    accounts: list[str] = []
    taken: set[str] = set()
    for place, (kind, group, number) in enumerate(zip(profession, structure, numbers, strict=True)):
        shared = PROFESSIONS[kind].size_of_structure > 1
        name = f"{names[group]}-a{place:05d}" if shared else str(int(number))
        while name in taken:
            name = str(int(name) + 1)
        taken.add(name)
        accounts.append(name)
    return accounts


def _of(profession: Integers, attribute: str, part: int | None = None) -> Floats:
    """Give each account a number of its profession, or one end of a range."""
    values = [getattr(kind, attribute) for kind in PROFESSIONS]
    return np.array([float(value if part is None else value[part]) for value in values])[profession]


def _between(chance: np.random.Generator, profession: Integers, attribute: str) -> Integers:
    """Draw a whole number from each account's profession's range, both ends included."""
    low, high = _of(profession, attribute, 0), _of(profession, attribute, 1)
    return chance.integers(low.astype(np.int64), high.astype(np.int64) + 1)


def _means(chance: np.random.Generator, profession: Integers) -> Floats:
    size = len(profession)
    median = _of(profession, "people_a_day")
    mean = median * np.exp(chance.normal(0.0, 1.0, size) * _of(profession, "spread"))
    chain = _of(profession, "chain", 1) * np.exp(chance.normal(0.0, 0.12, size))
    mean = np.where(chance.random(size) < _of(profession, "chain", 0), chain, mean)
    # One account in nine is opened only now and then.
    return np.where((chance.random(size) < 0.11) & (median < 40), mean * chance.uniform(0.05, 0.4, size), mean)


def _repeat_shares(chance: np.random.Generator, size: int) -> Floats:
    """Give four accounts of ten software that asks at the card reader and again before billing."""
    verifies = chance.random(size) < 0.4
    return np.where(verifies, chance.uniform(0.55, 0.95, size), chance.uniform(0.01, 0.1, size))


def _base_sizes(chance: np.random.Generator, profession: Integers, structure: Integers) -> Integers:
    """Draw how many people each account knows; the desks of a hospital know the same ones."""
    size = _between(chance, profession, "base")
    _, first = np.unique(structure, return_index=True)
    return np.where(_of(profession, "size_of_structure") > 1, size[first][structure], size)


def _weeks(chance: np.random.Generator, profession: Integers) -> NDArray[np.bool_]:
    """Choose each account's working days among those on which its profession works at all."""
    wanted = _between(chance, profession, "days_a_week")
    # Efraimidis-Spirakis: the days with the largest u ** (1 / weight) are a weighted sample without replacement.
    weight = np.maximum(np.array([kind.week for kind in PROFESSIONS])[profession], 1e-9)
    order = np.argsort(np.argsort(-(chance.random(weight.shape) ** (1 / weight)), axis=1), axis=1)
    works: NDArray[np.bool_] = (order < wanted[:, None]) & (weight > 1e-6)
    return works


def _shifts(chance: np.random.Generator, department: Integers) -> Floats:
    """Open a little earlier or later than others; overseas days are hours away on the portal's clock."""
    habit = np.clip(chance.normal(0.0, 20 * 60, len(department)), -3_000, 3_000)
    shifts: Floats = habit - DEPARTMENTS.hours_ahead[department] * 3_600.0
    return shifts


def _openings(seed: int, profession: Integers) -> Integers:
    """Leave some accounts without anybody who works with them."""
    toss = share(scatter(seed, int(Purpose.POPULATION), np.arange(len(profession)), 8))
    lasting = _of(profession, "lasting") > 0
    return np.where((toss < _DORMANT) & ~lasting, NEVER, SINCE_EVER)


def _software_shares() -> Floats:
    weights = 1.0 / np.arange(1, 13)
    shares: Floats = weights / weights.sum()
    return shares
