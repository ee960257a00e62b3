from datetime import date, timedelta

import polars as pl

from tocsin.model.carried import SEEN
from tocsin.model.memory import Memory
from tocsin.model.newcomers import with_newcomers
from tocsin.model.nights import Past
from tocsin.model.older import OLDER, Blocks, Older
from tocsin.settings import MoreStrangers, OlderNights

FIRST = date(2022, 2, 14)
RULES, ALONE = MoreStrangers(), MoreStrangers(peer_nights=0)


def told_of(rows, memory, rules):
    if "region" not in rows.columns:
        rows = rows.with_columns(region=pl.lit(None, pl.String))
    older = Older.of(memory.older, rows["account"], OlderNights())
    return with_newcomers(rows, memory, older, rules)


def newcomers(tonight, nights=10, accounts=1, usual=(9, 16, 9, 16), profession="gp", rules=RULES, regions=None):
    """Give newcomers_above and newcomers_usual of the first account; `tonight`: new people by account."""
    names = [f"A{number}" for number in range(accounts)]
    table = [
        (name, FIRST + timedelta(days=6 + day), usual[day % len(usual)]) for name in names for day in range(nights)
    ]
    past = pl.DataFrame(table, schema={"account": pl.String, "night": pl.Date, "new_people": pl.Int64}, orient="row")
    seen = pl.DataFrame([(name, FIRST, FIRST, None, None) for name in names], schema=SEEN, orient="row")
    professions = profession if isinstance(profession, list) else [profession] * accounts
    rows = pl.DataFrame({"account": names, "profession": professions, "region": regions, "new_people": tonight})
    told = told_of(rows, Memory(Past.of(past), seen=seen), rules)
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


def test_what_a_region_has_more_of_is_taken_off_though_the_profession_has_not():
    flu, calm = [40] * 25, [12] * 75
    regions = ["29"] * 25 + ["35"] * 75
    assert newcomers(flu + calm, accounts=100, regions=regions)[0] == 0
    assert newcomers(flu + calm, accounts=100)[0] > 400
    alone = [40, *[12] * 24]
    assert newcomers(alone + calm, accounts=100, regions=regions)[0] > 400, "nobody else of the region"
    elsewhere = [12] * 25 + [40] * 75
    assert newcomers([40, *elsewhere[1:]], accounts=100, regions=regions)[0] > 400, "those elsewhere have the epidemic"


def test_where_a_region_has_few_of_a_profession_everybody_there_counts():
    professions = ["pharmacist"] * 10 + ["gp"] * 15 + ["pharmacist"] * 75
    regions = ["29"] * 25 + ["35"] * 75
    assert newcomers([40] * 25 + [12] * 75, accounts=100, profession=professions, regions=regions)[0] == 0
    only_pharmacists = [40] * 10 + [12] * 15 + [40] * 75
    assert newcomers(only_pharmacists, accounts=100, profession=professions, regions=regions)[0] == 0
    nobody = ["gp"] * 25 + ["pharmacist"] * 75
    assert newcomers([40] + [12] * 99, accounts=100, profession=nobody, regions=[None] * 100)[0] > 400


def test_without_a_past_nothing_is_above():
    rows = pl.DataFrame({"account": ["A"], "profession": ["gp"], "new_people": [4]})
    assert told_of(rows, Memory(), MoreStrangers()).row(0)[-2:] == (0, 0)


