"""What a night costs with a state: processor time and memory of `scan --state` beside a stateless scan of the same night.

The state holds the earlier nights of a simulated portal and, besides, made-up pairs of account and person in the base, as
years would leave them. Prints a Markdown table; the goal is 100 million pairs and 2 million events a night
(`--accounts 20000 --pairs 100000000 --nights 9`, which ends on a Tuesday: an hour on two idle cores).
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from tocsin.privacy.tokens import TokenKey
from tocsin.store.spool import SHELVES
from tocsin.store.state import changing

TOCSIN = [sys.executable, "-m", "tocsin"]
LAST_USED = date(2025, 12, 24)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=1_000)
    options.add_argument("--pairs", type=int, default=10_000_000)
    options.add_argument("--nights", type=int, default=9)
    options.add_argument("--seed", type=int, default=41)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as place:
        measure(asked, Path(place))


def measure(asked, folder):
    portal, state, key = folder / "portal", folder / "state", folder / "key"
    TokenKey.create(key)
    run(
        "simulate",
        "--out",
        portal,
        "--accounts",
        asked.accounts,
        "--nights",
        asked.nights,
        "--seed",
        asked.seed,
        "--quiet",
        "--calm",
    )
    *earlier, last = sorted((portal / "logs").glob("*.csv"))
    watched = ["scan", "--state", state, "--key-file", key, "--quiet"]
    for log in earlier:
        run(*watched, "--out", folder / "first", log)
    per_pair = fill(state, asked.pairs)
    with_state = run(*watched, "--out", folder / "nightly", last)
    alone = run("scan", "--quiet", "--out", folder / "alone", last)
    events = sum(1 for _ in last.open("rb")) - 1
    print(
        "| events a night | pairs in the base | bytes a pair on disk | stateless, CPU s | with state, CPU s | ratio | peak MB |"
    )
    print("|---|---|---|---|---|---|---|")
    ratio = with_state[0] / alone[0]
    cells = (
        f"{events:,}",
        f"{asked.pairs:,}",
        f"{per_pair:.1f}",
        f"{alone[0]:.1f}",
        f"{with_state[0]:.1f}",
        f"{ratio:.2f}",
        with_state[1],
    )
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def fill(folder, pairs):
    """Put made-up marks into the base, as many on each shelf; gives what one of them takes on disk."""
    chance = np.random.default_rng(1)
    with changing(folder) as state:
        base, size = [], 0
        for shelf in range(SHELVES):
            marks = np.sort(chance.integers(0, 2**48, pairs // SHELVES, dtype=np.int64))
            ages = pl.Series(chance.integers(0, 300, marks.size, dtype=np.int32))
            rows = pl.DataFrame(
                {"shelf": pl.Series([shelf], dtype=pl.UInt8).new_from_index(0, marks.size), "mark": marks}
            )
            rows = rows.with_columns(last=pl.lit(LAST_USED) - pl.duration(days=ages))
            base.append(
                state.files.write_frame(
                    f"seen/{state.prefix}-{shelf:02d}.parquet", rows.with_columns(pl.col("last").cast(pl.Date))
                )
            )
            size += base[-1].size
        state.finish(replace(state.manifest, base=tuple(base), base_until=LAST_USED))
    return size / max(pairs, 1)


def run(*arguments):
    """Run a command of its own process; gives its processor seconds and its peak memory in MB."""
    probe = "import resource,subprocess,sys;r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode;u=resource.getrusage(resource.RUSAGE_CHILDREN);print(r,u.ru_utime+u.ru_stime,u.ru_maxrss//1000)"
    seen = subprocess.run(
        [sys.executable, "-c", probe, *TOCSIN, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    code, seconds, peak = seen.stdout.split()
    if int(code) == 2:
        sys.exit(seen.stderr)
    return float(seconds), int(peak)


if __name__ == "__main__":
    main()
