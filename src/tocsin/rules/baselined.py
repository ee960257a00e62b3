"""Compare tonight's episodes with the nights before (`baseline`, docs/decisions/0010).

Stage one gives the peaks of every account-night; the judge, which knows the nights before, calls `more_than_usual`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from tocsin.rules.comparisons import PROFILE, SOURCE, SOURCE_NAME, Baseline, told_by
from tocsin.rules.rule import Correlation, RuleSet
from tocsin.schema import empty

_ACTIVE = ("account", "night", *PROFILE)

COMPARED = {"usual": pl.Float64(), "against": pl.String(), "rests": pl.Int64(), "peers": pl.String()}
"""What a peak was compared with: the usual value, of whom, how many nights (self) or accounts (peers) it rests on, and
what these accounts have in common (empty where nothing)."""


@dataclass(frozen=True, slots=True, order=True)
class _Usual:
    """A usual value, and what it rests on."""

    value: Fraction
    against: str
    rests: int
    peers: str = ""


def more_than_usual(
    episodes: pl.DataFrame, past_peaks: pl.DataFrame, past: pl.DataFrame, tonight: pl.DataFrame, rules: RuleSet
) -> pl.DataFrame:
    """Keep the episodes of one night that are more than usual; those of rules without a baseline all stay.

    `episodes`: correlation.EPISODES of that night. `past`: one row an account and earlier night on which it was active
    and that may teach: account, night, profession, structure, region; `past_peaks`: the PEAKS of those nights (others
    are ignored). `tonight`: account, profession, structure, region, night. Gives the episodes with the columns of
    COMPARED (of several usual values the highest; null where nothing was compared).
    """
    known = rules.by_name
    answers: list[tuple[bool, _Usual | None]] = []
    histories: dict[str, _History] = {}
    raised = tonight.join(episodes.select("account").drop_nulls(), on="account", how="semi")
    profiles = {row["account"]: row for row in raised.iter_rows(named=True)}
    for episode in episodes.iter_rows(named=True):
        rule = known[episode["rule"]]
        if not isinstance(rule, Correlation) or not rule.baselines:
            answers.append((True, None))
            continue
        if rule.name not in histories:
            asked = episodes.filter(pl.col("rule") == rule.name)["account"].drop_nulls().unique()
            histories[rule.name] = _History(rule, past_peaks, past, asked)
        history = histories[rule.name]
        profile = profiles.get(episode["account"], {"account": episode["account"]})
        baselines = _set_for(profile, episode["night"], rule)
        outcomes = [_compared(episode["peak"], episode["night"], profile, one, history) for one in baselines]
        answers.append(_joined(outcomes, rule.combine))
    kept = pl.Series([one for one, _usual in answers], dtype=pl.Boolean)
    told = [(float(one.value), one.against, one.rests, one.peers) if one else (None,) * 4 for _kept, one in answers]
    compared = pl.DataFrame(told, schema=COMPARED, orient="row")
    return episodes.with_columns(compared.get_columns()).filter(kept)


def _set_for(profile: Mapping[str, Any], night: date, rule: Correlation) -> tuple[Baseline, ...]:
    """Give the baselines with the factor that overlays set for an account."""
    factor = rule.tuned({**profile, SOURCE: profile.get(SOURCE_NAME)}, night).factor if rule.tunings else None
    return rule.baselines if factor is None else tuple(replace(one, factor=factor) for one in rule.baselines)


@dataclass(frozen=True, slots=True)
class Watched:
    """What stage one saw of all nights: episodes, peaks, and the active account-nights with who they are.

    `active` has a row an account and night: account, night, profession, structure, region. All three may begin with
    earlier nights, measured in another run.
    """

    episodes: pl.DataFrame
    peaks: pl.DataFrame
    active: pl.DataFrame
    rules: RuleSet

    def unusual_on(self, night: date, suspicious: pl.DataFrame) -> pl.DataFrame:
        """Give the episodes of a night that are more than usual (`more_than_usual`), with what they were compared.

        `suspicious` holds the earlier account-nights (account, night) that were judged suspicious: they teach nothing.
        """
        past = self.active.filter(pl.col("night") < night).join(suspicious, on=["account", "night"], how="anti")
        tonight = self.active.filter(pl.col("night") == night)
        return more_than_usual(self.episodes.filter(pl.col("night") == night), self.peaks, past, tonight, self.rules)


def who_was_active(nights: pl.DataFrame) -> pl.DataFrame:
    """Give the account-nights of measured nights, with who the accounts are."""
    return nights.select("account", "night", *told_by(nights.columns))


def night_by_night(watched: Watched) -> pl.DataFrame:
    """Compare the episodes of all nights, each with all nights before it, none of them suspicious."""
    nights = watched.episodes["night"].unique().sort().to_list()
    none = watched.active.select("account", "night").clear()
    parts = [watched.unusual_on(night, none) for night in nights]
    return pl.concat([empty({**watched.episodes.schema, **COMPARED}), *parts])


class _History:
    """The past account-nights of one rule, with the peak of each."""

    def __init__(self, rule: Correlation, past_peaks: pl.DataFrame, past: pl.DataFrame, asked: pl.Series) -> None:
        own = past_peaks.filter(pl.col("rule") == rule.name).select("account", "night", "peak")
        if not any("peers" in _sources(baseline) for baseline in rule.baselines):
            past = past.filter(pl.col("account").is_in(asked.implode()))
        unknown = own.filter(pl.col("peak").is_null())
        rows = past.select(_ACTIVE).join(unknown, on=["account", "night"], how="anti", maintain_order="left")
        rows = rows.join(own, on=["account", "night"], how="left", maintain_order="left")
        self.rows = rows.with_columns(pl.col("peak").fill_null(0))
        self.asked = asked
        self._groups: dict[tuple[object, ...], _Group] = {}

    @cached_property
    def by_account(self) -> dict[str, pl.DataFrame]:
        """The rows of each account that is asked for."""
        asked = self.rows.filter(pl.col("account").is_in(self.asked.implode()))
        return {str(key[0]): rows for key, rows in asked.partition_by("account", as_dict=True).items()}

    def own(self, account: str, night: date, nights: int) -> list[int]:
        """Give the account's peaks of the last nights, in ascending order."""
        rows = self.by_account.get(account)
        return [] if rows is None else _within(rows, night, nights)["peak"].sort().to_list()

    def group(self, night: date, baseline: Baseline, values: tuple[object, ...]) -> "_Group":
        """Give the peaks of all accounts with these values of `by` over the last nights."""
        key = (night, baseline.nights, baseline.by, values)
        if key not in self._groups:
            same = [pl.col(column) == value for column, value in zip(baseline.by, values, strict=True)]
            rows = _within(self.rows, night, baseline.nights).filter(*same, pl.lit(value=True))
            self._groups[key] = _Group(rows, self.asked)
        return self._groups[key]


