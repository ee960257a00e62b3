"""The night loop on a small invented portal: who is named, when, why, and in how many places."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from assessed import assessed
from portal import BURST, FIRST, measured, moment, rows, with_values
from tocsin.model.calibration import Calibration
from tocsin.settings import Settings, Shifting
from tocsin.verdict.blind import filled_columns
from tocsin.verdict.decisions import Decision, Decisions
from tocsin.verdict.hits import HITS
from tocsin.verdict.judge import Asked, judge
from tocsin.verdict.told import common_in_regions, common_of

if TYPE_CHECKING:
    from tocsin.results import Suspect

NO_HITS = pl.DataFrame(schema=HITS)
LAST = 14


def every(nights):
    return [FIRST + timedelta(days=day) for day in range(nights)]


def on_their_nights(hits):
    return lambda night, _suspicious: hits.filter(pl.col("night") == night)


def judged(frame, hits=NO_HITS, *, addresses=None, settings=None, missing=(), **asked):
    nights = sorted(set(frame["night"]))
    question = Asked(**{"nights": nights, "holidays": frozenset(), "with_model": False, "assess": assessed} | asked)
    heard = []
    found = list(
        judge(
            measured(frame, addresses, missing), on_their_nights(hits), settings or Settings(), question, heard.append
        )
    )
    assert heard == nights
    return found


def hit(account, day, **more):
    values = {
        "account": account, "night": FIRST + timedelta(days=day), "rule": "people_1h", "title": "Many people", "family": "volume",
        "level": "high", "score": 35, "hard": False, "headline": "4,000 people in an hour", "first": moment(day), "last": moment(day),
        "peak": 4000, "usual": None, "against": None, "limit": 80.0, "unit": "people", "runbook": ["Call the structure."],
    } | more  # fmt: skip
    return pl.DataFrame([values], schema=HITS)


@pytest.fixture(scope="module")
def attacked():
    frame = rows(nights=16)
    addresses = {}
    for account in ("A001", "A002", "A003"):
        for day in (14, 15):
            frame = with_values(frame, account, day, **BURST)
            addresses[account, day] = "203.0.113.5"
    return judged(frame, hit("A001", 14), addresses=addresses)


def test_names_the_accounts_that_read_in_bulk_on_their_first_night(attacked):
    night = attacked[LAST]
    assert [suspect.account for suspect in night.suspects] == ["A001", "A002", "A003"]
    assert {suspect.rank for suspect in night.suspects} == {1}


def test_calm_nights_have_an_empty_list(attacked):
    assert [len(night.suspects) for night in attacked[:LAST]] == [0] * LAST


def test_a_campaign_takes_one_place_and_lifts_its_members(attacked):
    night = attacked[LAST]
    assert night.budget.new == 1
    campaign = night.campaigns[0]
    assert [member.account for member in campaign.accounts] == ["A001", "A002", "A003"]
    assert campaign.id == "2022-02-28-A001"
    assert all(suspect.families["campaign"] > 2 for suspect in night.suspects)
    assert {suspect.campaign for suspect in night.suspects} == {campaign.id}


def test_the_next_night_continues_the_case(attacked):
    night = attacked[15]
    assert {suspect.rank for suspect in night.suspects} == {None}
    assert {(suspect.first_alerted, suspect.nights_alerted) for suspect in night.suspects} == {
        (FIRST + timedelta(days=14), 2)
    }
    assert (night.budget.new, night.budget.continuing) == (0, 3)
    assert night.campaigns[0].first_night == FIRST + timedelta(days=14)
    assert night.campaigns[0].rank is None


def test_contributions_and_findings_add_up_to_points(attacked):
    for night in attacked:
        for suspect in night.suspects:
            assert sum(suspect.families.values()) == pytest.approx(suspect.points, abs=1e-9)
            assert sum(finding.points for finding in suspect.findings) == pytest.approx(suspect.points, abs=1e-9)


def test_the_sentence_has_seen_and_usual_values_and_against_whom(attacked):
    suspect = attacked[LAST].suspects[1]
    assert suspect.why.startswith("Read 4,000 different people, usually ")
    assert "(its own 14 nights)" in suspect.why
    assert "100\u00a0% of its people were never read by it before, usually 3" in suspect.why
    assert suspect.why.endswith(".")


def test_a_rule_is_a_finding_with_its_limit_and_its_runbook(attacked):
    suspect = attacked[LAST].suspects[0]
    finding = next(finding for finding in suspect.findings if finding.detector == "rule.people_1h")
    assert finding.headline == "4,000 people in an hour"
    assert (finding.measures[0].value, finding.measures[0].high, finding.measures[0].against) == (4000, 80, "rule")
    assert suspect.next == ("Call the structure.",)


def test_nothing_is_claimed_of_false_alerts_before_enough_nights(attacked):
    use = attacked[LAST].budget
    assert use.expected_false is None
    assert use.expected_false_reason == "9 nights replayed, 28 are needed"


def test_expects_few_false_alerts_once_enough_nights_are_replayed():
    settings = replace(Settings(), alerting=replace(Settings().alerting, calibration_nights=5))
    night = judged(with_values(rows(), "A001", 14, **BURST), settings=settings)[LAST]
    replayed = 9 * night.accounts  # none of them rang
    assert night.suspects[0].expected_false == round(night.accounts / (replayed + 1), 4)
    assert (night.suspects[0].as_unusual, night.suspects[0].q_value) == (1, night.suspects[0].expected_false)
    assert night.budget.expected_false == 0.1  # one name in ten nights


def noisy(each, nights=range(6, 14)):
    """On each of these nights `each` other accounts read in bulk, and one on the last."""
    frame = with_values(rows(), "A059", 14, **BURST)
    for day in nights:
        for number in range(each):
            frame = with_values(frame, f"A{each * day + number:03d}", day, **BURST)
    return judged(frame, settings=replace(Settings(), alerting=replace(Settings().alerting, calibration_nights=5)))


def test_spares_what_most_nights_hold_more_often_than_allowed_and_says_so():
    night = noisy(3)[LAST]
    assert (night.suspects, night.budget.ordinary) == ((), 1)


def test_what_some_nights_held_hides_nobody():
    night = noisy(3, nights=range(6, 9))[LAST]
    assert [suspect.account for suspect in night.suspects] == ["A059"]
    assert night.suspects[0].expected_false > 0.3


def test_only_the_asked_nights_are_reported():
    found = judged(rows(nights=4), nights=[FIRST + timedelta(days=3)])
    assert [night.night for night in found] == [FIRST + timedelta(days=3)]
    assert found[0].history_nights == 3


def test_a_night_judged_alone_says_what_it_says_among_others(attacked):
    frame = rows(nights=16)
    addresses = {}
    for account in ("A001", "A002", "A003"):
        for day in (14, 15):
            frame = with_values(frame, account, day, **BURST)
            addresses[account, day] = "203.0.113.5"
    alone = judged(frame, hit("A001", 14), addresses=addresses, nights=[FIRST + timedelta(days=15)])
    assert alone == [attacked[15]]


def test_a_confirmed_account_that_is_still_used_has_a_place_before_others():
    frame = with_values(with_values(rows(), "A001", 14, **BURST), "A004", 14, **BURST)
    day = FIRST + timedelta(days=13)
    answers = [Decision("C1", "A004", what, day, day, day + timedelta(days=1)) for what in ("true", "error")]
    (suspect,) = judged(frame, budget=1, decisions=Decisions(tuple(answers[:1])))[LAST].suspects
    assert suspect.account == "A004", "by points and name it would be A001"
    assert Decisions(tuple(answers)).confirmed() == frozenset()


def test_more_than_the_ceiling_is_cut_and_said():
    frame = rows()
    for number in range(1, 5):
        frame = with_values(frame, f"A00{number}", 14, **BURST)
    night = judged(frame, budget=2)[LAST]
    assert len(night.suspects) == 2
    assert night.budget.cut == 2
    assert night.budget.cut_points > 10
    assert {*night.budget.cut_accounts} == {f"A00{n}" for n in range(1, 5)} - {one.account for one in night.suspects}
    assert max(night.budget.cut_accounts.values()) == night.budget.cut_points


def test_who_was_cut_is_new_the_next_night():
    frame = rows(nights=16)
    for day in (14, 15):
        for number in range(1, 3):
            frame = with_values(frame, f"A00{number}", day, **BURST)
    found = judged(frame, budget=1)
    assert [suspect.rank for suspect in found[15].suspects] == [1, None]


def test_says_what_the_logs_cannot_tell():
    night = judged(rows(nights=2), missing=("bytes", "user_agent"))[1]
    assert night.not_judged == (
        "no bytes in the logs (1 measure of volume)",
        "no user_agent in the logs (1 measure of origin)",
        "what is new to an account: 1 of 8 nights of history",
    )
    assert night.degraded == ()


def test_logs_that_show_no_reading_are_not_calm():
    night = judged(rows(nights=2), missing=("patient", "rows", "subjects", "bytes", "patient_block", "patient_valid"))[
        1
    ]
    assert "reading in bulk cannot be seen" in night.degraded[0]


def test_a_suspect_without_history_says_so():
    newcomer = rows(accounts=1, nights=15, prefix="B").filter(pl.col("night") == FIRST + timedelta(days=14))
    frame = with_values(pl.concat([rows(), newcomer]), "B000", 14, **BURST)
    night = judged(frame, hit("B000", 14))[LAST]
    suspect: Suspect = night.suspects[0]
    assert suspect.account == "B000"
    assert any("its own habits" in text for text in suspect.not_judged)
    assert "accounts of gp" in suspect.why


def test_the_first_night_compares_with_tonights_accounts():
    night = judged(with_values(rows(accounts=200, nights=1), "A001", 0, **BURST), hit("A001", 0))[0]
    assert night.suspects[0].account == "A001"
    assert "tonight's 200 accounts of gp" in " ".join(finding.headline for finding in night.suspects[0].findings)
    assert night.suspects[0].new_people is None


def test_the_outlier_model_may_raise_and_is_told_as_such():
    night = judged(with_values(rows(), "A001", 14, **BURST), with_model=True)[LAST]
    finding = next(finding for finding in night.suspects[0].findings if finding.detector == "outlier")
    assert "rare among tonight's accounts" in finding.headline
    assert night.suspects[0].families["outlier"] <= 1.0


def robots(frame, days, accounts, addresses, ip):
    for account in accounts:
        for day in days:
            frame = with_values(frame, account, day, **BURST)
            addresses[account, day] = ip
    return frame


def test_a_past_attack_does_not_hide_the_next():
    settings = replace(Settings(), alerting=replace(Settings().alerting, calibration_nights=10))
    addresses = {}
    first = tuple(f"A0{n}" for n in range(10, 24))
    frame = robots(rows(nights=28), range(10, 15), first, addresses, "203.0.113.5")
    frame = robots(frame, (26, 27), ("A001", "A002"), addresses, "198.51.100.9")
    found = judged(frame, addresses=addresses, settings=settings)
    assert {suspect.account for suspect in found[26].suspects} == {"A001", "A002"}
    assert max(suspect.expected_false for suspect in found[26].suspects) <= 0.2


def test_a_hard_rule_needs_data_access_only():
    frame = with_values(rows(), "A001", 14, people=90, consultations=90)
    rung = hit("A001", 14, level="critical", hard=True, score=20)
    assert [suspect.account for suspect in judged(frame, rung)[LAST].suspects] == ["A001"]


def test_a_campaign_that_was_cut_is_news_the_next_night():
    addresses = {}
    one, two = {f"A00{n}" for n in range(1, 6)}, {f"A01{n}" for n in range(1, 6)}
    frame = robots(rows(nights=16), (14, 15), sorted(one), addresses, "203.0.113.5")
    frame = robots(frame, (14, 15), sorted(two), addresses, "198.51.100.9")
    found = judged(frame, addresses=addresses, budget=1)
    first = {suspect.account for suspect in found[14].suspects}
    assert first in (one, two)
    assert found[14].budget.cut == 5
    assert {suspect.account for suspect in found[15].suspects if suspect.rank == 1} == (one | two) - first


def test_a_member_keeps_its_campaign_on_a_night_without_links():
    addresses = {}
    frame = robots(rows(nights=16), (14, 15), ("A001", "A002", "A003"), addresses, "203.0.113.5")
    for account in ("A001", "A002", "A003"):
        del addresses[account, 15]
    found = judged(frame, addresses=addresses)
    assert {suspect.campaign for suspect in found[15].suspects} == {"2022-02-28-A001"}
    assert found[15].campaigns == ()


def test_logs_of_logins_alone_are_judged_without_a_crash():
    nothing = (
        "patient",
        "rows",
        "subjects",
        "bytes",
        "patient_block",
        "patient_valid",
        "ip",
        "user_agent",
        "network_type",
    )
    night = judged(rows(nights=2), missing=nothing, with_model=True)[1]
    assert night.suspects == ()
    assert night.degraded


def test_a_column_may_appear_later():
    early = measured(rows(nights=3), missing=("rows", "bytes")).totals
    late = measured(rows(nights=6)).totals.filter(pl.col("night") >= FIRST + timedelta(days=3))
    whole = replace(measured(rows(nights=6)), totals=pl.concat([early, late], how="diagonal"))
    question = Asked(nights=every(6), holidays=frozenset(), with_model=False)
    nights = list(judge(whole, on_their_nights(NO_HITS), Settings(), question, lambda _: None))
    assert "no rows in the logs" in nights[2].not_judged[0]
    assert not any("no rows" in text for text in nights[3].not_judged)


def test_rules_are_told_which_earlier_nights_were_suspicious():
    frame = rows(nights=16)
    for account in ("A001", "A002"):
        frame = with_values(frame, account, 14, **BURST)
    told = {}

    def hits(night, suspicious):
        told[night] = suspicious.sort("account").rows()
        return NO_HITS

    question = Asked(every(16), frozenset(), with_model=False)
    nights = list(
        judge(
            measured(frame, {("A001", 14): "203.0.113.5", ("A002", 14): "203.0.113.5"}, ()),
            hits,
            Settings(),
            question,
            lambda _: None,
        )
    )
    assert [suspect.account for suspect in nights[14].suspects] == ["A001", "A002"]
    attack = FIRST + timedelta(days=14)
    assert told[attack] == []
    assert told[FIRST + timedelta(days=15)] == [("A001", attack), ("A002", attack)]


def test_what_every_event_has_is_never_missing():
    totals = pl.DataFrame({"source": ["a"], "night": [FIRST], "events": [3], "patient": [0], "ip": [2]})
    filled = filled_columns(totals, FIRST)
    assert {"kind", "account", "outcome", "ip"} <= filled
    assert "patient" not in filled


def test_another_hand_is_named_on_its_third_night_although_it_reads_no_more_than_the_owner():
    own = {"people": 6, "new_people": 1, "new_share": 1, "asked": 6, "asked_people": 6, "hours": 0b1111 << 8}
    frame = rows(accounts=25, nights=21).with_columns(
        pl.lit(value, pl.Int64).alias(name) for name, value in own.items()
    )
    for day in range(17, 21):
        frame = with_values(frame, "A007", day, new_people=6, new_share=6, hours=0b1111 << 18)
        frame = with_values(frame, "A011", day, hours=0b1111 << 18)  # who changes its hours is no other hand
    named = [(night.night, suspect) for night in judged(frame) for suspect in night.suspects]
    assert {suspect.account for _night, suspect in named} == {"A007"}
    assert named[0][0] == FIRST + timedelta(days=19)
    assert "drift.hand" in [finding.detector for finding in named[0][1].findings]
    third = FIRST + timedelta(days=19)
    crowded = calibrated([2_000, 2_000, 2_000], nights=28)
    (night,) = judged(frame.filter(pl.col("night") <= third), nights=[third], calibrations={third: crowded})
    assert (night.suspects, night.budget.ordinary) == ((), 1), "two nights in three hold three of these"


def test_says_how_many_times_its_ordinary_people_a_profession_is_expected_to_read():
    rows = pl.DataFrame(
        {"profession": ["nurse", "nurse", "nurse", "gp", None], "region": ["57", "57", "67", "57", None]}
    )
    night = SimpleNamespace(rows=rows, factors={"people": np.array([0.64, 0.64, 1.2, 1.04, 1.384])})
    assert common_of(night, Shifting()) == {"nurse": 0.64, "unknown": 1.38}
    assert common_in_regions(night, Shifting()) == {"nurse": {"67": 1.2}}
    nobody = SimpleNamespace(rows=rows, factors={})
    assert (common_of(nobody, Shifting()), common_in_regions(nobody, Shifting())) == ({}, {}), "logs without people"


def calibrated(points, nights):
    held, who = Calibration(), pl.DataFrame({"profession": ["gp"] * len(points), "day": ["working"] * len(points)})
    for day in range(nights):
        held = held.learn(FIRST - timedelta(days=nights - day), who, np.array(points, np.int32), nights)
    return held


def test_an_account_that_woke_up_and_starts_slowly_has_no_habit_of_its_own_yet():
    settings = Settings(baselines=replace(Settings().baselines, away_days=10))
    frame = rows(accounts=25, nights=20).filter(
        (pl.col("account") != "A007") | (pl.col("night") >= FIRST + timedelta(days=11))
    )
    for day, people in enumerate((70, 80, 75, 90, 85, 70, 90, 95, 105), start=11):
        values = dict.fromkeys(("people", "new_people", "new_share", "consultations", "asked", "asked_people"), people)
        frame = with_values(frame, "A007", day, people_1h=people // 4, people_10m=people // 10, **values)
    named = [(night.night, suspect) for night in judged(frame, settings=settings) for suspect in night.suspects]
    assert {suspect.account for _night, suspect in named} == {"A007"}
    assert named[0][0] == FIRST + timedelta(days=19)
    assert "state.days_unseen" in [finding.detector for finding in named[0][1].findings]


@pytest.mark.parametrize(("missing", "people"), [((), 4_000), (("patient", "patient_block", "patient_valid"), None)])
def test_how_many_were_read_is_not_told_where_the_logs_name_nobody(missing, people):
    frame = with_values(rows(), "A001", LAST, **BURST, answers=900_000)
    (found,) = judged(frame, hit("A001", LAST, hard=True), missing=missing)[LAST].suspects
    assert (found.people, found.new_people) == (people, people and 3_990)


def test_a_fleet_adds_to_what_its_accounts_show_of_their_own():
    hurried = {"people": 60, "consultations": 60, "people_1h": 55, "people_10m": 40, "new_people": 2, "new_share": 2}
    frame = rows(nights=17).with_columns(client=pl.lit("Soins"))
    for number in range(8):
        frame = with_values(frame, f"A{number:03d}", 16, **hurried, fastest_at=27_000_000 + number)
    refused = pl.concat(
        [hit(name, 16, rule="mfa", family="credentials", score=35) for name in ("A000", "A001", "A040")]
    )
    night = judged(frame, refused)[16]
    assert [fleet.accounts for fleet in night.fleet] == [tuple(f"A{number:03d}" for number in range(8))]
    assert [suspect.account for suspect in night.suspects] == ["A000", "A001"]  # haste alone names nobody
    words = "read faster than ever in the same hours as 7 other accounts of Soins (at most 0 on any night)"
    assert any(words in finding.headline for finding in night.suspects[0].findings)
    known = Decisions(accepted={"software/Soins": FIRST})
    assert judged(frame, refused, decisions=known)[16].suspects == ()
