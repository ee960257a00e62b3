"""Dealt runs: accounts that together asked for numbers next to each other, each for so few that it shows nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from statistics import median

import polars as pl

from tocsin.results import Link
from tocsin.settings import Alerting
from tocsin.verdict.link_kinds import RUN


@dataclass(slots=True)
class _Sequence:
    """Runs of one sequence: how many of its numbers each member asked for, all who asked in it, the least chance."""

    members: Counter[str]
    users: set[str]
    numbers: int
    chance: float

    def evenly(self, rules: Alerting) -> list[str]:
        """Give the members that have no much smaller part than the middle one: who lives there meets a few of them."""
        least = rules.dealt_evenly * median(self.members.values())
        return sorted(account for account, asked in self.members.items() if asked >= least)


def dealt(runs: pl.DataFrame, rules: Alerting, rows: pl.DataFrame | None = None) -> list[Link]:
    """Link accounts by the pooled runs of a night (features.pooled.RUNS).

    `rows` (account, structure) tell who works together: a run must be dealt over several structures, for the staff of a
    maternity ward asks for the numbers of its newborn, which follow each other.

    A run counts where chance explains it less often than `link_chance`, after all places and lengths it might have had.
    An account belongs to it by several numbers in the night's runs that are a fair share of its strangers, and of what
    the others have: who read one patient, or many people, does not.
    """
    runs = _with_place(_unlikely(runs, rules), rows)
    mine = runs.group_by("account").agg(pl.col("asked").sum(), pl.col("strangers").first())
    enough = (pl.col("asked") >= rules.dealt_numbers) & (pl.col("asked") >= rules.dealt_share * pl.col("strangers"))
    is_member = pl.col("account").is_in(mine.filter(enough)["account"].implode())
    told = (
        runs.group_by("block", "first", "numbers", "chance")
        .agg(
            users=pl.col("account"),
            members=pl.col("account").filter(is_member),
            asked=pl.col("asked").filter(is_member),
            places=pl.col("place").filter(is_member).n_unique(),
        )
        .filter(pl.col("places") >= rules.dealt_accounts)
        .sort("block", "first")
    )
    each = told.select("users", "members", "asked", "numbers", "chance").iter_rows()
    sequences = [
        _Sequence(Counter(dict(zip(members, asked, strict=True))), set(users), numbers, chance)
        for users, members, asked, numbers, chance in each
    ]
    links = [
        Link(RUN, str(one.numbers), tuple(accounts), len(one.users), float(f"{one.chance:.1e}"))
        for one in _joined(sequences, rules.run_together)
        if len(accounts := one.evenly(rules)) >= rules.dealt_accounts
    ]
    return sorted(links, key=lambda held: held.accounts)


def _with_place(runs: pl.DataFrame, rows: pl.DataFrame | None) -> pl.DataFrame:
    """Add the structure of each account; one without counts for itself."""
    if rows is None or "structure" not in rows.columns:
        return runs.with_columns(place=pl.col("account"))
    known = rows.select("account", place=pl.col("structure").cast(pl.String))
    return runs.join(known, on="account", how="left").with_columns(pl.coalesce("place", "account"))


def _unlikely(runs: pl.DataFrame, rules: Alerting) -> pl.DataFrame:
    """Keep the runs that are long, dense and of several accounts, and add the chance of each."""
    dense = (pl.col("numbers") >= rules.run_numbers) & (pl.col("numbers") >= rules.run_coverage * pl.col("span"))
    runs = runs.filter(dense).filter(pl.len().over("block", "first") >= rules.dealt_accounts)
    keys = ("block", "first", "numbers", "span", "usual", "tested")
    each = runs.select(keys).unique()
    chances = [run_by_chance(*row[2:]) for row in each.iter_rows()]
    each = each.with_columns(chance=pl.Series(chances, dtype=pl.Float64))
    return runs.join(each.filter(pl.col("chance") < rules.link_chance), on=keys, how="inner")


def run_by_chance(numbers: int, span: int, usual: float, tested: int) -> float:
    """Give the chance that a night holds a run of so many numbers within a span, each asked for with the `usual` share.

    Binomial tail of the numbers after the first, times the `tested` numbers that a run might begin with, and times
    span * (span + 1) for the lengths it might have: these weights add up to one over all lengths (weighted Bonferroni).
    """
    share = min(max(usual, 0.0), 1.0)
    tries = span - 1
    tail = sum(comb(tries, k) * share**k * (1 - share) ** (tries - k) for k in range(numbers - 1, tries + 1))
    return min(1.0, tail * tested * span * (span + 1))


def _joined(runs: Sequence[_Sequence], together: int) -> list[_Sequence]:
    """Put the runs together that share accounts."""
    found: list[_Sequence] = []
    for run in runs:
        same = [one for one in found if len(one.members.keys() & run.members.keys()) >= together]
        found = [one for one in found if len(one.members.keys() & run.members.keys()) < together]
        for one in same:
            run.members += one.members
            run.users |= one.users
            run.numbers += one.numbers
            run.chance = min(run.chance, one.chance)
        found.append(run)
    return found
