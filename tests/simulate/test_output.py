"""What is written: formats, bytes, columns."""

import csv
import dataclasses
import gzip
import io
import json
import re
from datetime import date

import pytest
import zstandard

from tocsin.errors import SettingsError
from tocsin.simulate import Simulation, simulate
from tocsin.simulate.scenarios.spec import attack
from tocsin.simulate.writers.publish import Dress

TINY = Simulation(
    accounts=60, nights=3, start=date(2026, 3, 2), seed=9, attacks=(attack("blitz:2@2-3,per_day=100-200"),)
)


def made(wanted, out):
    simulate(wanted, out)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def dressed(*args, **others):
    return dataclasses.replace(TINY, dress=(Dress(*args),), **others)


@pytest.mark.parametrize("dress", [("native",), ("native-ndjson", "zst"), ("amelipro", "gz"), ("combined", "gz")])
def test_writes_the_same_bytes_for_the_same_seed(tmp_path, dress):
    assert made(dressed(*dress), tmp_path / "a") == made(dressed(*dress), tmp_path / "b")


def test_writes_other_bytes_for_another_seed(tmp_path):
    other = made(dataclasses.replace(TINY, seed=10), tmp_path / "b")
    assert made(TINY, tmp_path / "a")["logs/portal-2026-03-02.csv"] != other["logs/portal-2026-03-02.csv"]


def test_leaves_ordinary_nights_alone_when_an_attack_is_added(tmp_path):
    calm = made(dataclasses.replace(TINY, attacks=()), tmp_path / "a")
    assert calm["logs/portal-2026-03-02.csv"] == made(TINY, tmp_path / "b")["logs/portal-2026-03-02.csv"]
    attacked = (tmp_path / "b/logs/portal-2026-03-03.csv").read_text().splitlines()
    assert set(calm["logs/portal-2026-03-03.csv"].decode().splitlines()) <= set(attacked)


def test_writes_an_empty_truth_for_a_calm_portal(tmp_path):
    calm = made(dataclasses.replace(TINY, attacks=()), tmp_path)
    assert calm["truth/accounts.csv"] == b"account,scenario,first_night,last_night\n"
    assert calm["truth/exposed.csv"] == b"account,patient,first,last,reads\n"
    assert gzip.decompress(calm["truth/events.csv.gz"]) == b"source,line,account,scenario,session\n"


def test_counts_what_it_made(tmp_path):
    done: list[int] = []
    counts = simulate(TINY, tmp_path, done.append)
    lines = sum(len(path.read_text().splitlines()) - 1 for path in (tmp_path / "logs").iterdir())
    assert (counts.events, counts.files, done) == (lines, 3, [1, 2, 3])
    assert counts.attack_events > 400


def test_names_native_columns_as_the_schema_does(tmp_path):
    header = made(TINY, tmp_path)["logs/portal-2026-03-02.csv"].split(b"\n")[0].decode()
    assert header == (
        "time,kind,outcome,account,profession,structure,region,session,ip,network_type,user_agent,client,service,"
        "patient,rows,bytes"
    )


def test_leaves_columns_out_on_demand(tmp_path):
    without = dataclasses.replace(TINY, without=frozenset({"profession", "session", "region"}))
    header = made(without, tmp_path)["logs/portal-2026-03-02.csv"].split(b"\n")[0].decode().split(",")
    assert not {"profession", "session", "region"} & set(header)


def test_writes_the_same_events_as_json(tmp_path):
    rows = made(dressed("native-ndjson", "zst"), tmp_path / "a")["logs/portal-2026-03-03.ndjson.zst"]
    objects = [json.loads(line) for line in zstandard.ZstdDecompressor().decompressobj().decompress(rows).splitlines()]
    text = made(TINY, tmp_path / "b")["logs/portal-2026-03-03.csv"].decode()
    table = list(csv.DictReader(io.StringIO(text)))
    assert [{name: "" if value is None else str(value) for name, value in row.items()} for row in objects] == table


def test_writes_numbers_with_thirteen_or_fifteen_digits(tmp_path):
    text = made(TINY, tmp_path)["logs/portal-2026-03-02.csv"].decode()
    lengths = {len(row["patient"]) for row in csv.DictReader(io.StringIO(text))}
    assert lengths == {0, 13, 15}


def test_writes_the_amelipro_twins(tmp_path):
    files = made(dressed("amelipro", "gz"), tmp_path)
    read = gzip.decompress(files["logs/consultations-2026-03-03.csv.gz"]).decode().splitlines()
    entries = gzip.decompress(files["logs/connexions-2026-03-03.csv.gz"]).decode().splitlines()
    assert read[0] == (
        "date_heure;identifiant_ps;profession;departement_ps;id_session;adresse_ip;navigateur;service;nir;resultat;nb_lignes"
    )
    assert entries[0] == "date_heure;identifiant_ps;evenement;resultat;adresse_ip;navigateur"
    assert re.match(r"03/03/2026 \d\d:\d\d:\d\d;", read[1])
    truth = list(csv.DictReader(io.StringIO(gzip.decompress(files["truth/events.csv.gz"]).decode())))
    assert {row["source"] for row in truth} >= {"consultations-2026-03-03.csv.gz", "connexions-2026-03-03.csv.gz"}
    for row in truth:
        if row["source"] == "consultations-2026-03-03.csv.gz":
            assert read[int(row["line"]) - 1].split(";")[1] == row["account"]
        if row["source"] == "connexions-2026-03-03.csv.gz":
            assert entries[int(row["line"]) - 1].split(";")[1] == row["account"]


def test_leaves_amelipro_columns_out_by_their_own_name(tmp_path):
    files = made(dressed("amelipro", None, without=frozenset({"session", "profession"})), tmp_path)
    header = files["logs/consultations-2026-03-03.csv"].split(b"\n")[0].decode()
    assert header == "date_heure;identifiant_ps;departement_ps;adresse_ip;navigateur;service;nir;resultat;nb_lignes"


COMBINED = re.compile(r'(\S+) - (\S+) \[([^\]]+)\] "(GET|POST) (\S+) HTTP/1\.1" (\d{3}) (\d+) "([^"]*)" "([^"]*)"')


def test_writes_a_combined_log_with_numbers_in_addresses_referers_and_browsers(tmp_path):
    files = made(dressed("combined"), tmp_path)
    lines = [COMBINED.fullmatch(line) for line in files["logs/access-2026-03-03.log"].decode().splitlines()]
    assert all(lines)
    number = re.compile(r"[12]\d{4}[\dAB]{2}\d{6}")
    paths = [line[5] for line in lines]
    assert any(re.match(r"/patients/[12]\d{4}", path) for path in paths)
    assert any(re.search(r"\?nir=[12]\d{4}", path) for path in paths)
    assert sum(bool(number.search(line[8])) for line in lines) > 0.05 * len(lines)
    assert any(number.search(line[9]) for line in lines)
    assert {line[6] for line in lines} >= {"200", "404", "401"}
    truth = list(csv.DictReader(io.StringIO(gzip.decompress(files["truth/events.csv.gz"]).decode())))
    night = [row for row in truth if row["source"] == "access-2026-03-03.log"]
    assert night
    assert all(lines[int(row["line"]) - 1][2] == row["account"] for row in night)


def test_simulates_a_single_account_and_night(tmp_path):
    files = made(Simulation(accounts=1, nights=1, seed=4), tmp_path)
    assert "logs/portal-2026-03-02.csv" in files


def test_writes_nothing_when_an_attack_does_not_fit(tmp_path):
    with pytest.raises(SettingsError):
        simulate(dataclasses.replace(TINY, attacks=(attack("blitz:900"),)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
