from datetime import date

import numpy as np
import polars as pl
import pytest

from tocsin.errors import SettingsError
from tocsin.simulate.nir import order_numbers
from tocsin.simulate.portal import build, pages
from tocsin.simulate.scenarios import SCENARIOS
from tocsin.simulate.scenarios.blitz import Blitz
from tocsin.simulate.scenarios.leaked_list import LeakedList
from tocsin.simulate.scenarios.spec import Attack, attack
from tocsin.simulate.writers.page import wall_clock


def nights_of(scenario, nights=4, seed=3, accounts=120, start=date(2026, 3, 2), **others):
    """Return all actions of a small portal, with the night of each."""
    portal = build(seed=seed, accounts=accounts, nights=nights, start=start, attacks=(Attack(scenario, **others),))
    return pl.concat(
        page.actions.with_columns(night=pl.lit(night), hour=wall_clock().dt.hour())
        for night, page in enumerate(pages(portal))
    )


def played(scenario, nights=4, **others):
    """Return the intruders' actions of a small portal."""
    return nights_of(scenario, nights, **others).filter(pl.col("scenario") == 1)


def lookups(actions):
    return actions.filter(pl.col("kind") == "lookup")


@pytest.fixture(scope="module")
def blitz():
    return played(Blitz(accounts=3, per_day=(1_000, 2_000)))


@pytest.fixture(scope="module")
def leaked():
    return played(LeakedList(accounts=3), first=2, last=4)


def test_blitz_reads_within_its_range_each_day(blitz):
    counts = lookups(blitz).group_by("account", "night").len()
    assert counts.height == 9
    assert counts["len"].is_between(900, 2_000).all()


def test_blitz_leaves_half_a_second_to_four_seconds_between_two_lookups(blitz):
    gaps = lookups(blitz).group_by("account", "night").agg(gap=pl.col("epoch").diff().mean() / 1_000)
    assert gaps["gap"].is_between(0.4, 4.4).all()


def test_blitz_tries_one_order_number_after_the_other(blitz):
    steps = lookups(blitz).sort("account", "epoch").group_by("account", maintain_order=True).agg(pl.col("nir"))
    for numbers in steps["nir"]:
        assert (np.diff(order_numbers(numbers.to_numpy())) == 1).mean() > 0.8


def test_blitz_never_asks_twice_for_one_number(blitz):
    asked = lookups(blitz).group_by("account").agg(pl.len(), different=pl.col("nir").n_unique())
    assert (asked["len"] == asked["different"]).all()


def test_blitz_misses_a_tenth_to_a_quarter(blitz):
    missed = lookups(blitz).group_by("account").agg(share=(pl.col("outcome") == "not_found").mean())
    assert missed["share"].is_between(0.07, 0.28).all()


def test_blitz_shares_few_hosting_addresses_and_one_browser(blitz):
    assert 2 <= blitz["ip"].n_unique() <= 5
    assert blitz.group_by("night").agg(pl.col("user_agent").n_unique())["user_agent"].max() == 1
    assert set(blitz["network_type"]) == {"hosting"}


def test_blitz_logs_in_before_it_reads_and_may_reset_first():
    every = played(Blitz(accounts=4, per_day=(200, 300), reset=1.0))
    none = played(Blitz(accounts=4, per_day=(200, 300), reset=0.0))
    assert every.filter(pl.col("kind") == "credential_change").height == 4
    assert none.filter(pl.col("kind") == "credential_change").is_empty()
    starts = none.sort("epoch").group_by("account", "night", maintain_order=True).agg(pl.col("kind").first())
    assert set(starts["kind"]) == {"login"}


def test_blitz_goes_on_where_it_stopped(blitz):
    first = lookups(blitz).filter(night=1).select("nir")
    later = lookups(blitz).filter(night=2).select("nir")
    assert first.join(later, on="nir").is_empty()


def test_quota_and_warm_up_hold_the_robot_back():
    held = lookups(played(Blitz(accounts=2, per_day=(1_000, 1_000), quota=400)))
    assert held.group_by("account", "night").len()["len"].max() <= 400
    warm = lookups(played(Blitz(accounts=2, per_day=(1_000, 1_000), warm_up=0.25), first=1, last=4))
    by_night = warm.group_by("night").len().sort("night")["len"].to_list()
    assert by_night == [500, 1_000, 1_500, 2_000]


