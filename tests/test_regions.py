"""Overlays in a whole scan: thresholds, hours, holidays, caps and places of regions, on the smallest logs that show it."""

import dataclasses
import time
from datetime import UTC, datetime, timedelta

import pytest

from test_nightly import START, a_night, line, nir, write
from tocsin.errors import SettingsError
from tocsin.nightly import Scan, scan
from tocsin.privacy.tokens import TokenKey
from tocsin.rules.load import load_rules
from tocsin.rules.overlay import Overlays, load_overlays
from tocsin.rules.pack import shipped
from tocsin.settings import Alerting, Settings, SourceName
from tocsin.watch import Watched
from tocsin.watch import scan as watch

RULES = load_rules([shipped()])
EXAMPLES = load_overlays([shipped() / "regions"], RULES)
HEADER = "time,kind,outcome,account,profession,region,ip,patient"
EVERYTHING = Settings(alerting=Alerting(floor_points=0.1, counts=0.1, max_expected_false=1000.0))
"""Shows all that rang, to see what overlays leave of it."""


def reads(start, account, region, people, every):
    """One account reads so many people, each once."""
    for number in range(people):
        moment = start + number * every
        patient = nir(number, f"2{60 + int(account[1:])}0175{int(account[1:]):03d}"[:10])
        yield f"{moment.isoformat()},lookup,success,{account},gp,{region},10.0.0.{account[1:]},{patient}"


def regions_of(folder, text):
    path = folder / "overlay.yml"
    path.write_text(f"title: T\noverlay:\n{text}", encoding="utf-8")
    return load_overlays([path], RULES)


def run(folder, lines, overlays=EXAMPLES, **asked):
    path = write(folder / "log.csv", sorted(lines), HEADER)
    now = datetime(2030, 1, 1, tzinfo=UTC)
    question = Scan(
        **{"logs": [path], "now": now, "with_model": False, "settings": EVERYTHING, "overlays": overlays} | asked
    )
    return scan(question, RULES, TokenKey.throwaway(), lambda *_: None)


def rung(report, rule):
    """Name the accounts for which a rule rang."""
    found = ((s.account, f.detector) for s in report.suspects for f in s.findings)
    return sorted({account for account, detector in found if detector == f"rule.{rule}"})


def at(text):
    return datetime.fromisoformat(text)


def centres(day="2026-10-14", people=100):
    """A centre in Finistère and one in Paris: a hundred people in fifty minutes each."""
    every = timedelta(seconds=30)
    yield from reads(at(f"{day}T09:00:00+02:00"), "A1", "29", people, every)
    yield from reads(at(f"{day}T09:00:00+02:00"), "A2", "75", people, every)


# --- the shipped examples ---------------------------------------------------------------------------------------------


def test_a_vaccination_centre_rings_elsewhere_but_not_in_bretagne(tmp_path):
    assert rung(run(tmp_path, centres(), Overlays()), "distinct_people_1h") == ["A1", "A2"]
    assert rung(run(tmp_path, centres()), "distinct_people_1h") == ["A2"]


def test_beyond_its_own_threshold_bretagne_rings_at_its_own_level(tmp_path):
    report = run(tmp_path, centres(people=120))
    found = {s.account: f for s in report.suspects for f in s.findings if f.detector == "rule.distinct_people_1h"}
    assert (found["A1"].level, found["A2"].level) == ("medium", "high")
    assert (found["A1"].measures[0].high, found["A2"].measures[0].high) == (120, 80)


def test_after_its_last_night_an_overlay_is_dropped_and_said(tmp_path):
    report = run(tmp_path, centres("2027-04-14"))
    assert rung(report, "distinct_people_1h") == ["A1", "A2"]
    assert len(report.notes) == 2
    assert "bretagne.yml:10:" in report.notes[0]
    assert "held until 2027-03-01" in report.notes[0]
    assert run(tmp_path, centres()).notes == ()


def test_a_morning_on_the_island_is_no_night(tmp_path):
    every, start = timedelta(seconds=60), at("2026-01-14T04:00:00+01:00")
    lines = [*reads(start, "A1", "974", 80, every), *reads(start, "A2", "75", 80, every)]
    assert rung(run(tmp_path, lines, Overlays()), "night_reading") == ["A1", "A2"]
    assert rung(run(tmp_path, lines), "night_reading") == ["A2"]


