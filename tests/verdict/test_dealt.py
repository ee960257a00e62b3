"""A sequence of numbers dealt over many accounts: nothing in each of them, everything together."""

from datetime import date, timedelta
from math import comb

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from made import stored
from portal import FIRST, origins, rows
from test_measure import HALF_HOUR, RULE
from test_nightly import NOW, RULES, line, nir, write
from tocsin.intake import Ledger
from tocsin.measure import measure, measure_part, merge
from tocsin.nightly import Scan, gather, read_in, views
from tocsin.privacy.tokens import TokenKey
from tocsin.report.plain import shared
from tocsin.settings import Alerting
from tocsin.store.spool import Spool
from tocsin.verdict.campaign import link
from tocsin.verdict.dealt import dealt, run_by_chance
from tocsin.verdict.link_kinds import RUN

NIGHT = date(2022, 3, 7)
KEY = TokenKey.throwaway()


def measured(path, buckets=1):
    """Read a log and measure it."""
    ledger, asked = Ledger(lambda _done, _total: None), Scan([path], NOW, buckets=buckets)
    with Spool(views(RULES, asked.overlays)) as spool:
        portions = read_in(asked, KEY, ledger)
        return gather(portions, asked, RULES, spool, ledger, lambda *_: None).run.measured


def dealt_over(accounts, numbers=60, night=NIGHT, first=100):
    """Deal a sequence over accounts, one number at a time; every eighth number is nobody's."""
    for at in range(numbers):
        outcome = "not_found" if at % 8 == 7 else "success"
        yield line(night, at, f"A{at % accounts}", nir(first + at), outcome)


def at_work(accounts, people=4, night=NIGHT):
    """Let everybody read a few people, each of a town of their own."""
    for account in range(accounts):
        for n in range(people):
            yield line(night, 100 + n, f"A{account}", nir(40 + 7 * n, f"26{account % 10}0175{account:03d}"))


def runs(folder, *lines, buckets=1):
    return measured(write(folder / "log.csv", [one for some in lines for one in some]), buckets).runs


def groups(found, night=NIGHT):
    table = origins(rows(accounts=80, nights=1)).with_columns(night=pl.lit(FIRST))
    return link(table, night, [], Alerting(), None, found)


def names(*numbers):
    return tuple(sorted(f"A{n}" for n in numbers))


def test_a_run_dealt_over_twenty_accounts_is_one_group_though_none_of_them_is_a_suspect(tmp_path):
    found = runs(tmp_path, dealt_over(20), at_work(60))
    (group,) = groups(found)
    assert group.accounts == names(*range(20))
    (held,) = group.links
    assert (held.kind, held.value, held.population) == (RUN, "60", 20)
    assert held.chance < 1e-20
    assert shared(held) == (
        "60 numbers of one sequence dealt over 20 accounts; 20 asked for any of them that night,"
        " by chance less than 1 in a billion"
    )


def test_a_big_town_of_which_one_in_five_is_read_is_no_run(tmp_path):
    town = [line(NIGHT, n, f"A{n % 20}", nir(100 + 5 * n + n % 4)) for n in range(60)]
    assert groups(runs(tmp_path, town, at_work(60))) == []


def test_who_read_one_patient_of_the_run_is_not_pulled_in_nor_who_read_many_people(tmp_path):
    one = [line(NIGHT, 300, "A50", nir(120))]
    many = [
        line(NIGHT, 200 + n, "A51", nir(100 + n if n < 5 else n, "1850578006" if n < 5 else "2710456007"))
        for n in range(120)
    ]
    (group,) = groups(runs(tmp_path, dealt_over(20), one, many, at_work(60)))
    assert group.accounts == names(*range(20))
    assert group.links[0].population == 22


def test_an_account_of_the_town_that_has_a_small_part_of_the_sequence_is_not_pulled_in(tmp_path):
    neighbour = [line(NIGHT, 300 + n, "A50", nir(120 + n)) for n in range(3)]
    (group,) = groups(runs(tmp_path, dealt_over(20, numbers=300), neighbour, at_work(60)))
    assert group.accounts == names(*range(20))
    assert group.links[0].population == 21


def test_people_whom_their_accounts_know_are_no_run(tmp_path):
    eve = NIGHT - timedelta(days=1)
    found = runs(tmp_path, dealt_over(20, night=eve), at_work(60, night=eve), dealt_over(20), at_work(60))
    # Numbers that are nobody's are never known; they lie too far apart.
    assert found.filter(pl.col("night") == NIGHT).is_empty()
    assert len(groups(found.filter(pl.col("night") < NIGHT))) == 1


def test_what_few_accounts_asked_for_is_not_dealt(tmp_path):
    assert groups(runs(tmp_path, dealt_over(4), at_work(60))) == []


def test_a_ward_whose_staff_reads_its_newborn_is_not_linked(tmp_path):
    found = runs(tmp_path, dealt_over(20), at_work(60))
    ward, each = (
        pl.DataFrame({"account": [f"A{n}" for n in range(60)]}).with_columns(structure=place)
        for place in (pl.lit("ward"), pl.lit(None, pl.String))
    )
    assert dealt(found, Alerting(), ward) == []
    assert [held.accounts for held in dealt(found, Alerting(), each)] == [names(*range(20))]


def test_sequences_that_share_no_accounts_stay_apart(tmp_path):
    other = [line(NIGHT, n, f"A{20 + n % 20}", nir(300 + n, "1621175056")) for n in range(60)]
    found = groups(runs(tmp_path, dealt_over(20), other, at_work(60)))
    assert [group.accounts for group in found] == [names(*range(20)), names(*range(20, 40))]


def test_without_runs_nothing_is_linked(tmp_path):
    assert dealt(runs(tmp_path, at_work(30)), Alerting()) == []


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_the_order_of_lines_and_the_number_of_buckets_change_nothing(chance, buckets):
    deal = [{"account": f"A{n % 20}", "patient": f"town:{n}"} for n in range(40)]
    work = [{"account": f"A{n % 30}", "patient": f"{n % 7}:{3 * n}"} for n in range(90)]
    events = stored(*deal, *work)
    expected = measure(events, RULE, HALF_HOUR).runs
    assert expected["account"].to_list() == sorted(f"A{n}" for n in range(20))
    accounts = events["account"].unique().sort().to_list()
    places = [chance.randrange(buckets) for _ in accounts]
    mixed = events[chance.sample(range(events.height), events.height)]
    some = [[name for name, place in zip(accounts, places, strict=True) if place == at] for at in range(buckets)]
    parts = [measure_part(mixed.filter(pl.col("account").is_in(names)), RULE, HALF_HOUR) for names in some if names]
    assert_frame_equal(merge(parts).runs, expected)


@pytest.mark.parametrize(("numbers", "span", "usual"), [(3, 4, 0.2), (15, 20, 0.3), (8, 8, 0.5), (10, 12, 0.0)])
def test_the_chance_of_a_run_is_a_binomial_tail_over_all_places_and_lengths(numbers, span, usual):
    others = span - 1
    tail = sum(comb(others, k) * usual**k * (1 - usual) ** (others - k) for k in range(numbers - 1, others + 1))
    assert run_by_chance(numbers, span, usual, 7) == pytest.approx(min(1.0, 7 * span * (span + 1) * tail))
