"""What the owners do, as a reader of the logs would measure it."""

from ipaddress import ip_address, ip_network

import polars as pl
import pytest


@pytest.fixture(scope="module")
def account_days(owners):
    lookups = owners.filter(pl.col("kind") == "lookup").with_columns(day=pl.col("time").str.slice(0, 10))
    return lookups.group_by("account", "profession", "day").agg(
        people=pl.col("patient").str.slice(0, 13).n_unique(), lookups=pl.len()
    )


@pytest.mark.parametrize(
    ("profession", "low", "high"),
    [
        ("generaliste", 14, 32),
        ("pharmacien", 90, 150),
        ("infirmier", 10, 24),
        ("hopital", 30, 60),
        ("laboratoire", 60, 130),
    ],
)
def test_keeps_a_working_days_people_in_the_professions_range(account_days, profession, low, high):
    working = account_days.filter((pl.col("profession") == profession) & (pl.col("day") < "2026-03-28"))
    assert low <= working["people"].median() <= high


def test_varies_more_than_a_poisson_count(account_days):
    pharmacies = account_days.filter((pl.col("profession") == "pharmacien") & (pl.col("day") < "2026-03-28"))
    spread = pharmacies.group_by("account").agg(ratio=pl.col("people").var() / pl.col("people").mean())
    assert spread["ratio"].median() > 2


def test_is_busiest_on_monday_and_rests_on_sunday(account_days):
    people = dict(account_days.group_by("day").agg(pl.col("people").sum()).rows())
    assert people["2026-03-23"] > 1.08 * people["2026-03-25"]
    assert people["2026-03-29"] < 0.3 * people["2026-03-25"]


def test_dips_at_lunch_and_sleeps_at_night(owners):
    hours = owners.filter(profession="generaliste").group_by(hour=pl.col("time").str.slice(11, 2)).len()
    by_hour = dict(hours.rows())
    assert by_hour["13"] < 0.3 * by_hour["10"]
    assert by_hour.get("03", 0) < 0.02 * by_hour["10"]


def test_mistypes_one_to_four_numbers_in_a_hundred(owners):
    lookups = owners.filter(pl.col("kind") == "lookup")
    assert 0.01 < (lookups["outcome"] == "not_found").mean() < 0.04


def test_shows_some_software_asking_again_and_some_not(account_days):
    ratio = account_days.group_by("account").agg(
        ratio=pl.col("lookups").sum() / pl.col("people").sum(), people=pl.col("people").sum()
    )
    ratio = ratio.filter(pl.col("people") > 50)["ratio"]
    assert ratio.quantile(0.2) < 1.15
    assert ratio.quantile(0.9) > 1.5


def test_reads_people_of_the_region_mostly(owners):
    read = owners.filter((pl.col("kind") == "lookup") & (pl.col("region").str.len_chars() == 2))
    born = pl.col("patient").str.slice(5, 2) == pl.col("region")
    assert 0.3 < read.select(born.mean()).item() < 0.7


def test_writes_a_hospitals_many_accounts_from_one_address(owners):
    hospitals = owners.filter(profession="hopital").group_by("structure").agg(pl.col("account", "ip").n_unique())
    assert hospitals["account"].max() >= 10
    assert hospitals["ip"].max() == 1


def test_lets_a_pharmacy_work_in_several_sessions_at_once(owners):
    sessions = (
        owners.filter(profession="pharmacien")
        .group_by("account", "session")
        .agg(first=pl.col("time").min(), last=pl.col("time").max())
        .sort("account", "first")
        .with_columns(before=pl.col("last").shift().over("account"))
    )
    assert (sessions["first"] < sessions["before"]).mean() > 0.3


def test_logs_in_before_the_first_lookup_of_most_sessions(owners):
    starts = owners.sort("time").group_by("session").agg(pl.col("kind").first())
    assert starts["kind"].is_in(["login"]).mean() > 0.9


def test_keeps_the_owner_at_work_beside_the_robot(small, owners):
    stolen = pl.read_csv(small / "truth/accounts.csv", infer_schema=False)
    during = owners.filter(pl.col("time") >= "2026-03-30").join(stolen, on="account")
    assert during["account"].n_unique() >= 6


def test_changes_the_offset_with_the_clock(events):
    assert events.filter(pl.col("time") < "2026-03-29T02")["time"].str.ends_with("+01:00").all()
    assert events.filter(pl.col("time") >= "2026-03-29T03")["time"].str.ends_with("+02:00").all()
    assert events.filter(pl.col("time").str.starts_with("2026-03-29T02")).is_empty()


def test_keeps_each_night_in_its_file_in_order_of_time_where_clocks_are_right(events, small):
    benign = pl.read_csv(small / "truth/benign.csv", infer_schema=False)
    right = events.join(benign.filter(label="skewed_clock"), on="account", how="anti")
    instants = right.with_columns(at=pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S%.3f%:z", time_zone="UTC"))
    steps = instants.select((pl.col("at").diff() >= pl.duration()).over("source").sum() + 10).item()
    assert steps >= right.height - right["source"].n_unique()
    assert (right["source"].str.slice(7, 10) == right["time"].str.slice(0, 10)).all()


def test_stamps_the_lines_of_a_wrong_clock_out_of_order(events, small):
    benign = pl.read_csv(small / "truth/benign.csv", infer_schema=False)
    assert benign.filter(label="skewed_clock")["account"].n_unique() > 10
    steps = events.select((pl.col("time") < pl.col("time").shift()).over("source").mean()).item()
    assert 0.01 < steps < 0.2


def test_opens_some_sessions_of_people_with_software_on_the_portals_own_pages(owners):
    clients = owners.filter(profession="pharmacien").group_by("account").agg(pl.col("client").unique().sort())
    both = clients.filter(pl.col("client").list.len() == 2)
    assert both["client"].list.contains("portail-web").all()
    assert both.height > 0.3 * clients.height


def test_lets_innocent_people_come_through_vpns_and_proxies_too(owners):
    assert {"vpn", "hosting"} <= set(owners["network_type"])


def test_calls_with_a_program_day_and_night_and_nothing_but_lookups(owners):
    calls = owners.filter(profession="partenaire")
    assert calls["time"].str.slice(11, 2).n_unique() == 24
    assert set(calls["kind"]) <= {"login", "logout", "lookup"}
    assert set(calls["network_type"].drop_nulls()) == {"hosting"}


def test_exports_tables_as_administrators_do(owners):
    exports = owners.filter(kind="export")
    assert set(exports["profession"]) <= {"administrateur"}
    assert exports["rows"].cast(pl.Int64).max() < 50_000


def test_changes_credentials_and_confirms_logins_now_and_then(owners):
    logins = owners.filter(kind="login").height
    assert 0.0005 < owners.filter(kind="credential_change").height / logins < 0.02
    assert 0.05 < owners.filter(kind="mfa", outcome="success").height / logins < 0.25
    assert owners.filter(kind="mfa", outcome="denied").height > 0


def test_writes_addresses_that_are_addresses(owners):
    addresses = set(owners["ip"].drop_nulls())
    networks = {ip_network((one, 56), strict=False) for one in addresses if ":" in one}
    assert len(networks) > 20
    assert all(ip_address(one).is_global for one in addresses)
