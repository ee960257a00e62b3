"""Baseline, ratio and novel against a slow reading of docs/decisions/0010, row by row."""

import gc
import statistics
import weakref
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import polars as pl
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fuzzing import examples
from rule_texts import LOOKUP, load
from tocsin.past import SINCE, last_seen
from tocsin.rules.baselined import Watched, more_than_usual, night_by_night
from tocsin.rules.correlation import EPISODES, PEAKS, episodes, look, matched_by
from tocsin.rules.novelty import makes_known

START = datetime(2022, 3, 14, tzinfo=UTC)
DAY = timedelta(days=1)
SCHEMA = {
    "time": pl.Datetime("us", "UTC"),
    "night": pl.Date(),
    "account": pl.String(),
    "kind": pl.String(),
    "outcome": pl.String(),
    "patient": pl.String(),
    "ip": pl.String(),
    "client": pl.String(),
}
ASK = LOOKUP.replace("name: lookup", "name: ask").replace("{kind: lookup}", "{kind: [lookup, search]}")


def frame(rows):
    """Make events from (hour, account, kind, outcome, patient, ip, client)."""
    times = [START + timedelta(hours=row[0]) for row in rows]
    columns = list(zip(*(row[1:] for row in rows), strict=True)) or [[]] * 6
    return pl.DataFrame([times, [at.date() for at in times], *map(list, columns)], schema=SCHEMA)


