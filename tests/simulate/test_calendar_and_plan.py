from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from tocsin.simulate.days import days, utc_milliseconds
from tocsin.simulate.departments import DEPARTMENTS
from tocsin.simulate.plan import base_sizes, base_starts, plan
from tocsin.simulate.population import populate
from tocsin.simulate.professions import PROFESSIONS
from tocsin.simulate.randomness import Purpose, below, scatter, share, stream
from tocsin.simulate.rhythms import Rhythm, moments


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 3, 29), date(2026, 7, 1), date(2026, 10, 25)])
def test_turns_wall_clocks_into_the_instants_of_the_zone_database(day):
    wall = np.arange(0, 24 * 3_600_000, 600_000)
    epoch, offset = utc_milliseconds(day, wall)
    for moment, instant, minutes in zip(wall.tolist(), epoch.tolist(), offset.tolist(), strict=True):
        naive = datetime(day.year, day.month, day.day, moment // 3_600_000, moment // 60_000 % 60)
        assert instant == naive.replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC).timestamp() * 1000
        local = datetime.fromtimestamp(instant / 1000, ZoneInfo("Europe/Paris"))
        assert minutes == local.utcoffset().total_seconds() / 60


def test_closes_on_holidays_of_the_department():
    easter = days(date(2026, 4, 1), 7)
    friday, monday = 2, 5
    assert easter.closed[DEPARTMENTS.index("67"), friday]
    assert not easter.closed[DEPARTMENTS.index("75"), friday]
    assert easter.closed[DEPARTMENTS.index("75"), monday]
    assert days(date(2026, 5, 20), 5).closed[DEPARTMENTS.index("973")].sum() == 0


def test_practices_stay_closed_on_a_holiday():
    calendar = days(date(2026, 4, 27), 7)
    population = populate(3, 300)
    drawn = plan(population, calendar)
    doctors = population.of("generaliste")
    assert drawn.people[doctors, 4].sum() < 0.1 * drawn.people[doctors, 3].sum()


def test_gives_every_new_person_of_a_base_a_number_of_its_own():
    population = populate(3, 200)
    fresh = plan(population, days(date(2026, 3, 2), 4)).fresh
    starts, sizes = base_starts(population, fresh), base_sizes(population, fresh)
    for base in np.unique(population.base):
        members = np.flatnonzero(population.base == base)
        numbers = []
        for night in range(4):
            assert (sizes[members, night] == population.base_size[members[0]] + len(numbers)).all()
            for account in members:
                numbers.extend(range(starts[account, night], starts[account, night] + fresh[account, night]))
        assert numbers == list(range(population.base_size[members[0]], population.base_size[members[0]] + len(numbers)))


def test_draws_new_people_by_profession():
    population = populate(3, 2_000)
    drawn = plan(population, days(date(2026, 3, 2), 10))
    for profession in PROFESSIONS[:5]:
        accounts = population.of(profession.name)
        found = drawn.fresh[accounts].sum() / drawn.people[accounts].sum()
        assert profession.new_people[0] < found < profession.new_people[1]


def test_a_longer_simulation_begins_like_a_shorter_one():
    population = populate(3, 100)
    short, long = plan(population, days(date(2026, 3, 2), 3)), plan(population, days(date(2026, 3, 2), 9))
    assert (short.people == long.people[:, :3]).all()


def test_takes_holidays():
    population = populate(8, 400)
    drawn = plan(population, days(date(2026, 3, 2), 28))
    doctors = population.of("generaliste")
    weeks_without = (drawn.people[doctors].reshape(len(doctors), 4, 7).sum(axis=2) == 0).sum()
    assert 0 < weeks_without < 0.35 * 4 * len(doctors)


def test_shares_professions_out_to_the_last_account():
    for accounts in (1, 7, 150, 1_999):
        population = populate(1, accounts)
        assert len(population) == len(set(population.accounts)) == accounts


def test_populates_only_the_departments_asked_for():
    population = populate(1, 300, ("22", "29"))
    assert {DEPARTMENTS.codes[place] for place in population.department} == {"22", "29"}


def test_moves_an_overseas_day_by_the_clock_of_paris():
    population = populate(1, 300, ("972", "974"))
    west = population.department == DEPARTMENTS.index("972")
    assert population.shift_seconds[west].min() > 3 * 3_600
    assert population.shift_seconds[~west].max() < -1 * 3_600


def test_opens_no_practice_at_lunch_on_a_closed_hour():
    toss = np.linspace(0, 1, 10_000, endpoint=False)
    seconds = moments(np.full(10_000, Rhythm.DESK_NIGHT), np.zeros(10_000), toss)
    assert not ((seconds > 7 * 3_600 + 1) & (seconds < 20.5 * 3_600 - 1)).any()


def test_hashes_evenly_and_repeatably():
    words = scatter(4, np.arange(50_000))
    assert (words == scatter(4, np.arange(50_000))).all()
    assert abs(share(words).mean() - 0.5) < 0.01
    assert set(below(words, 7).tolist()) == set(range(7))
    assert int(scatter(1)[0]) != int(scatter(2)[0])


def test_opens_independent_streams():
    one, other = stream(1, Purpose.VISITS, 3), stream(1, Purpose.VISITS, 4)
    assert one.random() != other.random()
    assert stream(1, Purpose.VISITS, 3).random() == stream(1, Purpose.VISITS, 3).random()
