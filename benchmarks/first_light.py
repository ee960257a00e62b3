"""The first bar: a blitz of 19 accounts on a portal of 2,000, and the same portal without it, three seeds each.

The seeds here are used for nothing else. Prints a Markdown table; `make bench` runs it (about fifteen minutes).
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

SEEDS = (101, 102, 103)
TOCSIN = [sys.executable, "-m", "tocsin"]
BLITZ = ["--scenario", "blitz:19@28-30"]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--accounts", type=int, default=2_000)
    options.add_argument("--seeds", type=int, nargs="*", default=SEEDS)
    asked = options.parse_args()
    print(
        "| portal | seed | events | found on the first night | as one campaign | false new a night, most | false new, all nights | scan / bare scan | peak MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for seed in asked.seeds:
        for name, attack in (("blitz", BLITZ), ("calm", ["--calm"])):
            with tempfile.TemporaryDirectory() as folder:
                print(line(name, seed, Path(folder), attack, asked.accounts), flush=True)


def line(name, seed, folder, attack, accounts):
    portal = folder / "portal"
    run("simulate", "--out", portal, "--accounts", accounts, "--nights", 30, "--seed", seed, "--quiet", *attack)
    bare = timed(lambda: bare_scan(portal / "logs"))
    scan = timed(
        lambda: run("scan", portal / "logs", "--all-nights", "--budget", 20, "--out", folder / "report", "--quiet")
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1000
    report = json.loads((folder / "report" / "report.json").read_text())
    stolen = {row["account"]: row["first_night"] for row in csv.DictReader((portal / "truth" / "accounts.csv").open())}
    found, together, false = judged(report, stolen)
    events = sum(night["events"] for night in report["by_night"])
    cells = (
        name,
        seed,
        f"{events:,}",
        f"{found} of {len(stolen)}",
        together,
        max(false),
        sum(false),
        f"{scan / bare:.1f}",
        peak,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


def judged(report, stolen):
    """Count accounts named on their first night, the largest campaign of that night, and false new suspects by night."""
    first = {}
    false = dict.fromkeys(report["nights"], 0)
    for suspect in report["suspects"]:
        account, night = suspect["account"], suspect["night"]
        if account in stolen and night >= stolen[account]:
            first.setdefault(account, night)
        elif suspect["rank"] is not None:
            false[night] += 1
    found = sum(first.get(account) == night for account, night in stolen.items())
    starts = set(stolen.values())
    sizes = [
        len({m["account"] for m in c["accounts"]} & stolen.keys()) for c in report["campaigns"] if c["night"] in starts
    ]
    return found, max(sizes, default=0), list(false.values())


def bare_scan(logs):
    """Read the same files with polars alone and count by account."""
    code = "import polars as pl, sys; print(pl.scan_csv(sys.argv[1], infer_schema=False).group_by('account').len().collect().height)"
    subprocess.run([sys.executable, "-c", code, f"{logs}/*.csv"], check=True, stdout=subprocess.DEVNULL)


def run(*arguments):
    seen = subprocess.run(
        [*TOCSIN, *map(str, arguments)], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    if seen.returncode not in {0, 1}:
        sys.exit(seen.stderr.decode())


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(f"polars {pl.__version__}", file=sys.stderr)
    main()