def correlation(condition, tocsin, kind="value_count", timespan="1d", rules=("lookup",)):
    document = {
        "title": "Many",
        "name": "many",
        "level": "high",
        "correlation": {
            "type": kind,
            "rules": list(rules),
            "group-by": ["account"],
            "timespan": timespan,
            "condition": condition,
        },
        "tocsin": {"family": "volume", **tocsin},
    }
    return yaml.safe_dump(document, sort_keys=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rules")


# --- baseline ---------------------------------------------------------------------------------------------------------

PROFESSIONS = {"A1": "pharmacist", "A2": "pharmacist", "A3": "pharmacist", "A4": "nurse", "A5": None}


def statistic(name, values):
    ordered = sorted(values)
    if name == "mean":
        return Fraction(sum(ordered), len(ordered))
    if name == "median":
        return statistics.median(map(Fraction, ordered))
    share = int(name[1:])
    return next(Fraction(one) for one in ordered if 100 * sum(v <= one for v in ordered) >= share * len(ordered))


def stays(entry, account, night, peak, nights):
    """Read the decision page for one entry: `nights` is {(account, night): peak} of every active night."""
    since = night - timedelta(days=int(entry["over"][:-1]))
    held = {key: value for key, value in nights.items() if since <= key[1] < night}

    def against_self():
        own = [value for (name, _night), value in held.items() if name == account]
        return own if len(own) >= entry.get("min_history", 7) else None

    def against_peers():
        if entry.get("by") and PROFESSIONS[account] is None:
            return None
        alike = {
            key: value
            for key, value in held.items()
            if key[0] != account and (not entry.get("by") or PROFESSIONS[key[0]] == PROFESSIONS[account])
        }
        return list(alike.values()) if len({name for name, _night in alike}) >= entry.get("min_peers", 20) else None

    values = against_self() if entry["against"] == "self" else against_peers()
    if values is None and entry.get("otherwise") == "peers":
        values = against_peers()
    if values is None:
        return entry.get("otherwise", "floor") != "skip"
    return peak > Fraction(str(entry.get("factor", 1))) * statistic(entry["statistic"], values)


entries = (
    st.fixed_dictionaries(
        {
            "against": st.sampled_from(["self", "peers"]),
            "statistic": st.sampled_from(["mean", "median", "p95", "p99"]),
            "over": st.sampled_from(["2d", "5d", "30d"]),
        },
        optional={
            "by": st.just(["profession"]),
            "factor": st.sampled_from([0.5, 1.1, 2]),
            "otherwise": st.sampled_from(["floor", "skip", "peers"]),
            "min_history": st.sampled_from([1, 2]),
            "min_peers": st.sampled_from([1, 2]),
        },
    )
    .map(lambda made: {**made, "min_history": f"{made.get('min_history', 2)}d", "min_peers": made.get("min_peers", 2)})
    .filter(lambda made: (made["against"], made.get("otherwise")) != ("peers", "peers"))
)
counted = st.dictionaries(
    st.tuples(st.sampled_from(list(PROFESSIONS)), st.integers(0, 7)), st.integers(0, 6), min_size=1, max_size=25
)


@settings(max_examples=examples(70), deadline=None)
@given(counted, st.lists(entries, min_size=1, max_size=2), st.sampled_from(["all", "any"]), st.integers(1, 3))
def test_keeps_what_is_more_than_usual(folder, counted, baseline, combine, floor):
    tocsin = {"baseline": baseline, "combine": combine}
    rules = load(folder, LOOKUP, correlation({"field": "patient", "gte": floor}, tocsin, timespan="1h"))
    nights = {(account, START.date() + day * DAY): peak for (account, day), peak in counted.items()}
    rows = [
        (
            24 * (night - START.date()).days + 12,
            account,
            "lookup" if i < peak else "login",
            "success",
            f"P{i}",
            "x",
            None,
        )
        for (account, night), peak in nights.items()
        for i in range(peak + 1)
    ]
    events = frame(rows)
    active = (
        events.select("account", "night")
        .unique()
        .with_columns(
            profession=pl.col("account").replace_strict(PROFESSIONS, return_dtype=pl.String),
            structure=pl.lit(None, pl.String),
            region=pl.lit("22"),
        )
    )
    found = look(events, rules, "account")
    seen = night_by_night(Watched(found.episodes, found.peaks, active, rules))
    slow = [{**one, "min_history": int(one["min_history"][:-1])} for one in baseline]
    join = all if combine == "all" else any
    assert set(seen.select("account", "night").rows()) == {
        (account, night)
        for (account, night), peak in nights.items()
        if peak >= floor and join(stays(entry, account, night, peak, nights) for entry in slow)
    }


def test_says_what_the_peak_was_compared_with(folder):
    tocsin = {"baseline": [{"against": "self", "statistic": "median", "over": "30d", "min_history": "2d"}]}
    rules = load(folder, LOOKUP, correlation({"field": "patient", "gte": 2}, tocsin, timespan="1h"))
    nights = [START.date() + day * DAY for day in range(3)]
    past = pl.DataFrame(
        {
            "account": ["A1", "A1"],
            "night": nights[:2],
            **{key: ["x", "x"] for key in ("profession", "structure", "region")},
        }
    )
    held = pl.DataFrame({"rule": ["many"], "account": ["A1"], "night": nights[:1], "peak": [5]}, schema=PEAKS)
    at = START + 2 * DAY
    row = ("many", "A1", "account", "A1", nights[2], at, at, 9, 1)
    tonight = past.slice(0, 1).with_columns(night=pl.lit(nights[2]))
    seen = more_than_usual(pl.DataFrame([row], schema=EPISODES, orient="row"), held, past, tonight, rules)
    assert seen.select("peak", "usual", "against", "rests").rows() == [(9, 2.5, "self", 2)]
    assert rules.by_name["many"].explained(9, "A1", 2.5) == "Many"
    nothing = more_than_usual(pl.DataFrame(schema=EPISODES), held, past, tonight, rules)
    assert nothing.columns == [*EPISODES, "usual", "against", "rests", "peers"]


def test_gives_the_peak_of_every_night_though_nothing_rings(folder):
    tocsin = {"baseline": [{"against": "self", "statistic": "p95", "over": "30d"}]}
    rules = load(folder, LOOKUP, correlation({"field": "patient", "gte": 99}, tocsin))
    events = frame([(hour, "A1", "lookup", "success", f"P{hour}", "x", None) for hour in range(20, 30)])
    assert look(events, rules, "account").peaks.rows() == [
        ("many", "A1", date(2022, 3, 14), 4),
        ("many", "A1", date(2022, 3, 15), 10),
    ]
    assert look(
        events, load(folder, LOOKUP, correlation({"field": "patient", "gte": 9}, {})), "account"
    ).peaks.is_empty()


def test_fills_in_the_usual_value(folder):
    rules = load(
        folder, LOOKUP, correlation({"field": "patient", "gte": 2}, {"explain": "{count}, usually {baseline}"})
    )
    assert rules.by_name["many"].explained(9, "A1", 1234.5) == "9, usually 1,234.5"
    assert rules.by_name["many"].explained(9, "A1") == "9, usually not known yet"


# --- ratio ------------------------------------------------------------------------------------------------------------

events = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.sampled_from(["A1", "A2"]),
        st.sampled_from(["lookup", "search", "login"]),
        st.sampled_from(["success", "failure"]),
        st.sampled_from(["p", "q", "r", None]),
        st.sampled_from(["x", "y", None]),
        st.sampled_from(["c", "d", None]),
    ),
    max_size=14,
)
SHARES = {"gte": Fraction.__ge__, "gt": Fraction.__gt__, "lte": Fraction.__le__, "lt": Fraction.__lt__}