def test_shuffle_and_local_people_break_the_sequence():
    sequence = lookups(played(Blitz(accounts=1, per_day=(2_000, 2_000), shuffle=0.9, local=0.3)))
    steps = np.diff(order_numbers(sequence.sort("epoch")["nir"].to_numpy()))
    assert (steps == 1).mean() < 0.2
    assert (sequence["outcome"] == "not_found").mean() < 0.2


def test_no_jitter_is_a_metronome():
    regular = lookups(played(Blitz(accounts=1, per_day=(500, 500), jitter=0.0)))
    spread = regular.group_by("night").agg(spread=pl.col("epoch").diff().std())
    assert spread["spread"].max() < 2


def test_leaked_list_reads_people_from_the_whole_country(leaked):
    born = lookups(leaked).select((pl.col("nir").abs() // 10**6 % 100).alias("born"))
    assert born["born"].n_unique() > 80


def test_leaked_list_rotates_over_households(leaked):
    by_account = leaked.group_by("account").agg(pl.col("ip", "user_agent").n_unique())
    assert by_account["ip"].min() > 10
    assert by_account["user_agent"].max() <= 2
    assert "hosting" not in set(leaked["network_type"])


def test_leaked_list_stays_within_its_range(leaked):
    counts = lookups(leaked).group_by("account", "night").len()
    assert counts["len"].is_between(250, 2_000).all()
    assert 0.01 < (lookups(leaked)["outcome"] == "not_found").mean() < 0.08


def test_leaked_list_warms_up_under_a_quota():
    warm = lookups(
        played(LeakedList(accounts=1, per_day=(1_000, 1_000), warm_up=0.5, quota=700, local=0.5), first=2, last=4)
    )
    assert warm.group_by("night").len().sort("night")["len"].to_list() == [500, 700, 700]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_steals_as_many_accounts_as_asked(scenario):
    assert played(scenario(accounts=2), nights=7)["account"].n_unique() == 2


@pytest.mark.no_cover
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_is_played_otherwise_with_another_seed(scenario):
    first, second = (played(scenario(accounts=2), nights=7, seed=seed) for seed in (3, 4))
    assert first.height != second.height or not first["epoch"].equals(second["epoch"])


def test_reads_accounts_nights_and_knobs_of_an_attack():
    wanted = attack("blitz:3@9-12,per_day=100-200,shuffle=0.5,jitter=1")
    assert wanted.scenario == Blitz(accounts=3, per_day=(100, 200), shuffle=0.5, jitter=1.0)
    assert wanted.window(12) == (8, 11)


def test_takes_the_last_nights_unless_told():
    assert attack("blitz").window(30) == (27, 29)
    assert attack("leaked_list").window(3) == (0, 2)
    assert attack("blitz@4").window(9) == (3, 3)
    assert attack("blitz,addresses=4").scenario == Blitz(addresses=(4, 4))


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("blits", "did you mean 'blitz'?"),
        ("earthquake", "choose from blitz, leaked_list"),
        ("blitz:", "is not understood"),
        ("blitz:0", "0 accounts"),
        ("blitz,per_dai=4", "did you mean 'per_day'?"),
        ("blitz,colour=red", "it has accounts, jitter"),
        ("blitz,per_day=many", "is not low-high; as in per_day=6000-27000"),
        ("blitz,per_day=9-2", "is not low-high"),
        ("blitz,shuffle=x", "is not a number; as in shuffle=0.0"),
        ("blitz,local=5", "blitz: local='5' is not within 0 and 1; as in local=0.0"),
        ("blitz,jitter=nan", "is not within 0 and 10"),
        ("blitz,pharmacies=3", "is not within 0 and 1"),
        ("blitz,not_found=0.5-2", "is not within 0 and 1"),
        ("blitz,addresses=0", "is not within 1 and 1,000,000"),
        ("round_robin,deal=0", "is not within 1 and 1,000,000"),
        ("partner_api,a_second=0", "is not within 0.001 and 20"),
    ],
)
def test_says_what_is_wrong_with_an_attack(spec, said):
    with pytest.raises(SettingsError) as refused:
        attack(spec)
    assert said in str(refused.value)


@pytest.mark.parametrize("nights", ["@5-9", "@0-2", "@3-2"])
def test_refuses_nights_that_do_not_exist(nights):
    with pytest.raises(SettingsError, match="nights count from 1 to 4"):
        attack(f"blitz{nights}").window(4)


def test_refuses_to_steal_more_accounts_than_there_are():
    with pytest.raises(SettingsError, match="blitz needs 900 accounts"):
        played(Blitz(accounts=900))