def _within(rows: pl.DataFrame, night: date, nights: int) -> pl.DataFrame:
    return rows.filter(pl.col("night") >= night - timedelta(days=nights), pl.col("night") < night)


class _Group:
    """Peaks of a group of peers in ascending order; one of the asked accounts can be left out without sorting anew."""

    def __init__(self, rows: pl.DataFrame, asked: pl.Series) -> None:
        ordered = rows.sort("peak", "account", "night")
        self.peaks = ordered["peak"].to_numpy()
        self.accounts = ordered["account"].n_unique()
        self.total = int(ordered["peak"].sum())
        numbered = ordered.with_row_index("#place").filter(pl.col("account").is_in(asked.implode()))
        places = numbered.group_by("account").agg("#place").iter_rows()
        self.places: dict[str, npt.NDArray[np.int64]] = {name: np.sort(np.array(found)) for name, found in places}

    def without(self, account: str) -> "_Others":
        """Leave one account out."""
        return _Others(self, self.places.get(account, np.empty(0, dtype=np.int64)), account in self.places)


class _Others:
    """The peaks of a group but for one account's: a sequence in ascending order."""

    def __init__(self, group: _Group, left_out: npt.NDArray[np.int64], was_in: bool) -> None:  # noqa: FBT001
        self._group = group
        self._gaps = left_out - np.arange(left_out.size)
        self._left_out = left_out
        self.accounts = group.accounts - was_in

    def __len__(self) -> int:
        return int(self._group.peaks.size - self._gaps.size)

    def __getitem__(self, place: int) -> int:
        return int(self._group.peaks[place + np.searchsorted(self._gaps, place, side="right")])

    @property
    def total(self) -> int:
        return self._group.total - int(self._group.peaks[self._left_out].sum())


def _joined(outcomes: Sequence[tuple[bool, _Usual | None]], combine: str) -> tuple[bool, _Usual | None]:
    join = all if combine == "all" else any
    told = [usual for _kept, usual in outcomes if usual is not None]
    return join(kept for kept, _usual in outcomes), max(told, default=None)


def _compared(
    peak: int, night: date, profile: Mapping[str, Any], baseline: Baseline, history: _History
) -> tuple[bool, _Usual | None]:
    for against in _sources(baseline):
        usual = (
            _usual_self(night, profile, baseline, history)
            if against == "self"
            else _usual_peers(night, profile, baseline, history)
        )
        if usual is not None:
            return peak > baseline.factor * usual.value, usual
    return baseline.otherwise != "skip", None


def _sources(baseline: Baseline) -> Iterator[str]:
    yield baseline.against
    if baseline.otherwise == "peers":
        yield "peers"


def _usual_self(night: date, profile: Mapping[str, Any], baseline: Baseline, history: _History) -> _Usual | None:
    own = history.own(profile["account"], night, baseline.nights)
    if len(own) < baseline.min_history:
        return None
    return _Usual(_statistic(own, sum(own), baseline.statistic), "self", len(own))


def _usual_peers(night: date, profile: Mapping[str, Any], baseline: Baseline, history: _History) -> _Usual | None:
    values = tuple(profile.get(column) for column in baseline.by)
    if None in values:
        return None
    others = history.group(night, baseline, values).without(profile["account"])
    if others.accounts < baseline.min_peers:
        return None
    usual = _statistic(others, others.total, baseline.statistic)
    return _Usual(usual, "peers", others.accounts, " ".join(map(str, values)))


def _statistic(ordered: "list[int] | _Others", total: int, statistic: str) -> Fraction:
    count = len(ordered)
    if statistic == "mean":
        return Fraction(total, count)
    if statistic == "median":
        return Fraction(ordered[(count - 1) // 2] + ordered[count // 2], 2)
    rank = -(-int(statistic[1:]) * count // 100)
    return Fraction(ordered[rank - 1])
