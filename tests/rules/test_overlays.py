"""Overlays tune rules by region in one pass, say where every value comes from, and refuse what cannot be."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzzing import examples
from rule_texts import LOOKUP, load
from tocsin.errors import RuleErrors
from tocsin.rules import pack
from tocsin.rules.baselined import Watched, night_by_night
from tocsin.rules.correlation import episodes, look
from tocsin.rules.load import load_rules
from tocsin.rules.overlay import Overlays, caps_without_effect, load_overlays, tuned
from tocsin.rules.prove import prove_overlays
from tocsin.rules.regional_time import with_regional_time
from tocsin.rules.show import effective

START = datetime(2022, 3, 14, tzinfo=UTC)
MANY = """\
title: Many
name: many
level: high
correlation:
  type: %s
  rules: [lookup]
  group-by: [%s]
  timespan: 1h
  condition: {%s}
tocsin: {family: volume, score: %s}
"""
EXAMPLES = pack.shipped() / "regions"


def rules_of(folder, kind="event_count", group="account", condition="gte: 3", score="35"):
    return load(folder, LOOKUP, MANY % (kind, group, condition, score))


def overlays_of(folder, rules, *texts):
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"o{number}.yml"
        path.write_text(f"title: T\noverlay:\n{text}", encoding="utf-8")
        paths.append(path)
    return load_overlays(paths, rules)


def override(values, when='region: ["29"]', more=""):
    return f"  when: {{{when}}}\n{more}  rules:\n    many: {{{values}, reason: because}}\n"


def frame(rows):
    """Make lookups from (minute, account, region, rows)."""
    times = [START + timedelta(minutes=row[0]) for row in rows]
    return pl.DataFrame(
        {
            "time": times,
            "night": [time.date() for time in times],
            "account": [row[1] for row in rows],
            "region": [row[2] for row in rows],
            "kind": ["lookup"] * len(rows),
            "rows": [row[3] for row in rows],
        },
        schema={
            "time": pl.Datetime("us", "UTC"),
            "night": pl.Date(),
            "account": pl.String(),
            "region": pl.String(),
            "kind": pl.String(),
            "rows": pl.UInt32(),
        },
    )


REGIONS = {"A1": "29", "A2": "75", "A3": None}
events = st.lists(
    st.tuples(st.integers(1300, 1580), st.sampled_from(list(REGIONS)), st.integers(0, 5)), max_size=25
).map(lambda made: frame([(minute, account, REGIONS[account], rows) for minute, account, rows in made]))


@settings(max_examples=examples(50), deadline=None)
@given(
    events,
    st.sampled_from([("event_count", ""), ("value_sum", "field: rows, "), ("value_count", "field: rows, ")]),
    st.sampled_from(["gte", "gt", "lt", "eq"]),
    st.integers(1, 6),
    st.integers(1, 6),
    st.sampled_from(["1h", "20m"]),
    st.sampled_from(["", ", until: 2022-03-14"]),
)
def test_one_pass_over_all_regions_rings_as_a_rule_of_its_own_for_each(
    tmp_path_factory, rows, kind, operator, standard, own, span, until
):
    folder = tmp_path_factory.mktemp("rules")
    name, field = kind
    rules = rules_of(folder, name, condition=f"{field}{operator}: {standard}")
    values = f"correlation.condition.{operator}: {own}, correlation.timespan: {span}{until}"
    seen = episodes(rows, tuned(rules, overlays_of(folder, rules, override(values))), "account")
    own_folder = folder / "own"
    own_folder.mkdir()
    text = (MANY % (name, "account", f"{field}{operator}: {own}", "35")).replace("1h", span)
    finistere = episodes(rows, load(own_folder, LOOKUP, text), "account").filter(pl.col("account") == "A1")
    elsewhere = episodes(rows, rules, "account")
    holds = pl.col("night") <= date(2022, 3, 14) if until else pl.lit(value=True)
    expected = pl.concat([finistere.filter(holds), elsewhere.filter((pl.col("account") != "A1") | ~holds)])
    assert seen.equals(expected.sort("rule", "group_value", "account", "night", "first", nulls_last=True))


def test_switches_a_rule_off_and_changes_its_level_and_points(tmp_path):
    rules = rules_of(tmp_path)
    off = tuned(rules, overlays_of(tmp_path, rules, override("enabled: false")))
    rows = frame([(minute, account, REGIONS[account], 1) for minute in range(5) for account in REGIONS])
    assert episodes(rows, off, "account")["account"].to_list() == ["A2", "A3"]
    assert episodes(rows.drop("region"), off, "account")["account"].to_list() == ["A1", "A2", "A3"]
    milder = tuned(rules, overlays_of(tmp_path, rules, override("level: low"))).by_name["many"]
    night = date(2022, 3, 14)
    assert (milder.tuned({"region": "29"}, night).level, milder.tuned({"region": "29"}, night).score) == ("low", 5)
    assert (milder.tuned({"region": "75"}, night).level, milder.tuned({}, night).score) == ("high", 35)
    values = "tocsin.score: 9, correlation.condition.gte: 7"
    told = tuned(rules, overlays_of(tmp_path, rules, override(values))).by_name["many"].tuned({"region": "29"}, night)
    assert (told.enabled, told.level, told.score, told.limit) == (True, "high", 9, 7.0)


def test_keeps_points_that_the_rule_names_when_the_level_changes(tmp_path):
    rules = rules_of(tmp_path, score="17")
    milder = tuned(rules, overlays_of(tmp_path, rules, override("level: low"))).by_name["many"]
    assert milder.tuned({"region": "29"}, date(2022, 3, 14)).score == 17


def test_lets_priority_decide_and_refuses_a_draw(tmp_path):
    rules = rules_of(tmp_path)
    one = override("correlation.condition.gte: 9", 'region: ["29", "35"]')
    two = override("correlation.condition.gte: 5", 'structure: ["S1"]')
    with pytest.raises(RuleErrors) as error:
        overlays_of(tmp_path, rules, one, two)
    assert [(fault.code, fault.place.line) for fault in error.value.faults] == [("E072", 5)]
    first = override("correlation.condition.gte: 5", 'structure: ["S1"]', "  priority: 1\n")
    told = tuned(rules, overlays_of(tmp_path, rules, one, first)).by_name["many"]
    assert told.tuned({"region": "29", "structure": "S1"}, date(2022, 3, 14)).limit == 5.0
    apart = override("correlation.condition.gte: 5", 'region: ["56"]')
    assert len(overlays_of(tmp_path, rules, one, apart).tunings) == 2


@pytest.mark.parametrize(("plain", "first", "rings"), [(9, 5, True), (5, 9, False)])
def test_windows_are_compared_with_the_limit_that_has_priority(tmp_path, plain, first, rings):
    rules = rules_of(tmp_path)
    texts = [override(f"correlation.condition.gte: {plain}")]
    texts.append(override(f"correlation.condition.gte: {first}", more="  priority: 1\n"))
    seven = frame([(minute, "A1", "29", 1) for minute in range(7)])
    for overlays in (texts, texts[::-1]):
        found = episodes(seven, tuned(rules, overlays_of(tmp_path, rules, *overlays)), "account")
        assert found.is_empty() is not rings


def test_says_what_has_run_out(tmp_path):
    rules = rules_of(tmp_path)
    overlays = overlays_of(tmp_path, rules, override("level: low, until: 2022-03-14"))
    assert overlays.expired(date(2022, 3, 14)) == ()
    (expired,) = overlays.expired(date(2022, 3, 15))
    assert str(expired).endswith(": many: level held until 2022-03-14 and is no longer applied")
    assert expired.place.line == 5


def test_keeps_caps_and_places_for_the_judge(tmp_path):
    rules = rules_of(tmp_path)
    text = (
        '  when: {region: ["29"]}\n  budget: 3\n  families: {geography: {cap: 2, until: 2022-03-14, reason: summer}}\n'
    )
    overlays = overlays_of(tmp_path, rules, text)
    assert (overlays.budget({"region": "29"}), overlays.budget({"region": "75"})) == (3, None)
    ((overlay, held),) = overlays.caps(date(2022, 3, 14))
    assert (held.family, held.cap, overlay.when) == ("geography", 2, {"region": ("29",)})
    assert overlays.caps(date(2022, 3, 15)) == ()
    assert [expired.what for expired in overlays.expired(date(2022, 3, 15))] == ["families: geography"]


def test_counts_in_the_hash(tmp_path):
    rules = rules_of(tmp_path)
    one = tuned(rules, overlays_of(tmp_path, rules, override("level: low")))
    assert one.sha256 != rules.sha256
    assert tuned(rules, Overlays()) is rules


@pytest.mark.parametrize(
    ("text", "line", "code", "said"),
    [
        ("  when: {region: ['29']}\n  calendar: {holidays: FR-999}\n", 4, "E070", "FR-57"),
        ("  when: {region: [29]}\n", 3, "E070", "quotes"),
        ("  when: {regoin: ['29']}\n", 3, "E070", "did you mean 'region'?"),
        ("  when: {account: ['A1']}\n", 3, "E070", "it is one of profession, structure, region, source"),
        (override("correlation.condition.gte: 5", "sourc: [mobile]"), 3, "E070", "did you mean 'source'?"),
        ("  when: x\n", 3, "E070", "when is a mapping"),
        ("  budget: 3\n", 3, "E011", "'when' is missing"),
        ("  when: {region: ['29']}\n  rules: x\n", 4, "E070", "names of rules"),
        ("  when: {region: ['29']}\n  rules: {mny: {level: low, reason: x}}\n", 4, "E071", "did you mean 'many'?"),
        ("  when: {region: ['29']}\n  rules: {many: x}\n", 4, "E070", "with a reason"),
        ("  when: {region: ['29']}\n  rules: {many: {level: low}}\n", 4, "E074", "needs a reason"),
        ("  when: {region: ['29']}\n  rules: {many: {level: low, reason: ' '}}\n", 4, "E012", "'reason' is empty"),
        ("  when: {region: ['29']}\n  rules: {many: {level: low, reason: }}\n", 4, "E012", "'reason' is empty"),
        ("  when: {region: ['29']}\n  rules: {many: {reason: x}}\n", 4, "E070", "sets nothing"),
        (override("levl: low"), 5, "E071", "did you mean 'level'?"),
        (override("correlation.condition.lt: 5"), 5, "E071", "correlation.condition.gte"),
        (override("correlation.condition.gte: x"), 5, "E070", "cannot be 'x'"),
        (override("level: hgih"), 5, "E070", "cannot be 'hgih'"),
        (override("tocsin.score: 101"), 5, "E070", "cannot be '101'"),
        (override("level: low, until: soon"), 5, "E070", "2026-01-31"),
        ("  when: {region: ['29']}\n  families: {geographie: {cap: 1, reason: x}}\n", 4, "E050", "'geography'"),
        ("  when: {region: ['29']}\n  families: {geography: 1}\n", 4, "E070", "takes a cap"),
        ("  when: {region: ['29']}\n  families: []\n", 4, "E070", "families is a mapping"),
        ("  when: {region: ['29']}\n  calendar: {zone: Europe/Pari}\n", 4, "E070", "did you mean"),
        ("  when: {region: ['29']}\n  calendar: x\n", 4, "E070", "zone and holidays"),
        ("  when: {region: ['29']}\n  colour: x\n", 4, "E010", "unknown key"),
        (
            "  when: {region: ['29']}\n  tests:\n    - {name: a, expect: none, events: [{time: 2022-03-14T09:00:00Z, account: A, kind: lookup}]}\n",
            5,
            "E060",
            "names its rule",
        ),
    ],
)
def test_places_and_names_each_fault(tmp_path, text, line, code, said):
    rules = rules_of(tmp_path)
    with pytest.raises(RuleErrors) as error:
        overlays_of(tmp_path, rules, text)
    found = [(fault.place.line, fault.code) for fault in error.value.faults]
    assert (line, code) in found, error.value.faults
    assert any(said in str(fault) for fault in error.value.faults)


def test_refuses_thresholds_where_groups_have_no_region(tmp_path):
    rules = rules_of(tmp_path, group="ip")
    with pytest.raises(RuleErrors, match="E073"):
        overlays_of(tmp_path, rules, override("correlation.condition.gte: 5"))
    assert overlays_of(tmp_path, rules, override("enabled: false")).tunings
    (tmp_path / "o.yml").write_text("- x\n")
    with pytest.raises(RuleErrors, match="E070"):
        load_overlays([tmp_path / "o.yml"], rules)
    (tmp_path / "o.yml").write_text("title: T\noverlay: x\n")
    with pytest.raises(RuleErrors, match="overlay is a mapping"):
        load_overlays([tmp_path / "o.yml"], rules)


def test_refuses_another_span_for_steps_and_baselines(tmp_path):
    often = MANY.replace("name: many", "name: often").replace("[lookup]", "[many]") % (
        "event_count",
        "account",
        "gte: 2",
        1,
    )
    rules = load(tmp_path, LOOKUP, MANY % ("event_count", "account", "gte: 3", 1), often)
    with pytest.raises(RuleErrors, match=r"E073.*step of another"):
        overlays_of(tmp_path, rules, override("correlation.timespan: 2h"))


# --- the source of an account -----------------------------------------------------------------------------------------

MOBILE = """\
  when: {source: [mobile]}
  rules: {many: {correlation.condition.gte: 4, reason: x}, nights: {enabled: false, reason: x}}
  calendar: {zone: Indian/Reunion}
  tests:
    - name: three of each
      rule: many
      expect: {account: [D, M2]}
      events:
        - {repeat: 3, every: 1m, time: 2022-03-14T09:00:00Z, account: D, kind: lookup, source: desk}
        - {repeat: 3, every: 1m, time: 2022-03-14T09:00:00Z, account: M, kind: lookup, source: mobile}
        - {repeat: 4, every: 1m, time: 2022-03-14T09:00:00Z, account: M2, kind: lookup, source: mobile}
    - name: a rule about nights
      rule: nights
      expect: {account: D}
      events:
        - {repeat: 3, every: 1m, time: 2022-03-14T09:00:00Z, account: D, kind: lookup, patient: "P{i}", source: desk}
        - {repeat: 3, every: 1m, time: 2022-03-14T09:00:00Z, account: M, kind: lookup, patient: "P{i}", source: mobile}
    - name: an hour of the island
      rule: morning
      expect: {account: M}
      events:
        - {time: 2022-03-14T04:00:00Z, account: D, kind: lookup, source: desk}
        - {time: 2022-03-14T04:00:00Z, account: M, kind: lookup, source: mobile}
