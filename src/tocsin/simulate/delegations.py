"""Rights handed on: by owners now and then, and by intruders who want a second account."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from tocsin.schema import KIND, OUTCOME, Kind, Outcome
from tocsin.simulate.actions import ACTIONS, OWNER
from tocsin.simulate.plan import Plan
from tocsin.simulate.plays import Play
from tocsin.simulate.population import Population
from tocsin.simulate.randomness import Purpose, scatter, share

_SECONDS_AFTER = 40  # the login, and between one and the next


def seconds(
    population: Population, plan: Plan, plays: tuple[Play, ...], singled_out: frozenset[int]
) -> Mapping[int, int]:
    """Say which stolen accounts hand their rights on, and to which account that nobody works with.

    Where no such account is left the rights go to one that the logs do not show.
    """
    taken = singled_out.union(*(play.stage.cast for play in plays))
    asleep = np.setdiff1d(np.flatnonzero(plan.people.sum(axis=1) == 0), np.array(sorted(taken), np.int64))
    left = asleep[np.argsort(scatter(population.seed, int(Purpose.CAST), asleep, 33))].tolist()
    chosen: dict[int, int] = {}
    for play in plays:
        for account in play.stage.cast if play.stage.most is None else ():
            toss = share(scatter(population.seed, int(Purpose.ATTACK), play.stage.number, account, 33))[0]
            if toss < play.attack.scenario.delegates:
                chosen[account] = left.pop() if left else account
    return chosen


def with_delegations(
    actions: pl.DataFrame, plan: Plan, plays: tuple[Play, ...], second: Mapping[int, int], night: int
) -> pl.DataFrame:
    """Add a night's delegations to its actions, and let intruders use their second accounts (schema ACTIONS)."""
    owners = {handing.account: handing.others for handing in plan.handings if handing.night == night}
    earnest = [play for play in plays if play.stage.most is None]
    stolen = [account for play in earnest if play.stage.first_night == night for account in play.stage.cast]
    intruders = {account: 1 for account in stolen if account in second}
    began = {account: play.stage.first_night for play in earnest for account in play.stage.cast}
    used = {account: other for account, other in second.items() if began[account] < night}
    mine = pl.col("scenario") == OWNER
    handed = [_handed(actions.filter(mine), owners), _handed(actions.filter(~mine), intruders)]
    return pl.concat([_moved(actions, used), *handed])


def _handed(actions: pl.DataFrame, others: Mapping[int, int]) -> pl.DataFrame:
    """Make the events: some seconds after an account's first action of the night, in the same session."""
    count = pl.col("account").replace_strict(dict(others), default=0, return_dtype=pl.Int64) if others else pl.lit(0)
    first = actions.sort("wall", maintain_order=True).unique("account", keep="first", maintain_order=True)
    rows = first.with_columns(turn=pl.int_ranges(1, 1 + count)).explode("turn").drop_nulls("turn")
    return rows.select(
        (pl.col("wall") + pl.col("turn") * _SECONDS_AFTER * 1_000).alias("wall"),
        pl.lit(Kind.DELEGATION.value, dtype=KIND).alias("kind"),
        pl.lit(Outcome.SUCCESS.value, dtype=OUTCOME).alias("outcome"),
        pl.lit(None, dtype=pl.Int64).alias("nir"),
        pl.lit(None, dtype=pl.UInt8).alias("key"),
        pl.lit("delegation").alias("service"),
        pl.lit(0, dtype=pl.UInt32).alias("rows"),
        pl.lit(900, dtype=pl.UInt32).alias("bytes"),
        *(name for name in ACTIONS if name not in _MADE),
    ).select(list(ACTIONS))


_MADE = ("wall", "kind", "outcome", "nir", "key", "service", "rows", "bytes")


def _moved(actions: pl.DataFrame, used: Mapping[int, int]) -> pl.DataFrame:
    """Give every other session of the intruder's own to the second account."""
    if not used:
        return actions
    shared = actions.filter(pl.col("scenario") == OWNER)["session"].unique()
    theirs = (pl.col("scenario") != OWNER) & pl.col("account").is_in(list(used)) & ~pl.col("session").is_in(shared)
    turn = pl.col("session").str.slice(-1).is_in(list("02468ace"))
    other = pl.col("account").replace_strict(dict(used), default=pl.col("account"), return_dtype=pl.UInt32)
    return actions.with_columns(account=pl.when(theirs & turn).then(other).otherwise("account"))
