"""Hits of every value from one pass: equal to a scan with that value."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import at, stored
from tocsin.rules.baselined import Watched
from tocsin.rules.correlation import look
from tocsin.rules.load import load_rules
from tocsin.rules.overlay import Overlays, tuned
from tocsin.tune.knobs import around, factor, threshold
from tocsin.tune.readoff import Hits, measured_with
from tocsin.tune.scope import Scope
from tocsin.tune.turned import Turned, turned
from tocsin.verdict.hits import Hits as NightHits

LOOKUP = "title: L\nname: lookup\nstatus: experimental\nlogsource: {category: record_access}\n"
LOOKUP += "detection:\n  s: {kind: lookup}\n  condition: s\n---\n"
RULE = """title: R
name: r
status: experimental
level: high
correlation:
  type: %s
  rules: [lookup]
  group-by: [account]
  timespan: %s
  condition: {%s: %s}
tocsin:
  family: volume%s
"""
BASELINE = "\n  baseline: [{against: self, statistic: p95, over: 30d, factor: 1.1, min_history: 1d}]"
SCOPE = Scope("29", {"region": ("29",)})
PART = Scope("29, lab", {"region": ("29",), "profession": ("lab",)})
NOBODY = pl.DataFrame(schema={"account": pl.String, "night": pl.Date})


def rules_of(folder, kind, timespan, operator, value, more=""):
    field = {"event_count": "", "value_count": "field: patient, "}.get(kind, "field: rows, ")
    path = folder / "rules.yml"
    path.write_text(LOOKUP + RULE % (kind, timespan, field + operator, value, more), encoding="utf-8")
    return load_rules([path])


def of_a_scan(events, active, rules, overlays):
    """The hits of a scan, night after night."""
    tuned_rules = tuned(rules, overlays)
    seen = look(events, tuned_rules, "account")
    return nightly(seen.episodes, seen.peaks, active, tuned_rules)


def nightly(episodes, peaks, active, rules):
    hits = NightHits(Watched(episodes, peaks, active, rules))
    nights = active["night"].unique().sort()
    parts = [
        hits.on(night, NOBODY).select("account", "night", "rule", "peak", "usual", "score", "limit") for night in nights
    ]
    return pl.concat(parts)


def active_of(events):
    return (
        events.group_by("account", "night")
        .agg(pl.col("profession", "structure", "region").mode().min())
        .sort("night", "account")
    )


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["A1", "A2", "A3"]),
        st.integers(0, 3 * 1440),
        st.sampled_from(["P1", "P2", "P3", "P4"]),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=40,
)
KINDS = st.sampled_from(
    [
        ("event_count", "gte", 3),
        ("value_count", "gte", 2),
        ("value_count", "gt", 2),
        ("value_sum", "gte", 8),
        ("value_avg", "gte", 4),
        ("value_median", "lte", 5),
        ("event_count", "eq", 2),
    ]
)


@settings(max_examples=25)
@given(EVENTS, KINDS, st.sampled_from(["1h", "6h"]), st.sampled_from(["", BASELINE]))
def test_every_value_has_the_hits_that_a_scan_with_it_has(tmp_path_factory, events, kind, timespan, baseline):
    kind, operator, today = kind
    if baseline and (operator not in ("gte", "gt") or kind not in ("event_count", "value_count")):
        baseline = ""
    rules = rules_of(tmp_path_factory.mktemp("r"), kind, timespan, operator, today, baseline)
    region, work = {"A1": "29", "A2": "29", "A3": "75"}, {"A1": "lab", "A2": "gp", "A3": "lab"}
    rows = stored(
        *(
            {"time": at(m), "account": a, "patient": p, "rows": n, "region": region[a], "profession": work[a]}
            for a, m, p, n in events
        )
    )
    active = active_of(rows)
    knob = threshold(rules, "r", [2, 4])
    wide = measured_with(rules, Overlays(), SCOPE, [knob])
    seen = look(rows, wide, "account")
    read = Hits(seen.episodes, active, rules, Overlays(), SCOPE, [knob], rules)
    for number, value in enumerate((None, *knob.values)):
        said = Turned() if value is None else turned({knob: value}, PART if number % 2 else SCOPE)
        overlays = said.above(Overlays())
        told = nightly(read.episodes(said.windows), seen.peaks, active, tuned(rules, overlays))
        assert told.equals(of_a_scan(rows, active, rules, overlays))
    for times in (0.5, 1.1, 2) if baseline else ():
        said = turned({factor(rules, "r", [times]): times, knob: 2}, PART if times == 2 else SCOPE)
        overlays = said.above(Overlays())
        told = nightly(read.of_rules(said), seen.peaks, active, tuned(rules, overlays))
        assert told.equals(of_a_scan(rows, active, rules, overlays))


def test_accounts_elsewhere_keep_todays_value(tmp_path):
    rules = rules_of(tmp_path, "event_count", "1h", "gte", 3)
    rows = stored(
        *({"time": at(n), "account": a, "region": r} for n in range(2) for a, r in (("A1", "29"), ("A2", "75")))
    )
    knob = threshold(rules, "r", [2])
    seen = look(rows, measured_with(rules, Overlays(), SCOPE, [knob]), "account")
    read = Hits(seen.episodes, active_of(rows), rules, Overlays(), SCOPE, [knob], rules)
    assert read.episodes({}).is_empty()
    assert read.episodes({"r": knob.tuning(SCOPE, 2)})["account"].to_list() == ["A1"]


def test_values_with_the_same_hits_are_told_to_be_the_same(tmp_path):
    rules = rules_of(tmp_path, "event_count", "1h", "gte", 3)
    rows = stored(*({"time": at(n), "account": "A1", "region": "29"} for n in range(3)))
    knob = threshold(rules, "r", [2, 4, 5])
    seen = look(rows, measured_with(rules, Overlays(), SCOPE, [knob]), "account")
    read = Hits(seen.episodes, active_of(rows), rules, Overlays(), SCOPE, [knob], rules)
    kept = {value: read.kept(turned({knob: value}, SCOPE)) for value in knob.values}
    assert kept[4] == kept[5] != kept[3]
    assert kept[2] == kept[3]
    assert read.changes_on(turned({knob: 2}, SCOPE)) is None
    assert read.changes_on(turned({knob: 4}, SCOPE)) == date(2022, 3, 14)


@pytest.mark.parametrize(
    ("today", "expected"), [(80, {20, 80, 120, 320}), (600, {150, 600, 1500}), (5, {1, 5, 20}), (3, {1, 3, 12})]
)
def test_values_are_tried_from_a_quarter_to_four_times_todays(today, expected):
    values = around(today)
    assert expected <= values
    assert min(values) >= 1
    assert max(values) == 4 * today
    assert all(isinstance(value, int) for value in values)


def test_a_value_with_decimals_is_tried_with_decimals():
    assert {0.25, 1.0, 4.0} <= around(1.0)


def test_the_night_of_a_hit_is_that_of_its_window(tmp_path):
    rules = rules_of(tmp_path, "event_count", "6h", "gte", 3)
    late = at(14 * 60 + 50)
    rows = stored(*({"time": late + timedelta(minutes=5 * n), "account": "A1", "region": "29"} for n in range(4)))
    knob = threshold(rules, "r", [2])
    seen = look(rows, measured_with(rules, Overlays(), SCOPE, [knob]), "account")
    read = Hits(seen.episodes, active_of(rows), rules, Overlays(), SCOPE, [knob], rules)
    peaks = read.peaks_of(knob)
    assert dict(peaks.select("night", "peak").iter_rows()) == {date(2022, 3, 14): 2, date(2022, 3, 15): 4}
