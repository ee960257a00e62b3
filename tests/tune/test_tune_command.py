"""`tocsin tune` as a user calls it."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from tocsin.privacy.tokens import TokenKey
from tocsin.rules.pack import shipped
from tuned_log import FEW, NIGHTS, ONLY_RULES, RULE, night, written

PACE = ("--rule", "beyond_human_pace")


def row(out, value):
    """The cells of a value's line."""
    line = next(line for line in out.splitlines() if re.match(rf"=?\s+{value}  ", line))
    return line.split()


def truth(folder, cases):
    """A folder of truth as `tocsin simulate` writes it: account, night, people."""
    home = folder / "truth"
    home.mkdir()
    nights = "".join(f"{a},blitz,{n},{p},{p},0\n" for a, n, p in cases)
    (home / "nights.csv").write_text("account,scenario,night,asked,people,rows\n" + nights)
    (home / "accounts.csv").write_text(
        "account,scenario,first_night,last_night\n" + "".join(f"{a},blitz,{n},{n}\n" for a, n, _p in cases)
    )
    (home / "sessions.csv").write_text("account,session,intruder,owner\n")
    (home / "population.csv").write_text("account,profession\n")
    (home / "exposed.csv").write_text("account,patient,first,last,reads\n")
    return home


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    return truth(tmp_path_factory.mktemp("truth"), [("A2", night(6), 125), ("A1", night(5), 100)])


def test_a_table_says_what_each_value_would_have_meant(tune):
    code, out, err = tune(*RULE, *RULE, "--values", "98,120,150")
    assert (code, err) == (0, "")
    assert out.count("(distinct_people_1h)") == 1, "named twice, told once"
    assert "Replayed for 29: 9 nights, 2026-10-05 to 2026-10-13." in out
    assert "today: 80; 0.33 hits and 0.33 new alerts a night" in out
    assert row(out, 80) == ["=", "80", "0.33", "0.33", "1", "(2026-10-10)", "0", "0", "gp", "0.33"]
    assert row(out, 98) == ["98", "0.22", "0.22", "1", "(2026-10-10)", "0", "1", "gp", "0.22"]
    assert row(out, 150)[:3] == ["150", "0.00", "0.00"]
    assert "98: - A3" in out
    assert "120: - A1, A3" in out


def test_elastic_rule_preview_a_value_gives_what_a_scan_with_its_overlay_gives(tune, tocsin, log, tmp_path):
    TokenKey.create(tmp_path / "key")
    (tmp_path / "regions").mkdir()
    text = 'title: T\noverlay:\n  when: {region: ["29"]}\n  rules:\n    distinct_people_1h: {correlation.condition.gte: 98, reason: r}\n'
    (tmp_path / "regions" / "r.yml").write_text(text)
    asked = ("--no-model", "--config", "tocsin.yml", "--all-nights", "--budget", "1000000", "--quiet", "--json")
    _code, report, _err = tocsin(
        "scan", log, "--rules", FEW, *asked, "--regions", "regions", "--now", "2026-11-25", "--key-file", "key"
    )
    named = {s["account"] for s in json.loads(report)["suspects"] if s["region"] == "29" and s["rank"]}
    assert named == {"A1", "A2"}
    _code, out, _err = tune(*RULE, "--values", "98")
    assert f"{len(named) / NIGHTS:.2f}" == row(out, 98)[2]
    # With the overlay in force its value is today's.
    _code, out, _err = tune(*RULE, "--values", "98", "--regions", "regions")
    assert row(out, 98)[0] == "="
    assert "today: 98; 0.22 hits" in out
    assert "80: + A3" in out


def test_known_cases_are_kept_or_lost_and_people_read_before_are_counted(tune, cases):
    _code, out, _err = tune(*RULE, "--values", "120,150", "--truth", cases)
    assert "cases  people before" in out
    assert row(out, 80)[8:12] == ["2", "/", "2", "225"]
    assert row(out, 150)[4:] == ["0", "3", "0", "/", "2", "225"]
    assert "120: loses A1" in out
    assert "150: loses A1, A2" in out


