from datetime import date, timedelta

import polars as pl

from tocsin.model.carried import SEEN, just_awake, learn_seen, with_carried
from tocsin.model.networks import NETWORKS, learn_networks, with_elsewhere
from tocsin.model.places import MIX, learn_places, with_far
from tocsin.schema import empty
from tocsin.settings import Baselines, Desks
from tocsin.settings_fixed import PLACES

FIRST = date(2022, 2, 14)


ORIGINS = {"account": pl.String, "network": pl.String, "read": pl.Int64, "strangers": pl.Int64, "sent": pl.Int64}


def night(day):
    return FIRST + timedelta(days=day)


def origin(network, read=0, strangers=0, sent=0, account="A"):
    return {"account": account, "network": network, "read": read, "strangers": strangers, "sent": sent}


def lived(*days):
    """Learn the networks of some days, each a day and its origins; gives the networks and when who was seen."""
    networks, seen = empty(NETWORKS), empty(SEEN)
    for day, *origins in days:
        rows = pl.DataFrame(origins, schema=ORIGINS)
        networks = learn_networks(rows, night(day), networks, seen, Desks())
        seen = learn_seen(rows.select("account").unique(), night(day), seen, Baselines())
    return networks


def elsewhere(day, networks, *origins):
    tonight = pl.DataFrame({"account": ["A"]})
    told = with_elsewhere(tonight, night(day), pl.DataFrame(origins, schema=ORIGINS), networks, Desks())
    return told.select("people_elsewhere", "strangers_elsewhere", "answers_elsewhere").row(0)


HOME = [(day, origin("home")) for day in range(6)]


def test_what_goes_through_the_networks_of_the_first_days_is_at_home():
    assert elsewhere(6, lived(*HOME), origin("home", 30, 10, 100)) == (0, 0, 0)


def test_a_network_that_comes_later_is_elsewhere_for_two_weeks():
    networks = lived(*HOME, (10, origin("away")))
    assert elsewhere(23, networks, origin("away", 30, 20, 100), origin("home", 5)) == (30, 20, 100)
    assert elsewhere(24, networks, origin("away", 30, 20, 100)) == (0, 0, 0)


def test_a_network_unused_for_three_months_is_new_again():
    networks = lived(*HOME, (10, origin("away")), (100, origin("home")), (101, origin("away")))
    assert elsewhere(102, networks, origin("away", 7)) == (7, 0, 0)


def test_an_event_without_a_network_is_not_elsewhere():
    assert elsewhere(6, lived(*HOME), origin(None, 30, 10)) == (0, 0, 0)


def row(account="A", region="29", **people):
    """An account-night with people by department code, largest first."""
    packed = [
        code * 2**32 + count
        for code, count in sorted(((int(c[1:]), n) for c, n in people.items()), key=lambda x: -x[1])
    ]
    places = dict.fromkeys((f"place_{n + 1}" for n in range(PLACES)), 0) | {
        f"place_{n + 1}": value for n, value in enumerate(packed)
    }
    return {"account": account, "region": region, "placed_people": sum(people.values()), "far_people": 0, **places}


def far(mix, *rows):
    told = with_far(pl.DataFrame(rows), mix, Baselines())
    return dict(told.select("account", pl.struct("far_people", "placed_people")).iter_rows())


def mixed(*nights):
    mix = empty(MIX)
    for rows in nights:
        mix = learn_places(pl.DataFrame(rows), mix, Baselines())
    return mix


def test_people_from_departments_seldom_read_are_far():
    mix = mixed(*[[row(d29=18, d56=2)]] * 5)
    assert far(mix, row(d29=10, d56=3, d13=7))["A"] == {"far_people": 7, "placed_people": 20}


def test_people_of_small_departments_are_far_as_on_every_night():
    mix = mixed(*[[row(d29=18, d56=2)]] * 5)
    crowd = row(d29=10) | {"placed_people": 14}
    assert far(mix, crowd)["A"]["far_people"] == 4


def test_an_account_without_history_leans_on_its_region():
    mix = mixed(*[[row(d29=20), row("B", "13", d13=20)]] * 5)
    tonight = [row(d29=20), row("B", "13", d13=20), row("N", "29", d29=9, d13=8)]
    assert far(mix, *tonight)["N"]["far_people"] == 8


def test_without_any_history_nothing_can_be_told():
    assert far(empty(MIX), row(d29=20))["A"] == {"far_people": 0, "placed_people": 0}


def test_one_night_of_a_robot_does_not_make_the_country_a_home():
    mix = mixed(*[[row(d29=40)]] * 20, [row(d13=9_000)])
    weights = dict(mix.select("code", "weight").iter_rows())
    assert weights[13] <= weights[29] / 3


def test_who_woke_up_keeps_its_absence_for_two_weeks():
    seen, told = empty(SEEN), {}
    rows = pl.DataFrame({"account": ["A", "B"]})
    for day in (0, 40, 41, 53, 54, 60):
        here = rows if day in (0, 40) else rows.head(1)
        after = with_carried(here, night(day), None, seen, empty(MIX), (), Baselines())
        told[day] = after["days_away"].to_list()
        seen = learn_seen(here, night(day), seen, Baselines())
    assert told == {0: [0, 0], 40: [40, 40], 41: [40], 53: [40], 54: [1], 60: [6]}
    assert seen["last"].to_list() == [night(60), night(40)]


def states(*nights):
    """Tell absence, days unseen and age of B on nights, each a day and the accounts that were there."""
    seen, told = empty(SEEN), {}
    for day, accounts in nights:
        rows = pl.DataFrame({"account": list(accounts)})
        after = with_carried(rows, night(day), None, seen, empty(MIX), (), Baselines())
        mine = after.filter(pl.col("account") == "B").select("days_away", "days_unseen", "account_age")
        told |= {day: mine.row(0)} if mine.height else {}
        awake = just_awake(after.filter(pl.col("account") == "B"), Baselines())
        told |= {(day, "awake"): bool(awake[0])} if mine.height else {}
        seen = learn_seen(rows, night(day), seen, Baselines())
    return told


def test_who_appears_late_is_new_for_two_weeks_and_not_back_from_an_absence():
    told = states((0, "A"), (40, "AB"), (41, "AB"), (53, "AB"), (54, "AB"), (60, "AB"))
    assert {day: told[day] for day in (40, 41, 53, 54, 60)} == {
        40: (0, 40, 0),
        41: (1, 40, 1),
        53: (12, 40, 13),
        54: (1, 0, 14),
        60: (6, 0, 20),
    }
    assert [told[day, "awake"] for day in (40, 53, 54)] == [True, True, False]


def test_who_was_there_and_comes_back_was_away_and_has_its_age():
    told = states((0, "AB"), (40, "AB"), (41, "AB"))
    assert (told[0], told[40], told[41]) == ((0, 0, 0), (40, 0, 40), (40, 0, 41))
    assert told[40, "awake"]


def test_who_appears_in_the_first_weeks_of_the_logs_is_new_and_not_awake():
    told = states((0, "A"), (10, "AB"), (50, "AB"))
    assert (told[10], told[50]) == ((0, 10, 0), (40, 0, 40))
    assert not told[10, "awake"]
