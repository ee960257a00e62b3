import math
from datetime import timedelta
from itertools import product

from portal import FIRST, origins, rows
from tocsin.results import Link
from tocsin.settings import Alerting
from tocsin.verdict.campaign import by_chance, link
from tocsin.verdict.joining import joined

LAST = FIRST + timedelta(days=14)


def groups(addresses, candidates):
    table = origins(rows(), addresses)
    return link(table, LAST, candidates, Alerting())


def shared(ip, *accounts, day=14):
    return {(account, day): ip for account in accounts}


def test_joins_suspects_that_share_a_new_rare_address():
    found = groups(shared("203.0.113.5", "A001", "A002", "A003"), ["A001", "A002", "A003", "A009"])
    assert [group.accounts for group in found] == [("A001", "A002", "A003")]
    address = next(held for held in found[0].links if held.kind == "address")
    assert (address.value, address.population) == ("203.0.113.5", 3)
    assert address.chance < 1e-3


def test_spares_accounts_that_share_an_old_address():
    addresses = shared("203.0.113.5", "A001", "A002", "A003", day=14)
    for day in range(14):
        addresses |= shared("203.0.113.5", "A001", "A002", "A003", day=day)
    assert groups(addresses, ["A001", "A002", "A003"]) == []


def test_spares_an_address_that_many_others_use():
    everybody = [f"A{n:03d}" for n in range(40)]
    assert groups(shared("203.0.113.5", *everybody), ["A001", "A002"]) == []


def test_one_address_of_one_suspect_links_nobody():
    assert groups(shared("203.0.113.5", "A001"), ["A001", "A002"]) == []


def test_values_that_suspects_could_have_shared_count_as_tested():
    suspects = ["A001", "A002", "A003", "A004", "A011", "A012", "A013", "A014"]
    four = shared("203.0.113.5", *suspects[:4])
    assert [group.accounts for group in groups(four, suspects)] == [tuple(suspects[:4])]
    for at, other in enumerate(suspects[4:]):
        four |= shared(f"198.51.{at}.7", other, f"A03{at}")
    assert groups(four, suspects) == [], "four more had company, of others, at addresses new to them"


def test_groups_without_a_common_value_stay_apart():
    one, two = ("A001", "A002", "A003", "A004", "A005"), ("A011", "A012", "A013", "A014", "A015")
    found = groups(shared("203.0.113.5", *one) | shared("198.51.100.7", *two), [*one, *two])
    assert [group.accounts for group in found] == [one, two]


FIRST_FOUR, OTHER_FOUR = ("A001", "A002", "A003", "A004"), ("A011", "A012", "A013", "A014")


def test_one_weak_link_makes_no_campaign_of_two():
    two = shared("203.0.113.5", *FIRST_FOUR) | shared("198.51.100.7", *OTHER_FOUR)
    weak = {("A001", 13): "192.0.2.9", ("A011", 14): "198.51.100.7", ("A011", 13): "192.0.2.9"}
    assert [group.accounts for group in groups(two | weak, [*FIRST_FOUR, *OTHER_FOUR])] == [FIRST_FOUR, OTHER_FOUR]


def held(*accounts, kind="address", chance=1e-5):
    return Link(kind, ".".join(accounts), accounts, len(accounts), chance)


def test_two_links_or_one_of_two_accounts_each_make_one_campaign():
    one, other, everybody = held(*FIRST_FOUR), held(*OTHER_FOUR), {*FIRST_FOUR, *OTHER_FOUR, "A020"}
    bridge, second = held("A001", "A011"), held("A004", "A011", chance=1e-9)
    assert joined([one, other, bridge], everybody, 2) == [{*FIRST_FOUR}, {*OTHER_FOUR}]
    assert joined([one, other, second], everybody, 2) == [{*FIRST_FOUR}, {*OTHER_FOUR}]
    assert joined([one, other, bridge, second], everybody, 2) == [{*FIRST_FOUR, *OTHER_FOUR}]
    assert joined([one, other, held("A001", "A002", "A011", "A012")], everybody, 2) == [{*FIRST_FOUR, *OTHER_FOUR}]
    third = held("A001", "A002", "A011", "A020", chance=1e-4)
    assert joined([one, other, third], everybody, 2) == [
        {*FIRST_FOUR, "A020"},
        {*OTHER_FOUR},
    ]
    assert joined([one, held("A001", "A020")], everybody, 2) == [{*FIRST_FOUR, "A020"}]
    assert joined([], everybody, 2) == []


def test_joins_suspects_that_took_turns_at_one_address():
    turns = {("A001", 12): "203.0.113.5", ("A002", 13): "203.0.113.5", ("A003", 14): "203.0.113.5"}
    found = groups(turns, ["A001", "A002", "A003"])
    assert [group.accounts for group in found] == [("A001", "A002", "A003")]
    assert next(held for held in found[0].links if held.kind == "address").population == 3


def test_spares_suspects_whose_common_address_nobody_uses_tonight():
    turns = {("A001", 11): "203.0.113.5", ("A002", 12): "203.0.113.5", ("A003", 13): "203.0.113.5"}
    assert groups(turns, ["A001", "A002", "A003"]) == []


def test_an_account_that_is_no_suspect_joins_by_address_and_browser():
    found = groups(shared("203.0.113.5", "A001", "A002", "A003", "A020"), ["A001", "A002", "A003"])
    assert found[0].accounts == ("A001", "A002", "A003", "A020")


def test_a_new_browser_alone_joins_nobody():
    addresses = {(f"A00{n}", 14): f"203.0.{113 + n}.5" for n in range(1, 4)}
    assert groups(addresses, ["A001", "A002", "A003"]) == []


def test_the_chance_is_the_hypergeometric_tail():
    assert by_chance(10, 3, 2, 2) == math.comb(3, 2) / math.comb(10, 2)
    assert by_chance(10, 3, 2, 0) == 1
    for population, candidates, users, both in product(range(1, 8), repeat=4):
        if max(candidates, users) <= population:
            ways = (
                math.comb(candidates, k) * math.comb(population - candidates, users - k)
                for k in range(both, min(candidates, users) + 1)
            )
            assert by_chance(population, candidates, users, both) == sum(ways) / math.comb(population, users)