def test_the_suggestion_keeps_every_confirmed_case(tune, cases):
    _code, out, _err = tune(*RULE, "--values", "98,120", "--truth", cases, "--alerts-per-night", "0.25")
    assert "At most 0.25 new alerts a night: take 98 in place of 80: 0.22 new alerts a night, 0.33 today." in out
    assert "Together: distinct_people_1h gte 98: 0.22 new alerts a night, 0.33 today; cases 2 of 2." in out
    assert "2 known cases ring today, which is little to tune by: --inject low_slow:10" in out
    assert "floor" not in out


def test_cases_that_stand_in_the_way_are_named_and_what_rings_most(tune, cases):
    _code, out, _err = tune(*RULE, "--values", "98,120", "--truth", cases, "--alerts-per-night", "0.15")
    assert "no value meets that and keeps every confirmed case; 120 would, but for A1." in out
    assert "0 to 2.94: loses A1, A2" in out
    assert "Confirmed cases stand in the way: A1. What would meet the number without regard to them:\nTogether: " in out
    assert "What rings most is volume: the strongest evidence of 3 of 3 new alerts." in out


def test_todays_value_stands_where_it_meets_the_number(tune):
    _code, out, _err = tune(*RULE, "--values", "98", "--alerts-per-night", "1")
    assert "today's 80 stands, with 0.33." in out
    assert "today's values stand, with 0.33" in out
    assert "little to tune by" not in out


def test_an_overlay_is_written_with_figures_and_tests_that_pass(tune, tocsin, tmp_path):
    code, out, err = tune(
        *RULE, "--values", "120", "--take", "distinct_people_1h=120", "--regions", "regions", "--write"
    )
    assert code == 0
    assert err == "overlay written to regions/tuned-29.yml\n"
    text = (tmp_path / "regions" / "tuned-29.yml").read_text()
    overlay = yaml.safe_load(text)
    assert overlay["date"].isoformat() == "2026-11-25"
    assert "0.33 before, 0.11 after" in overlay["description"]
    said = overlay["overlay"]["rules"]["distinct_people_1h"]
    assert said["correlation.condition.gte"] == 120
    assert "0.33 hits a night before, 0.11 after" in said["reason"]
    kept, spared = overlay["overlay"]["tests"]
    assert (kept["expect"], kept["events"][0]["repeat"]) == ({"account": "A1"}, 125)
    assert (spared["expect"], spared["events"][0]["repeat"]) == ("none", 100)
    assert kept["name"].endswith("125 on 2026-10-11")
    code, out, _err = tocsin("rules", "check", "--regions", "regions")
    assert (code, "0 warnings" in out) == (0, True)
    code, out, _err = tocsin("rules", "test", FEW, "--regions", "regions")
    assert code == 0
    assert "2850578006" not in text  # no number of a person
    # The same, printed.
    _code, out, _err = tune(
        *RULE, "--values", "120", "--take", "distinct_people_1h=120", "--regions", "new", "--dry-run"
    )
    assert out.endswith(text)
    assert not (tmp_path / "new").exists()


def test_where_todays_value_stands_the_overlay_says_so(tune, tocsin):
    _code, out, _err = tune(*RULE, "--values", "120", "--alerts-per-night", "1", "--regions", "regions", "--dry-run")
    overlay = yaml.safe_load(out.split("# Written", 1)[1].split("\n", 1)[1])
    assert overlay["overlay"]["rules"]["distinct_people_1h"]["kept"] is True
    assert "tests" not in overlay["overlay"]


