"""Run rules over events: windows that fulfil a correlation, folded into episodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from tocsin.past import LEFT, SINCE, last_seen
from tocsin.rules.bucket import Bucket
from tocsin.rules.comparisons import SOURCE_NAME
from tocsin.rules.detection import matches
from tocsin.rules.fields import CALENDAR
from tocsin.rules.matched import Matched, is_plain
from tocsin.rules.novelty import nights_before
from tocsin.rules.reach import reach_of
from tocsin.rules.rule import COUNTED_AS, Correlation, Detection, Rule, RuleSet, counted_as
from tocsin.rules.steps import events_of, hits, swept, with_night
from tocsin.rules.tuning import spans, without_disabled
from tocsin.rules.windows import counts
from tocsin.schema import TIME, empty

EPISODES: Mapping[str, pl.DataType] = {
    "rule": pl.String(),
    "account": pl.String(),
    "group_kind": pl.String(),
    "group_value": pl.String(),
    "night": pl.Date(),
    "first": TIME,
    "last": TIME,
    "peak": pl.Int64(),
    "hits": pl.Int64(),
}
"""An episode: hits of a rule on a group in a night, none further than the timespan from the one before.

`account` is null where a group of another kind is raised as such; `first` is the earliest event in the window of the
first hit, `last` the last hit, `peak` the most extreme count of a window, `hits` how many instants fulfilled the rule.
"""

OF_ACCOUNTS: Mapping[str, pl.Expr] = {"group_kind": pl.lit("account"), "group_value": pl.col("account")}
"""How an episode is told where the account is the group."""

PEAKS: Mapping[str, pl.DataType] = {
    "rule": pl.String(),
    "account": pl.String(),
    "night": pl.Date(),
    "peak": pl.Int64(),
}
"""The most that a window of a baselined rule held in an account's night; no row stands for 0.

A null says that the rule could not be asked yet: too little was known of the account to say what is new to it.
"""

_SORTED_BY = ("rule", "group_value", "account", "night", "first")


@dataclass(frozen=True, slots=True)
class Seen:
    """What rules saw in the events of a bucket: EPISODES and PEAKS, each sorted."""

    episodes: pl.DataFrame
    peaks: pl.DataFrame


def episodes(events: pl.DataFrame, rules: RuleSet, group: str, first: date = date.min) -> pl.DataFrame:
    """Give the EPISODES of the reporting rules that group by `group`, as `look` does."""
    return look(events, rules, group, first).episodes


def look(events: pl.DataFrame, rules: RuleSet, group: str, first: date = date.min) -> Seen:
    """Give what the reporting rules that group by `group` (one of rules.rule.GROUPS) see.

    `events` are schema.STORED rows in any order, with the local time (rules.fields.CALENDAR) where rules ask for it;
    all events of a group of that kind must be there, and nothing else is needed. A hit depends on no later event. What
    is told of nights before `first` need not be right: of these a rule looks at what its windows reach back to.
    """
    chosen = [rule for rule in rules.rules if rule.reports and rule.group == group and not _is_of_nights(rule)]
    matched = matched_by(events, rules, group)
    begins = _begins(matched.events, first)
    parts, peaks = [empty(EPISODES)], [empty(PEAKS)]
    for rule in chosen:
        if isinstance(rule, Detection):
            own = [_of_detection(matched.events.filter(matched.flags(rule.name)), rule)]
        elif not matched.lacks(rule):
            own = []
            recent = matched.since(begins - reach_of(rule, rules) // timedelta(microseconds=1))
            for one in spans(rule):
                seen = _seen(recent, one, begins)
                own.append(seen.episodes)
                peaks.append(seen.peaks)
        else:
            continue
        parts += [without_disabled(one, events, rule) for one in own] if rule.tunings else own
    return Seen(pl.concat(parts).sort(_SORTED_BY, nulls_last=True), pl.concat(peaks).sort("rule", "account", "night"))


def _begins(events: pl.DataFrame, first: date) -> int:
    """Give the time of the first event from a night on, in microseconds; where none is, that of no event."""
    times = events["time"].to_physical()
    started = times.min() if first == date.min else times.filter(events["night"] >= first).min()
    return started if isinstance(started, int) else 0


def as_episodes(rows: pl.DataFrame, rule: Rule, **told: pl.Expr) -> pl.DataFrame:
    """Give rows the columns of EPISODES: what is told of them, the others as they stand there."""
    said = {"rule": pl.lit(rule.name), **told}
    return rows.select(said.get(name, pl.col(name)).alias(name) for name in EPISODES)


def _is_of_nights(rule: Detection | Correlation) -> bool:
    """Say whether a rule is asked of measured nights instead (rules.nights)."""
    return isinstance(rule, Detection) and bool(rule.features)


def matched_by(events: pl.DataFrame, rules: RuleSet, group: str) -> Matched:
    """Ask the detections that the reporting rules of a group are built on."""
    chosen = [rule.name for rule in rules.rules if rule.reports and rule.group == group and not _is_of_nights(rule)]
    steps = {name for rule in chosen for name in (rule, *rules.steps(rule))}
    events = events.select(_needed(events.columns, rules.columns(group)))
    asked = [detection for detection in rules.detections if detection.name in steps]
    found = matches(events, asked)
    if asked and _need_only_matches([rules.by_name[name] for name in steps]):
        some = found.select(pl.any_horizontal(pl.all())).to_series()
        if some.sum() * 2 < events.height:
            events, found = events.filter(some), found.filter(some)
    return Matched(Bucket(events), {one.name: one.to_numpy() for one in found.get_columns()}, rules.by_name, group)


def _need_only_matches(chosen: Sequence[Rule]) -> bool:
    """Say whether rules see nothing in events that no detection matches: not what is new, nor who accounts are."""
    return not any(rule.tunings or (isinstance(rule, Detection) and rule.novel) for rule in chosen)


def _needed(columns: Sequence[str], stored: Sequence[str]) -> list[str]:
    """Choose the columns that rules read: those told by the rules, local time, the past, and what tells it."""
    stored = (*stored, *(token for token in COUNTED_AS if counted_as(token, columns) == token))
    wanted = {*stored, *CALENDAR, SINCE, LEFT, SOURCE_NAME, *map(last_seen, stored), "kind", "outcome"}
    return [column for column in columns if column in wanted]


def _seen(matched: Matched, rule: Correlation, begins: int) -> Seen:
    """Look at one rule; of windows that end before a moment, in microseconds, nothing needs to be told."""
    if not rule.baselines:
        able = matched if is_plain(rule, matched.rules) else matched.able(rule)
        found, rows = hits(able, rule)
        return Seen(_of_correlation(rows, found, rule), empty(PEAKS))
    # A rule with a baseline needs to know how full its windows were on ordinary nights too: all of them are counted.
    windows = swept(matched, rule, at_least=1)
    found, rows = hits(matched, rule, windows)
    if windows is None:
        rows = events_of(matched, rule)
        every = with_night(counts(rows, rule, at_least=1), rows, rule)
        highest = every.group_by("account", "night").agg(pl.col("count").max().alias("peak"))
    else:
        highest = windows.highest(matched.events, begins)
    return Seen(_of_correlation(rows, found, rule), _asked_in_vain(highest, matched, rule))


def _asked_in_vain(highest: pl.DataFrame, matched: Matched, rule: Correlation) -> pl.DataFrame:
    """Name the rule of the peaks; those of nights that began before the account's `min_history` become null."""
    steps = (matched.rules[step] for step in rule.rules)
    needed = [step.novel.min_history for step in steps if isinstance(step, Detection) and step.novel]
    named = highest.select(pl.lit(rule.name).alias("rule"), "account", "night", "peak")
    if not needed:
        return named
    early = nights_before(matched.bucket, max(needed)).select(pl.lit(rule.name).alias("rule"), "account", "night")
    known = named.join(early, on=["account", "night"], how="anti")
    return pl.concat([known, early.with_columns(peak=pl.lit(None, pl.Int64))])


