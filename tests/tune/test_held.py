"""Which nights of a state are replayed, and from where they are measured."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from tocsin.errors import SettingsError
from tocsin.rules.rule import RuleSet
from tocsin.tune.held import held_nights

FIRST = date(2026, 1, 1)


def day(number):
    return FIRST + timedelta(days=number)


@pytest.fixture
def held(monkeypatch):
    """Choose nights of a state that has judged 100 nights and holds 101, on the last of which nothing happened yet."""
    monkeypatch.setattr("tocsin.tune.held.Lake", SimpleNamespace(of=lambda *_asked: "lake"))
    monkeypatch.setattr("tocsin.tune.held.Seen", lambda _files, _manifest, back: back)
    monkeypatch.setattr("tocsin.tune.held.confirmed_on", lambda *asked: asked)
    monkeypatch.setattr("tocsin.tune.held.Remembered", lambda *asked, confirmed: (asked[0], asked[-1], confirmed))

    def choose(since=None, until=None, *, reach=0, silent=()):
        monkeypatch.setattr("tocsin.tune.held.reach", lambda _rules: timedelta(days=reach))
        nights = {day(number): SimpleNamespace(events=number not in silent) for number in range(101)}
        judged = [day(number) for number in range(100)]
        state = SimpleNamespace(files=None, manifest=SimpleNamespace(nights=nights, judged=judged, accounts=None))
        return held_nights(state, RuleSet((), (), ""), since, until, "decisions")

    return choose


def test_sixty_nights_are_told_four_weeks_before_them_judged_and_one_more_read(held):
    told = held()
    assert (told.since, told.first, told.nights[0], told.nights[-1]) == (day(40), day(12), day(11), day(99))
    assert told.past == (day(11), day(12), (day(12), "decisions", "lake")), "who was confirmed before is heard"


def test_the_last_night_is_the_one_that_is_asked_for_or_that_holds_anything(held):
    assert held(until=day(98)).nights[-1] == day(98)
    assert held(silent=[99]).nights[-1] == day(98)
    assert held(since=day(99)).first == day(71)
    assert held(until=day(50)).first == day(0), "there are no more nights before"


def test_rules_that_look_back_are_given_the_nights_for_that(held):
    assert held(reach=8).nights[0] == day(3)


def test_a_window_without_a_night_is_refused_with_what_there_is(held):
    with pytest.raises(SettingsError, match="no night of the window asked for; it has judged 2026-01-01, 2026-04-10"):
        held(since=day(100))
    with pytest.raises(SettingsError, match="no night of the window"):
        held(until=day(-1))
