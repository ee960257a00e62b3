from datetime import date, timedelta

from tocsin.model.weather import Skies

KEY = ("gp", "people")


def skies(*factors, day="working"):
    held = Skies()
    for at, factor in enumerate(factors):
        held = held.learn(date(2022, 3, 7) + timedelta(days=at), day, {KEY: factor}, 28)
    return held


def test_expects_the_factor_of_the_same_weekday():
    held = skies(2.0, 1, 1, 1, 1, 1, 1, 2.0, 1)
    assert held.expect(date(2022, 3, 21), "working", [KEY]) == {KEY: 2.0}


def test_expects_the_class_of_day_while_weekdays_are_few():
    assert skies(0.8, 1.2).expect(date(2022, 3, 21), "working", [KEY]) == {KEY: 1.0}


def test_expects_nothing_special_of_a_day_never_seen():
    assert skies(0.5).expect(date(2022, 3, 13), "closed", [KEY]) == {KEY: 1.0}


def test_holidays_borrow_from_other_closed_days():
    held = skies(0.2, day="closed")
    assert held.expect(date(2022, 4, 18), "closed", [KEY]) == {KEY: 0.2}


def test_a_holiday_on_a_friday_is_not_expected_of_the_next_friday():
    held = skies(1, 1, 1, 1, 1.2, 1, 1, 1, 1, 1, 1, 1.2).learn(date(2022, 3, 25), "closed", {KEY: 0.1}, 28)
    assert held.expect(date(2022, 4, 1), "working", [KEY]) == {KEY: 1.2}


def test_a_night_of_two_classes_of_day_has_a_sky_for_each():
    held = skies(1.0).learn(date(2022, 3, 7), "closed", {KEY: 0.2}, 28)
    assert held.expect(date(2022, 3, 8), "working", [KEY]) == {KEY: 1.0}
    assert held.expect(date(2022, 3, 8), "closed", [KEY]) == {KEY: 0.2}


def test_forgets_nights_beyond_the_window():
    held = skies(*([1.0] * 40))
    assert len(held.nights) == 28
