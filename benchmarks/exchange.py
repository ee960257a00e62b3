"""Real people's logs: how often is an account named when somebody else's behaviour goes on under its name?

Takes CSV files of accesses (ts_utc, account_id, session_id, event, object_id), in which nobody is known to be an attacker. From one day
on pairs of active accounts exchange their names; an account is found when it is named within ten of its active days. Beside
it, how many of the others are named in the same days, and how many names a night the untouched logs give.

    python benchmarks/exchange.py FOLDER --pairs 10 --seeds 21 22 23
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl

TOCSIN = [sys.executable, "-m", "tocsin"]
ACTIVE_DAYS = 10  # before and after the exchange, that an account must have; and within which it is to be named
BEFORE, AFTER = timedelta(days=240), timedelta(days=120)
LAST_NIGHTS = 200


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--pairs", type=int, default=10)
    options.add_argument("--days", type=int, default=3, help="days of exchange tried, the busiest ones")
    options.add_argument("--skip", type=int, default=0, help="busiest days left out: those looked at while building")
    options.add_argument("--seeds", type=int, nargs="+", default=[21, 22, 23])
    asked = options.parse_args()
    files = sorted(asked.folder.glob("*.csv*")) if asked.folder.is_dir() else []
    if not files:
        sys.exit(f"no logs in {asked.folder}")
    print(
        "| logs | accounts exchanged | named within ten active days | others active then | named among them | new names a night, untouched, last 200 active nights |"
    )
    print("|---|---|---|---|---|---|")
    for path in files:
        events = read(path)
        found = exchanged = others = wrong = 0
        for seed, (day, active) in itertools.product(
            asked.seeds, busiest(events)[asked.skip : asked.skip + asked.days]
        ):
            chosen = np.random.default_rng(seed).permutation(active)[: 2 * min(asked.pairs, len(active) // 4)]
            named = first_names(swapped(events, chosen, day), day)
            rest = sorted(set(active) - set(chosen))
            found += within(events, chosen, swap_of(chosen), named, day)
            wrong += within(events, rest, {}, named, day)
            exchanged += len(chosen)
            others += len(rest)
        print(
            f"| {path.name.split('.')[0]} | {exchanged} | {found} ({100 * found / exchanged:.0f} %) | {others} | "
            f"{wrong} ({100 * wrong / max(others, 1):.0f} %) | {calm(events):.3f} |",
            flush=True,
        )


def read(path):
    raw = pl.read_csv(path, infer_schema=False)
    time = pl.col("ts_utc").str.to_datetime("%Y-%m-%dT%H:%M:%SZ")
    return raw.select(
        time=time,
        kind=pl.when(pl.col("event") == "session_start").then(pl.lit("login")).otherwise(pl.lit("lookup")),
        account="account_id",
        session="session_id",
        patient="object_id",
        day=time.dt.date(),
    ).sort("time")


def busiest(events):
    """List first days of months by accounts active before and after them, the most first, far from each other."""
    days = events.select("account", "day").unique()
    found = []
    for day in days["day"].dt.truncate("1mo").unique().sort().to_list():
        before = days.filter((pl.col("day") < day) & (pl.col("day") >= day - BEFORE)).group_by("account").len()
        after = days.filter((pl.col("day") >= day) & (pl.col("day") < day + AFTER)).group_by("account").len()
        both = before.filter(pl.col("len") >= ACTIVE_DAYS).join(
            after.filter(pl.col("len") >= ACTIVE_DAYS), on="account"
        )
        found.append((day, both["account"].sort().to_list()))
    chosen = []
    for day, active in sorted(found, key=lambda entry: (-len(entry[1]), entry[0])):
        if len(active) >= 4 and all(abs(day - other) >= AFTER for other, _ in chosen):
            chosen.append((day, active))
    return chosen


def swap_of(chosen):
    pairs = chosen[: len(chosen) // 2 * 2].reshape(-1, 2)
    return {**{str(a): str(b) for a, b in pairs}, **{str(b): str(a) for a, b in pairs}}


def swapped(events, chosen, day):
    exchanged = pl.col("account").replace(swap_of(chosen))
    return events.with_columns(account=pl.when(pl.col("day") >= day).then(exchanged).otherwise("account")).filter(
        (pl.col("day") >= day - BEFORE) & (pl.col("day") < day + AFTER)
    )


def within(events, accounts, swap, named, day):
    """Count accounts named within ten active days (of whoever uses the name now)."""
    found = 0
    for account in accounts:
        user = swap.get(str(account), str(account))
        days = events.filter((pl.col("account") == user) & (pl.col("day") >= day))["day"].unique().sort()
        limit = days[min(ACTIVE_DAYS, len(days)) - 1]
        found += str(account) in named and named[str(account)] <= str(limit)
    return found


def first_names(events, day):
    named = {}
    for suspect in scan(events, ["--since", str(day)])["suspects"]:
        named.setdefault(suspect["account"], suspect["night"])
    return named


def calm(events):
    """Scan the last active nights untouched: new names a night."""
    nights = events["day"].unique().sort()
    first = nights[-min(LAST_NIGHTS, len(nights))]
    report = scan(events.filter(pl.col("day") >= first - BEFORE), ["--since", str(first)])
    new = sum(suspect["rank"] is not None for suspect in report["suspects"])
    return new / min(LAST_NIGHTS, len(nights))


def scan(events, options):
    with tempfile.TemporaryDirectory() as folder:
        log, report = Path(folder) / "accesses.csv", Path(folder) / "report"
        settings = Path(folder) / "tocsin.yml"
        settings.write_text("portal:\n  patient_kind: opaque\n  zone: UTC\n")
        stamped = events.with_columns(time=pl.col("time").dt.to_string("%Y-%m-%dT%H:%M:%SZ"), outcome=pl.lit("success"))
        stamped.drop("day").write_csv(log)
        words = ["scan", log, "--config", settings, "--out", report, "--quiet", *options]
        done = subprocess.run(
            [*TOCSIN, *map(str, words)], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        if done.returncode not in {0, 1, 3}:
            sys.exit(done.stderr.decode())
        return json.loads((report / "report.json").read_text())


if __name__ == "__main__":
    main()
