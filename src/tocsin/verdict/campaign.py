"""Campaigns: accounts that share an address new to them and rare in the population, beyond what chance would do."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tocsin.results import Link
from tocsin.settings import Alerting
from tocsin.settings_fixed import BLOCKS, POPULATION_DAYS
from tocsin.verdict.dealt import dealt
from tocsin.verdict.joining import joined
from tocsin.verdict.link_kinds import ONSET, RUN
from tocsin.verdict.onset import Crowd, onsets

KINDS: Mapping[str, str] = {"address": "ip", "network": "network", "browser": "user_agent"}
"""Kind of link -> column of the origins. Address and network are one kind of evidence, a browser is another.

Only addresses and networks join accounts: the day a browser's new version comes out, half a portal shares it.
"""

ORIGIN_KINDS = frozenset({"address", "network"})

NUMBERS = "numbers"
"""Link by one run of identifiers dealt over accounts: each shows little, together they leave no gap."""

OF_NUMBERS = frozenset({NUMBERS, RUN})

JOINING = ORIGIN_KINDS | OF_NUMBERS | {ONSET}
"""Kinds that join suspicious accounts; a dealt run joins all that it was dealt to."""


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts linked tonight, with the links that hold them together."""

    accounts: tuple[str, ...]
    links: tuple[Link, ...]


Linker = Callable[
    [pl.DataFrame, date, Collection[str], Alerting, pl.DataFrame | None, pl.DataFrame | None], list[Group]
]
"""Groups tonight's candidates, as `link` does."""


def link(
    origins: pl.DataFrame,
    night: date,
    candidates: Collection[str],
    rules: Alerting,
    rows: pl.DataFrame | None = None,
    runs: pl.DataFrame | None = None,
) -> list[Group]:
    """Group tonight's candidates by the values they share; `origins` holds rows up to tonight, newest included.

    A link needs a value that a candidate uses tonight and others used tonight or of late, for who takes turns with
    accounts shares his addresses all the same; new to its accounts, rare in the population of four weeks, and shared by
    more candidates than chance allows: the hypergeometric tail times the number of values tested. An account that is no
    candidate joins when two of origin, browser and onset tie it to the group, or its run of numbers (`rows`: tonight's
    account-nights, which keep the largest blocks of identifiers). Where origins have `first`, on the portal's clock,
    those that began together are linked too. Accounts that a run was dealt over (`runs`: of
    features.pooled, tonight's) are joined whether they are candidates or not.
    """
    wanted = set(candidates)
    origins = origins.select("account", "night", *KINDS.values(), *({"first"} & {*origins.columns}))
    active = origins.filter(pl.col("night") == night)
    population = active["account"].n_unique()
    oldest = night - timedelta(days=rules.link_known_days)
    known = origins.filter((pl.col("night") > oldest) & (pl.col("night") <= night))
    held = known.filter(pl.col("night") > night - timedelta(days=POPULATION_DAYS))
    theirs = known.filter(pl.col("account").is_in(sorted(wanted)))
    fresh = {kind: _new_tonight(theirs, column, night, rules) for kind, column in KINDS.items()}
    users_of = {
        kind: _users(known, active["account"].unique(), KINDS[kind], [*values], night, rules)
        for kind, values in fresh.items()
    }
    counts = {kind: dict(users.group_by("value").len().iter_rows()) for kind, users in users_of.items()}
    # Every value that candidates could have shared was tested, not only those that they do.
    tested = sum(users > 1 for of_kind in counts.values() for users in of_kind.values())
    links: list[Link] = []
    for kind, values in fresh.items():
        several, users = users_of[kind], counts[kind]
        chances = {
            value: min(1.0, tested * by_chance(population, len(wanted), users[value], len(members)))
            for value, members in sorted(values.items())
            if len(members) > 1
        }
        # Everybody's habits are looked up for what chance does not explain only: half a portal has one browser.
        likely = [value for value, chance in chances.items() if chance < rules.link_chance]
        new_to = _new_to(known, several.filter(pl.col("value").is_in(likely)), KINDS[kind], night, rules)
        for value in likely:
            accounts = tuple(sorted(new_to[value]))
            ever = held.filter(pl.col(KINDS[kind]) == value)["account"].n_unique()
            if ever <= rules.link_rare * len(accounts):
                links.append(Link(kind, value, accounts, ever, _two_digits(chances[value])))
    crowd = Crowd(frozenset(wanted), population, tested)
    links += onsets(known, night, crowd, rules, by_chance) if "first" in known.columns else []
    numbers = [] if rows is None else _runs(rows, wanted, rules)
    sequences = [] if runs is None else dealt(runs, rules, rows)
    together = wanted.union(*(held.accounts for held in sequences))
    return _groups([*sequences, *_without_echoes(links), *numbers], together, rules.link_holds)


