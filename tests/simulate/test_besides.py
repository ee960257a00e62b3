"""What portals have that are asked for it: countries and delegations."""

from datetime import date

import polars as pl
import pytest

from tocsin.simulate import Simulation, simulate
from tocsin.simulate.scenarios.spec import attack

from .conftest import read_nights

BOTH = frozenset({"country", "delegation"})


def made(out, besides=BOTH, **others):
    wanted = {"accounts": 300, "nights": 14, "start": date(2026, 3, 2), "seed": 374, **others}
    simulate(Simulation(besides=besides, **wanted), out)
    return out


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    scenarios = ("leaked_list:3@11-14,per_day=60-90,delegates=1", "low_slow:3@8-14,abroad=0")
    return made(tmp_path_factory.mktemp("besides"), attacks=tuple(attack(spec) for spec in scenarios))


@pytest.fixture(scope="module")
def logs(portal):
    stolen = pl.read_csv(portal / "truth/events.csv.gz", infer_schema=False).with_columns(pl.col("line").cast(pl.Int64))
    marks = stolen.select("source", "line", "scenario")
    return read_nights(portal).join(marks, on=["source", "line"], how="left", maintain_order="left")


def test_a_portal_that_is_not_asked_has_neither(tmp_path):
    events = read_nights(made(tmp_path, frozenset(), accounts=60, nights=3))
    assert "country" not in events.columns
    assert not (events["kind"] == "delegation").any()


def test_an_address_lies_in_one_country_a_night(logs):
    told = logs.with_columns(night=pl.col("time").str.slice(0, 10)).group_by("night", "ip")
    assert logs["country"].null_count() == 0
    assert (told.agg(pl.col("country").n_unique())["country"] == 1).mean() > 0.999


def test_most_owners_work_at_home_and_travellers_abroad(portal, logs):
    owners = logs.filter(pl.col("scenario").is_null())
    spells = pl.read_csv(portal / "truth/benign.csv", infer_schema=False).filter(label="abroad_on_holiday")
    away = owners.join(spells, on="account").filter(
        pl.col("time").str.slice(0, 10).is_between("first_night", "last_night")
    )
    assert away.height
    assert (away["country"] != "FR").all()
    assert away.group_by("account").agg(pl.col("patient").n_unique())["patient"].max() <= 9 * 16
    assert 0.9 < (owners["country"] == "FR").mean() < 1.0


def test_intruders_come_from_abroad_as_far_as_they_are_told_to(logs):
    countries = {
        scenario: set(logs.filter(scenario=scenario, network_type="isp")["country"])
        for scenario in ("leaked_list", "low_slow")
    }
    assert len(countries["leaked_list"]) > 1
    assert countries["low_slow"] <= {"FR"}


def test_an_intruder_who_hands_on_reads_through_a_second_account_from_the_next_night_on(portal, logs):
    stolen = pl.read_csv(portal / "truth/accounts.csv", infer_schema=False).filter(scenario="leaked_list")
    handed = logs.filter(kind="delegation", scenario="leaked_list")
    assert handed["account"].n_unique() == 3
    assert set(handed["time"].str.slice(0, 10)) == {"2026-03-12"}
    second = stolen.filter(~pl.col("account").is_in(handed["account"].implode()))
    assert second.height
    assert (second["first_night"] > "2026-03-12").all()


def test_owners_hand_rights_on_seldom(logs):
    handed = logs.filter(pl.col("kind") == "delegation", pl.col("scenario").is_null())
    nights = (
        logs.filter(pl.col("scenario").is_null()).select("account", pl.col("time").str.slice(0, 10)).unique().height
    )
    assert 0 < handed["account"].n_unique() < 0.01 * nights


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    besides = frozenset({"federation_vpn", "fleet_refresh", "fleet_upgrade"})
    out = made(tmp_path_factory.mktemp("together"), besides, accounts=400, start=date(2026, 3, 20), seed=375)
    events = read_nights(out).with_columns(night=pl.col("time").str.slice(0, 10))
    return events, pl.read_csv(out / "truth/benign.csv", infer_schema=False)


def those(spells, label):
    chosen = spells.filter(label=label)
    return chosen["account"].implode(), chosen["first_night"][0]


def test_a_federation_comes_out_of_one_address_that_nobody_ever_saw(together):
    events, spells = together
    accounts, night = those(spells, "federation_vpn")
    theirs = events.filter(pl.col("account").is_in(accounts))
    before, after = theirs.filter(pl.col("night") < night), theirs.filter(pl.col("night") >= night)
    (address,) = after["ip"].unique()
    assert before["ip"].n_unique() == 1
    assert address not in set(events.filter(pl.col("night") < night)["ip"])
    assert theirs["structure"].n_unique() > 20


def test_one_software_renews_for_all_its_accounts_in_one_evening(together):
    events, spells = together
    accounts, night = those(spells, "fleet_refresh")
    renewed = events.filter(
        pl.col("account").is_in(accounts), pl.col("session").str.starts_with("batch-"), night="2026-03-31"
    )
    assert night == "2026-03-31"
    assert renewed["account"].n_unique() >= 10
    hours = renewed.group_by("account").agg(pl.col("time").min().str.slice(11, 2))["time"]
    assert hours.is_in(["20", "21"]).mean() > 0.9  # some prepare a nursing home's week that day besides


def test_one_software_asks_several_times_from_one_night_on(together):
    events, spells = together
    accounts, night = those(spells, "fleet_upgrade")
    asked = events.filter(pl.col("account").is_in(accounts), kind="lookup", outcome="success")
    asked = asked.filter(~pl.col("session").str.starts_with("batch-"))
    calls = asked.group_by(upgraded=pl.col("night") >= night).agg(
        pl.len() / pl.struct("account", "night", "patient").n_unique()
    )
    usual, now = calls.sort("upgraded")["len"]
    assert now > 2 * usual
