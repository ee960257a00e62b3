from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from tocsin.simulate.days import days
from tocsin.simulate.lines import session_lines
from tocsin.simulate.lookalikes import plan_with_lookalikes
from tocsin.simulate.plan import Plan
from tocsin.simulate.population import Population, populate
from tocsin.simulate.portal import build, pages
from tocsin.simulate.professions import PHARMACY, PROFESSIONS
from tocsin.simulate.visits import bases, seen_people

PHARMACY_PLACE = PROFESSIONS.index(PHARMACY)


class Drawn(NamedTuple):
    population: Population
    plan: Plan


def drawn(seed):
    population = populate(seed, 1_500)
    return Drawn(population, plan_with_lookalikes(population, days(date(2026, 3, 2), 30))[0])


def spells_of(portal, label):
    return [spell for spell in portal.plan.spells if spell.label == label]


@pytest.fixture(scope="module")
def spells(small):
    return pl.read_csv(small / "truth/benign.csv", infer_schema=False)


@pytest.fixture(scope="module")
def lookups(owners):
    return owners.filter((pl.col("kind") == "lookup") & (pl.col("outcome") == "success")).with_columns(
        day=pl.col("time").str.slice(0, 10), person=pl.col("patient").str.slice(0, 13)
    )


def during(rows, spells, label):
    inside = pl.col("day").is_between(pl.col("first_night"), pl.col("last_night"))
    return rows.join(spells.filter(label=label), on="account").filter(inside)


def test_vaccinates_hundreds_of_people_a_day_on_one_account(lookups, spells):
    days = during(lookups, spells, "vaccination_centre").group_by("day").agg(pl.col("person").n_unique())
    assert days["person"].max() > 250


def test_sends_the_locum_from_an_address_the_owner_never_had(lookups, spells):
    spell = during(lookups, spells, "locum")
    before = lookups.join(spells.filter(label="locum"), on="account").filter(pl.col("day") < pl.col("first_night"))
    assert spell.height
    assert not set(spell["ip"]) & set(before["ip"])
    known = before.select("account", "user_agent").unique()
    strange = spell.join(known, on=["account", "user_agent"], how="anti")
    assert strange["account"].n_unique() >= 0.5 * spell["account"].n_unique()


def test_opens_a_new_practice_with_strangers_only(lookups, spells):
    opened = lookups.join(spells.filter(label="new_practice"), on="account")
    assert (opened["day"] >= opened["first_night"]).all()
    first = opened.filter(pl.col("day") == pl.col("day").min().over("account"))
    assert first["person"].n_unique() >= 0.9 * first.height / 3


def test_refreshes_rights_of_known_people_after_closing(lookups, spells):
    batch = lookups.filter(pl.col("session").str.starts_with("batch-"))
    account = spells.filter(label="month_end_refresh")["account"].unique()
    runs = batch.filter(pl.col("account").is_in(account.implode()))
    assert runs.height > 100
    assert (runs["time"].str.slice(11, 2) >= "20").all()
    known = lookups.filter(~pl.col("session").str.starts_with("batch-")).select("account", "person").unique()
    assert runs.join(known, on=["account", "person"], how="semi").height > 0.25 * runs.height


def test_reads_the_same_residents_of_a_nursing_home_each_week(lookups, spells):
    batch = lookups.filter(pl.col("session").str.starts_with("batch-"))
    homes = batch.join(spells.filter(label="nursing_home").select("account").unique(), on="account")
    rounds = homes.group_by("account", "day").agg(pl.col("person").n_unique(), names=pl.col("person").unique().sort())
    assert rounds["person"].is_between(40, 120).all()
    again = (
        rounds.group_by("account").agg(pl.len(), pl.col("names").n_unique().alias("kinds")).filter(pl.col("len") > 1)
    )
    assert (again["kinds"] == 1).all()


def test_puts_a_pharmacy_group_behind_a_hosting_company(lookups, spells):
    group = during(lookups, spells, "group_vpn")
    assert (group["network_type"] == "hosting").all()
    assert group.group_by("ip").agg(pl.col("account").n_unique())["account"].max() > 1