def _runs(rows: pl.DataFrame, wanted: set[str], rules: Alerting) -> list[Link]:
    """Link the accounts that asked for several numbers of the same block tonight."""
    columns = [f"block_{place + 1}" for place in range(BLOCKS)]
    blocks = (
        rows.select("account", *columns)
        .filter(pl.any_horizontal(pl.col(columns) > 0))
        .unpivot(columns, index="account")
        .filter(pl.col("value") > 0)
        .select("account", code=pl.col("value") // 2**32, numbers=pl.col("value") % 2**32)
    )
    # A run is named by how many numbers were asked for: its code depends on the key of the tokens.
    by_block = blocks.group_by("code").agg(pl.col("account").unique().sort(), pl.col("numbers").sum())
    several = by_block.filter(pl.col("account").list.len() >= rules.run_accounts).select("numbers", "account")
    shared = [(numbers, users, set(users) & wanted) for numbers, users in sorted(several.iter_rows())]
    shared = [(numbers, users, mine) for numbers, users, mine in shared if len(mine) >= rules.run_accounts]
    links: list[Link] = []
    for numbers, users, mine in shared:
        chance = min(1.0, len(shared) * by_chance(rows.height, len(wanted), len(users), len(mine)))
        if chance < rules.link_chance and len(users) <= rules.link_rare * len(mine):
            links.append(Link(NUMBERS, str(numbers), tuple(users), len(users), _two_digits(chance)))
    return links


def _without_echoes(links: list[Link]) -> list[Link]:
    """Leave out a network that says no more than one of its addresses: the same accounts."""
    addresses = {held.accounts for held in links if held.kind == "address"}
    return [held for held in links if held.kind != "network" or held.accounts not in addresses]


def by_chance(population: int, candidates: int, users: int, both: int) -> float:
    """Give the chance that `both` or more of a value's `users` are candidates (hypergeometric upper tail)."""
    others = population - candidates
    least, most = max(both, users - others), min(users, candidates)
    if least > most:
        return 0.0
    ways = tail = math.comb(candidates, least) * math.comb(others, users - least)
    for k in range(least, most):
        # The next number of ways from the last one: exact, and far cheaper than two binomials of thousands of digits.
        ways = ways * (candidates - k) * (users - k) // ((k + 1) * (others - users + k + 1))
        tail += ways
    return tail / math.comb(population, users)


def _new_tonight(theirs: pl.DataFrame, column: str, night: date, rules: Alerting) -> dict[str, set[str]]:
    """Give the values new to candidates, one of whom uses it tonight, and to whom; `theirs`: what candidates used."""
    tonight = theirs.filter((pl.col("night") == night) & pl.col(column).is_not_null())[column].unique()
    return _by_value(_fresh(theirs, column, night, rules).filter(pl.col("value").is_in(tonight.implode())))


def _users(
    known: pl.DataFrame, active: pl.Series, column: str, values: list[str], night: date, rules: Alerting
) -> pl.DataFrame:
    """Give which of tonight's accounts used these values of late: account, value."""
    recent = (pl.col("night") > night - timedelta(days=rules.link_new_nights)) & pl.col(column).is_in(values)
    rows = known.filter(recent) if values else known.clear()
    users = rows.select("account", value=pl.col(column)).unique()
    return users.join(active.to_frame(), on="account", how="semi")


def _new_to(known: pl.DataFrame, users: pl.DataFrame, column: str, night: date, rules: Alerting) -> dict[str, set[str]]:
    """Give for each value to which of its users it is new."""
    mine = known.join(users.select("account").unique(), on="account", how="semi")
    return _by_value(_fresh(mine, column, night, rules).join(users, on=["account", "value"], how="semi"))


def _fresh(rows: pl.DataFrame, column: str, night: date, rules: Alerting) -> pl.DataFrame:
    """Give account and value where it is new to the account, which was there before."""
    uses = (
        rows.filter(pl.col(column).is_not_null())
        .group_by("account", value=pl.col(column))
        .agg(first=pl.col("night").min())
        .join(rows.group_by("account").agg(since=pl.col("night").min()), on="account")
    )
    is_new = (pl.col("first") > night - timedelta(days=rules.link_new_nights)) & (pl.col("since") < pl.col("first"))
    return uses.filter(is_new).select("account", "value")


def _by_value(rows: pl.DataFrame) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for account, value in rows.select("account", "value").iter_rows():
        found.setdefault(value, set()).add(account)
    return found


def _groups(links: list[Link], wanted: set[str], holds: int) -> list[Group]:
    """Join candidates that links hold together; others join a group when two kinds of evidence tie them to it."""
    groups: list[Group] = []
    for together in joined([held for held in links if held.kind in JOINING], wanted, holds):
        least = {ONSET: 3} | dict.fromkeys(JOINING - {ONSET}, 2)  # that two began together is chance
        mine = [held for held in links if len(together & {*held.accounts}) >= least.get(held.kind, 1)]
        ties: dict[str, set[str]] = {}
        for held in mine:
            for account in set(held.accounts) - wanted:
                ties.setdefault(account, set()).add("origin" if held.kind in ORIGIN_KINDS else held.kind)
        everybody = together | {account for account, kinds in ties.items() if len(kinds) > 1}
        everybody |= set().union(*(set(held.accounts) - wanted for held in mine if held.kind == NUMBERS))
        kept = (
            Link(x.kind, x.value, tuple(a for a in x.accounts if a in everybody), x.population, x.chance) for x in mine
        )
        groups.append(Group(tuple(sorted(everybody)), tuple(held for held in kept if held.accounts)))
    return groups


def _two_digits(chance: float) -> float:
    return float(f"{chance:.1e}")