@settings(max_examples=examples(70), deadline=None)
@given(
    events,
    st.sampled_from(["event_count", "value_count"]),
    st.sampled_from(list(SHARES)),
    st.sampled_from([0, 0.3, 0.5, 1]),
    st.sampled_from(["ask", "others"]),
)
def test_keeps_hits_that_are_a_share_of_the_same_window(folder, rows, kind, operator, share, of):
    condition = {"gte": 1} | ({"field": "patient"} if kind == "value_count" else {})
    others = correlation({"gte": 1, "field": "ip"}, {}, rules=("ask",), timespan="3h").replace("many", "others")
    text = correlation(condition, {"ratio": {"of": of, operator: share}}, kind, "12h")
    rules = load(folder, LOOKUP, ASK, others, text)
    seen = episodes(frame(rows), rules.only("many"), "account")

    def held(time, account, kinds, column):
        window = [row for row in rows if row[1] == account and row[2] in kinds and time - 12 <= row[0] <= time]
        return len(window) if column is None else len({row[column] for row in window} - {None})

    counted = 4 if kind == "value_count" else None
    expected = {}
    for time, account, what, *_rest in rows:
        part = held(time, account, ("lookup",), counted)
        whole = held(time, account, ("lookup", "search"), 5 if of == "others" else counted)
        if what == "lookup" and part >= 1 and whole and SHARES[operator](Fraction(part, whole), Fraction(str(share))):
            expected.setdefault(account, set()).add(time)
    found = seen.group_by("account").agg(pl.col("hits").sum())
    assert dict(found.iter_rows()) == {account: len(times) for account, times in expected.items()}


@settings(max_examples=examples(35), deadline=None)
@given(events, st.sampled_from(["1h", "12h", "1d"]), st.booleans())
@example([(hour, "A1", "lookup", "success", f"p{hour}", "x", "c") for hour in (2, 25)], "1d", False)
@example([(hour, "A1", "lookup", "success", "p", "x", "c") for hour in (1, 2, 26, 26)], "1d", True)
def test_a_night_needs_no_more_of_those_before_than_windows_reach_back_to(folder, rows, timespan, is_stepped):
    step = correlation({"gte": 2}, {}, "event_count", "3h").replace("many", "twice").replace("level: high\n", "")
    condition = {"gte": 2} if is_stepped else {"gte": 2, "field": "patient"}
    kind, steps = ("event_count", ("twice",)) if is_stepped else ("value_count", ("lookup",))
    usual = {} if is_stepped else {"baseline": [{"against": "self", "statistic": "p95", "factor": 1, "over": "30d"}]}
    rules = load(folder, LOOKUP, step, correlation(condition, usual, kind, timespan, steps))
    first = date(2022, 3, 15)
    whole, part = look(frame(rows), rules, "account"), look(frame(rows), rules, "account", first)
    for name in ("episodes", "peaks"):
        then = pl.col("night") >= first
        assert getattr(whole, name).filter(then).equals(getattr(part, name).filter(then))


def test_rules_that_look_back_to_everything_do_not_outlive_their_bucket(folder):
    rules = load(folder, LOOKUP, correlation({"gte": 1}, {}, "event_count"))
    matched = matched_by(frame([(1, "A1", "lookup", "success", "p", "x", "c")]), rules, "account")
    matched.since(0)
    alive = weakref.ref(matched)
    gc.disable()
    try:
        del matched
        assert alive() is None
    finally:
        gc.enable()


# --- novel ------------------------------------------------------------------------------------------------------------


weeks = st.lists(
    st.tuples(
        st.integers(0, 24 * 7 - 1),
        st.sampled_from(["A1", "A2"]),
        st.sampled_from(["lookup", "search", "login"]),
        st.sampled_from(["success", "failure"]),
        st.sampled_from(["p", "q", "r", None]),
        st.sampled_from(["x", "y", None]),
        st.sampled_from(["c", "d", None]),
    ),
    max_size=14,
)
NOVEL = (
    weeks,
    st.sampled_from([["ip"], ["ip", "client"], ["service"], ["patient"]]),
    st.sampled_from([2, 3, 90]),
    st.sampled_from([1, 12, 30]),
)