@pytest.mark.no_cover
def test_a_later_tuning_leaves_what_an_earlier_one_said_of_other_rules(tune, tocsin, tmp_path):
    tune(*RULE, "--values", "120", "--take", "distinct_people_1h=120", "--regions", "regions", "--write")
    tune(
        "--rule",
        "distinct_people_1d",
        "--values",
        "700",
        "--regions",
        "regions",
        "--write",
        "--take",
        "distinct_people_1d=700",
    )
    rules = yaml.safe_load((tmp_path / "regions" / "tuned-29.yml").read_text())["overlay"]["rules"]
    assert rules["distinct_people_1h"]["correlation.condition.gte"] == 120
    assert rules["distinct_people_1d"]["correlation.condition.gte"] == 700
    # Tuned again with its own value in force, nothing is taken back.
    tune(*RULE, "--values", "120", "--alerts-per-night", "1", "--regions", "regions", "--write")
    again = yaml.safe_load((tmp_path / "regions" / "tuned-29.yml").read_text())["overlay"]
    assert again["rules"] == rules
    assert len(again["tests"]) == 4
    assert tocsin("rules", "test", FEW, "--regions", "regions")[0] == 0


@pytest.mark.no_cover
def test_an_overlay_stands_above_one_by_hand_that_sets_the_same(tune, tocsin, tmp_path):
    (tmp_path / "regions").mkdir()
    text = 'title: T\noverlay:\n  when: {region: ["29"]}\n  rules:\n    distinct_people_1h: {correlation.condition.gte: 98, reason: r}\n'
    (tmp_path / "regions" / "r.yml").write_text(text)
    take = ("--values", "120", "--take", "distinct_people_1h=120")
    code, _out, _err = tune(*RULE, *take, "--regions", "regions", "--write")
    assert code == 0
    assert yaml.safe_load((tmp_path / "regions" / "tuned-29.yml").read_text())["overlay"]["priority"] == 1
    assert tocsin("rules", "check", "--regions", "regions")[0] == 0
    _code, out, _err = tune(*RULE, "--values", "120", "--regions", "regions")
    assert "today: 120" in out
    code, _out, _err = tune(
        "--rule", "distinct_people_1d", "--take", "distinct_people_1d=900", "--regions", "regions", "--write"
    )
    again = yaml.safe_load((tmp_path / "regions" / "tuned-29.yml").read_text())["overlay"]
    assert (code, again["priority"], len(again["rules"])) == (0, 1, 2), "no lower, for the rule that it set before"


def test_a_rule_that_is_switched_off_says_so_and_cannot_be_set(tune, tmp_path):
    (tmp_path / "regions").mkdir()
    text = (
        'title: T\noverlay:\n  when: {region: ["29"]}\n  rules:\n    distinct_people_1h: {enabled: false, reason: r}\n'
    )
    (tmp_path / "regions" / "r.yml").write_text(text)
    asked = (*RULE, "--values", "98", "--regions", "regions")
    _code, out, _err = tune(*asked, "--alerts-per-night", "1")
    assert "An overlay switches this rule off for all of these accounts: no value of it rings." in out
    assert "today's 80" not in out
    code, _out, err = tune(*asked, "--take", "distinct_people_1h=98", "--dry-run")
    assert code == 2
    assert "--take distinct_people_1h=98 does nothing: an overlay switches the rule off" in err
    assert "today: 80" in tune(*asked, region="75")[1]


@pytest.mark.no_cover
def test_below_the_floor_a_reason_is_needed_and_journaled(tune, tocsin, tmp_path):
    asked = (*RULE, "--values", "300", "--take", "distinct_people_1h=300", "--regions", "regions", "--write")
    code, _out, err = tune(*asked)
    assert code == 2
    assert "distinct_people_1h would be 300, 3 times the shipped 80 is the floor" in err
    assert "--accept-risk REASON" in err
    assert not (tmp_path / "regions").exists()
    code, _out, _err = tune(*asked, "--accept-risk", "ticket 4211")
    assert code == 0
    assert "risk accepted: ticket 4211" in (tmp_path / "regions" / "tuned-29.yml").read_text().replace(
        "\n        ", " "
    )
    (entry,) = (tmp_path / "regions" / "journal.ndjson").read_text().splitlines()
    assert json.loads(entry)["what"] == "accept-risk"
    assert json.loads(entry)["reason"] == "ticket 4211"