def test_good_friday_is_closed_in_moselle_only(tmp_path):
    every, start = timedelta(minutes=2), at("2026-04-03T09:00:00+02:00")
    lines = [*reads(start, "A1", "57", 150, every), *reads(start, "A2", "75", 150, every)]
    assert rung(run(tmp_path, lines, Overlays()), "closed_day_reading") == []
    assert rung(run(tmp_path, lines), "closed_day_reading") == ["A1"]


# --- caps and places --------------------------------------------------------------------------------------------------


def points(report, family):
    return {suspect.account: suspect.families.get(family, 0) for suspect in report.suspects}


def test_a_cap_holds_a_family_back_until_its_last_night(tmp_path):
    text = '  when: {region: ["29"]}\n  families: {volume: {cap: 3, until: %s, reason: a campaign of the ministry}}\n'
    free = points(run(tmp_path, centres(), Overlays()), "volume")
    assert min(free.values()) > 3
    held = run(tmp_path, centres(), regions_of(tmp_path, text % "2026-10-14"))
    assert points(held, "volume") == {"A1": 3.0, "A2": free["A2"]}
    for suspect in held.suspects:
        assert sum(suspect.families.values()) == pytest.approx(suspect.points)
        told = sum(f.points for f in suspect.findings if f.detector == "rule.distinct_people_1h")
        assert told == suspect.families["volume"]
    over = run(tmp_path, centres(), regions_of(tmp_path, text % "2026-10-13"))
    assert points(over, "volume") == free
    assert "families: volume held until 2026-10-13" in over.notes[0]


def crowd():
    """Four accounts of region 29 and four of 75 ring."""
    every = timedelta(seconds=20)
    for number in range(1, 9):
        start = at("2026-10-14T09:00:00+02:00")
        yield from reads(start, f"A{number}", "29" if number < 5 else "75", 150 + 10 * number, every)


def listed(report):
    regions = [suspect.region for suspect in report.suspects]
    return {region: regions.count(region) for region in sorted(set(regions))}


def test_a_region_with_a_budget_has_places_of_its_own(tmp_path):
    own = regions_of(tmp_path, '  when: {region: ["29"]}\n  budget: 2\n')
    (night,) = run(tmp_path, crowd(), own).nights
    assert listed(night) == {"29": 2, "75": 3}
    assert (night.budget.limit, night.budget.new, night.budget.cut) == (5, 5, 3)
    assert sorted(s.rank for s in night.suspects) == [1, 2, 3, 4, 5]


def test_the_budget_of_the_command_line_is_the_most_of_all(tmp_path):
    own = regions_of(tmp_path, '  when: {region: ["29"]}\n  budget: 2\n')
    (night,) = run(tmp_path, crowd(), own, budget=3).nights
    assert len(night.suspects) == night.budget.limit == 3


# --- sources ----------------------------------------------------------------------------------------------------------

MOBILE = """\
  when: {source: [mobile]}
  budget: 1
  families: {volume: {cap: 3, reason: answers name several people}}
"""
SILENCED = "  rules: {distinct_people_1h: {enabled: false, reason: answers name several people}}\n"


def of_two_sources(folder):
    """A1 works in the mobile application and once at the desk, A2 at the desk and once in the application."""
    one, two = list(reads(at("2026-10-14T09:00:00+02:00"), "A1", "29", 100, timedelta(seconds=30))), []
    two = list(reads(at("2026-10-14T09:00:00+02:00"), "A2", "29", 100, timedelta(seconds=30)))
    desk = write(folder / "desk-2026-10-14.csv", sorted(one[-1:] + two[:-1]), HEADER)
    return [write(folder / "mobile-2026-10-14.csv", sorted(one[:-1] + two[-1:]), HEADER), desk]


