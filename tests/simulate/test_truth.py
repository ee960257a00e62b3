import polars as pl
import pytest

from tocsin.simulate import Simulation, simulate
from tocsin.simulate.lookalikes import LOOKALIKES


def test_points_every_attack_line_at_a_line_of_that_account(events, attack_lines):
    found = attack_lines.join(events, on=["source", "line"], how="left", suffix="_in_log")
    assert found.height == attack_lines.height > 4 * 2 * 600
    assert (found["account"] == found["account_in_log"]).all()


def test_leaves_no_line_of_a_robot_unlabelled(events, attack_lines):
    hosts = events.join(attack_lines.filter(scenario="blitz"), on=["source", "line"], how="semi")["ip"].unique()
    labelled = attack_lines.select("source", "line")
    assert (
        events.filter(pl.col("ip").is_in(hosts.implode())).join(labelled, on=["source", "line"], how="anti").is_empty()
    )


def test_names_the_stolen_accounts_and_their_nights(small, events, attack_lines):
    stolen = pl.read_csv(small / "truth/accounts.csv", infer_schema=False)
    assert stolen.group_by("scenario").len().sort("scenario").rows() == [("blitz", 4), ("leaked_list", 3)]
    seen = (
        attack_lines.join(events.select("source", "line", "time"), on=["source", "line"])
        .group_by("account", "scenario")
        .agg(first_night=pl.col("time").str.slice(0, 10).min(), last_night=pl.col("time").str.slice(0, 10).max())
    )
    assert seen.sort("account").equals(stolen.sort("account").select(seen.columns))


def test_lists_exactly_the_people_whom_attack_lookups_found(small, events, attack_lines):
    exposed = pl.read_csv(small / "truth/exposed.csv", infer_schema=False)
    found = (
        events.join(attack_lines.select("source", "line"), on=["source", "line"])
        .filter((pl.col("kind") == "lookup") & (pl.col("outcome") == "success"))
        .group_by("account", patient=pl.col("patient").str.slice(0, 13))
        .agg(reads=pl.len().cast(pl.String))
    )
    columns = ["account", "patient", "reads"]
    assert found.sort(columns).select(columns).equals(exposed.sort(columns).select(columns))
    assert (exposed["first"] <= exposed["last"]).all()


def test_describes_every_account_once(small, events):
    population = pl.read_csv(small / "truth/population.csv", infer_schema=False)
    assert population.height == population["account"].n_unique() == 400
    assert set(events["account"]) <= set(population["account"])
    logged = events.select("account", "profession", "structure", "region").unique()
    assert logged.join(population, on=logged.columns, how="anti").is_empty()


def test_dates_every_look_alike_that_happened(small):
    population = pl.read_csv(small / "truth/population.csv", infer_schema=False)
    benign = pl.read_csv(small / "truth/benign.csv", infer_schema=False)
    labels = {label for line in population["benign"].drop_nulls() for label in line.split("+") if label}
    assert labels == set(benign["label"])
    assert labels >= {lookalike.name for lookalike in LOOKALIKES} - {"doubled_lines", "tourist_season"}
    assert (benign["first_night"] <= benign["last_night"]).all()


def test_steals_no_account_that_has_an_innocent_story(small):
    stolen = pl.read_csv(small / "truth/accounts.csv", infer_schema=False)["account"]
    benign = pl.read_csv(small / "truth/benign.csv", infer_schema=False)
    happens_to_anybody = [
        "duty_pharmacy", "outage_catch_up", "software_upgrade", "flu_peak", "tourist_season", "browser_update",
        "provider_renumbering", "skewed_clock",
    ]  # fmt: skip
    singled_out = benign.filter(~pl.col("label").is_in(happens_to_anybody))["account"]
    assert not set(stolen) & set(singled_out)


def test_broken_off_it_leaves_no_folder_that_looks_whole(monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("tocsin.simulate.truth.spells_table", full)
    with pytest.raises(OSError, match="no space"):
        simulate(Simulation(accounts=30, nights=2), tmp_path / "portal")
    assert not (tmp_path / "portal" / "truth").exists()