def test_keeps_a_pharmacy_on_duty_open_at_night(lookups, spells):
    hour = pl.col("time").str.slice(11, 2)
    night = during(lookups, spells, "duty_pharmacy").filter((hour >= "21") | (hour < "07"))
    assert night.height > 5 * spells.filter(label="duty_pharmacy").height


def test_multiplies_the_calls_of_upgraded_software(lookups, spells):
    upgraded = lookups.join(spells.filter(label="software_upgrade"), on="account")
    after = pl.col("day") >= pl.col("first_night")
    calls = upgraded.group_by(after=after).agg(ratio=pl.len() / pl.struct("account", "day", "person").n_unique())
    ratio = dict(calls.rows())
    assert ratio[True] > 1.6 * ratio[False]


def test_lets_a_tele_secretary_read_people_of_several_departments(lookups, spells):
    read = during(lookups, spells, "tele_secretary")
    born = read.group_by(born=pl.col("person").str.slice(5, 2)).agg(people=pl.col("person").n_unique())
    assert born["people"].max() < 0.5 * born["people"].sum()


def test_makes_up_for_an_outage(lookups, spells):
    hit = spells.filter(label="outage_catch_up")
    assert hit["account"].n_unique() >= 5
    night = hit["first_night"][0]
    that_day = lookups.join(hit, on="account").filter(pl.col("day") == night)
    assert that_day.is_empty() or that_day["time"].n_unique() > 1


def test_fills_practices_in_an_epidemic_and_lets_pharmacies_vaccinate():
    wave = drawn(seed=5)
    hit = spells_of(wave, "flu_peak")
    first, last = hit[0].first_night, hit[0].last_night
    accounts = [spell.account for spell in hit if wave.population.profession[spell.account] == PHARMACY_PLACE]
    during_peak = wave.plan.people[accounts, first : last + 1].sum() / (last - first + 1)
    others = np.delete(wave.plan.people[accounts], range(first, last + 1), axis=1)
    assert during_peak > 1.1 * others.mean(axis=1).sum()


def test_brings_tourists_from_all_over_the_country_to_resorts():
    season = drawn(seed=5)
    hit = spells_of(season, "tourist_season")
    assert hit
    night = int(np.flatnonzero(season.plan.visitors[hit[0].account])[0])
    count = int(season.plan.visitors[hit[0].account, night])
    account = np.full(count, hit[0].account)
    numbered = bases(season.population, season.plan)
    people = seen_people(season.population, season.plan, numbered, night, account, np.arange(count), 2026)
    assert len(np.unique(np.abs(people) // 10**6 % 100)) > 0.4 * count
    assert (season.plan.visitors <= season.plan.fresh).all()


def test_lets_somebody_back_from_leave_reset_the_password(owners, spells):
    back = spells.filter(label="back_from_leave")
    changes = owners.filter(kind="credential_change").with_columns(day=pl.col("time").str.slice(0, 10))
    reset = changes.join(back, on="account")
    assert (reset["day"] == reset["first_night"]).any()
    before = owners.join(back, on="account").filter(pl.col("time").str.slice(0, 10) < pl.col("first_night"))
    assert before.is_empty()


def test_updates_half_of_the_browsers_in_one_night(spells):
    hit = spells.filter(label="browser_update")
    assert 0.4 < hit["account"].n_unique() / 400 < 0.6
    assert hit["first_night"].n_unique() == 1


def test_gives_a_providers_subscribers_new_addresses_in_one_night():
    moved = drawn(seed=5)
    hit = spells_of(moved, "provider_renumbering")
    account = np.array([spell.account for spell in hit])
    night = hit[0].first_night
    before, after = (
        session_lines(moved.population, moved.plan, account, account * 0, at, date(2026, 3, 20)).ips
        for at in (night - 1, night)
    )
    assert sum(one != other for one, other in zip(before, after, strict=True)) > 0.9 * len(hit)


def test_writes_a_stretch_of_a_night_twice(tmp_path):
    portal = build(seed=8, accounts=60, nights=20, start=date(2026, 3, 2), attacks=())
    nights = {stretch.night for stretch in portal.plan.doubled}
    assert nights
    doubled = {night for night, page in enumerate(pages(portal)) if page.actions.is_duplicated().mean() > 0.005}
    assert doubled == nights
