"""What the coming weeks will bring where they hold other days than those replayed."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import polars as pl
import pytest

from tocsin.rules.overlay import Overlays
from tocsin.settings import Settings
from tocsin.tune.ground import _weeks
from tocsin.tune.weeks import calendar_of, kinds_of, weeks_of
from tuned_log import RULE, written
from tuned_outcomes import day

MONDAY = date(2026, 4, 27)
MAY = frozenset({date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25)})


def nights(first, count):
    return [first + timedelta(days=number) for number in range(count)]


def coming(alerts, *, first=MONDAY, saturdays=1.0, holidays=MAY):
    """New alerts a night to come, from 27 April 2026 on, of those of nights before."""
    replayed = nights(first - timedelta(days=len(alerts)), len(alerts))
    named = {night: int(60 * saturdays) if night.isoweekday() == 6 else 60 for night in replayed}
    due = weeks_of(replayed, first, holidays).reckoned(alerts, list(named.values()))
    return sum(alerts) / len(alerts) if due is None else due


def test_a_day_after_a_closed_one_is_told_from_others():
    told = kinds_of(nights(date(2026, 5, 1), 5), MAY)
    assert told == ("closed", "saturday_after", "closed", "after", "working")
    assert kinds_of(nights(date(2026, 5, 14), 3), MAY) == ("closed", "after", "saturday")


WEEK = [40, 5, 5, 5, 5, 5, 5]


def test_weeks_with_more_days_after_closed_ones_bring_more():
    """Of 28 nights from 27 April three are Mondays, four are as Mondays, with 40 alerts."""
    assert coming(WEEK * 4, saturdays=0.0) == pytest.approx(5 + 35 * 5 / 28, rel=0.02)
    assert coming(WEEK * 4) == pytest.approx(5 + 35 * 7 / 28, rel=0.02), "two of them Saturdays, which name as many"
    assert coming(WEEK * 4, saturdays=0.5) == pytest.approx(5 + 35 * 6 / 28, rel=0.02)


def test_weeks_of_the_same_days_bring_what_was():
    assert coming(WEEK * 4, holidays=frozenset()) == 10
    assert coming([0] * 28) == 0


def test_what_may_be_chance_is_not_taken_for_a_difference():
    assert coming([7, 5, 4, 6, 5, 5, 4] * 4) == pytest.approx(36 / 7)
    restless = [40, 5, 5, 5, 5, 5, 5, 0, 40, 5, 5, 5, 5, 5, 1, 5, 5, 5, 40, 5, 5, 0, 5, 40, 5, 5, 5, 5]
    assert coming(restless) == pytest.approx(sum(restless) / 28), "no more on Mondays than on others"


def test_a_difference_of_few_nights_is_trusted_in_part():
    """Of one week: 5 a night and 12 on its Monday, which is 6 above the mean of 6, where chance is 2.4."""
    assert coming([12, 5, 5, 5, 5, 5, 5]) == pytest.approx(6 + (7 / 28 - 1 / 7) * 6 * (1 - 6 / 36))
    assert coming([12, 5, 5, 5, 5, 5, 5], saturdays=0.0) == 6, "3 % more are not worth telling"


def test_a_holiday_that_was_replayed_and_does_not_come_again_counts_less():
    """Three weeks of which one has its Friday closed, before weeks without."""
    first = date(2026, 6, 15)
    weeks = [40, 5, 5, 5, 5, 5, 5, 40, 5, 5, 5, 5, 5, 5, 5, 40, 5, 5, 5, 5, 5]
    assert coming(weeks, first=first) == pytest.approx(10, rel=0.02)


@pytest.mark.parametrize(("regions", "code"), [(["57", "67"], "FR-57"), (["57"], None), (["75"], None)])
def test_the_calendar_is_that_of_most_accounts(tmp_path, regions, code):
    told = SimpleNamespace(when={"region": tuple(regions)}, holidays="FR-57")
    rows = pl.DataFrame({"region": ["57", "67", "75"]})
    assert calendar_of(SimpleNamespace(calendars=[told]), rows) == code
    assert calendar_of(Overlays(), rows) is None


@pytest.mark.parametrize(
    ("now", "first"), [("2026-03-20T12:00", 26), ("2026-04-07T12:00", 36), ("2026-04-06T22:30", 36)]
)
def test_the_coming_weeks_begin_today_or_after_the_last_night(now, first):
    """Four weeks from 2 March; half past ten at night is the next day in Paris."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    asked = SimpleNamespace(now=moment, settings=Settings(), overlays=Overlays())
    told = _weeks(asked, [day(number) for number in range(26)], pl.DataFrame())
    assert (told.first, len(told.coming)) == (day(first), 28)
    assert told.coming.count("closed") == 5, "four Sundays, and Easter Monday or the first of May"


@pytest.mark.no_cover
def test_what_the_coming_weeks_hold_is_told(tune, tmp_path):
    """A1 to A3 ring on the only Saturday of nine nights; of the next 28 four are, two of them after a holiday."""
    log = written(tmp_path / "log.csv", bursts={("A1", 5): 100, ("A2", 5): 125, ("A3", 5): 95})
    asked = (*RULE, "--values", "98,120", "--alerts-per-night", "0.3")
    code, out, _err = tune(*asked, "--now", "2026-12-22T08:00:00+00:00", logs=log)
    assert code == 0
    assert (
        "The next 28 nights, from 2026-12-22, hold other days than those replayed: 6 closed ones (1 of those replayed), "
        "4 working days after a closed one (2), 14 other working days (5), 2 Saturdays after a closed day (0), "
        "2 other Saturdays (1)."
    ) in out
    assert "By that today's rules would bring about 0.42 new alerts a night, 0.33 on those replayed." in out
    assert "Together: distinct_people_1h gte 98: 0.22 new alerts a night, 0.33 today" in out