def test_an_account_is_of_the_source_that_most_of_its_events_come_from(tmp_path):
    logs, settings = (
        of_two_sources(tmp_path),
        dataclasses.replace(EVERYTHING, sources=(SourceName("mobile-", "mobile"),)),
    )
    free = run(tmp_path, (), Overlays(), logs=logs, settings=settings)
    assert rung(free, "distinct_people_1h") == ["A1", "A2"]
    capped = run(tmp_path, (), regions_of(tmp_path, MOBILE), logs=logs, settings=settings)
    assert points(capped, "volume") == {"A1": 3.0, "A2": points(free, "volume")["A2"]}
    assert capped.nights[0].budget.limit == 4
    assert capped.notes == ()
    off = run(tmp_path, (), regions_of(tmp_path, MOBILE + SILENCED), logs=logs, settings=settings)
    assert rung(off, "distinct_people_1h") == ["A2"]


def test_an_overlay_for_a_source_may_come_when_nights_are_held_already(tmp_path):
    def call(day, overlays):
        lines = reads(at(f"2026-10-{day}T09:00:00+02:00"), "A1", "29", 100, timedelta(seconds=30))
        asked = Scan(
            logs=[write(tmp_path / f"mobile-2026-10-{day}.csv", sorted(lines), HEADER)],
            now=at(f"2026-10-{day + 1}T06:00:00+02:00"),
            with_model=False,
            settings=dataclasses.replace(EVERYTHING, sources=(SourceName("mobile-", "mobile"),)),
            overlays=overlays,
        )
        return watch(asked, RULES, TokenKey(b"k" * 32), lambda *_: None, Watched(tmp_path / "state", time.monotonic))

    assert rung(call(13, Overlays()), "distinct_people_1h") == ["A1"]
    assert rung(call(14, regions_of(tmp_path, MOBILE + SILENCED)), "distinct_people_1h") == []
    assert rung(call(15, Overlays()), "distinct_people_1h") == ["A1"]


def test_a_source_that_no_file_is_of_is_said(tmp_path):
    overlays = regions_of(tmp_path, MOBILE.replace("[mobile]", "[mobil]"))
    report = run(tmp_path, (), overlays, logs=of_two_sources(tmp_path))
    (note,) = report.notes
    folder = tmp_path.name
    assert note.endswith(
        f"overlay.yml:1:1: no file that was read is of the source 'mobil', they are of {folder}/desk, {folder}/mobile"
    )


# --- one region's list ------------------------------------------------------------------------------------------------


def test_a_region_alone_lists_its_own_suspects_with_the_points_of_the_whole(tmp_path):
    whole = run(tmp_path, crowd(), Overlays(), budget=8)
    report = run(tmp_path, crowd(), Overlays(), region="29")
    (night,) = report.nights
    assert report.region == "29"
    assert listed(night) == {"29": 3}
    assert [s.rank for s in night.suspects] == [1, 2, 3]
    assert (night.budget.limit, night.budget.new, night.budget.cut, night.accounts) == (3, 3, 1, 8)
    expected = {s.account: (s.points, s.risk, s.why) for s in whole.suspects}
    assert {s.account: (s.points, s.risk, s.why) for s in night.suspects}.items() <= expected.items()


def test_a_region_alone_has_the_budget_of_its_overlay_or_of_the_command_line(tmp_path):
    own = regions_of(tmp_path, '  when: {region: ["29"]}\n  budget: 2\n')
    assert listed(run(tmp_path, crowd(), own, region="29")) == {"29": 2}
    assert listed(run(tmp_path, crowd(), own, region="29", budget=1)) == {"29": 1}
    assert listed(run(tmp_path, crowd(), own, region="75")) == {"75": 3}


def test_a_region_that_no_account_has_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="no account is of the region '2A9'; the logs name 29, 75"):
        run(tmp_path, crowd(), region="2A9")
    path = write(tmp_path / "none.csv", [line(START, 1, "A1", nir(1))])
    with pytest.raises(SettingsError, match="the logs name no region"):
        run(tmp_path, crowd(), logs=[path], region="29")


def test_overlays_for_others_change_nothing(tmp_path):
    path = write(tmp_path / "none.csv", list(a_night(START)))
    plain = run(tmp_path, (), Overlays(), logs=[path])
    told = run(tmp_path, (), EXAMPLES, logs=[path])
    assert plain.rules_sha256 != told.rules_sha256
    assert dataclasses.replace(told, rules_sha256=plain.rules_sha256, notes=()) == plain
