"""A verdict that is changed: what the confirmed window took out comes back, and only then."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from made import night
from tocsin.model.calibration import Calibration
from tocsin.model.memory import Memory
from tocsin.model.networks import NETWORKS
from tocsin.model.nights import Past
from tocsin.model.older import OLDER, Blocks
from tocsin.settings import Feedback
from tocsin.verdict.decisions import Decision, Decisions
from tocsin.verdict.feedback import Seen, heard
from tocsin.verdict.judge import Before
from tocsin.verdict.left_out import LeftOut, leave_older_out, leave_out

HELD = timedelta(days=Feedback().held_days)
ROWS = pl.DataFrame(
    {"account": ["A1", "A2", "A1", "A2"], "night": [night(0), night(0), night(1), night(1)], "people": [9, 8, 70, 7]}
)
PAST = Past.of(ROWS)
THIEFS = pl.DataFrame(
    [("A1", "51.68.3", night(1), night(1)), ("A1", "10.0.0", night(0), night(1))], schema=NETWORKS, orient="row"
)


def answer(what, first=1, last=1):
    return Decision("C1", "A1", what, night(first), night(last), night(2))


def confirmed(*rows):
    return pl.DataFrame(list(rows), schema={"account": pl.String, "night": pl.Date}, orient="row")


def left(memory, held, what, day=2):
    gone = confirmed(("A1", night(1))) if what == "true" else confirmed()
    return leave_out(memory, held, gone, [answer(what)], night(day), HELD)


def test_confirmed_nights_and_the_networks_begun_in_them_leave_and_are_held():
    memory, held = left(Memory(past=PAST, networks=THIEFS), LeftOut(), "true")
    assert memory.past.frame()["people"].to_list() == [9, 8, 7]
    assert memory.networks["network"].to_list() == ["10.0.0"]
    assert (held.past["people"].to_list(), held.networks["network"].to_list()) == ([70], ["51.68.3"])


def test_another_answer_brings_them_back_in_their_place():
    taken = left(Memory(past=PAST, networks=THIEFS), LeftOut(), "true")
    for what in ("benign", "error", "waiting"):
        memory, held = left(*taken, what, 3)
        assert memory.past.frame().equals(ROWS)
        assert memory.networks.equals(THIEFS.sort("account", "network"))
        assert held.past.is_empty()
        assert held.networks.is_empty()


def test_a_narrower_window_brings_back_what_it_no_longer_covers():
    both = confirmed(("A1", night(0)), ("A1", night(1)))
    taken = leave_out(Memory(past=PAST, networks=THIEFS), LeftOut(), both, [answer("true", 0, 1)], night(2), HELD)
    assert taken[0].past.frame()["account"].to_list() == ["A2", "A2"]
    memory, held = left(*taken, "true", 3)
    assert memory.past.frame()["people"].to_list() == [9, 8, 7]
    assert held.networks["network"].to_list() == ["51.68.3"]


def test_the_same_answer_heard_again_changes_nothing():
    taken = left(Memory(past=PAST, networks=THIEFS), LeftOut(), "true")
    again = left(*taken, "true", 3)
    assert again[0].past.frame().equals(taken[0].past.frame())
    assert again[1].past.equals(taken[1].past)
    assert again[1].networks.equals(taken[1].networks)


def test_no_answer_at_all_is_no_other_answer():
    taken = left(Memory(past=PAST, networks=THIEFS), LeftOut(), "true")
    memory, held = leave_out(*taken, confirmed(), [], night(3), HELD)
    assert memory.past.frame()["people"].to_list() == [9, 8, 7]
    assert held.past["people"].to_list() == [70]


def test_what_was_left_out_half_a_year_ago_is_gone():
    taken = left(Memory(past=PAST, networks=THIEFS), LeftOut(), "true")
    memory, held = left(*taken, "benign", 200)
    assert memory.past.frame()["people"].to_list() == [9, 8, 7]
    assert held.past.is_empty()


def test_a_network_used_again_meanwhile_keeps_its_first_night():
    _memory, held = left(Memory(past=PAST, networks=THIEFS), LeftOut(), "true")
    later = pl.DataFrame([("A1", "51.68.3", night(5), night(6))], schema=NETWORKS, orient="row")
    memory, _held = left(Memory(past=PAST, networks=later), held, "benign", 7)
    assert memory.networks.rows() == [("A1", "51.68.3", night(1), night(6))]


def test_scores_leave_the_calibration_and_come_back():
    who = pl.DataFrame({"account": ["A1", "A2"], "day": ["working"] * 2, "profession": ["gp", "gp"]})
    calibration = Calibration().learn(night(1), who, np.array([300, 0], np.int32), 180)
    rows = pl.DataFrame(
        {
            "account": ["A1"],
            "night": [night(1)],
            "day": ["working"],
            "profession": ["gp"],
            "told": [300],
            "counts": [True],
        }
    )
    before = Before(calibration=calibration, seen=Seen(rows, night(1)))
    out = heard(before, Decisions((answer("true"),)), night(2), Feedback())
    assert out.calibration.scores["points"].to_list() == [0]
    assert out.seen.rows["counts"].to_list() == [False]
    back = heard(out, Decisions((answer("benign"),)), night(2), Feedback())
    assert back.calibration.scores.sort("points").equals(calibration.scores.sort("points"))
    assert back.seen.rows["counts"].to_list() == [True]
    assert heard(back, Decisions((answer("benign"),)), night(3), Feedback()).calibration.scores.equals(
        back.calibration.scores
    )


def test_a_window_is_confirmed_before_any_account_was_unusual():
    assert (
        heard(Before(seen=Seen(last=night(1))), Decisions((answer("true"),)), night(2), Feedback()).calibration.nights
        == 0
    )


def test_a_night_that_is_no_longer_replayed_takes_no_score_back():
    who = pl.DataFrame({"profession": ["gp"], "told": [300]})
    assert Calibration().again(date(2020, 1, 1), who).scores.is_empty()


def older(*rows):
    """Make sums of blocks of older nights: account, first and last night, nights; the rest is 0."""
    table = pl.DataFrame(
        [dict(zip(("account", "night", "last", "nights"), row, strict=True)) for row in rows], schema=OLDER
    )
    return table.fill_null(0)


BLOCKS = older(("A1", night(-56), night(-29), 20), ("A1", night(-28), night(-1), 19), ("A2", night(-28), night(-1), 9))
LATE = Decision("C1", "A1", "true", night(-12), night(-10), night(2))


def test_a_window_confirmed_late_takes_the_sums_of_its_four_weeks_out_and_another_answer_brings_them_back():
    gone = confirmed(*(("A1", night(day)) for day in (-12, -11, -10)))
    memory, held = leave_older_out(Memory(older=Blocks.of(BLOCKS)), LeftOut(), gone, [LATE], [LATE], night(2) - HELD)
    assert memory.older.frame().select("account", "nights").rows() == [("A1", 20), ("A2", 9)]
    assert held.older.frame()["nights"].to_list() == [19]
    again = leave_older_out(memory, held, gone, [LATE], [], night(3) - HELD)
    assert again[0].older.frame().equals(memory.older.frame())
    assert again[1].older.frame().equals(held.older.frame())
    more = memory.older.with_rows(older(("A1", night(-28), night(-1), 1)))
    memory, held = leave_older_out(
        replace(memory, older=more), held, confirmed(), [replace(LATE, answer="benign")], [], night(4) - HELD
    )
    assert memory.older.frame().select("account", "nights").rows() == [("A1", 20), ("A1", 20), ("A2", 9)]
    assert held.older.frame().is_empty()


def test_a_window_confirmed_in_time_never_came_into_the_sums_and_takes_nothing_out():
    now = replace(LATE, first=night(0), last=night(1))
    memory, held = leave_older_out(
        Memory(older=Blocks.of(BLOCKS)), LeftOut(), confirmed(), [now], [now], night(2) - HELD
    )
    assert memory.older.frame().equals(BLOCKS)
    assert held.older.frame().is_empty()
