"""Campaigns of hundreds of accounts are joined in no time."""

from random import Random
from time import process_time

from tocsin.results import Link
from tocsin.verdict.joining import joined


def test_hundreds_of_links_between_two_accounts_each_are_joined_in_no_time():
    accounts, chance = [str(number) for number in range(400)], Random(1)
    links = [Link("address", str(at), tuple(chance.sample(accounts, 2)), 2, 1e-5) for at in range(400)]
    began = process_time()
    found = joined(links, {*accounts}, 2)
    assert process_time() - began < 2
    assert len(found) > 1
    assert sum(map(len, found)) == len(set().union(*found))
