"""Company behind an address, counted by hand."""

from datetime import date, timedelta

import polars as pl

from portal import FIRST, rows
from tocsin.features.catalogue import JUDGED
from tocsin.model.assess import About, assess
from tocsin.model.company import ADDRESSES, learn_addresses, with_company
from tocsin.model.memory import Memory
from tocsin.schema import empty
from tocsin.settings import Desks, Settings

NIGHT = date(2022, 3, 14)


def tonight(count, structure=None):
    return pl.DataFrame(
        {"account": [f"A{n}" for n in range(count)], "structure": [structure] * count},
        schema_overrides={"structure": pl.String},
    )


def behind(ip, count):
    return pl.DataFrame(
        {"account": [f"A{n}" for n in range(count)], "ip": [ip] * count}, schema_overrides={"ip": pl.String}
    )


def known(**holders):
    rows = [(ip, number, NIGHT - timedelta(days=1)) for ip, number in holders.items()]
    return pl.DataFrame(rows, schema=ADDRESSES, orient="row")


def company(people, origins, addresses):
    return with_company(people, origins, addresses, Desks())["company"].to_list()


def test_many_behind_an_address_that_never_had_them_are_company():
    assert company(tonight(7), behind("x", 6), known()) == [6, 6, 6, 6, 6, 6, 0]
    assert company(tonight(4), behind("x", 4), known()) == [0] * 4
    assert company(tonight(6), behind(None, 6), known()) == [0] * 6


def test_a_way_out_that_always_has_many_is_none():
    assert company(tonight(8), behind("x", 8), known(x=3)) == [0] * 8
    assert company(tonight(9), behind("x", 9), known(x=3)) == [9] * 9


def test_one_structure_on_a_new_address_is_none():
    assert company(tonight(300, "hospital"), behind("x", 300), known()) == [0] * 300


def learned(addresses, count, day=0, *, first=False):
    night = NIGHT + timedelta(days=day)
    return learn_addresses(tonight(max(count, 1)), night, behind("x", count), addresses, Desks(), first=first)


def test_a_robot_does_not_teach_its_address_in_one_night_and_the_first_nights_do():
    addresses, rang = empty(ADDRESSES), []
    for day in range(6):
        rang.append(company(tonight(19), behind("x", 19), addresses)[0])
        addresses = learned(addresses, 19, day)
    assert rang == [19, 19, 19, 19, 0, 0]
    assert learned(empty(ADDRESSES), 19, first=True)["holders"].to_list() == [19]


def test_an_address_of_one_is_not_held_and_one_unused_for_three_months_is_forgotten():
    assert learned(empty(ADDRESSES), 1).is_empty()
    assert learned(known(y=5), 2, day=88)["ip"].to_list() == ["x", "y"]
    assert learned(known(y=5), 2, day=89)["ip"].to_list() == ["x"]


def shared():
    """Fifteen nights of a portal on whose last one twelve practices share an address."""
    memory, seen = Memory(), None
    for (night,), people in rows().partition_by("night", as_dict=True, maintain_order=True).items():
        day = (night - FIRST).days
        last = pl.col("account") < "A012"
        ip = pl.when(last & (day == 14)).then(pl.lit("x")).otherwise("account")
        origins = people.select("account", ip=ip, network="account", read="people", strangers="new_people", sent=0)
        about = About((night, "working"), with_model=False, origins=origins)
        seen = assess(people, memory, JUDGED, Settings(), about)
        memory = seen.learned
    return seen


def test_company_is_judged_and_says_no_more_than_what_is_common():
    seen = shared()
    said = dict(zip(seen.rows["account"], seen.surprises["company"].tolist(), strict=True))
    assert (said["A003"], said["A020"]) == (round(100 * Settings().families.weak), 0)
    assert seen.rows.filter(pl.col("account") == "A003")["company"].item() == 12
