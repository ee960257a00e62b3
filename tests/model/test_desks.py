from datetime import date, timedelta

import polars as pl
import pytest

from tocsin.model.carried import SEEN
from tocsin.model.desks import Known, learnable, with_desks
from tocsin.model.drift import SUMS
from tocsin.model.networks import NETWORKS
from tocsin.model.nights import Past
from tocsin.settings import Desks

FIRST = date(2022, 2, 14)
ORIGINS = {"account": pl.String, "network": pl.String, "read": pl.Int64, "strangers": pl.Int64, "sent": pl.Int64}
HALF = [(20, 10)] * 8
"""Nights on which half of twenty people were new to the account."""


TOLD = ("people_desk", "strangers_apart", "strangers_beside")


def desks(nights, *tonight, told=((20, 0),), old=("home",), since=None, names=TOLD):
    """Give people_desk, strangers_apart, strangers_beside of a night after `nights` of (people, new people).

    `tonight`: network, read, strangers, and rows sent in lists. `told`: people_desk and strangers_apart of the nights, the last one repeated.
    `old`: networks of the account's first days. `since`: number of the night from which strangers have added up.
    """
    after = FIRST + timedelta(days=6 + len(nights))
    told = [*told, *[told[-1]] * len(nights)][: len(nights)]
    past = pl.DataFrame(
        {
            "account": ["A"] * len(nights),
            "night": [FIRST + timedelta(days=6 + day) for day in range(len(nights))],
            "people": [people for people, _new in nights],
            "new_people": [new for _people, new in nights],
            "people_desk": [people for people, _apart in told],
            "strangers_apart": [apart for _people, apart in told],
        }
    )
    seen = pl.DataFrame([("A", FIRST, after, None, None)], schema=SEEN, orient="row")
    networks = pl.DataFrame(
        [("A", name, FIRST - timedelta(days=90), after) for name in old], schema=NETWORKS, orient="row"
    )
    rows = pl.DataFrame([("A", *one, *[0] * (4 - len(one))) for one in tonight], schema=ORIGINS, orient="row")
    began = [] if since is None else [("A", 400, 3, FIRST + timedelta(days=6 + since))]
    growing = pl.DataFrame(began, schema=SUMS, orient="row")
    answer = with_desks(
        pl.DataFrame({"account": ["A"]}), after, rows, Known(networks, seen, Past.of(past), growing), Desks()
    )
    told = answer.select(names).row(0)
    return told[0] if len(names) == 1 else told


def test_a_network_that_sees_nobody_the_account_knows_is_a_second_desk():
    assert desks(HALF, ("home", 18, 9), ("box", 40, 40)) == (18, 40, 40)


def test_a_few_local_people_of_the_list_do_not_hide_it_and_a_new_box_brings_the_practice_along():
    assert desks(HALF, ("home", 18, 9), ("box", 40, 36)) == (18, 36, 36)
    assert desks(HALF, ("home", 18, 9), ("box", 40, 30)) == (58, 0, 0)


def test_networks_that_change_during_the_night_count_together():
    assert desks(HALF, ("home", 18, 9), ("one", 3, 3), ("two", 4, 4)) == (18, 7, 7)


def test_an_old_desk_that_is_empty_or_unknown_excuses_the_new_one():
    assert desks(HALF, ("home", 9, 5), ("box", 40, 40))[2] is None  # a move, a locum, a vaccination centre
    assert desks(HALF[:4], ("home", 18, 9), ("box", 40, 40))[2] is None
    assert desks(HALF, ("home", 18, 9), ("box", 40, 40), told=((0, 0),))[2] is None
    assert desks(HALF, ("home", 9, 5))[2] == 0


def test_what_the_account_always_reads_so_is_taken_off_by_half_as_much_again():
    assert desks(HALF, ("home", 18, 9), ("box", 40, 40), told=((20, 20),))[2] == 10


def test_who_stays_is_not_the_usual_before_he_was_told():
    half_of_them = ((20, 0),) * 7 + ((20, 20),) * 8
    assert desks(HALF * 2, ("home", 18, 9), ("box", 40, 40), told=half_of_them)[2] == 10
    assert desks(HALF * 2, ("home", 18, 9), ("box", 40, 40), told=half_of_them, since=7)[2] == 40
    assert (
        desks(HALF * 2, ("home", 18, 9), ("box", 40, 40), told=half_of_them, since=4)[2] is None
    )  # four nights are few


def test_who_hardly_sees_anybody_twice_is_told_by_the_age_of_the_network():
    always_new = [(20, 20)] * 8
    assert desks(always_new, ("home", 18, 18), ("box", 40, 40)) == (18, 40, 40)
    assert desks(always_new, ("home", 18, 18), ("box", 40, 40), old=("home", "box")) == (58, 0, 0)


def test_the_first_nights_tell_nothing():
    nobody = Known(pl.DataFrame(schema=NETWORKS), pl.DataFrame(schema=SEEN))
    rows = pl.DataFrame([("A", "box", 40, 40, 5_000)], schema=ORIGINS, orient="row")
    told = with_desks(pl.DataFrame({"account": ["A"]}), FIRST, rows, nobody, Desks())
    assert told.row(0) == ("A", 0, 0, 0, 0, 0)


def lists_apart(*tonight, **about):
    """Give the rows that lists took to networks that are no desk, after nights of twenty people, half of them new."""
    return desks(HALF, *tonight, names=("lists_apart",), **about)


def test_lists_sent_to_where_hardly_anybody_is_read_went_to_no_desk():
    assert lists_apart(("home", 18, 9, 300), ("box", 0, 0, 4_000), old=("home", "box")) == 4_000
    assert lists_apart(("home", 18, 9, 300), ("box", 4, 2, 4_000), old=("home", "box")) == 4_000
    assert lists_apart(("home", 13, 7, 300), ("box", 5, 2, 4_000), old=("home", "box")) == 0


def test_nor_did_lists_sent_to_where_only_strangers_are_read():
    assert lists_apart(("home", 18, 9, 300), ("box", 40, 40, 4_000)) == 4_000
    assert lists_apart(("home", 18, 9, 300), ("box", 40, 20, 4_000)) == 0


@pytest.mark.parametrize("first", [(20, 10), (0, 0)])
def test_an_account_that_reads_nobody_has_its_desk_where_its_lists_go(first):
    night = ("home", 0, 0, 9_000), ("box", 0, 0, 500)
    assert desks([first, *[(0, 0)] * 8], *night, told=((0, 0),), names=("lists_apart",)) == 500  # the box is new


def test_what_may_be_learned_is_the_share_that_did_not_go_elsewhere():
    rows = pl.DataFrame({"lists_beyond": [3_000, 200, 201, 9_000, None], "answers": [4_000, 400, 402, 8_000, None]})
    assert learnable(rows, Desks()).tolist() == [0.25, 1, 0.5, 0, 1]
    assert learnable(rows.drop("answers"), Desks()).tolist() == [1] * 5
    assert learnable(rows.drop("lists_beyond"), Desks()).tolist() == [1] * 5
