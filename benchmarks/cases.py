"""How long one account's story and list take from a state that holds a year of 20,000 accounts.

    python benchmarks/cases.py FOLDER [--accounts 20000] [--nights 365] [--events 12]

Twelve real nights of a small portal with an attack are scanned into FOLDER/state; in front of them a year of made
nights is put into its lake, in which the attacked account works like everybody else. Then the program is called as a
user calls it, and its processor time is told: the whole process, start included.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl

from tocsin.schema import STORED
from tocsin.store.lake import SHELF_ROWS
from tocsin.store.manifest import HeldNight
from tocsin.store.spool import SHELF, shelf_of
from tocsin.store.state import changing

sys.path[:0] = [str(Path(__file__).parent.parent / "tests")]
MADE = import_module("test_nightly")
"""The hand-made logs of the tests."""


ASKED = MADE.ATTACKED[1]


def a_day(accounts, events):
    """One day of everybody, sorted as the lake is: only its dates change from night to night."""
    chance = np.random.default_rng(1)
    rows = accounts * events
    numbers = pl.DataFrame(
        {
            "number": np.repeat(np.arange(accounts), events),
            "second": chance.integers(0, 36_000, rows),
            "person": chance.integers(0, 2**63, rows, dtype=np.uint64),
        }
    )
    n = pl.col("number")
    made = numbers.select(
        "second",
        account=pl.when(n == 0).then(pl.lit(ASKED)).otherwise(pl.format("ps{}", n + 1_000_000)),
        kind=pl.lit("lookup"),
        outcome=pl.lit("success"),
        session=pl.format("s{}-{}", n, pl.col("second") // 9_000),
        ip=pl.when(n == 0)
        .then(pl.lit("10.0.0.7"))
        .otherwise(pl.format("10.{}.{}.{}", n // 62_500, n // 250 % 250, n % 250)),
        network=pl.when(n == 0)
        .then(pl.lit("10.0.0.0/24"))
        .otherwise(pl.format("10.{}.{}.0/24", n // 62_500, n // 250 % 250)),
        user_agent=pl.format("Mozilla/5.0 Firefox/{}", n % 30),
        service=pl.lit("rights"),
        patient=pl.format("{}abcdefabcdefa", pl.col("person").cast(pl.String).str.zfill(19)),
        person_id="person",
        block_id=pl.col("person") // 1_000,
        patient_order=(pl.col("person") % 1_000).cast(pl.Int16),
        patient_region=(n % 95).cast(pl.String),
        source=pl.lit("logs/day.csv"),
        line=pl.int_range(pl.len(), dtype=pl.UInt64),
        byte=pl.int_range(pl.len(), dtype=pl.UInt64) * 150,
        automatic=pl.lit(value=False),
    )
    made = made.with_columns(shelf_of("account").cast(pl.UInt8).alias(SHELF))
    return made.sort(SHELF, "account", "second")


def dated(day, night):
    """Put the day on a date."""
    start = datetime.combine(night, datetime.min.time(), UTC) + timedelta(hours=7)
    told = day.with_columns(time=pl.lit(start) + pl.duration(seconds="second"), night=pl.lit(night))
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in STORED.items() if name not in told.columns]
    return told.with_columns(missing).select(*(pl.col(name).cast(dtype) for name, dtype in STORED.items()), SHELF)


def build(folder, accounts, count, events):
    """Scan the real nights and put the made year in front of them."""
    logs = folder / "logs"
    logs.mkdir(parents=True)
    paths = list(MADE.nights(logs))
    tocsin(folder, "scan", *paths, "--state", "state", "--now", "2022-03-19T04:00:00", "--no-model", "--quiet")
    day = a_day(accounts, events)
    with changing(folder / "state") as state:
        manifest = state.manifest
        for back in range(1, count + 1):
            night = MADE.START - timedelta(days=back)
            name = f"lake/{night.isoformat()}/{state.prefix}.parquet"
            kept = state.files.write_frame(name, dated(day, night), SHELF_ROWS)
            manifest = manifest.with_night(night, HeldNight(events=(kept,), hours=(), learned=True))
        known = pl.concat(
            [
                state.files.read_frame(manifest.accounts),
                day.select(
                    "account", since=pl.lit(datetime(2021, 3, 7, tzinfo=UTC)).cast(pl.Datetime("us", "UTC"))
                ).unique(),
            ]
        ).unique("account", keep="first")
        written = state.files.write_frame(f"seen/accounts-{state.prefix}.parquet", known.sort("account"))
        state.finish(replace(manifest, accounts=written))


def tocsin(folder, *arguments):
    """Run the program; gives processor and wall seconds of the whole process, and its output."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config")}
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert done.returncode in {0, 1}, done.stderr
    return cpu, time.perf_counter() - began, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--events", type=int, default=12)
    asked = parser.parse_args()
    if not asked.folder.exists():
        build(asked.folder, asked.accounts, asked.nights, asked.events)
    size = sum(path.stat().st_size for path in (asked.folder / "state").rglob("*") if path.is_file())
    told = {
        "accounts": asked.accounts,
        "nights": asked.nights,
        "events_a_day": asked.events,
        "state_mb": round(size / 1e6),
    }
    for name, command in {
        "investigate": ("investigate", ASKED, "--state", "state", "--json"),
        "exposure": ("exposure", ASKED, "--state", "state", "--quiet"),
        "cases": ("cases", "--state", "state"),
    }.items():
        runs = [tocsin(asked.folder, *command) for _ in range(3)]
        told[name] = {"cpu_s": round(min(run[0] for run in runs), 2), "wall_s": round(min(run[1] for run in runs), 2)}
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
