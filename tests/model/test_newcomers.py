from datetime import date, timedelta

import polars as pl

from tocsin.model.carried import SEEN
from tocsin.model.memory import Memory
from tocsin.model.newcomers import with_newcomers
from tocsin.model.nights import Past
from tocsin.settings import MoreStrangers

FIRST = date(2022, 2, 14)
RULES = MoreStrangers()


def newcomers(tonight, nights=10, accounts=1, usual=(9, 16, 9, 16), profession="gp", rules=RULES):
    """Give newcomers_above and newcomers_usual of the first account; `tonight`: new people by account."""
    names = [f"A{number}" for number in range(accounts)]
    table = [
        (name, FIRST + timedelta(days=6 + day), usual[day % len(usual)]) for name in names for day in range(nights)
    ]
    past = pl.DataFrame(table, schema={"account": pl.String, "night": pl.Date, "new_people": pl.Int64}, orient="row")
    seen = pl.DataFrame([(name, FIRST, FIRST, None, None) for name in names], schema=SEEN, orient="row")
    rows = pl.DataFrame({"account": names, "profession": [profession] * accounts, "new_people": tonight})
    told = with_newcomers(rows, Memory(Past.of(past), seen=seen), rules)
    return told.select("newcomers_above", "newcomers_usual").row(0)


def test_more_strangers_than_usual_are_counted_in_the_accounts_own_spreads():
    steadier_than_chance = newcomers([40], usual=(12,))
    assert steadier_than_chance == (round(200 * (40.375**0.5 - 12.375**0.5)), 12)
    assert newcomers([40])[0] < steadier_than_chance[0]
    assert newcomers([12])[0] in range(5)


def test_who_has_wild_nights_needs_more():
    assert newcomers([40], usual=(1, 60))[0] < 100


def test_fewer_than_usual_and_too_few_nights_say_nothing():
    assert newcomers([0])[0] == 0
    assert newcomers([40], nights=6)[0] == 0


def test_what_a_whole_profession_has_more_of_is_taken_off():
    assert newcomers([40] * 25, accounts=25)[0] == 0
    assert newcomers([40] * 25, accounts=25, profession=None)[0] == 0
    assert newcomers([40] * 19, accounts=19)[0] > 400
    assert newcomers([40] + [12] * 24, accounts=25)[0] > 400


def test_without_a_past_nothing_is_above():
    rows = pl.DataFrame({"account": ["A"], "profession": ["gp"], "new_people": [4]})
    assert with_newcomers(rows, Memory(), MoreStrangers()).row(0)[-2:] == (0, 0)
