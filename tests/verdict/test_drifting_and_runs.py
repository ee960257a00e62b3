"""What adds up over nights, runs of numbers over accounts, and records, as the judge uses them."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl

from model.test_assess import nights
from portal import FIRST, origins, rows, with_values
from tocsin.rules.overlay import Overlays
from tocsin.settings import Alerting, Settings
from tocsin.settings_fixed import BLOCKS
from tocsin.verdict.campaign import NUMBERS, link
from tocsin.verdict.caps import caps_of, works_elsewhere
from tocsin.verdict.drifting import Added, add_up
from tocsin.verdict.explain import findings
from tocsin.verdict.hits import HITS
from tocsin.verdict.points import is_alert, score
from tocsin.verdict.records import Records, bulk_after_sleep

LAST = FIRST + timedelta(days=14)


def scores_of(seen):
    return score(seen, pl.DataFrame(schema=HITS), Settings().families, caps_of(seen, Overlays(), LAST, Settings()))


def calm():
    """Give a night on which nobody reads more strangers than usual."""
    seen = nights(rows())
    return replace(seen, rows=seen.rows.with_columns(newcomers_above=0))


def test_an_account_that_drifts_rings_and_says_since_when():
    seen = calm()
    scores = scores_of(seen)
    settings = Settings()
    accounts = seen.rows["account"]
    drift, everywhere = Added(), np.ones(60, np.bool_)
    for day in range(16):
        families = dict.fromkeys(scores.families, np.zeros(60, np.int32))
        if day >= 12:
            families["origin"] = np.where(accounts.to_numpy() == "A007", 350, 0).astype(np.int32)
        tonight = replace(scores, families=families, model=families)
        night = FIRST + timedelta(days=day)
        told, drifting = add_up(drift, night, seen.rows, tonight, settings, everywhere)
        drift = drift.learn(night, seen.rows, drifting, drifting.rings, settings)
    at = accounts.to_list().index("A007")
    assert np.flatnonzero(drifting.rings).tolist() == [at]
    assert is_alert(told, settings.families, settings.alerting, np.zeros(60, np.bool_))[at]
    (reason,) = [r for r in findings(at, seen, told, [], [], drifting) if r.detector == "drift.sum"]
    assert "on 4 nights since 2022-02-26" in reason.headline
    assert reason.points == 8.0


def test_what_rules_say_every_night_does_not_add_up():
    seen = calm()
    scores, settings = scores_of(seen), Settings()
    loud = dict.fromkeys(scores.families, np.full(60, 350, np.int32))
    for model, total in ((loud, True), (dict.fromkeys(loud, np.zeros(60, np.int32)), False)):
        tonight = replace(scores, families=loud, model=model)
        _told, drifting = add_up(Added(), FIRST, seen.rows, tonight, settings, np.ones(60, np.bool_))
        assert drifting.little.sums.total.any() == total


def test_strangers_at_a_second_desk_ring_above_sixty_and_say_so():
    seen = calm()
    scores, settings, accounts = scores_of(seen), Settings(), seen.rows["account"]
    quiet = replace(scores, families=dict.fromkeys(scores.families, np.zeros(60, np.int32)))
    at, drift, rang = accounts.to_list().index("A007"), Added(), []
    for day in range(20):
        beside = pl.when(pl.col("account") == "A007").then(25 if day >= 14 else 0).otherwise(5)
        tonight = replace(seen, rows=seen.rows.with_columns(strangers_beside=beside, strangers_apart=beside + 2))
        night = FIRST + timedelta(days=day)
        told, drifting = add_up(drift, night, tonight.rows, quiet, settings, np.ones(60, np.bool_))
        drift = drift.learn(night, tonight.rows, drifting, np.zeros(60, np.bool_), settings)
        rang += [day] if drifting.rings[at] else []
        assert not drifting.rings[np.arange(60) != at].any()
    assert rang[0] == 14 + 4  # fifteen a night count: sixty is not above sixty
    (reason,) = [r for r in findings(at, tonight, told, [], [], drifting) if r.detector == "drift.desk"]
    assert (
        "27 people that it never read before (in the 14 nights held) came through networks that see nobody it knows, 25 more than it is used to"
        in reason.headline
    )
    assert "on 6 nights since 2022-02-28" in reason.headline
    owner_away = tonight.rows.with_columns(strangers_beside=pl.lit(None, pl.Int64))
    _told, still = add_up(drift, night + timedelta(days=1), owner_away, quiet, settings, np.ones(60, np.bool_))
    assert still.desk.sums.total[at] == drifting.desk.sums.total[at] > 0


def test_more_strangers_than_usual_night_after_night_ring_and_say_so():
    seen = nights(rows())
    scores, settings, accounts = scores_of(seen), Settings(), seen.rows["account"]
    quiet = replace(scores, families=dict.fromkeys(scores.families, np.zeros(60, np.int32)))
    at, drift, rang = accounts.to_list().index("A007"), Added(), []
    for day in range(20):
        above = pl.when(pl.col("account") == "A007").then(700 if day >= 14 else 0).otherwise(90)
        tonight = replace(seen, rows=seen.rows.with_columns(newcomers_above=above, newcomers_usual=7))
        night = FIRST + timedelta(days=day)
        told, drifting = add_up(drift, night, tonight.rows, quiet, settings, np.ones(60, np.bool_))
        drift = drift.learn(night, tonight.rows, drifting, np.zeros(60, np.bool_), settings)
        rang += [day] if drifting.rings[at] else []
        assert not drifting.rings[np.arange(60) != at].any()
    assert rang[0] == 14 + 3  # of seven spreads three count, less one a night: four nights are over six
    (reason,) = [r for r in findings(at, tonight, told, [], [], drifting) if r.detector == "drift.newcomers"]
    assert (
        "people it never read before (in the 14 nights held), usually 7, more than usual night after night since 2022-02-28"
        in reason.headline
    )
    sunday = tonight.rows.with_columns(day=pl.lit("closed"))
    _told, closed = add_up(drift, night + timedelta(days=1), sunday, quiet, settings, np.ones(60, np.bool_))
    assert closed.more.sums.total[at] == drifting.more.sums.total[at] > 0
    assert not closed.more.rings.any()


def test_who_just_woke_up_and_reads_more_than_peers_needs_no_other_reason():
    frame = (
        rows(nights=1)
        .head(5)
        .with_columns(
            days_away=pl.Series([40, 40, 40, 34, None]), days_unseen=0, people=pl.Series([100, 99, 100, 100, 100])
        )
    )
    told = {
        "people": [150, 300, 150, 300, 300],
        "people_1h": [200, 0, 199, 0, 0],
        "days_away": [0] * 5,
        "days_unseen": [0] * 5,
    }
    surprises = {name: np.array(values, np.int32) for name, values in told.items()}
    assert bulk_after_sleep(frame, surprises, Settings()).tolist() == [True, False, False, False, False]
    del surprises["days_away"]
    assert not bulk_after_sleep(frame, surprises, Settings()).any()


def test_another_hand_rings_and_says_so():
    seen = calm()
    scores, settings, accounts = scores_of(seen), Settings(), seen.rows["account"]
    quiet = replace(scores, families=dict.fromkeys(scores.families, np.zeros(60, np.int32)))
    at, drift, rang = accounts.to_list().index("A007"), Added(), []
    people = {"people": pl.lit(9), "new_people": pl.lit(8), "hand_known": pl.lit(75)}
    for day in range(20):
        mine = pl.when(pl.col("account") == "A007")
        evidence = {"hand": mine.then(170 if day >= 14 else -50).otherwise(0), "hand_hours": mine.then(20).otherwise(0)}
        tonight = replace(seen, rows=seen.rows.with_columns(**evidence, **people))
        night = FIRST + timedelta(days=day)
        told, drifting = add_up(drift, night, tonight.rows, quiet, settings, np.ones(60, np.bool_))
        drift = drift.learn(night, tonight.rows, drifting, np.zeros(60, np.bool_), settings)
        rang += [day] if drifting.rings[at] else []
        assert not drifting.rings[np.arange(60) != at].any()
    assert rang[0] == 14 + 2  # three nights of 1.7 are above four
    (reason,) = [r for r in findings(at, tonight, told, [], [], drifting) if r.detector == "drift.hand"]
    assert reason.headline == (
        "1 of 9 people read were known to it, usually 75 %, at hours that are more others' than its own, so since "
        "2022-02-28 (6 nights): as if somebody else worked with the account"
    )


def run_of(frame, *accounts, code=5, numbers=30):
    for account in accounts:
        frame = with_values(frame, account, 14, block_1=code * 2**32 + numbers)
    return frame.filter(pl.col("night") == LAST)


def linked(tonight, frame, candidates):
    return link(origins(frame), LAST, candidates, Alerting(), tonight)


def test_a_run_of_numbers_dealt_over_accounts_joins_them_and_one_who_is_no_suspect():
    frame = rows()
    mine = ["A001", "A002", "A003", "A004", "A005"]
    (group,) = linked(run_of(frame, *mine, "A020"), frame, mine)
    assert group.accounts == (*mine, "A020")
    assert [(held.kind, held.value, held.population) for held in group.links] == [(NUMBERS, "180", 6)]


def test_two_accounts_with_one_block_are_no_run():
    frame = rows()
    assert linked(run_of(frame, "A001", "A002"), frame, ["A001", "A002"]) == []


def test_a_block_that_half_the_portal_asks_for_is_no_run():
    frame = rows()
    everybody = [f"A{n:03d}" for n in range(60)]
    assert linked(run_of(frame, *everybody), frame, everybody[:5]) == []


def test_blocks_are_part_of_every_row():
    assert {f"block_{n + 1}" for n in range(BLOCKS)} <= set(rows(nights=1).columns)


def test_a_record_needs_nights_and_three_times_the_most():
    frame = rows(accounts=3, nights=1).with_columns(people=pl.Series([100, 900, 9_000]))
    nobody = np.zeros(3, np.bool_)
    records = Records()
    for _ in range(8):
        assert not records.beaten(frame, Alerting()).any()
        records = records.learn(frame, np.array([False, False, True]))
    assert records.most["people"] == 900
    assert records.beaten(frame, Alerting()).tolist() == [False, False, True]
    assert not records.learn(frame, nobody).beaten(frame, Alerting()).any()


def test_strangers_through_a_new_network_are_work_from_elsewhere_and_known_people_are_not():
    settings = Settings()
    strangers = with_values(rows(), "A007", 14, people_elsewhere=40, strangers_elsewhere=40, people=40)
    known = with_values(strangers, "A008", 14, people_elsewhere=40, strangers_elsewhere=12, people=40)
    seen = nights(known)
    told = works_elsewhere(seen, settings)
    accounts = seen.rows["account"].to_list()
    assert bool(told[accounts.index("A007")])
    assert not told[accounts.index("A008")]


def test_rows_beyond_what_people_explain_are_work_from_elsewhere():
    frame = rows().with_columns(answers=pl.lit(30, pl.Int64))
    frame = with_values(frame, "A007", 14, answers=4_000, answers_elsewhere=4_000)
    frame = with_values(frame, "A008", 14, answers=240, answers_elsewhere=240)
    seen = nights(frame)
    accounts = seen.rows["account"].to_list()
    told = works_elsewhere(seen, Settings())
    assert [accounts[at] for at in np.flatnonzero(told)] == ["A007"]
