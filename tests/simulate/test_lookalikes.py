import polars as pl
import pytest


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