def with_older(older_root, accounts, nights=10, before=40, tonight=16, own=None):
    """Give newcomers_above and newcomers_usual of the first account, beside the sums of nights before those held.

    All accounts had 12 new people a night of late; before, `older_root` of them (the first `own`).
    """
    names = [f"A{number}" for number in range(accounts)]
    table = [(name, FIRST + timedelta(days=day), 12) for name in names for day in range(nights)]
    past = pl.DataFrame(table, schema={"account": pl.String, "night": pl.Date, "new_people": pl.Int64}, orient="row")
    began = FIRST - timedelta(days=100)
    seen = pl.DataFrame([(name, began, began, None, None) for name in names], schema=SEEN, orient="row")
    usual = [older_root] * accounts if own is None else [own] + [older_root] * (accounts - 1)
    roots = [round(200 * (one + 0.375) ** 0.5) for one in usual]
    sums = {"account": names, "settled": before, "roots": [before * one for one in roots]}
    sums |= {"night": began, "last": began, "squares": [before * one * one for one in roots]}
    older = pl.DataFrame(sums).with_columns(pl.lit(0).alias(one) for one in OLDER if one not in sums)
    older = older.select(pl.col(name).cast(dtype) for name, dtype in OLDER.items())
    rows = pl.DataFrame({"account": names, "profession": "gp", "new_people": [tonight] + [12] * (accounts - 1)})
    told = told_of(rows, Memory(Past.of(past), seen=seen, older=Blocks.of(older)), MoreStrangers(peer_nights=0))
    return told.select("newcomers_above", "newcomers_usual").row(0)


def test_who_had_fewer_strangers_before_the_nights_held_has_more_than_usual_tonight():
    stayed = with_older(12, 20, own=4)
    assert stayed[1] == 5
    assert stayed[0] > with_older(12, 20)[0] + 150


def test_what_the_whole_profession_had_more_of_in_older_nights_is_no_usual_of_today():
    """The longer logs are held the fewer people are new."""
    assert with_older(30, 20)[1] == 12
    assert with_older(30, 20)[0] == with_older(12, 20)[0]
    assert with_older(12, 20, own=30)[1] > 20


def test_older_nights_of_a_small_profession_say_nothing():
    assert with_older(30, 19) == newcomers([16] + [12] * 18, nights=10, accounts=19, usual=(12,), rules=ALONE)


def test_an_account_of_few_nights_leans_on_its_profession():
    """Seven nights of 2 new people each, in a profession that has 12 as a rule."""
    few = [("A0", FIRST + timedelta(days=6 + day), 2) for day in range(7)]
    many = [(f"A{one}", FIRST + timedelta(days=6 + day), 12) for one in range(1, 30) for day in range(20)]
    schema = {"account": pl.String, "night": pl.Date, "new_people": pl.Int64}
    past = Past.of(pl.DataFrame(few + many, schema=schema, orient="row"))
    names = [f"A{one}" for one in range(30)]
    seen = pl.DataFrame([(name, FIRST, FIRST, None, None) for name in names], schema=SEEN, orient="row")
    rows = pl.DataFrame({"account": names, "profession": "gp", "new_people": [8] + [12] * 29})
    alone, leaning = (told_of(rows, Memory(past, seen=seen), rules).row(0) for rules in (ALONE, MoreStrangers()))
    assert (alone[-1], leaning[-1]) == (2, 5)
    assert alone[-2] > leaning[-2] + 100


def test_it_leans_little_where_the_accounts_of_the_profession_differ():
    """Practices of 2 to 90 new people a night, all as steady: the mean of the first says more than all the others."""
    days = range(7)
    table = [
        (f"A{one:02}", FIRST + timedelta(days=6 + day), 2 + 3 * one + (day % 2)) for one in range(30) for day in days
    ]
    schema = {"account": pl.String, "night": pl.Date, "new_people": pl.Int64}
    past = Past.of(pl.DataFrame(table, schema=schema, orient="row"))
    names = [f"A{one:02}" for one in range(30)]
    seen = pl.DataFrame([(name, FIRST, FIRST, None, None) for name in names], schema=SEEN, orient="row")
    rows = pl.DataFrame({"account": names, "profession": "gp", "new_people": [3 * one + 2 for one in range(30)]})
    alone, leaning = (told_of(rows, Memory(past, seen=seen), rules) for rules in (ALONE, MoreStrangers()))
    assert leaning["newcomers_usual"].to_list() == alone["newcomers_usual"].to_list()
