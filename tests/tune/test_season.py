"""Seasons: alerts of one family that come together, and a cap that ends with them."""

from datetime import date, timedelta

import polars as pl
import pytest

from tocsin.tune.advice import Advice
from tocsin.tune.knobs import CAP, Knob
from tocsin.tune.known import Fate
from tocsin.tune.outcome import Alerted, Outcome
from tocsin.tune.plan import Plan
from tocsin.tune.plan_words import advice_text
from tocsin.tune.season import season_of

FIRST = date(2026, 7, 1)


def day(number):
    return FIRST + timedelta(days=number)


def outcome(counts, family="geography"):
    nights = [Alerted(day(at), n, {}, frozenset(), {family: n}) for at, n in enumerate(counts)]
    return Outcome(pl.DataFrame(), nights)


@pytest.mark.parametrize(
    ("counts", "nights"),
    [
        ([0, 0, 0, 1, 3, 4, 2, 0, 0, 0], (4, 6)),
        ([1, 0, 0, 0, 0, 0, 0, 3, 3, 3], (7, 9)),
        ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], None),
        ([0, 0, 0, 0, 0, 5, 0, 0, 0, 0], None),
        ([3, 0, 0, 0, 0, 0, 0, 0, 0, 3], None),
    ],
)
def test_a_season_is_the_shortest_run_of_nights_with_most_of_the_alerts(counts, nights):
    found = season_of(outcome(counts), "geography")
    assert (found and (found.first, found.last)) == (nights and tuple(map(day, nights)))
    assert found is None or found.goes_on is (nights[1] == 9)


def test_who_rings_most_is_said_with_its_season_and_the_way_to_cap_it():
    nobody = Fate((), (), 0)

    def told(counts, family="geography", turned=()):
        now = outcome(counts, family)
        return advice_text(Advice(Plan(1.0, now, nobody, dict(turned), now, nobody)))

    goes_on = told([0] * 7 + [3, 3, 3])
    assert "9 of them came from 2026-07-08 to 2026-07-10, which looks like a season: a cap can be set for as" in goes_on
    assert "`--take geography=2 --season YYYY-MM-DD`" in goes_on
    capped = told(
        [0] * 7 + [3, 3, 3], turned={Knob(name, CAP, (3,)): cap for name, cap in (("origin", 4), ("geography", 2.5))}
    )
    assert "`--take geography=2.5 --season YYYY-MM-DD`" in capped
    assert "2026-07-01 to 2026-07-03, which looks like a season and seems over." in told([3, 3, 3] + [0] * 7)
    assert "season" not in told([1] * 10)
    assert "--take" not in told([0] * 7 + [3, 3, 3], "outlier")