def test_a_value_below_the_floor_says_so_where_it_is_suggested(tune):
    _code, out, _err = tune(*RULE, "--values", "98,300", "--alerts-per-night", "0.05")
    below = "distinct_people_1h would be 300, 3 times the shipped 80 is the floor."
    assert f"take 300 in place of 80: 0.00 new alerts a night, 0.33 today. Below the floor: {below}" in out


def test_a_confirmed_case_that_would_be_lost_is_below_the_floor(tune, cases):
    take = ("--values", "120", "--take", "distinct_people_1h=120")
    code, _out, err = tune(*RULE, *take, "--truth", cases, "--regions", "r", "--dry-run")
    assert code == 2
    assert "confirmed cases would no longer ring: A1" in err


def test_a_cap_of_a_family_is_written_where_it_is_taken(tune, tocsin, tmp_path):
    season = ("--season", "2026-12-31")
    code, out, _err = tune(*RULE, "--values", "98", "--take", "volume=3.25", "--regions", "regions", "--write", *season)
    assert code == 0
    assert "Most that volume may say (volume)" in out
    overlay = yaml.safe_load((tmp_path / "regions" / "tuned-29.yml").read_text())["overlay"]
    assert overlay["families"]["volume"]["cap"] == 3.25
    assert overlay["families"]["volume"]["until"] == date(2026, 12, 31)
    assert overlay["rules"]["distinct_people_1h"]["kept"] is True
    assert tocsin("rules", "check", "--regions", "regions")[0] == 0


def test_a_season_is_of_a_cap_and_not_over(tune):
    code, _out, err = tune(*RULE, "--take", "volume=3", "--regions", "regions", "--write", "--season", "2026-11-24")
    assert (code, "--season 2026-11-24 is over" in err) == (2, True)
    code, _out, err = tune(
        *RULE, "--take", "distinct_people_1h=98", "--regions", "regions", "--write", "--season", "2026-12-31"
    )
    assert (code, "--season is for the caps of families, and none is set" in err) == (2, True)