"""
NIGHTS = """\
title: Nights
name: nights
level: low
logsource: {category: record_access}
detection: {selection: {%s}, condition: selection}
tocsin: {family: volume}
"""


def rules_of_sources(folder):
    about = NIGHTS % "people|gte: 3", NIGHTS.replace("ights", "orning").replace("norning", "morning") % "local_hour: 8"
    return load(folder, LOOKUP, MANY % ("event_count", "account", "gte: 3", "35"), *about)


def test_an_overlay_for_a_source_tunes_rules_nights_and_hours(tmp_path):
    rules = rules_of_sources(tmp_path)
    overlays = overlays_of(tmp_path, rules, MOBILE)
    assert overlays.sources == {"mobile"}
    proofs = list(prove_overlays(rules, overlays))
    assert [(proof.test, proof.seen) for proof in proofs if not proof.passed] == []
    assert len(proofs) == 3


def test_a_threshold_by_source_needs_the_account(tmp_path):
    rules = rules_of(tmp_path, group="structure")
    with pytest.raises(RuleErrors, match=r"E073.*not of one source"):
        overlays_of(tmp_path, rules, override("correlation.condition.gte: 5", "source: [mobile]"))


def test_two_calendars_for_the_same_accounts_need_a_priority(tmp_path):
    rules = rules_of(tmp_path)
    island, practice = "  when: {region: ['974']}\n  calendar: {zone: Indian/Reunion}\n", "  when: {structure: [S1]}\n"
    practice += "  calendar: {zone: Europe/Paris}\n"
    with pytest.raises(RuleErrors) as error:
        overlays_of(tmp_path, rules, island, practice)
    assert [(fault.code, fault.place.line) for fault in error.value.faults] == [("E072", 4)]
    told = overlays_of(tmp_path, rules, island, practice + "  priority: 1\n")
    assert [calendar.zone for calendar in told.calendars] == ["Europe/Paris", "Indian/Reunion"]


# --- the shipped examples ---------------------------------------------------------------------------------------------


def test_the_examples_bite():
    rules = load_rules([pack.shipped()])
    overlays = load_overlays([EXAMPLES], rules)
    proofs = list(prove_overlays(rules, overlays))
    assert len(overlays.overlays) == 3
    assert len(proofs) >= 8
    assert [proof for proof in proofs if not proof.passed] == []


def test_shows_where_each_value_comes_from():
    rules = load_rules([pack.shipped()])
    overlays = load_overlays([EXAMPLES], rules)

    def shown(region, night=date(2026, 10, 14)):
        lines = effective([pack.shipped()], "distinct_people_1h", overlays, {"region": region}, night)
        return {line.key: (line.value, Path(line.place.file).name, line.place.line, line.reason) for line in lines}

    own = shown("29")
    assert own["correlation.condition.gte"][:2] == ("120", "bretagne.yml")
    assert own["correlation.condition.gte"][3] == "vaccination centres on one shared account"
    assert own["level"][:2] == ("medium", "bretagne.yml")
    assert own["correlation.timespan"][:2] == ("1h", "distinct_people.yml")
    assert shown("75")["correlation.condition.gte"][:2] == ("80", "distinct_people.yml")
    assert shown("29", date(2027, 4, 1))["level"][:2] == ("high", "distinct_people.yml")
    lines = (pack.shipped() / "regions" / "bretagne.yml").read_text().splitlines()
    assert "correlation.condition.gte: 120" in lines[own["correlation.condition.gte"][2] - 1]
    assert effective([pack.shipped()], "nobody", overlays, {}, date(2026, 1, 1)) == []


def test_tells_the_time_of_each_region():
    rules = load_rules([pack.shipped()])
    calendars = load_overlays([EXAMPLES], rules).calendars
    rows = pl.DataFrame(
        {
            "time": [datetime(2026, 4, 3, 3, tzinfo=UTC)] * 4,
            "night": [date(2026, 4, 3)] * 4,
            "region": ["75", "974", "57", None],
        },
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )
    seen = with_regional_time(rows, "Europe/Paris", [], calendars)
    assert seen["region"].to_list() == ["75", "974", "57", None]
    assert seen["local_hour"].to_list() == [5, 7, 5, 5]
    assert seen["holiday"].to_list() == [False, False, True, False]
    assert with_regional_time(rows.drop("region"), "Europe/Paris", [], calendars)["local_hour"].to_list() == [5] * 4
    assert with_regional_time(rows, "Europe/Paris", [], []).width == seen.width


def test_two_caps_or_budgets_for_the_same_accounts_need_a_priority(tmp_path):
    rules = rules_of(tmp_path)
    brittany = '  when: {region: ["29", "35"]}\n  budget: 3\n  families: {volume: {cap: 3, reason: x}}\n'
    practice = '  when: {structure: ["S1"]}\n  budget: 5\n  families: {volume: {cap: 6, reason: x}}\n'
    with pytest.raises(RuleErrors) as error:
        overlays_of(tmp_path, rules, brittany, practice)
    assert [(fault.code, fault.place.line) for fault in error.value.faults] == [("E072", 4), ("E072", 5)]
    told = overlays_of(tmp_path, rules, brittany + "  priority: 1\n", practice)
    profile = {"region": "29", "structure": "S1"}
    assert (told.budget(profile), told.budget({"region": "75", "structure": "S1"})) == (3, 5)
    assert [family.cap for _overlay, family in told.caps(date(2022, 3, 14))] == [6, 3]


def test_a_cap_above_that_of_the_settings_is_warned_of(tmp_path):
    told = overlays_of(
        tmp_path, rules_of(tmp_path), '  when: {region: ["29"]}\n  families: {volume: {cap: 9, reason: x}}\n'
    )
    (warning,) = caps_without_effect(told, {"volume": 8})
    assert (warning.code, warning.place.line) == ("W075", 4)
    assert "the settings allow at most 8" in warning.message
    assert caps_without_effect(told, {"volume": 9}) == ()


WITH_BASELINE = """title: Many
name: many
level: high
correlation:
  type: event_count
  rules: [lookup]
  group-by: [account]
  timespan: 1h
  condition: {gte: 2}