def novel_rules(folder, columns, over, history):
    novel = {"any_of": columns, "per": "account", "over": f"{over}d", "min_history": f"{history}h"}
    text = LOOKUP + yaml.safe_dump({"level": "low", "tocsin": {"family": "origin", "novel": novel}})
    return load(folder, text)


def lookups(events, rules):
    return pl.Series(matched_by(events, rules, "account").flags("lookup"))


@settings(max_examples=examples(70), deadline=None)
@given(*NOVEL, st.integers(1, 6))
def test_nights_told_by_columns_of_the_past_are_as_good_as_their_events(folder, rows, columns, over, history, cut):
    rules = novel_rules(folder, columns, over, history)
    events = frame(rows)
    # What `cut` nights and earlier showed is told by columns, but for last night's events, which stay.
    border = START.date() + timedelta(days=cut)
    now = events.filter(pl.col("night") >= border - DAY)
    before = events.filter(pl.col("night") < border - DAY)
    since = before.group_by("account").agg(pl.col("time").min().alias(SINCE))
    told = now.join(since, on="account", how="left", maintain_order="left")
    for column in ("ip", "client", "patient"):
        known = before.filter(makes_known(column), pl.col(column).is_not_null())
        last = known.group_by("account", column).agg(pl.col("night").max().alias(last_seen(column)))
        told = told.join(last, on=["account", column], how="left", maintain_order="left")
    alone = lookups(told, rules).filter(told["night"] >= border)
    together = lookups(events, rules).filter(events["night"] >= border)
    assert alone.to_list() == together.to_list()


@settings(max_examples=examples(70), deadline=None)
@given(*NOVEL, st.randoms())
def test_keeps_events_whose_value_is_new(folder, rows, columns, over, history, random):
    rules = novel_rules(folder, columns, over, history)
    rows = random.sample(rows, len(rows))
    places = {"ip": 5, "client": 6, "patient": 4}

    def is_new(row, column):
        place = places[column]
        value = row[place]
        return value is not None and not any(
            other[1] == row[1]
            and other[place] == value
            and other[3] == "success"
            and (column != "patient" or other[2] in ("lookup", "search"))
            and row[0] // 24 - over <= other[0] // 24 < row[0] // 24 - 1
            for other in rows
        )

    expected = [
        row[2] == "lookup"
        and any(is_new(row, column) for column in columns if column in places)
        and any(other[1] == row[1] and other[0] <= row[0] - history for other in rows)
        for row in rows
    ]
    assert lookups(frame(rows), rules).to_list() == expected


# --- what teaches -----------------------------------------------------------------------------------------------------


def watched(folder, counts, tocsin, text=LOOKUP):
    """Watch one account that reads so many different people on its nights."""
    rules = load(folder, text, correlation({"field": "patient", "gte": 2}, tocsin, timespan="1h"))
    rows = [
        (24 * day + 9, "A1", "lookup", "success", f"P{day}-{i}", "x", None)
        for day, count in enumerate(counts)
        for i in range(count)
    ]
    events = frame(rows)
    seen = look(events, rules, "account")
    active = (
        events.select("account", "night")
        .unique()
        .with_columns(pl.lit(None, pl.String).alias(column) for column in ("profession", "structure", "region"))
    )
    return Watched(seen.episodes, seen.peaks, active, rules)


def test_a_night_judged_suspicious_teaches_nothing(folder):
    tocsin = {"baseline": [{"against": "self", "statistic": "p99", "over": "30d", "min_history": "3d"}]}
    held = watched(folder, [2, 2, 2, 50, 9], tocsin)
    nobody = held.active.select("account", "night").clear()
    attack = pl.DataFrame({"account": ["A1"], "night": [date(2022, 3, 17)]})
    last = date(2022, 3, 18)
    assert held.unusual_on(last, nobody).is_empty()
    assert held.unusual_on(last, attack)["usual"].to_list() == [2]


def test_nights_on_which_nothing_could_be_new_yet_are_no_history(folder):
    tocsin = {"baseline": [{"against": "self", "statistic": "mean", "over": "30d", "min_history": "2d"}]}
    novel = LOOKUP + yaml.safe_dump({"tocsin": {"novel": {"any_of": ["patient"], "over": "90d", "min_history": "2d"}}})
    held = watched(folder, [3, 3, 4, 6, 9], tocsin, novel)
    assert held.peaks["peak"].to_list() == [None, None, 4, 6, 9]
    seen = {row["night"].day: row["usual"] for row in night_by_night(held).iter_rows(named=True)}
    # Two nights that could have rung are needed before anything is usual.
    assert seen == {16: None, 17: None, 18: 5.0}
