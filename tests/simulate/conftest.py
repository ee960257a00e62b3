import gzip
from datetime import date

import polars as pl
import pytest

from tocsin.simulate import Simulation, simulate
from tocsin.simulate.scenarios.spec import attack

SMALL = Simulation(
    accounts=400,
    nights=10,
    start=date(2026, 3, 23),
    seed=5,
    attacks=(attack("blitz:4@9-10,per_day=600-900"), attack("leaked_list:3@8-10")),
)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Ten nights of 400 accounts with both attacks; the clock change and a month's end are among them."""
    out = tmp_path_factory.mktemp("small")
    simulate(SMALL, out)
    return out


def read_nights(folder):
    """Read native CSV logs with the file and line of each event."""
    return pl.concat(
        pl.read_csv(path, infer_schema=False)
        .with_row_index("line", offset=2)
        .with_columns(source=pl.lit(path.name), line=pl.col("line").cast(pl.Int64))
        for path in sorted((folder / "logs").iterdir())
    )


@pytest.fixture(scope="session")
def events(small):
    return read_nights(small)


@pytest.fixture(scope="session")
def attack_lines(small):
    return pl.read_csv(
        gzip.decompress((small / "truth/events.csv.gz").read_bytes()), schema_overrides={"account": pl.String}
    )


@pytest.fixture(scope="session")
def owners(events, attack_lines):
    return events.join(attack_lines, on=["source", "line"], how="anti")
