"""Another hand: people nobody knew and hours of others, where the account always had its own."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model.hands import HANDS, learn_hands, nobodys, with_hands
from tocsin.settings import AnotherHand

MORNING = 0b1111 << 8
EVENING = 0b1111 << 19
SCHEMA = {
    "account": pl.String,
    "profession": pl.String,
    "people": pl.Int64,
    "new_people": pl.Int64,
    "hours": pl.Int64,
}


def night(*accounts):
    return pl.DataFrame(accounts, schema=SCHEMA, orient="row")


def nurse(name="A1", people=8, strangers=1, hours=MORNING):
    return (name, "nurse", people, strangers, hours)


def other(name="B1", hours=EVENING):
    return (name, "doctor", 8, 7, hours)


def learned(*accounts, nights=12, suspects=False):
    hands = nobodys()
    for _night in range(nights):
        rows = night(*accounts)
        hands = learn_hands(rows, hands, np.full(rows.height, suspects), AnotherHand())
    return hands


def told(account, hands, *others):
    return with_hands(night(account, *others), hands, AnotherHand()).row(0, named=True)


def test_strangers_tell_where_people_are_usually_known():
    hands = learned(nurse(), other(hours=MORNING))
    usual, strange = told(nurse(), hands), told(nurse(strangers=8), hands)
    assert usual["hand"] < 0 < strange["hand"]
    assert strange["hand"] == 200  # four people count, two at most are said
    assert strange["hand_known"] in range(82, 90)


def test_hours_of_others_tell_and_never_as_much_as_people():
    hands = learned(nurse(), *(other(f"B{n}") for n in range(4)))
    late, early = told(nurse(strangers=8, hours=EVENING), hands), told(nurse(strangers=8), hands)
    assert late["hand_hours"] == 100
    assert early["hand_hours"] < 0
    assert late["hand"] - early["hand"] == late["hand_hours"] - early["hand_hours"]


def test_hours_that_change_for_good_do_not_add_up_to_another_hand():
    rules, total, highest = AnotherHand(), 0, 0
    hands = learned(nurse(strangers=5), *(other(f"B{n}") for n in range(4)), nights=40)
    for _night in range(40):
        rows = night(nurse(strangers=5, hours=EVENING), *(other(f"B{n}") for n in range(4)))
        total = max(0, total + with_hands(rows, hands, rules)["hand"][0])
        highest, hands = max(highest, total), learn_hands(rows, hands, np.zeros(5, np.bool_), rules)
    assert highest < 100 * rules.least


def test_a_counter_that_never_knew_its_people_cannot_be_told_from_somebody_else():
    hands = learned(other(), nurse())
    assert told(("B1", "doctor", 8, 8, MORNING), hands)["hand"] == 0


@pytest.mark.parametrize(("nights", "tells"), [(4, False), (5, True)])
def test_a_week_of_work_makes_the_hand_known(nights, tells):
    assert (told(nurse(strangers=8), learned(nurse(), nights=nights))["hand"] != 0) is tells


def test_everybody_is_new_on_the_first_nights():
    hands = learned(nurse(strangers=8), nights=2)
    assert hands.row(0, named=True)["strangers"] == 0


def test_suspects_teach_nothing():
    assert learned(nurse(), suspects=True).is_empty()


def test_a_big_night_teaches_no_more_than_ten_people():
    hands = learned(nurse(people=1000, strangers=1000), nights=3)
    assert hands.row(0, named=True)["strangers"] == 10


def test_what_was_learned_long_ago_counts_less():
    hands = learned(nurse(), nights=200)
    row = hands.row(0, named=True)
    assert row["known"] + row["strangers"] < 8 * 20 / np.log(2) + 8
    assert row["nights"] == 200


def test_what_a_whole_profession_has_tonight_is_nobodys():
    names = [f"A{number}" for number in range(21)]
    hands = learned(*(nurse(name) for name in names))
    many = [nurse(name, strangers=8) for name in names]
    assert told(many[0], hands, *many[1:])["hand"] == 0
    assert told(many[0], hands, *many[1:19])["hand"] > 0  # nineteen are no profession
    assert told(many[0], hands, *(nurse(name) for name in names[1:]))["hand"] > 0


@pytest.mark.parametrize("missing", ["people", "new_people", "hours"])
def test_logs_without_people_say_nothing(missing):
    rows = night(nurse()).drop(missing)
    assert with_hands(rows, learned(nurse()), AnotherHand())["hand"].to_list() == [0]
    assert learn_hands(rows, nobodys(), np.zeros(1, np.bool_), AnotherHand()).is_empty()


def test_nights_that_cannot_tell_who_is_new_say_and_teach_nothing():
    hands, rows = learned(nurse()), night(nurse(strangers=None))
    assert with_hands(rows, hands, AnotherHand())["hand"].to_list() == [0]
    after = learn_hands(rows, hands, np.zeros(1, np.bool_), AnotherHand())
    assert after["known"].to_list() == hands["known"].to_list()


ROWS = st.tuples(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 2**24 - 1)).map(
    lambda one: (one[0], min(one[:2]), one[2])
)


@given(st.lists(st.lists(ROWS, min_size=3, max_size=3), max_size=8), st.lists(ROWS, min_size=3, max_size=3))
def test_evidence_stays_within_bounds_and_the_order_of_accounts_does_not_count(past, tonight):
    hands, turned, rules = nobodys(), nobodys(), AnotherHand()
    for one in past:
        rows = night(*((f"A{n}", None, *each) for n, each in enumerate(one)))
        hands = learn_hands(rows, hands, np.zeros(3, np.bool_), rules)
        turned = learn_hands(rows.reverse(), turned, np.zeros(3, np.bool_), rules)
    assert hands.equals(turned)
    assert hands.schema == pl.Schema(HANDS)
    rows = with_hands(night(*((f"A{n}", None, *each) for n, each in enumerate(tonight))), hands, rules)
    assert rows["hand"].is_between(-300, 300).all()
    assert rows["hand_known"].is_between(0, 100).all()