def test_planted_attacks_are_found_or_not_without_any_known_case(tune):
    code, out, _err = tune(*RULE, "--values", "40", "--inject", "blitz:2@8-9,per_day=1500-1600")
    assert code == 0
    assert re.search(r"Planted: 2 attacked accounts; today's rules find 1 of 2 known cases \(50%\)", out)
    assert "No value that was tried makes these known cases ring: A3" in out
    assert row(out, 40)[7:10] == ["1", "/", "2"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--rule", "distinct_people_1x"),
            "no rule is called 'distinct_people_1x'; did you mean 'distinct_people_1h'?",
        ),
        (
            ("--rule", "takeover"),
            "the rule 'takeover' has no threshold to tune: it asks for certain rules within a time",
        ),
        (("--rule", "numbers_in_sequence"), "has no threshold to tune: it rings for whatever matches"),
        (("--rule", "session_too_long"), "it is grouped by session, which are of no one region"),
        (("--rule", "fifty_people_1h"), "has no threshold to tune: it does not ring by itself"),
        ((*RULE, "--values", "many"), "--values 'many' is no list of whole numbers"),
        ((*RULE, "--values", "0"), "the rule 'distinct_people_1h' cannot have the value 0"),
        ((*RULE, "--take", "high"), "--take 'high' is no rule with a value"),
        ((*RULE, "--take", "distinct_people_1h=2h"), "--take 'distinct_people_1h=2h' is no rule with a value"),
        ((*RULE, "--write", "--dry-run"), "--write and --dry-run exclude each other"),
        ((*RULE, "--write"), "an overlay needs a folder; name it with --regions DIR"),
        ((*RULE, "--inject", "blits"), "unknown scenario 'blits'; did you mean 'blitz'?"),
        ((*RULE, "--alerts-per-night", "0"), "--alerts-per-night is 0: nothing would ever ring"),
        ((*RULE, "--alerts-per-night", "nan"), "--alerts-per-night nan is no number of alerts"),
        ((*RULE, "--alerts-per-night", "inf"), "--alerts-per-night inf is no number of alerts"),
        ((*RULE, "--report", "nowhere/tune.html"), "nowhere is no folder; make it first, or name another --report"),
        ((*RULE, "--write", "--regions", "tocsin.yml"), "tocsin.yml is no folder; name a folder with --regions DIR"),
        ((*RULE, "--write", "--regions", "tocsin.yml/west"), "tocsin.yml is no folder"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(tune, arguments, sentence):
    code, out, err = tune(*arguments, logs="nowhere.csv", rules=shipped())
    assert (code, out) == (2, "")
    assert sentence in err


def test_an_unknown_region_is_refused_with_those_there_are(tune):
    code, out, err = tune(*RULE, region="2")
    assert (code, out) == (2, "")
    assert "no account is of the region '2'" in err
    assert "29" in err
    assert tune(*RULE, "--inject", "blitz:1", region="2")[2] == err


def test_nobody_named_is_refused(tocsin, log):
    code, _out, err = tocsin("tune", log, *RULE)
    assert code == 2
    assert "no region, structure, profession or source is named" in err


def test_fewer_than_seven_nights_are_refused(tune, tmp_path):
    code, _out, err = tune(*RULE, logs=written(tmp_path / "short.csv", nights=6))
    assert code == 2
    assert "6 complete nights are too few to tune by, 7 are needed; give more logs" in err
    assert "6 complete nights are too few" in tune(*RULE, "--until", night(5))[2]
    assert "1 complete night is too few" in tune(*RULE, "--until", night(0))[2]
    code, _out, err = tune(*RULE, "--since", "2026-10-09")
    assert code == 2
    assert "widen --since and --until; the logs hold 9 complete nights" in err


def test_takes_of_nothing_that_is_tuned_are_refused(tune):
    code, _out, err = tune(*RULE, "--values", "98", "--take", "distinct_people_1d=700")
    assert code == 2
    assert "--take distinct_people_1d=700 is of nothing that is tuned" in err


def test_a_profession_of_a_region_is_tuned_for_alone(tune):
    code, out, _err = tune(*RULE, "--values", "98", "--profession", "gp")
    assert (code, "Replayed for 29, gp" in out) == (0, True)
    code, _out, err = tune(*RULE, "--profession", "nurse")
    assert (code, "no account is of the profession 'nurse'" in err) == (2, True)


@pytest.mark.no_cover
def test_verdicts_of_a_state_are_known_cases(tune, tocsin, log, tmp_path):
    asked = ("--no-model", "--config", "tocsin.yml", "--quiet", "--rules", FEW, "--state", "state", "--key-file", "key")
    TokenKey.create(tmp_path / "key")
    short = written(tmp_path / "short.csv", nights=7)
    tocsin("scan", short, *asked, "--all-nights", "--now", "2026-10-12T04:00:00+02:00")
    day = ("--since", night(5), "--until", night(5), "--aware-at", "2026-10-12T09:00:00+02:00")
    code, _out, err = tocsin("triage", "A1", "--state", "state", "--verdict", "true", *day)
    assert (code, err) == (0, err)
    tocsin("scan", log, *asked, "--all-nights", "--now", "2026-10-14T04:00:00+02:00")
    code, out, err = tune(*RULE, "--values", "120", "--state", "state")
    assert (code, err) == (0, "")
    assert "120: loses A1" in out
    assert row(out, 80)[8:12] == ["1", "/", "1", "100"]
    _code, out, _err = tocsin("tune", "--region", "29", *asked[:-4], "--state", "state", *RULE, "--values", "80")
    assert "Confirmed while these nights went by: A1." in out


def test_timespans_are_tried_and_one_gives_what_a_scan_with_its_overlay_gives(tune, tocsin, log, tmp_path):
    plain = [line for line in FEW.read_text().splitlines() if not re.match(r"  baseline:|    - \{against", line)]
    (tmp_path / "plain.yml").write_text("\n".join(plain).replace(", usually {baseline}", ""))
    spans = (*RULE, "--timespans", "20m,40m,2h", "--take", "distinct_people_1h=40m", "--regions", "regions")
    code, out, err = tune(*spans, "--write", rules="plain.yml")
    assert (code, "no test could be made of distinct_people_1h: the timespan 40m" in err) == (0, True), err
    assert re.search(r"^= +1h ", out, re.MULTILINE)
    told = {found[1]: float(found[2]) for found in re.finditer(r"^=? +([0-9]+[mh]) +([0-9.]+) ", out, re.MULTILINE)}
    # Forty-eight people in twenty minutes, ninety-six in forty.
    assert (told["20m"], told["2h"]) == (0.0, told["1h"])
    assert 0 < told["40m"] <= told["1h"]
    overlay = yaml.safe_load((tmp_path / "regions" / "tuned-29.yml").read_text())["overlay"]
    assert overlay["rules"]["distinct_people_1h"]["correlation.timespan"] == "40m"
    asked = ("--rules", "plain.yml", "--regions", "regions", "--no-model", "--config", "tocsin.yml", "--quiet")
    tocsin("scan", log, *asked, "--all-nights", "--now", "2026-11-25T08:00:00+00:00")
    suspects = json.loads((tmp_path / "tocsin-report" / "report.json").read_text())["suspects"]
    rang = [one for one in suspects for found in one["findings"] if found["detector"] == "rule.distinct_people_1h"]
    assert len([one for one in rang if one["region"] == "29"]) == round(9 * told["40m"])


def test_a_timespan_far_below_the_shipped_one_is_below_the_floor(tune, tmp_path):
    short = ("--rule", "beyond_human_pace", "--timespans", "1m", "--take", "beyond_human_pace=1m")
    code, _out, err = tune(*short, "--regions", "regions", "--write", rules=shipped() / "pace.yml")
    assert (code, "beyond_human_pace would look back 1m, the shipped 10m by" in err) == (2, True), err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((*PACE, "--timespans", "1x"), "'1x' is no timespan; write it as 30m, 2h or 1d"),
        (("--timespans", "1h"), "--timespans goes with --rule, and without --values"),
        ((*RULE, "--timespans", "1h", "--values", "80"), "--timespans goes with --rule, and without --values"),
        (("--rule", "no_rule", "--timespans", "1h"), "no rule is called 'no_rule'"),
        ((*RULE, "--timespans", "2h"), "has a baseline: its timespan is the same everywhere"),
    ],
)
def test_timespans_that_cannot_be_are_refused(tune, arguments, sentence):
    code, _out, err = tune(*arguments, rules=shipped() if PACE[1] in arguments else FEW)
    assert (code, sentence in err) == (2, True), err


