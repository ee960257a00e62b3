"""Onset: suspicious accounts that began within minutes of each other, at an hour at which hardly anybody begins.

Whoever steers many accounts with one program starts it once. Offices start together too: so it is counted how many of
all accounts began in those minutes tonight, and on the fullest of the ordinary nights, and who often begins then is
left out (docs/decisions/0133-onset.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from tocsin.results import Link
from tocsin.settings import Alerting
from tocsin.settings_fixed import POPULATION_DAYS
from tocsin.verdict.link_kinds import ONSET

Chance = Callable[[int, int, int, int], float]
"""Gives the chance that so many users of a value are candidates (campaign.by_chance)."""

_DAY = 24 * 60
_FIRST = pl.col("first").dt
_CLOCK = _FIRST.hour().cast(pl.Int32) * 60 + _FIRST.minute().cast(pl.Int32)


@dataclass(frozen=True, slots=True)
class Crowd:
    """The accounts that are looked at: who is suspicious, how many are active, how many other values were tested."""

    wanted: frozenset[str]
    population: int
    tested: int


def onsets(known: pl.DataFrame, night: date, crowd: Crowd, rules: Alerting, by_chance: Chance) -> list[Link]:
    """Link the candidates that began together; `known`: account, night, ip and first of origins up to tonight.

    An account begins with its first event from an address that is new to it, else with the first one of its night. It
    counts if it never began in those minutes of the day before, as with an address of late. `population` of a link is
    how many accounts began, from any address, in its minutes: tonight, or on the fullest of four weeks' nights.
    """
    begun = _begun(known.filter(pl.col("account").is_in(sorted(crowd.wanted))), night, rules)
    if begun.height < rules.onset_accounts:
        return []
    recent = known.filter(pl.col("night") > night - timedelta(days=POPULATION_DAYS))
    starts = recent.select("account", "night", at=_CLOCK)
    links: list[Link] = []
    left = begun.sort("first", "account")
    while (together := _together(left, rules.onset_minutes)).height >= rules.onset_accounts:
        left = left.join(together, on="account", how="anti", maintain_order="left")
        began = starts.filter(_in_minutes(pl.col("at"), together, rules.onset_minutes))
        nights = began.group_by("night").agg(pl.col("account").n_unique())
        most = min(max(nights["account"]), crowd.population)
        chance = by_chance(crowd.population, len(crowd.wanted), most, together.height) * (crowd.tested + begun.height)
        if chance < rules.link_chance and most <= rules.link_rare * together.height:
            tonight = known.join(began.filter(night=night), on="account", how="semi")
            others = _begun(tonight, night, rules).filter(_in_minutes(_CLOCK, together, rules.onset_minutes))
            value = f"{together['first'][0]:%H:%M}-{together['first'][-1]:%H:%M}"
            links.append(Link(ONSET, value, tuple(sorted(others["account"])), most, float(f"{chance:.1e}")))
    return links


def _begun(rows: pl.DataFrame, night: date, rules: Alerting) -> pl.DataFrame:
    """Give for each account when it began tonight (account, night, first), where that is news of late."""
    since = rows.group_by("account").agg(since=pl.col("night").min())
    used = rows.group_by("account", "ip").agg(used=pl.col("night").min())
    tonight = rows.filter(night=night).join(since, on="account").join(used, on=["account", "ip"], nulls_equal=True)
    recent = night - timedelta(days=rules.link_new_nights)
    is_new = (pl.col("used") > recent) & (pl.col("since") < pl.col("used"))
    start = pl.coalesce(pl.col("first").filter(is_new).min(), pl.col("first").min())
    begun = tonight.group_by("account").agg(pl.col("night").first(), pl.col("since").first(), first=start)
    earlier = rows.filter(pl.col("night") < night).select("account", "night", at=_CLOCK)
    apart = (pl.col("at") - _CLOCK).abs()
    near = pl.min_horizontal(apart, _DAY - apart) <= rules.onset_minutes
    before = begun.select("account", "first").join(earlier, on="account").filter(near)
    seen = before.group_by("account").agg(seen=pl.col("night").min())
    begun = begun.join(seen, on="account", how="left").with_columns(pl.col("seen").fill_null(night))
    news = (pl.col("seen") > recent) & (pl.col("since") < pl.col("seen"))
    return begun.filter(news).select("account", "night", "first")


def _together(begun: pl.DataFrame, minutes: int) -> pl.DataFrame:
    """Take the most rows that lie within so many minutes; `begun` sorted by `first`. The first ones where two are."""
    if begun.is_empty():
        return begun
    at = begun["first"].dt.epoch("s").to_numpy()
    ends = np.searchsorted(at, at + 60 * minutes, side="right")
    start = int(np.argmax(ends - np.arange(at.size)))
    return begun[start : int(ends[start])]


def _in_minutes(clock: pl.Expr, together: pl.DataFrame, minutes: int) -> pl.Expr:
    """Tell the moments of a day (minutes) that lie as these do, so many of them from the first one on."""
    return (clock - int(together.select(_CLOCK.first()).item())) % _DAY <= minutes
