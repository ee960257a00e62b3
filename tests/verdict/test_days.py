"""Regions with holidays of their own: Good Friday (15 April 2022) is closed in Moselle (57), and only there."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from portal import FIRST, measured, rows
from tocsin.model.assess import assess
from tocsin.model.factors import Factors
from tocsin.model.nights import Past
from tocsin.model.weather import Skies
from tocsin.rules.load import load_rules
from tocsin.rules.overlay import Overlays, load_overlays
from tocsin.rules.pack import shipped
from tocsin.settings import Settings
from tocsin.verdict.days import days_elsewhere
from tocsin.verdict.hits import HITS
from tocsin.verdict.judge import Asked, judge

GOOD_FRIDAY = date(2022, 4, 15)
CALENDAR_ALONE = Settings(baselines=replace(Settings().baselines, shift_leaning=1e9))
"""No weather of one region: it would excuse much of what the calendar does."""

COUNTED = ("people", "consultations", "people_1h", "people_10m", "new_people", "new_share", "asked", "asked_people")
MOSELLE = load_overlays([shipped() / "regions" / "moselle.yml"], load_rules([shipped()]))


def two_regions():
    """Two weeks of two regions, and the Friday after: hardly work on Sundays, and in Moselle, but for A007, on Good Friday."""
    here, there = rows(accounts=30, nights=15), rows(accounts=30, nights=15, prefix="B", seed=2)
    frame = pl.concat([here.with_columns(region=pl.lit("57")), there.with_columns(region=pl.lit("75"))])
    frame = frame.with_columns(pl.col("night") + (GOOD_FRIDAY - timedelta(days=14) - FIRST))
    later = frame.filter(pl.col("night") == GOOD_FRIDAY).with_columns(pl.col("night") + timedelta(days=7))
    frame = pl.concat([frame, later])
    friday = (pl.col("night") == GOOD_FRIDAY) & (pl.col("region") == "57") & (pl.col("account") != "A007")
    closed = (pl.col("night").dt.weekday() == 7) | friday
    return frame.with_columns(pl.when(closed).then(pl.col(name) // 10).otherwise(name).alias(name) for name in COUNTED)


@pytest.fixture(scope="module")
def expected():
    """Give what was expected of an account's people and how surprising they were, by overlays and night."""
    return {"with": assessed(two_regions(), MOSELLE), "without": assessed(two_regions(), Overlays())}


def assessed(frame, overlays, holidays=frozenset()):
    found = {}

    def heard(tonight, memory, features, settings, about):
        made = assess(tonight, memory, features, settings, about)
        people = zip(made.rows["account"], made.expected["people"], strict=True)
        surprises = dict(zip(made.rows["account"], made.surprises["people"], strict=True))
        found[about.when[0]] = dict(people), surprises, made.learned.skies
        return made

    asked = Asked((), holidays, with_model=False, overlays=overlays, assess=heard)
    list(judge(measured(frame), lambda *_: pl.DataFrame(schema=HITS), CALENDAR_ALONE, asked, lambda _: None))
    return found


def test_a_holiday_of_a_region_is_a_closed_day_for_its_accounts_alone(expected):
    people, surprises, _skies = expected["with"][GOOD_FRIDAY]
    assert people["A008"] < 8
    assert people["B008"] == pytest.approx(20, abs=4)
    assert surprises["A007"] > 250
    assert surprises["B008"] < 100
    people, _surprises, _skies = expected["without"][GOOD_FRIDAY]
    assert people["A008"] == pytest.approx(people["B008"], rel=0.2)


def test_what_follows_a_holiday_of_a_region_is_as_usual_in_all(expected):
    people, _surprises, _skies = expected["with"][GOOD_FRIDAY + timedelta(days=7)]
    assert people["A008"] == pytest.approx(20, abs=4)
    assert people["B008"] == pytest.approx(20, abs=4)


def test_a_night_of_two_classes_of_day_is_learned_as_both(expected):
    _people, _surprises, skies = expected["with"][GOOD_FRIDAY]
    learned = {day: factors["gp", "people"] for night, day, factors in skies.nights if night == GOOD_FRIDAY}
    assert list(learned) == ["working", "closed"]
    assert learned["working"] == pytest.approx(1, abs=0.2)
    assert learned["closed"] < 0.4


def test_a_learned_night_is_measured_by_the_class_that_its_day_had_for_the_account():
    skies = Skies().learn(GOOD_FRIDAY, "working", {("gp", "people"): 1.1}, 28)
    skies = skies.learn(GOOD_FRIDAY, "closed", {("gp", "people"): 0.2}, 28)
    learned = pl.DataFrame({"account": list("ABC"), "night": [GOOD_FRIDAY] * 3, "profession": ["gp"] * 3})
    told = learned.with_columns(day=pl.Series(["working", "closed", None]))
    for rows_, expected in ((told, [1100, 200, 1100]), (learned, [1100] * 3)):
        factors = Factors.of(Past.of(rows_), skies)
        assert factors.of_feature("people")[factors.by_account].tolist() == [expected]


def test_a_region_that_works_on_the_portals_holiday_surprises_nobody(tmp_path):
    text = "title: T\noverlay:\n  when: {region: ['57']}\n  calendar: {holidays: DE}\n"
    (tmp_path / "57.yml").write_text(text, encoding="utf-8")
    german = load_overlays([tmp_path], load_rules([shipped()]))
    july = date(2022, 7, 14)
    here, there = rows(accounts=30, nights=15), rows(accounts=30, nights=15, prefix="B", seed=2)
    frame = pl.concat([here.with_columns(region=pl.lit("57")), there.with_columns(region=pl.lit("75"))])
    frame = frame.with_columns(pl.col("night") + (july - timedelta(days=14) - FIRST))
    closed = (pl.col("night").dt.weekday() == 7) | ((pl.col("night") == july) & (pl.col("region") == "75"))
    frame = frame.with_columns(pl.when(closed).then(pl.col(name) // 10).otherwise(name).alias(name) for name in COUNTED)

    def highest(overlays):
        _people, surprises, _skies = assessed(frame, overlays, frozenset({july}))[july]
        return max(surprises.values())

    assert highest(german) < 250 < highest(Overlays())


def test_a_day_that_is_the_same_for_all_says_nothing():
    assert days_elsewhere((GOOD_FRIDAY + timedelta(days=1), "saturday"), MOSELLE, frozenset()) == ()
    assert [day for _mine, day in days_elsewhere((GOOD_FRIDAY, "working"), MOSELLE, frozenset())] == ["closed"]
    assert days_elsewhere((GOOD_FRIDAY, "closed"), MOSELLE, frozenset({GOOD_FRIDAY})) == ()