@pytest.mark.no_cover
def test_the_nights_of_a_state_are_replayed_as_those_of_the_logs_it_read(tune, tocsin, log, tmp_path):
    shared = ("--no-model", "--config", "tocsin.yml", "--quiet", "--rules", FEW)
    TokenKey.create(tmp_path / "key")
    tocsin("scan", log, *shared, "--state", "state", "--key-file", "key", "--now", "2026-10-14T04:00:00+02:00")
    now = ("--now", "2026-11-25T08:00:00+00:00")
    asked = ("tune", "--region", "29", *shared, *RULE, "--values", "60,98,120", *now)
    from_logs = tocsin(*asked, log)
    assert tocsin(*asked, "--state", "state") == from_logs
    assert from_logs[0] == 0
    window = ("--state", "state", "--since", night(1), "--until", night(7))
    code, out, err = tocsin(*asked, *window)
    assert (code, err, f"{night(1)} to {night(7)}" in out) == (0, "", True), out
    code, _out, err = tocsin(*asked, "--state", "state", "--since", "2027-01-01")
    assert (code, "the state holds no night of the window asked for; it has judged" in err) == (2, True)
    code, _out, err = tocsin(*asked, "--state", "state", "--inject", "blitz:1")
    assert (code, "key" in err) == (2, True)


def test_a_source_is_tuned_for_alone(tune):
    code, _out, err = tune(*RULE, "--values", "98", "--source", "east")
    assert code == 2
    assert "no account is of the source 'east'" in err


