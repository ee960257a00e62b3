"""Peers: who is compared with whom, and that the own structure is really left out."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.features.catalogue import BY_NAME
from tocsin.model.circles import Circle
from tocsin.model.nights import Past
from tocsin.model.peers import peers
from tocsin.model.sums import Sums
from tocsin.model.weather import Skies
from tocsin.settings import Settings

FIRST = date(2026, 3, 2)
PEOPLE = [BY_NAME["people"]]
HABITS = replace(Settings().baselines, peer_accounts=5, peer_account_nights=10_000, peer_structure=1.0)


def portal(people, nights=6, **told):
    """Give rows of accounts that read the same number of people on every night."""
    accounts = pl.DataFrame({"account": [f"{n:03d}" for n in range(len(people))], "people": people})
    for name in ("profession", "region", "structure"):
        accounts = accounts.with_columns(pl.Series(name, told.get(name, [None] * len(people)), dtype=pl.String))
    for name in ("answers", "people_closed"):
        accounts = accounts.with_columns(pl.Series(name, told.get(name, [0] * len(people)), dtype=pl.Int64))
    return pl.concat([accounts.with_columns(night=FIRST + timedelta(days=day)) for day in range(nights)])


def placed(rows, habits=HABITS, tonight=None):
    tonight = rows.filter(night=FIRST).drop("night") if tonight is None else tonight
    return peers(
        tonight.with_columns(night=FIRST + timedelta(days=60)), Sums.of(Past.of(rows), Skies()), PEOPLE, habits
    )


def usual(near):
    return np.rint(np.expm1(near.middle["people"])).astype(int).tolist()


def test_accounts_of_a_region_are_compared_with_those_of_like_size():
    near = placed(portal([5] * 6 + [400] * 6 + [5] * 2, profession=["gp"] * 14, region=["29"] * 12 + ["35"] * 2))
    assert near.group.to_list() == ["gp in 29 of like size"] * 12 + ["gp"] * 2
    assert usual(near) == [5] * 6 + [400] * 6 + [5] * 2
    assert near.accounts.tolist() == [6.0] * 12 + [14.0] * 2


def test_where_too_few_are_of_like_size_the_whole_region_counts_then_the_profession_then_everybody():
    near = placed(
        portal(
            [5] * 4 + [400] * 4 + [5] * 5 + [60],
            profession=["gp"] * 8 + ["nurse"] * 5 + ["clerk"],
            region=["29"] * 8 + ["29", "29", "35", "35", "35"] + ["29"],
        )
    )
    assert near.group.to_list() == ["gp in 29"] * 8 + ["nurse"] * 5 + ["every profession"]


def test_the_size_is_that_of_the_nights_before_and_not_of_tonight():
    rows = portal([5] * 6 + [400] * 6, profession=["gp"] * 12)
    tonight = rows.filter(night=FIRST).drop("night").with_columns(people=pl.lit(400, pl.Int64))
    assert usual(placed(rows, tonight=tonight)) == [5] * 6 + [400] * 6
    young = placed(rows.filter(pl.col("night") < FIRST + timedelta(days=HABITS.own_nights - 1)))
    assert young.group.to_list() == ["gp"] * 12


def test_without_professions_peers_have_like_size_hours_and_services():
    day, late, lists, big = [5] * 6, [5] * 6, [5] * 6, [400] * 6
    rows = portal(
        day + late + lists + big + [5],
        people_closed=[0] * 6 + [4] * 6 + [0] * 13,
        answers=[0] * 12 + [50] * 6 + [0] * 7,
    )
    tonight = rows.filter(night=FIRST).drop("night")
    stranger = tonight[-1:].with_columns(account=pl.lit("new"))
    near = placed(rows, tonight=pl.concat([tonight, stranger]))
    assert near.group.to_list() == ["like size, hours and services"] * 25 + ["unknown profession"]
    assert near.accounts.tolist() == [7.0] * 6 + [6.0] * 18 + [7.0, 25.0]


def test_without_professions_those_of_the_region_come_first():
    near = placed(portal([5] * 12, region=["29"] * 6 + ["35"] * 2 + [None] * 4))
    assert near.group.to_list() == ["like size, hours and services in 29"] * 6 + ["like size, hours and services"] * 6


def test_an_account_without_profession_is_not_compared_with_those_that_tell_theirs():
    near = placed(portal([5] * 12, profession=["gp"] * 6 + [None] * 6))
    assert near.group.to_list() == ["gp of like size"] * 6 + ["like size, hours and services"] * 6
    assert near.accounts.tolist() == [6.0] * 12


def test_a_portal_that_names_nobody_has_the_size_of_its_lists():
    near = placed(portal([0] * 12, answers=[20] * 6 + [4_000] * 6))
    assert near.accounts.tolist() == [6.0] * 12


def test_colleagues_of_the_same_structure_are_no_peers():
    rows = portal([5] * 6 + [400] * 6, profession=["gp"] * 12, structure=["a"] * 6 + ["b", "b", "b", "c", "c", "c"])
    near = placed(rows, replace(HABITS, peer_structure=0.1, peer_size_step=1e6))
    assert usual(near) == [400] * 6 + [5] * 6
    assert near.accounts.tolist() == [6.0] * 6 + [9.0] * 6
    with_all = placed(rows, replace(HABITS, peer_structure=0.6, peer_size_step=1e6))
    assert with_all.accounts.tolist() == [12.0] * 12


def test_an_account_without_a_structure_is_left_out_itself():
    near = placed(
        portal([5] * 6 + [400], profession=["gp"] * 7), replace(HABITS, peer_structure=0.1, peer_size_step=1e6)
    )
    assert near.accounts.tolist() == [6.0] * 7
    assert near.spread["people"][6] == HABITS.peer_spread  # but for itself nobody reads more than five
    assert (near.spread["people"][:6] > HABITS.peer_spread).all()


def test_where_all_are_of_one_structure_each_is_left_out_alone():
    rows = portal([5] * 6 + [400], profession=["gp"] * 7, structure=["a"] * 7)
    near = placed(rows, replace(HABITS, peer_structure=0.1, peer_size_step=1e6))
    assert usual(near) == [5] * 7
    assert near.accounts.tolist() == [6.0] * 7


def test_a_structure_of_which_nobody_was_seen_leaves_nobody_out():
    rows = portal([5] * 6, profession=["gp"] * 6, structure=["a"] * 6)
    tonight = rows.filter(night=FIRST).drop("night")[:1].with_columns(account=pl.lit("new"), structure=pl.lit("b"))
    assert placed(rows, replace(HABITS, peer_structure=0.1), tonight).accounts.tolist() == [6.0]


@st.composite
def pools(draw):
    accounts = draw(st.integers(2, 12))
    codes = st.lists(st.integers(-1, 2), min_size=accounts, max_size=accounts)
    groups, structures = draw(codes), [code + 1 for code in draw(codes)]
    values = st.one_of(st.none(), st.integers(0, 30))
    nights = draw(st.lists(st.lists(values, min_size=accounts, max_size=accounts), min_size=1, max_size=4))
    return groups, structures, nights


@given(pools())
def test_a_group_less_a_structure_is_ranked_as_a_plain_quantile_ranks_it(pool):
    groups, structures, nights = pool
    names = [f"{n:02d}" for n in range(len(groups))]
    frame = pl.concat(
        pl.DataFrame({"account": names, "people": pl.Series(values, dtype=pl.Int64)}).with_columns(
            night=FIRST + timedelta(days=day), profession=pl.lit("gp")
        )
        for day, values in enumerate(nights)
    )
    keys, of = np.array(groups), np.array(structures)
    asked = np.ones(keys.size, np.bool_)
    circle = Circle.of(Sums.of(Past.of(frame), Skies()), (keys, keys), (of, of), asked, least=0.0)
    middle, spread = circle.ordered(asked).figures("people")
    for at, (group, structure) in enumerate(zip(groups, structures, strict=True)):
        others = [n for n in range(len(groups)) if groups[n] == group >= 0 and structures[n] != structure]
        left = [values[n] for values in nights for n in others if values[n] is not None]
        mine = circle.mine[at]
        assert circle.of_accounts[mine] == len(others)
        assert circle.of_rows[mine] == len(others) * len(nights)
        q50, q95, q99 = np.quantile(np.log1p(left), (0.5, 0.95, 0.99)) if left else (0.0, 0.0, 0.0)
        assert middle[mine] == pytest.approx(q50)
        assert spread[mine] == pytest.approx(max((q95 - q50) / 1.645, (q99 - q50) / 2.326))
