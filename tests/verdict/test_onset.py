"""Suspects that began together at an hour at which nobody begins are one campaign; an office's Monday is none."""

from datetime import UTC, datetime, timedelta

import polars as pl

from portal import FIRST, origins, rows
from tocsin.results import Link
from tocsin.settings import Alerting
from tocsin.verdict.campaign import link
from tocsin.verdict.joining import joined

LAST = FIRST + timedelta(days=14)
FIVE = ["A001", "A002", "A003", "A004", "A005"]


def at(night, hour, minute=0):
    return datetime(night.year, night.month, night.day, hour, minute, tzinfo=UTC)


def table(begun=None, new=(), others_at_night=0):
    """Everybody begins at eight, a few minutes apart; `begun` maps (account, day) to an hour and a minute of its own."""
    begun = begun or {}
    addresses = {key: f"203.0.{key[0][2:]}.5" for key in begun if key in new}
    frame = origins(rows(), addresses)
    first = []
    for account, night, ip in frame.select("account", "night", "ip").iter_rows():
        day = (night - FIRST).days
        number = int(account[1:])
        usual = (2, number % 10) if 20 <= number < 20 + others_at_night else (8, number % 20)
        strange = (account, day) in begun and ((account, day) not in new or ip.startswith("203."))
        first.append(at(night, *(begun[account, day] if strange else usual)))
    return frame.with_columns(first=pl.Series(first, dtype=pl.Datetime("us", "UTC")))


def linked(frame, candidates=FIVE, rules=None):
    found = link(frame, LAST, candidates, rules or Alerting())
    return [(group.accounts, [held.kind for held in group.links]) for group in found]


def at_night(*accounts, day=14, minute=3, apart=1):
    return {(account, day): (2, minute + apart * number) for number, account in enumerate(accounts)}


def test_suspects_that_began_together_at_night_are_one_campaign():
    begun = at_night(*FIVE)
    (group,) = link(table(begun, new=begun), LAST, [*FIVE, "A009"], Alerting())
    assert group.accounts == tuple(FIVE)
    _browser, held = group.links
    assert (held.kind, held.value, held.population) == ("onset", "02:03-02:07", 5)
    assert held.chance < 1e-3


def test_an_address_need_not_be_new_where_the_hour_is():
    assert linked(table(at_night(*FIVE))) == [(tuple(FIVE), ["onset"])]


def test_a_monday_on_which_all_offices_begin_joins_nobody():
    assert linked(table()) == []
    at_eight = {(account, 14): (8, 3) for account in FIVE}
    assert linked(table(at_eight, new=at_eight)) == []


def test_who_begins_at_that_hour_on_other_nights_too_is_not_joined():
    every_night = {key: when for day in range(15) for key, when in at_night(*FIVE, day=day).items()}
    assert linked(table(every_night)) == []


def test_an_hour_at_which_many_others_begin_on_ordinary_nights_joins_nobody():
    assert linked(table(at_night(*FIVE), others_at_night=5)) != []
    assert linked(table(at_night(*FIVE), others_at_night=9)) == []


def test_two_suspects_or_others_hours_apart_are_not_joined_by_when_they_began():
    assert linked(table(at_night("A001", "A002"))) == []
    assert linked(table(at_night("A001", "A002", "A003", apart=6))) == []


def test_before_midnight_and_after_it_is_together():
    begun = {("A001", 14): (0, 1), ("A002", 14): (0, 2), ("A003", 14): (0, 3), ("A009", 13): (23, 58)}
    assert linked(table(begun))[0][0] == ("A001", "A002", "A003")


def test_who_is_no_suspect_needs_an_address_or_a_browser_of_the_group_besides():
    begun = at_night(*FIVE, "A020")
    assert linked(table(begun, new=begun))[0][0] == (*FIVE, "A020")  # the browser of its new address is the group's
    assert linked(table(begun, new=at_night(*FIVE)))[0][0] == tuple(FIVE)


def held(*accounts, kind="address"):
    return Link(kind, ".".join(accounts), accounts, len(accounts), 1e-9)


def test_that_they_began_together_makes_no_campaign_of_two_and_takes_no_single_one_in():
    one, two = held("a", "b", "c"), held("x", "y", "z")
    began = held("a", "b", "x", "y", "n", kind="onset")
    everybody = {*"abcxyznmo"}
    assert joined([one, two, began], everybody, 2) == [{*"abc"}, {*"xyz"}]
    more = held("a", "b", "n", "m", "o", kind="onset")
    assert joined([one, two, more], everybody, 2) == [{*"abcnmo"}, {*"xyz"}]
    apart = held("a", "n", "m", "o", kind="onset")
    assert joined([one, apart], everybody, 2) == [{*"abc"}, {*"nmo"}]


def test_suspects_on_different_addresses_of_one_network_are_joined():
    frame = origins(rows(), {(account, 14): f"203.0.113.{number}" for number, account in enumerate(FIVE)})
    assert linked(frame)[0] == (tuple(FIVE), ["network", "browser"])