def test_what_a_log_says_harms_no_reader_of_what_tuning_says(tune, log, tmp_path):
    hostile = tmp_path / "hostile.csv"
    number = "184017512345"
    text = (
        log.read_text()
        .replace(",gp,29,", f",\x1b]0;x\x07<b>gp {number}678,=29\u202e,")
        .replace(",A3,", ",=1+\x1b[31m3,")
    )
    hostile.write_text(text, encoding="utf-8")
    wanted = ("--take", "distinct_people_1h=98", "--regions", "regions", "--report", "page.html", "--dry-run")
    code, out, err = tune(*RULE, *wanted, region="=29\u202e", logs=hostile)
    assert code == 0
    page = (tmp_path / "page.html").read_text()
    assert "<b>gp" in out
    assert re.search(r"^98( to \d+)?: - =1\+\ufffd\[31m3", out, re.MULTILINE), out
    for shown in (out, err, page):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)
        assert number not in shown
    assert "<b>" not in page


BUSY = {("A1", 8): 100, ("A2", 8): 125, ("A3", 8): 95}
"""After eight nights of 70 people each: 1.43, 1.79 and 1.36 times the usual."""
TIMES = ("--factors", "1.5,2", "--take", "distinct_people_1h.factor=1.5", "--regions", "regions")


def test_factors_are_tried_and_one_gives_what_a_scan_with_its_overlay_gives(tune, tocsin, tmp_path):
    log = written(tmp_path / "busy.csv", bursts=BUSY)
    code, out, err = tune(*RULE, *TIMES, "--write", logs=log)
    assert (code, err) == (0, "overlay written to regions/tuned-29.yml\n")
    assert "Many different people in one hour: times the usual (distinct_people_1h.factor)" in out
    assert [row(out, value)[:2] for value in ("1.5", "2")] == [["1.5", "0.11"], ["2", "0.00"]]
    assert "today: 1.2; 0.33 hits and 0.33 new alerts a night" in out
    overlay = yaml.safe_load((tmp_path / "regions" / "tuned-29.yml").read_text())["overlay"]
    assert overlay["rules"]["distinct_people_1h"]["tocsin.baseline.factor"] == 1.5
    kept, spared = overlay["tests"]
    assert kept["name"] == "the nearest that still rings, 125 where 70 is usual on 2026-10-13"
    assert spared["name"] == "the nearest that is spared, 100 where 70 is usual on 2026-10-13"
    assert [one["repeat"] for one in kept["events"]] == [*[70] * 7, 125]
    assert tocsin("rules", "test", "--regions", "regions", shipped() / "distinct_people.yml")[0] == 0
    asked = ("--no-model", "--config", "tocsin.yml", "--all-nights", "--quiet", "--json", "--now", "2026-11-25")
    _code, report, _err = tocsin("scan", log, "--rules", FEW, *asked, "--regions", "regions")
    named = [s["account"] for s in json.loads(report)["suspects"] if s["region"] == "29"]
    assert f"{len(named) / NIGHTS:.2f}" == row(out, "1.5")[2] == "0.22", "A1 is unusual without the rule too"


def test_a_factor_far_above_the_shipped_one_is_below_the_floor(tune):
    code, _out, err = tune(
        *RULE, "--factors", "4", "--take", "distinct_people_1h.factor=4", "--regions", "r", "--write"
    )
    assert code == 2
    assert "distinct_people_1h would ask for 4 times the usual, 3 times the shipped 1.2 is the floor" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--factors", "2"), "--factors goes with --rule"),
        ((*RULE, "--factors", "0"), "the rule 'distinct_people_1h' cannot have the factor 0"),
        ((*RULE, "--factors", "x"), "--factors 'x' is no list of numbers"),
        ((*RULE, "--factors", "2", "--timespans", "2h"), "--timespans goes with --rule, and without --values"),
        ((*PACE, "--factors", "2"), "the rule 'beyond_human_pace' has no factor to tune"),
    ],
)
def test_factors_that_cannot_be_are_refused(tune, arguments, sentence):
    code, out, err = tune(*arguments, rules=shipped())
    assert (code, out) == (2, "")
    assert sentence in err


