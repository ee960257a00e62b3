"""Where an account is at home, whoever came first."""

from itertools import groupby

from made import night, stored
from practice import ELSEWHERE, EXTRA, HOME, practice, reading, strangers
from tocsin.settings import Settings
from tocsin.settings_sessions import Sessions
from tocsin.verdict.habits import family
from tocsin.verdict.home import home_of
from tocsin.verdict.stretches import stretches, with_stretch


def home(rows, named):
    events = with_stretch(stored(*rows).drop(*EXTRA), Settings())
    nights = [(day, list(group)) for day, group in groupby(stretches(events, "Europe/Paris"), lambda one: one.night)]
    return home_of(nights, night(named), Sessions())


def every_night(days, count=6, **more):
    return [row for day in days for row in reading(day, strangers(count, day), start=60, session="x", **more)]


def test_the_network_of_most_nights_is_home_and_a_frequent_strangers_is_not():
    found = home([*practice(range(12)), *every_night(range(12), **ELSEWHERE)], 12)
    assert (found.networks, found.returned, found.strange) == ({"10.0.0"}, {"10.0.0"}, {"51.68.3"})


def test_an_account_without_any_network_of_most_nights_is_at_home_in_its_browser():
    rows = [row for day in range(12) for row in practice([day], ip=f"37.{day}.7.1")]
    found = home([*rows, *every_night(range(0, 12, 2), **HOME | {"ip": "51.68.3.9"})], 12)
    assert (found.networks, found.devices, found.strange) == (set(), {family(HOME["user_agent"])}, {"51.68.3"})
    one, other = (reading(3, ["p1"], **HOME | {"ip": ip}) for ip in ("37.3.7.1", "51.68.3.9"))
    held = [stretches(with_stretch(stored(*each).drop(*EXTRA), Settings()), "Europe/Paris")[0] for each in (one, other)]
    assert [found.holds(each) for each in held] == [True, False]


def test_what_read_most_on_an_early_alert_is_not_home_unless_people_come_back():
    thief = [row for day in range(8) for row in reading(day, strangers(30, day), session="x", **ELSEWHERE)]
    assert not home(thief, 1).is_known
    desk = [row for day in range(8) for row in reading(day, strangers(20, day, "p"), **HOME)]
    assert home([*desk, *thief], 1).networks == {"10.0.0"}
    assert home(thief, 6).networks == {"51.68.3"}
    assert home(practice(range(8)), 1).networks == {"10.0.0"}


def test_a_network_seen_on_too_few_nights_is_no_home():
    assert not home(practice(range(3)), 3).is_known


def test_much_reading_on_few_nights_or_little_on_many_is_no_home():
    desk = [row for day in range(12) for row in reading(day, strangers(20, day, "p"), **HOME)]
    assert home([*desk, *every_night(range(12), 2, **ELSEWHERE)], 12).networks == {"10.0.0"}
    assert home([*desk, *every_night(range(2), 100, **ELSEWHERE)], 12).networks == {"10.0.0"}


def test_addresses_that_cannot_be_read_are_a_home_too():
    found = home([row | {"ip": None} for row in practice(range(8))], 8)
    assert (found.networks, found.returned) == ({None}, set())


def test_a_network_that_took_the_place_of_another_is_a_move_and_one_beside_it_is_not():
    moved = [row for day in range(8, 12) for row in practice([day], ip="90.7.7.7")]
    assert home([*practice(range(8)), *moved], 12).moved == {"10.0.0", "90.7.7"}
    beside = every_night(range(4, 11), **ELSEWHERE)
    assert home([*practice(range(8)), *moved, *beside], 12).moved == {"10.0.0", "90.7.7"}
    back = [row | {"session": "back"} for row in practice([10])]
    assert home([*practice(range(8)), *moved, *back], 12).moved == set()


def test_one_person_who_comes_back_makes_no_home():
    again = [row for day in range(5) for row in reading(day, ["one"], start=60, session="x", **ELSEWHERE)]
    assert home([*practice(range(12)), *again], 12).returned == {"10.0.0"}