tocsin:
  family: volume
  score: 35
  baseline: [{against: self, statistic: p95, over: 30d, factor: %s, min_history: 1d}]
"""
DAYS = [
    (1440 * day + 5 * lookup, account)
    for day, most in enumerate((2, 2, 4))
    for account in REGIONS
    for lookup in range(most)
]


def ringing(rules):
    """The accounts that ring on the third day, with twice as many lookups as on the two before."""
    rows = frame([(minute, account, REGIONS[account], 1) for minute, account in DAYS])
    rows = rows.with_columns(profession=pl.lit(None, pl.String), structure=pl.lit(None, pl.String))
    seen = look(rows, rules, "account")
    active = rows.select("account", "night", "profession", "structure", "region").unique()
    found = night_by_night(Watched(seen.episodes, seen.peaks, active, rules))
    return found.filter(pl.col("night") == date(2022, 3, 16))["account"].sort().to_list()


@pytest.mark.parametrize(("shipped", "own", "expected"), [(1.5, 2, ["A2", "A3"]), (2, 1.9, ["A1"]), (2, 2.0, [])])
def test_the_factor_of_a_baseline_is_that_of_the_region(tmp_path, shipped, own, expected):
    rules = load(tmp_path, LOOKUP, WITH_BASELINE % shipped)
    assert ringing(tuned(rules, overlays_of(tmp_path, rules, override(f"tocsin.baseline.factor: {own}")))) == expected


def test_a_factor_is_shown_with_the_place_of_the_overlay(tmp_path):
    rules = load(tmp_path, LOOKUP, WITH_BASELINE % 2)
    overlays = overlays_of(tmp_path, rules, override("tocsin.baseline.factor: 3"))
    told = effective([tmp_path / "r1.yml"], "many", overlays, {"region": "29"}, date(2022, 3, 14))
    shown = {line.key: line for line in told}
    assert shown["tocsin.baseline.factor"].value == "3"
    assert shown["tocsin.baseline.factor"].place.file.endswith("o0.yml")
    assert shown["tocsin.baseline.statistic"].value == "p95"


def test_a_factor_is_refused_of_a_rule_with_none_or_several_baselines(tmp_path):
    rules = rules_of(tmp_path)
    with pytest.raises(RuleErrors, match=r"has no 'tocsin\.baseline\.factor' that can be set"):
        overlays_of(tmp_path, rules, override("tocsin.baseline.factor: 3"))
    twice = (WITH_BASELINE % 2).replace(
        "min_history: 1d}", "min_history: 1d}, {against: self, statistic: mean, over: 9d}"
    )
    folder = tmp_path / "two"
    folder.mkdir()
    rules = load(folder, LOOKUP, twice)
    with pytest.raises(RuleErrors, match=r"has no 'tocsin\.baseline\.factor' that can be set"):
        overlays_of(tmp_path, rules, override("tocsin.baseline.factor: 3"))


@pytest.mark.parametrize("value", ["0", "-1", "x", "true", ".nan"])
def test_a_factor_is_a_number_above_0(tmp_path, value):
    rules = load(tmp_path, LOOKUP, WITH_BASELINE % 2)
    with pytest.raises(RuleErrors, match=r"'tocsin\.baseline\.factor' cannot be"):
        overlays_of(tmp_path, rules, override(f"tocsin.baseline.factor: {value}"))


@pytest.mark.parametrize("cap", ["2.5", "0"])
def test_a_cap_may_have_decimals(tmp_path, cap):
    rules = rules_of(tmp_path)
    text = f"  when: {{region: ['29']}}\n  families: {{geography: {{cap: {cap}, reason: x}}}}\n"
    ((_overlay, held),) = overlays_of(tmp_path, rules, text).caps(date(2022, 3, 14))
    assert held.cap == float(cap)


@pytest.mark.parametrize("cap", ["-1", "1001", "x", "true", ".inf", ".nan"])
def test_a_cap_is_a_number_of_points(tmp_path, cap):
    rules = rules_of(tmp_path)
    text = f"  when: {{region: ['29']}}\n  families: {{geography: {{cap: {cap}, reason: x}}}}\n"
    with pytest.raises(RuleErrors, match="'cap' is a number from 0 to 1000"):
        overlays_of(tmp_path, rules, text)