def _of_detection(matched: pl.DataFrame, rule: Detection) -> pl.DataFrame:
    """Report a rule about single events: one episode an account and night."""
    found = (
        matched.lazy()
        .group_by("account", "night")
        .agg(first=pl.col("time").min(), last=pl.col("time").max(), hits=pl.len().cast(pl.Int64))
        .collect()
    )
    return as_episodes(found, rule, **OF_ACCOUNTS, peak=pl.col("hits"))


def _of_correlation(rows: pl.DataFrame, found: pl.DataFrame, rule: Correlation) -> pl.DataFrame:
    if found.is_empty():  # most rules on most nights
        return empty(EPISODES)
    folded = _folded(found, rule)
    return _named(_with_first_event(folded, rows, rule), rows, rule)


def _folded(hits: pl.DataFrame, rule: Correlation) -> pl.DataFrame:
    """Fold hits into episodes: group columns, night, first_hit, last, peak, hits."""
    group = list(rule.group_by)
    same = pl.all_horizontal(pl.col(column) == pl.col(column).shift() for column in (*group, "night"))
    near = pl.col("time") - pl.col("time").shift() <= rule.timespan
    peak = pl.col("count").min() if rule.condition.operator in ("lt", "lte") else pl.col("count").max()
    return (
        hits.sort(*group, "time")
        .with_columns(episode=(~(same & near)).fill_null(value=True).cum_sum())
        .group_by("episode", *group, "night")
        .agg(first_hit=pl.col("time").min(), last=pl.col("time").max(), peak=peak, hits=pl.len().cast(pl.Int64))
    )


def _with_first_event(folded: pl.DataFrame, rows: pl.DataFrame, rule: Correlation) -> pl.DataFrame:
    """Add `first`, the earliest counted event in the window of the first hit."""
    group = list(rule.group_by)
    counted = rows.drop_nulls([counted_as(field, rows.columns) for field in rule.condition.fields])
    starts = counted.join(folded, on=group, how="semi").select(*group, pl.col("time").alias("first")).sort("first")
    opened = folded.with_columns(window=pl.col("first_hit") - rule.timespan).sort("window")
    found = opened.join_asof(
        starts, left_on="window", right_on="first", by=group, strategy="forward", coalesce=False, check_sortedness=False
    )
    return found.with_columns(pl.min_horizontal("first", "first_hit").alias("first"))


def _named(folded: pl.DataFrame, rows: pl.DataFrame, rule: Correlation) -> pl.DataFrame:
    """Say who is raised: the account of the group, each account behind it, or the group alone."""
    if rule.each_account and "account" not in rule.group_by:
        behind = rows.join(folded.select(*rule.group_by, "episode", "first", "last"), on=list(rule.group_by))
        behind = behind.filter(pl.col("time").is_between(pl.col("first"), pl.col("last")))
        folded = folded.join(behind.select("episode", "account").unique(), on="episode")
    elif "account" not in rule.group_by:
        folded = folded.with_columns(account=pl.lit(None, pl.String))
    value = pl.concat_str(rule.group_by, separator=", ")
    return as_episodes(folded, rule, group_kind=pl.lit(",".join(rule.group_by)), group_value=value)