def test_a_later_factor_leaves_the_threshold_of_an_earlier_tuning(tune, tmp_path):
    here = ("--regions", "regions", "--write")
    assert tune(*RULE, "--values", "120", "--take", "distinct_people_1h=120", *here)[0] == 0
    assert tune(*RULE, "--factors", "1.5", "--take", "distinct_people_1h.factor=1.5", *here)[0] == 0
    said = yaml.safe_load((tmp_path / "regions" / "tuned-29.yml").read_text())["overlay"]["rules"]["distinct_people_1h"]
    assert (said["correlation.condition.gte"], said["tocsin.baseline.factor"]) == (120, 1.5)


def test_a_value_is_tried_from_the_first_night_told_as_if_written_that_day(tune, tmp_path):
    """With 75 A1 would ring on two nights in a row; on the first of them today's 80 still holds."""
    log = written(tmp_path / "twice.csv", bursts={("A1", 1): 78, ("A1", 2): 78})
    _code, out, _err = tune(*RULE, "--values", "75", "--since", str(night(2)), logs=log)
    assert row(out, 75)[:3] == ["75", "0.14", "0.14"]
    _code, out, _err = tune(*RULE, "--values", "75", "--since", str(night(1)), logs=log)
    assert row(out, 75)[:3] == ["75", "0.25", "0.12"], "one case of two nights"


def test_the_same_suspicious_accounts_of_a_night_are_linked_once(tune, monkeypatch):
    asked = []
    monkeypatch.setattr("tocsin.tune.replay.link", lambda _o, when, who, *_more: asked.append((when, tuple(who))) or [])
    many = {("A1", 5): 300, ("A2", 5): 310, ("A3", 6): 320, ("A4", 6): 330}
    log = written(Path("many.csv"), bursts=many)
    assert tune(*RULE, "--values", "98,120,305", logs=log)[0] == 0
    assert asked
    assert len(asked) == len(set(asked))


def test_an_account_that_the_logs_show_asleep_can_be_woken(tune, log, tmp_path):
    (tmp_path / "tocsin.yml").write_text(ONLY_RULES + "baselines: {away_days: 2}\n", encoding="utf-8")
    kept = [line for line in log.read_text().splitlines() if ",A4," not in line or line < str(night(2))]
    (tmp_path / "asleep.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    asked = (*RULE, "--values", "98", "--inject", "dormant_wakeup:1@8-9,per_day=300-400")
    _code, out, _err = tune(*asked, logs=tmp_path / "asleep.csv")
    assert "Planted: 1 attacked accounts" in out
    awake = [line for line in log.read_text().splitlines() if ",A4," not in line or line < str(night(6))]
    (tmp_path / "awake.csv").write_text("\n".join(awake) + "\n", encoding="utf-8")
    code, _out, err = tune(*asked, logs=tmp_path / "awake.csv")
    assert code == 2, "two nights before it wakes it read somebody"
    assert "0 are free; give more nights\n" in err
    refused = [tune(*RULE, "--inject", spec)[2] for spec in ("blitz:9", "blitz:1@8-99")]
    assert (
        "blitz needs 9 accounts, 4 are free; give more nights or write fewer behind the name, as in blitz:4"
        in refused[0]
    )
    assert "blitz is to run in nights 8-99 of 9; nights count from 1 to 9, as in @7-9" in refused[1]


def test_a_rule_that_no_value_changes_takes_one_line(tune):
    _code, out, _err = tune("--rule", "distinct_people_1d", "--values", "700,800")
    assert re.search(r"\(distinct_people_1d\)\ntoday: .*\nevery value from [0-9]+ to 800: the same\n", out), out


def test_families_that_no_cap_changes_take_one_line(tune):
    _code, out, _err = tune("--values", "98")
    assert (
        "Most that identifiers may say (identifiers)\ntoday: 8; 0.33 new alerts a night\nevery value from 0 to 8: the same"
        in out
    )
