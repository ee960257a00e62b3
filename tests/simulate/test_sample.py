import dataclasses
import gzip
from pathlib import Path

import polars as pl
import pytest
import zstandard

from tocsin.simulate import simulate
from tocsin.simulate.sample import FORMULA, MARKUP, sample

SAMPLE = Path(__file__).parents[2] / "sample_logs"


def text(path):
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if path.suffix == ".zst" else data


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    out = tmp_path_factory.mktemp("sample")
    described = sample()
    quick = tuple(dataclasses.replace(dress, tight=False) for dress in described.dress)  # the text is the same
    simulate(dataclasses.replace(described, dress=quick), out)
    return out


def test_the_sample_in_the_repository_is_what_the_command_writes(fresh):
    ours = [path for folder in ("logs", "truth") for path in (SAMPLE / folder).rglob("*")]
    kept = {path.relative_to(SAMPLE): path for path in ours if path.is_file()}
    made = {path.relative_to(fresh): path for path in fresh.rglob("*") if path.is_file()}
    assert kept.keys() == made.keys()
    assert not [name for name in kept if text(kept[name]) != text(made[name])]


def test_the_sample_is_small():
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 5_000_000


def test_the_sample_is_broken_where_its_readme_says(fresh):
    lines = text(fresh / "logs/portal-2026-03-03.csv.gz").split(b"\n")
    assert lines[100].count(b",") < lines[99].count(b",")
    assert lines[201].startswith(b"2026-03-32T25")
    with pytest.raises(UnicodeDecodeError):
        lines[302].decode()
    last = text(fresh / "logs/portal-2026-03-08.ndjson.zst").split(b"\n")[-1]
    assert len(last) == 60
    night = text(fresh / "logs/portal-2026-03-13.csv.gz").decode()
    assert MARKUP in night
    assert FORMULA.replace('"', '""') in night


def test_the_sample_keeps_an_account_through_every_format(fresh):
    stolen = pl.read_csv(fresh / "truth/accounts.csv", infer_schema=False)["account"][0]
    for night in (
        "portal-2026-03-05.csv.gz",
        "consultations-2026-03-09.csv.gz",
        "access-2026-03-10.log.gz",
        "portal-2026-03-13.csv.gz",
    ):
        assert stolen.encode() in text(fresh / "logs" / night)


def test_the_sample_points_at_lines_of_the_stolen_accounts(fresh):
    truth = pl.read_csv(text(fresh / "truth/events.csv.gz"), infer_schema=False)
    lines = {name: text(fresh / "logs" / name).split(b"\n") for name in truth["source"].unique()}
    assert truth.height > 4 * 1_500
    assert all(account.encode() in lines[source][int(line) - 1] for source, line, account, *_ in truth.iter_rows())
